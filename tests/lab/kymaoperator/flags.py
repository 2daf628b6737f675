"""The values that the operator passes to its chart, one `key=value` after the other."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from typing import Any

from kymaoperator.errors import FlagError
from kymaoperator.gotypes import go_print
from kymaoperator.strvals import GrammarError, Values, parse_into

MANAGER = "dockerregistry-operator"

_DEFAULTS: Values = {
    "registryNodePort": 32137,
    "dockerRegistry": {},
    "replicaCount": 1,
    "commonLabels": {
        "app": "docker-registry",
        "version": "main",
        "helm.sh/chart": "docker-registry-1.9.1",
        "kyma-project.io/module": "docker-registry",
        "app.kubernetes.io/name": "docker-registry",
        "app.kubernetes.io/version": "main",
        "app.kubernetes.io/part-of": "docker-registry",
        "app.kubernetes.io/managed-by": "Helm",
    },
    "persistence": {"enabled": True},
    "storage": "filesystem",
    "secrets": {},
    "s3": {},
    "gcs": {},
    "rollme": "",
    "configData": {
        "version": 0.1,
        "log": {"formatter": "json", "fields": {"service": "registry"}},
        "storage": {"delete": {"enabled": False}, "cache": {"blobdescriptor": "inmemory"}},
        "http": {
            "addr": ":5000",
            "headers": {"X-Content-Type-Options": ["nosniff"]},
            "debug": {"addr": ":5001", "prometheus": {"enabled": True, "path": "/metrics"}},
        },
        "health": {"storagedriver": {"enabled": True, "interval": "10s", "threshold": 3}},
    },
}


class Flags:
    """The values of one round."""

    def __init__(self) -> None:
        self._flags: dict[str, str] = {}
        self._reasons: list[str] = []

    def set(self, name: str, value: Any) -> None:
        """Set one flag; a later value takes the place of an earlier one."""
        self._flags[name] = go_print(value)

    def build(self) -> Values:
        """Return the chart's values; FlagError where a flag cannot be read."""
        values = copy.deepcopy(_DEFAULTS)
        for name, value in self._flags.items():
            try:
                parse_into(f"{name}={value}", values)
            except GrammarError as error:
                raise FlagError(name, value, str(error)) from error
        return values

    def access(self, credentials: Mapping[str, str] | None, http_secret: str, node_port: int) -> None:
        """Keep what is there already: the registry's user, the HTTP secret, the NodePort."""
        if credentials is not None:
            self.set("dockerRegistry.username", credentials.get("username", ""))
            self.set("dockerRegistry.password", credentials.get("password", ""))
            self.set("registryHTTPSecret", http_secret)
        self.set("registryNodePort", node_port)
        self.set("configData.http.addr", ":5000")
        self.set(r"commonLabels.app\.kubernetes\.io/managed-by", MANAGER)

    def logging(self, spec: Mapping[str, Any] | None) -> None:
        """Set level, format and access log."""
        spec = spec or {}
        level, form = spec.get("level") or "info", spec.get("format") or "json"
        disabled = not spec.get("accessLogEnabled", False)
        for name, value in (("level", level), ("formatter", form), ("accesslog.disabled", disabled)):
            self.set(f"configData.log.{name}", value)
            self._roll(f"configData.log.{name}={go_print(value)}")

    def delete_enabled(self, enabled: bool) -> None:
        """Allow or forbid the deletion of images."""
        self.set("configData.storage.delete.enabled", enabled)
        self._roll(f"configData.storage.delete.enabled={go_print(enabled)}")

    def no_claim(self) -> None:
        """Render no PersistentVolumeClaim: a filesystem is an emptyDir then."""
        self.set("persistence.enabled", False)

    def filesystem(self) -> None:
        """Store in a folder."""
        self.set("storage", "filesystem")
        self.set("configData.storage.filesystem.rootdirectory", "/var/lib/registry")

    def claim(self, name: str) -> None:
        """Store on a claim that another client made."""
        self.set("persistence.enabled", True)
        self.set("persistence.existingClaim", name)

    def azure(self, account: str, key: str, container: str) -> None:
        """Store in Azure."""
        self.set("storage", "azure")
        self.set("secrets.azure.accountName", account)
        self.set("secrets.azure.accountKey", key)
        self.set("secrets.azure.container", container)
        self._roll_credentials("azure", account, key, container)

    def s3(self, spec: Mapping[str, Any], access: str, secret: str) -> None:
        """Store in S3."""
        self.set("storage", "s3")
        self.set("s3.bucket", spec.get("bucket", ""))
        self.set("s3.region", spec.get("region", ""))
        self.set("s3.encrypt", bool(spec.get("encrypt")))
        self.set("s3.secure", bool(spec.get("secure")))
        if spec.get("regionEndpoint"):
            self.set("s3.regionEndpoint", spec["regionEndpoint"])
        self.set("secrets.s3.accessKey", access)
        self.set("secrets.s3.secretKey", secret)
        self._roll_credentials("s3", access, secret)

    def gcs(self, spec: Mapping[str, Any], key: str) -> None:
        """Store in Google Cloud Storage."""
        self.set("storage", "gcs")
        self.set("gcs.bucket", spec.get("bucket", ""))
        if spec.get("rootdirectory"):
            self.set("gcs.rootdirectory", spec["rootdirectory"])
        if spec.get("chunksize"):
            self.set("gcs.chunkSize", spec["chunksize"])
        self.set("secrets.gcs.accountkey", key)
        self._roll_credentials("gcs", key)

    def _roll_credentials(self, name: str, *credentials: str) -> None:
        digest = hashlib.sha256("\0".join(credentials).encode("utf-8", "surrogateescape")).hexdigest()
        self._roll(f"secrets.{name}={digest[:16]}")

    def _roll(self, reason: str) -> None:
        """Record why Pods are replaced. Here the operator escapes the commas."""
        self._reasons.append(reason)
        self._flags["rollme"] = r"\,".join(self._reasons)
