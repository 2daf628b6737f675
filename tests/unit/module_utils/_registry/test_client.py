# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client of the registry's API against a registry over a real socket: what it sends and what it takes for success."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.redirects import RedirectTarget
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.fake_registry import (
    PASSWORD,
    FakeRegistry,
    failing,
    talking,
)

DIGEST = "sha256:" + "a" * 64


def test_ping_sends_the_credentials() -> None:
    """Basic authentication; a wrong password is reported as such, and never quoted."""
    with talking(FakeRegistry()) as (api, served):
        api.ping()
        assert [(item.method, item.path) for item in served.heard] == [("GET", "/v2/")]
    with talking(FakeRegistry(), password="wrong-password") as (api, _served), pytest.raises(RegistryError) as caught:
        api.ping()
    assert (caught.value.code, caught.value.status) == ("registry-unauthorized", 401)
    assert "wrong-password" not in str(caught.value) and "hunter2" not in str(caught.value)


def test_an_upload_becomes_a_blob() -> None:
    """Begin, write in two chunks, size, finish: the registry's own path and state are used, its host is not."""
    registry = FakeRegistry()
    with talking(registry) as (api, served):
        location = api.begin_upload("team/app")
        assert location == "/v2/team/app/blobs/uploads/upload-1?_state=s0"
        assert api.upload_size(location) == 0
        location = api.write_upload(location, b"hello ")
        location = api.write_upload(location, b"world")
        assert api.upload_size(location) == 11
        digest = "sha256:b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
        assert not api.has_blob("team/app", digest)
        api.finish_upload(location, digest)
        assert api.has_blob("team/app", digest)
        assert api.blob("team/app", digest) == b"hello world"
        assert all(item.header("host") == ["registry"] for item in served.heard)
    assert registry.uploads == {}


def test_finish_upload_makes_a_query_where_there_is_none() -> None:
    """A location without a query gets one, with the digest's colon quoted."""
    with talking(failing(201)) as (api, served):
        api.finish_upload("/up/1", DIGEST)
        api.finish_upload("/up/1?a=b", DIGEST)
    quoted = DIGEST.replace(":", "%3A")
    assert [item.path for item in served.heard] == [f"/up/1?digest={quoted}", f"/up/1?a=b&digest={quoted}"]


def test_cancelled_upload_is_gone() -> None:
    """After a cancel the registry knows the upload no more."""
    registry = FakeRegistry()
    with talking(registry) as (api, _served):
        location = api.begin_upload("app")
        api.cancel_upload(location)
        with pytest.raises(RegistryError, match="BLOB_UPLOAD_UNKNOWN"):
            api.upload_size(location)
    assert registry.uploads == {}


def test_manifests_by_tag_and_digest() -> None:
    """Stored under a tag, read under both, deleted by digest with its tag."""
    registry = FakeRegistry()
    with talking(registry) as (api, _served):
        api.put_manifest("app", "v1", b"{}", "application/vnd.oci.image.index.v1+json")
        digest = registry.tags["app"]["v1"]
        assert api.manifest("app", "v1") == api.manifest("app", digest) == b"{}"
        assert api.tags("app") == ["v1"]
        assert api.delete_manifest("app", digest)
        assert api.tags("app") == []
        assert api.delete_manifest("app", digest), "a manifest that was deleted before is not a failure"
    registry.delete_enabled = False
    with talking(registry) as (api, _served):
        assert not api.delete_manifest("app", digest)


@pytest.mark.parametrize("status", [200, 301, 401, 500])
def test_delete_takes_nothing_else_for_success(status: int) -> None:
    """Only 202, 404 and 405 are answers to a deletion."""
    with talking(failing(status)) as (api, _served), pytest.raises(RegistryError):
        api.delete_manifest("app", DIGEST)


def test_tags_of_unknown_repository() -> None:
    """NAME_UNKNOWN is an empty repository; another 404 is not an answer of a registry."""
    with talking(FakeRegistry()) as (api, _served):
        assert api.tags("nothing") == []
    with talking(failing(404)) as (api, _served), pytest.raises(RegistryError) as caught:
        api.tags("nothing")
    assert caught.value.code == "registry-protocol"


def test_tags_may_be_null() -> None:
    """Distribution says null for a repository without tags."""
    with talking(FakeRegistry(tags={"app": {}})) as (api, _served):
        assert api.tags("app") == []


@pytest.mark.parametrize("page", [1, 2, 3, 100])
def test_catalog_reads_every_page(page: int) -> None:
    """All names once, whatever the page's size."""
    tags: dict[str, dict[str, str]] = {f"team/app-{number}": {} for number in range(5)}
    with talking(FakeRegistry(tags=tags, page=page)) as (api, served):
        assert list(api.catalog()) == sorted(tags)
        assert len(served.heard) == max(1, -(-5 // page))


def test_odd_names_are_quoted() -> None:
    """A name from the catalog cannot change the request."""
    with talking(failing(404, "NAME_UNKNOWN")) as (api, served):
        assert api.tags("a b?c#d/../é\r\nX: y") == []
    assert urlsplit(served.heard[0].path).path == "/v2/a%20b%3Fc%23d/../%C3%A9%0D%0AX%3A%20y/tags/list"


def test_connection_is_kept_and_renewed() -> None:
    """One connection for many requests; after the server closed it, a fresh one."""
    closing = failing(200, headers={"Connection": "close"})
    with talking(closing) as (api, served):
        for _ in range(3):
            api.ping()
        assert len(served.heard) == 3
    opened = []
    with talking(FakeRegistry()) as (api, _served):
        opener = api._connection._opener
        api._connection._opener = lambda: opened.append(1) or opener()  # type: ignore[func-returns-value]
        for _ in range(3):
            api.ping()
        api.close()
        api.ping()
    assert len(opened) == 2


def test_blob_redirect_is_found_but_not_followed() -> None:
    """A redirecting registry has the blob; the client does not go there by itself, and its address is not shown."""
    address = "http://127.0.0.1:1/store?X-Amz-Signature=secret-signature"
    with talking(failing(307, headers={"Location": address})) as (api, served):
        assert api.has_blob("app", DIGEST)
        found = api.blob("app", DIGEST)
        assert len(served.heard) == 2
    assert isinstance(found, RedirectTarget) and found.address == address
    assert "secret-signature" not in repr(found)


def test_password_is_in_no_error() -> None:
    """No failure shows the password, in any encoding."""
    for status in (301, 400, 401, 403, 404, 405, 429, 500, 503):
        with talking(failing(status, "DENIED")) as (api, served), pytest.raises(RegistryError) as caught:
            api.ping()
        sent = served.heard[0].header("authorization")[0].split()[1]
        assert PASSWORD not in str(caught.value) and sent not in str(caught.value)
