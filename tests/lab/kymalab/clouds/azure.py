"""Azure Blob Storage's REST interface, as far as the lab itself needs it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import xml.etree.ElementTree
from contextlib import closing
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlencode

from kymalab.clouds.https import CloudConnection
from kymalab.clouds.names import azure_host
from kymalab.settings import LabError

_VERSION = "2021-12-02"


def signature(key: str, account: str, method: str, path: str, query: dict[str, str], headers: dict[str, str]) -> str:
    """Return the Authorization of a request without a body (shared key)."""
    canonical_headers = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    resource = "".join(f"\n{name}:{value}" for name, value in sorted(query.items()))
    # The method, eleven standard headers of which none is sent, the x-ms- headers, and what is asked for.
    text = f"{method}\n" + "\n" * 11 + f"{canonical_headers}/{account}{path}{resource}"
    mac = hmac.digest(base64.b64decode(key), text.encode(), hashlib.sha256)
    return f"SharedKey {account}:{base64.b64encode(mac).decode()}"


class Account:
    """A storage account."""

    def __init__(self, name: str, key: str, authority: Path) -> None:
        self._name = name
        self._key = key
        self._authority = authority

    def make_container(self, container: str) -> None:
        """Make a container, unless it is there."""
        self._call("PUT", container, {"restype": "container"}, {201, 409})

    def blobs(self, container: str) -> dict[str, int]:
        """Return the sizes of a container's blobs by name."""
        found: dict[str, int] = {}
        query = {"restype": "container", "comp": "list"}
        while True:
            page = xml.etree.ElementTree.fromstring(self._call("GET", container, query, {200}))
            for blob in page.iter("Blob"):
                found[blob.findtext("Name", "")] = int(blob.findtext("Properties/Content-Length") or 0)
            marker = page.findtext("NextMarker")
            if not marker:
                return found
            query["marker"] = marker

    def _call(self, method: str, container: str, query: dict[str, str], expected: set[int]) -> bytes:
        headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": _VERSION}
        authorization = signature(self._key, self._name, method, f"/{container}", query, headers)
        try:
            with closing(CloudConnection(azure_host(self._name), self._authority)) as connection:
                connection.request(
                    method, f"/{container}?{urlencode(query)}", headers={**headers, "Authorization": authorization}
                )
                response = connection.getresponse()
                content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise LabError(f"Azure Blob Storage of {self._name} does not answer: {error}") from error
        if response.status not in expected:
            raise LabError(f"Azure Blob Storage: {method} {container}: {response.status} {content.decode()[:300]}")
        return content
