"""A small client of the API server: the standard library, and what a kubeconfig with a token says."""

from __future__ import annotations

import base64
import http.client
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from kymaoperator.flags import MANAGER

Json = dict[str, Any]
Kind = tuple[str, str]

# Kind -> path of its version, and plural.
KINDS: dict[str, Kind] = {
    "ConfigMap": ("/api/v1", "configmaps"),
    "Deployment": ("/apis/apps/v1", "deployments"),
    "DockerRegistry": ("/apis/operator.kyma-project.io/v1alpha1", "dockerregistries"),
    "Event": ("/api/v1", "events"),
    "Namespace": ("/api/v1", "namespaces"),
    "NetworkPolicy": ("/apis/networking.k8s.io/v1", "networkpolicies"),
    "PersistentVolumeClaim": ("/api/v1", "persistentvolumeclaims"),
    "PriorityClass": ("/apis/scheduling.k8s.io/v1", "priorityclasses"),
    "Secret": ("/api/v1", "secrets"),
    "Service": ("/api/v1", "services"),
}
_METADATA = "application/json;as={kind};g=meta.k8s.io;v=v1,application/json"


class ApiError(Exception):
    """An answer that is not a success, in the server's words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def path_of(kind: str, namespace: str = "", name: str = "") -> str:
    """Return the path of all objects of a kind, of those in a namespace, or of one."""
    root, plural = KINDS[kind]
    return "/".join([root, *(["namespaces", namespace] if namespace else []), plural, *([name] if name else [])])


class Client:
    """Talks to the API server; each thread has its own connection."""

    def __init__(self, kubeconfig: Path) -> None:
        text = kubeconfig.read_text(encoding="utf-8")
        self._address = urlsplit(_entry(text, "server"))
        authority = base64.b64decode(_entry(text, "certificate-authority-data")).decode("ascii")
        self._context = ssl.create_default_context(cadata=authority)
        self._token = _entry(text, "token")
        self._local = threading.local()

    def call(self, method: str, path: str, body: Json | None = None, **options: str) -> Json:
        """Send a request and return the answer. Options: content_type, accept, and query parameters."""
        payload = None if body is None else json.dumps(body)
        headers = self._headers(options.pop("accept", "application/json"))
        headers["Content-Type"] = options.pop("content_type", "application/json")
        address = f"{path}?{urlencode(options)}" if options else path
        for attempt in (1, 2):
            connection = getattr(self._local, "connection", None) or self._connect(30)
            self._local.connection = connection
            try:
                connection.request(method, address, payload, headers)
                response = connection.getresponse()
                return _answer(response.status, response.read())
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self._local.connection = None
                if attempt == 2:
                    raise ApiError(0, f"no answer from the API server: {error}") from error
        raise AssertionError

    def get(self, kind: str, name: str, namespace: str = "") -> Json | None:
        """Return an object; None if there is none."""
        try:
            return self.call("GET", path_of(kind, namespace, name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def every(self, kind: str, selector: str = "") -> list[Json]:
        """Return the objects of a kind; none where the kind is unknown."""
        try:
            items: list[Json] = self.call("GET", path_of(kind), labelSelector=selector).get("items") or []
        except ApiError as error:
            if error.status == 404:
                return []
            raise
        return items

    def apply(self, obj: Json) -> Json:
        """Apply an object under the operator's name, and take fields from their owners."""
        metadata = obj["metadata"]
        return self.call(
            "PATCH", path_of(obj["kind"], metadata.get("namespace", ""), metadata["name"]), obj,
            content_type="application/apply-patch+yaml", fieldManager=MANAGER, force="true",
        )  # fmt: skip

    def delete(self, kind: str, name: str, namespace: str = "") -> bool:
        """Delete an object; False if there is none."""
        try:
            self.call("DELETE", path_of(kind, namespace, name), propagationPolicy="Background")
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        return True

    def snapshot(self, kind: str) -> tuple[list[Json], str]:
        """Return all objects of a kind, Secrets without their data, and the version of the list."""
        accept = _METADATA.format(kind="PartialObjectMetadataList") if kind == "Secret" else "application/json"
        answer = self.call("GET", path_of(kind), accept=accept)
        return answer.get("items") or [], answer["metadata"]["resourceVersion"]

    def changes(self, kind: str, version: str, seconds: int) -> Iterator[Json]:
        """Yield the changes since a version, until the server ends the stream."""
        accept = _METADATA.format(kind="PartialObjectMetadata") if kind == "Secret" else "application/json"
        query = {"watch": "1", "resourceVersion": version, "timeoutSeconds": str(seconds)}
        connection = self._connect(seconds + 30)
        try:
            connection.request("GET", f"{path_of(kind)}?{urlencode(query)}", None, self._headers(accept))
            response = connection.getresponse()
            if response.status != 200:
                _answer(response.status, response.read())
            while line := response.readline():
                yield json.loads(line)
        except (OSError, http.client.HTTPException) as error:
            raise ApiError(0, f"the watch broke: {error}") from error
        finally:
            connection.close()

    def _headers(self, accept: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Accept": accept, "User-Agent": MANAGER}

    def _connect(self, timeout: float) -> http.client.HTTPSConnection:
        host, port = self._address.hostname or "", self._address.port or 443
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=self._context)


def _entry(text: str, name: str) -> str:
    """Return the value of a line of a kubeconfig (YAML without surprises, or JSON)."""
    found = re.search(rf'^[\s{{,"]*{name}"?:\s*"?([^"\s,}}]+)', text, re.MULTILINE)
    if not found:
        raise SystemExit(
            f"The kubeconfig has no {name}: it must hold one cluster with a CA, and one user with a token."
        )
    return found.group(1)


def _answer(status: int, content: bytes) -> Json:
    answer: Json = {}
    with suppress(ValueError):
        answer = json.loads(content)
    if status >= 400:
        raise ApiError(status, answer.get("message") or content.decode(errors="replace"))
    return answer
