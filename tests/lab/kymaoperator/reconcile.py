"""One round for one DockerRegistry, in the steps of the real operator; after each the status is written."""

from __future__ import annotations

from kymaoperator import cache, facts, storage
from kymaoperator.chart import CREDENTIALS, CREDENTIALS_LABEL, FULL_NAME, PORT
from kymaoperator.client import ApiError, Client, Json
from kymaoperator.errors import OperatorError, StorageError
from kymaoperator.install import DeploymentFailed, install, is_ready, remove
from kymaoperator.plan import plan, warning_text
from kymaoperator.scope import Scope
from kymaoperator.status import Instance

REQUEUE_SECONDS = 3.0
SECRETS_GONE_SECONDS = 1.0


class Reconciler:
    """Brings a DockerRegistry nearer to what it says."""

    def __init__(self, client: Client, scope: Scope, *, fast: bool = False) -> None:
        self._client = client
        self._scope = scope
        self._fast = fast

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Do one round; return after how many seconds the next is due. An error means: soon, and later each time."""
        found = self._client.get("DockerRegistry", name, namespace) or self._served()
        if not found:
            return None
        instance = Instance(self._client, found)
        try:
            return self._round(instance)
        finally:
            instance.save()

    def _round(self, instance: Instance) -> float | None:
        if not self._is_served(instance):
            return None
        instance.save()
        if not instance.has_finalizer:
            if instance.is_deleted:
                return None
            instance.set_finalizer(True)
        instance.status["state"] = "Processing"
        instance.save()
        if instance.is_deleted:
            return self._delete(instance)
        return self._install(instance)

    def _served(self) -> Json | None:
        """Return the one that is served."""
        items = self._client.every("DockerRegistry")
        return next(
            (
                item for item in items
                if self._scope.has(item["metadata"]["namespace"]) and (item.get("status") or {}).get("served") == "True"
            ),
            None,
        )  # fmt: skip

    def _is_served(self, instance: Instance) -> bool:
        """Serve the first only. A second one has this in its status, and is served after the deletion of the first."""
        known = instance.status.get("served")
        if known == "True":
            return True
        other = self._served()
        if not other:
            instance.status["served"] = "True"
            return True
        if known == "False":
            return False
        text = (
            "Only one instance of DockerRegistry is allowed (current served instance:"
            f" {other['metadata']['namespace']}/{other['metadata']['name']})."
            " This DockerRegistry CR is redundant. Remove it to fix the problem."
        )
        instance.status |= {"served": "False", "state": "Warning"}
        instance.set_condition("Configured", "False", "Duplicated", text)
        raise OperatorError(text)

    def _install(self, instance: Instance) -> float | None:
        try:
            flags, warnings = plan(instance.spec, facts.facts(self._client, instance.namespace))
        except OperatorError as error:
            instance.status["state"] = "Error"
            instance.set_condition("Configured", "False", "ConfigurationErr", str(error))
            raise
        warning = warning_text(warnings)
        if warning:
            instance.set_condition("Configured", "False", "ConfigurationErr", warning)
        else:
            instance.set_condition("Configured", "True", "Configured", "Configuration ready")
        instance.save()
        if not instance.condition("Installed"):
            instance.set_condition("Installed", "Unknown", "Installation", "Installing for configuration")
        try:
            install(self._client, self._scope, flags, instance.namespace, fast=self._fast)
            instance.save()
            if not is_ready(self._client, instance.namespace):
                return REQUEUE_SECONDS
        except DeploymentFailed as error:
            instance.status["state"] = "Error"
            instance.set_condition("DeploymentFailure", "True", "DeploymentReplicaFailure", str(error))
            raise
        except OperatorError as error:
            instance.status["state"] = "Error"
            instance.set_condition("Installed", "False", "InstallationErr", str(error))
            raise
        instance.drop_condition("DeploymentFailure")
        self._finish(instance, warning)
        return None

    def _finish(self, instance: Instance, warning: str) -> None:
        """Say what runs, going by the spec."""
        spec = instance.spec.get("storage")
        namespace = instance.namespace
        try:
            storage_type = storage.storage_type(
                spec, lambda name: facts.read_secret(self._client, namespace, name), namespace
            )
        except StorageError as error:
            raise OperatorError(str(error)) from error
        port = facts.node_port(self._client, namespace)
        instance.status["internalAccess"] = {
            "enabled": "True",
            "secretName": CREDENTIALS,
            "pullAddress": f"localhost:{port}",
            "pushAddress": f"{FULL_NAME}.{namespace}.svc.cluster.local:{PORT}",
        }
        instance.status["externalAccess"] = {"enabled": "False"}
        instance.set_fields(
            storage=storage_type,
            pvc=(spec or {}).get("pvc", {}).get("name", "") if storage_type == "pvc" else "",
            deleteEnabled=str(bool((spec or {}).get("deleteEnabled"))),
        )
        instance.status["state"] = "Warning" if warning else "Ready"
        instance.set_condition("Installed", "True", "Installed", warning or "DockerRegistry installed")

    def _delete(self, instance: Instance) -> float | None:
        """Delete all that was rendered last, and the copies of the credentials."""
        instance.status["state"] = "Deleting"
        instance.set_condition("Deleted", "Unknown", "Deletion", "Uninstalling")
        instance.save()
        try:
            remove(self._client, self._scope, cache.load(self._client, self._scope.base).objects)
            left = self._delete_credentials()
        except (ApiError, OperatorError) as error:
            instance.status["state"] = "Error"
            instance.set_condition("Deleted", "False", "DeletionErr", str(error))
            raise OperatorError(str(error)) from error
        if left:
            instance.set_condition("Deleted", "True", "Deletion", "Deleting module resources")
            return SECRETS_GONE_SECONDS
        cache.forget(self._client, self._scope.base)
        instance.set_condition("Deleted", "True", "Deleted", "DockerRegistry module deleted")
        instance.save()
        instance.set_finalizer(False)
        return None

    def _delete_credentials(self) -> bool:
        """Delete the credentials everywhere; return whether there were any."""
        found = False
        for secret in self._client.every("Secret", "=".join(CREDENTIALS_LABEL)):
            namespace, name = secret["metadata"]["namespace"], secret["metadata"]["name"]
            if name == CREDENTIALS and self._scope.has(namespace):
                found = self._client.delete("Secret", name, namespace) or found
        return found
