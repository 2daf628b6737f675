"""The status of one DockerRegistry: conditions, fields, and how they are written."""

from __future__ import annotations

import copy
import datetime
import uuid
from contextlib import suppress
from typing import Any

from kymaoperator import gostruct
from kymaoperator.client import ApiError, Client, Json, path_of
from kymaoperator.flags import MANAGER

FINALIZER = "dockerregistry-operator.kyma-project.io/deletion-hook"


class Instance:
    """A DockerRegistry in one round; its status is written where it has changed."""

    def __init__(self, client: Client, found: Json) -> None:
        self._client = client
        self.object = found
        self.namespace: str = found["metadata"]["namespace"]
        self.name: str = found["metadata"]["name"]
        self.status: dict[str, Any] = copy.deepcopy(found.get("status") or {})
        self._saved = copy.deepcopy(self.status)

    @property
    def spec(self) -> dict[str, Any]:
        """What the user wants."""
        found: dict[str, Any] = self.object.get("spec") or {}
        return found

    @property
    def is_deleted(self) -> bool:
        """Whether its deletion was asked for."""
        return bool(self.object["metadata"].get("deletionTimestamp"))

    @property
    def has_finalizer(self) -> bool:
        """Whether it waits for this operator."""
        return FINALIZER in self.object["metadata"].get("finalizers", [])

    def set_finalizer(self, wanted: bool) -> None:
        """Add or remove the finalizer. The whole object is written, so the spec loses what the Go types do not keep."""
        others = [name for name in self.object["metadata"].get("finalizers", []) if name != FINALIZER]
        metadata = {**self.object["metadata"], "finalizers": [*others, *([FINALIZER] if wanted else [])]}
        path = path_of("DockerRegistry", self.namespace, self.name)
        spec = gostruct.spec(self.object.get("spec"))
        self.object = self._client.call("PUT", path, {**self.object, "metadata": metadata, "spec": spec})

    def condition(self, kind: str) -> dict[str, Any] | None:
        """Return a condition."""
        return next((item for item in self.status.get("conditions", []) if item["type"] == kind), None)

    def set_condition(self, kind: str, status: str, reason: str, message: str) -> None:
        """Set a condition; its time changes with its status only."""
        found = self.condition(kind)
        if found is None:
            found = {"type": kind}
            self.status.setdefault("conditions", []).append(found)
        if found.get("status") != status:
            found["lastTransitionTime"] = _now()
        found |= {"status": status, "reason": reason, "message": message}

    def drop_condition(self, kind: str) -> None:
        """Remove a condition."""
        if self.condition(kind):
            self.status["conditions"] = [item for item in self.status["conditions"] if item["type"] != kind]

    def set_fields(self, **fields: str) -> None:
        """Set fields; an empty one is left out."""
        for name, value in fields.items():
            self.status.pop(name, None)
            if value:
                self.status[name] = value

    def save(self) -> None:
        """Write the status if it has changed, and create an event for each changed condition."""
        if self.status == self._saved:
            return
        body = {**self.object, "status": {"served": "", **self.status}}
        path = path_of("DockerRegistry", self.namespace, self.name)
        self.object = self._client.call("PUT", f"{path}/status", body)
        before = {item["type"]: item for item in self._saved.get("conditions", [])}
        self._saved = copy.deepcopy(self.status)
        for item in self.status.get("conditions", []):
            if item != before.get(item["type"]):
                self._tell(item)

    def _tell(self, condition: dict[str, Any]) -> None:
        """Send an event; that it cannot be stored is not a reason to stop."""
        reference = {
            "apiVersion": self.object["apiVersion"],
            "kind": self.object["kind"],
            "namespace": self.namespace,
            "name": self.name,
            "uid": self.object["metadata"]["uid"],
        }
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{self.name}.{uuid.uuid4().hex[:16]}", "namespace": self.namespace},
            "involvedObject": reference,
            "reason": condition["reason"],
            "message": condition["message"][:1024],
            "type": "Warning" if condition["status"] == "False" else "Normal",
            "source": {"component": MANAGER},
            "firstTimestamp": _now(),
            "lastTimestamp": _now(),
            "count": 1,
        }
        with suppress(ApiError):
            self._client.call("POST", path_of("Event", self.namespace), event)


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
