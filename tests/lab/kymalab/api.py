"""A small client of the lab's API server: the standard library, the lab's CA, the administrator's token."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any
from urllib.parse import urlencode

from kymalab.pki import ADMIN, tokens
from kymalab.settings import API_PORT, NODE_IP, LabError, Paths

Json = dict[str, Any]

METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


class ApiError(LabError):
    """An answer that is not a success."""

    def __init__(self, method: str, path: str, status: int, message: str) -> None:
        super().__init__(f"{method} {path}: {status} {message}")
        self.status = status


class Api:
    """One connection, kept open; for one thread."""

    def __init__(self, paths: Paths, timeout: float = 10) -> None:
        context = ssl.create_default_context(cafile=str(paths.pki / "ca.crt"))
        self._connection = http.client.HTTPSConnection(NODE_IP, API_PORT, timeout=timeout, context=context)
        self._token = tokens(paths)[ADMIN]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        query: dict[str, str] | None = None,
        accept: str = "application/json",
        content_type: str = "application/json",
        missing_ok: bool = False,
    ) -> Json:
        """Send a request and return the answer; {} for 404 where `missing_ok`."""
        address = f"{path}?{urlencode(query)}" if query else path
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": accept,
            "Content-Type": content_type,
            "User-Agent": "kyma-registry-lab",
        }
        try:
            self._connection.request(method, address, json.dumps(body) if body is not None else None, headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise ApiError(method, address, 0, f"no answer: {error}") from error
        answer: Json = json.loads(content) if content.startswith(b"{") else {}
        if response.status >= 400:
            if response.status == 404 and missing_ok:
                return {}
            raise ApiError(method, address, response.status, answer.get("message", content.decode(errors="replace")))
        return answer

    def get(self, path: str) -> Json:
        """Return an object; {} if there is none."""
        return self.call("GET", path, missing_ok=True)

    def list_metadata(self, path: str) -> list[Json]:
        """Return the metadata of every object of a list."""
        answer = self.call("GET", path, accept=METADATA_LIST, missing_ok=True)
        return [item["metadata"] for item in answer.get("items") or []]

    def delete(self, path: str, grace: int | None = None) -> None:
        """Delete an object or, where the path is a list, every object in it."""
        query = {"propagationPolicy": "Background"}
        if grace is not None:
            query["gracePeriodSeconds"] = str(grace)
        self.call("DELETE", path, query=query, missing_ok=True)

    def drop_finalizers(self, path: str) -> None:
        """Release an object that waits for a controller that was removed."""
        self.call(
            "PATCH", path, {"metadata": {"finalizers": None}},
            content_type="application/merge-patch+json", missing_ok=True,
        )  # fmt: skip
