"""What was rendered last, kept in a Secret: the objects in it that are not rendered any more get deleted."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from kymaoperator.client import ApiError, Client, Json, path_of

NAME = "dockerregistry-manifest-cache"
_MANAGER_UID = str(uuid.uuid4())


@dataclass
class Rendered:
    """The objects of the last round that succeeded, and the values that they were made of."""

    values: dict[str, Any] = field(default_factory=dict)
    objects: list[Json] = field(default_factory=list)
    manager: str = ""

    def is_of(self, values: dict[str, Any]) -> bool:
        """Whether rendering again is not needed: same values, same process."""
        return self.manager == _MANAGER_UID and self.values == values


def load(client: Client, base: str) -> Rendered:
    """Return what was kept in the operator's namespace; nothing if there is none."""
    found = client.get("Secret", NAME, base)
    if not found:
        return Rendered()
    kept = json.loads(base64.b64decode(found["data"]["spec"]))
    return Rendered(kept["CustomFlags"], json.loads(kept["Manifest"]), kept["ManagerUID"])


def save(client: Client, base: str, values: dict[str, Any], objects: list[Json]) -> None:
    """Keep what was rendered. Without the operator's namespace no round succeeds, wherever the DockerRegistry is."""
    kept = {"ManagerUID": _MANAGER_UID, "CustomFlags": values, "Manifest": json.dumps(objects)}
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": NAME, "namespace": base},
        "data": {"spec": base64.b64encode(json.dumps(kept).encode()).decode()},
    }
    try:
        client.call("PUT", path_of("Secret", base, NAME), secret)
    except ApiError as error:
        if error.status != 404:
            raise
        client.call("POST", path_of("Secret", base), secret)


def forget(client: Client, base: str) -> None:
    """Remove what was kept."""
    client.delete("Secret", NAME, base)
