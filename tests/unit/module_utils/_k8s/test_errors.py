# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of the API server as findings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Call, error_from_answer
from hypothesis import given
from hypothesis import strategies as st

DEPLOYMENT = Call("patch", "Deployment", "deployments.apps", "ns", "web")
SECRET = Call("patch", "Secret", "secrets", "ns", "s")


def answer(call: Call, code: int, **status: Any) -> Any:
    """The error for a status of these parts."""
    return error_from_answer(call, code, json.dumps({"kind": "Status", "code": code, **status}).encode())


def conflict(manager: str, field: str) -> dict[str, str]:
    """One cause of a conflict of field managers."""
    return {"reason": "FieldManagerConflict", "message": f'conflict with "{manager}" using apps/v1', "field": field}


def test_conflict_names_managers_and_fields() -> None:
    """Grouped by manager."""
    causes = [conflict("kubectl", ".spec.replicas"), conflict("argo", ".spec.paused"), conflict("kubectl", ".spec.a")]
    failure = answer(DEPLOYMENT, 409, reason="Conflict", message="Apply failed", details={"causes": causes})
    (finding,) = failure.findings
    assert (finding.code, finding.path, failure.status) == ("cluster-conflict", "Deployment/web", 409)
    assert "argo owns spec.paused; kubectl owns spec.a, spec.replicas" in finding.message


def test_other_conflicts() -> None:
    """A taken name, a changed object."""
    assert answer(DEPLOYMENT, 409, reason="AlreadyExists").code == "cluster-conflict"
    assert (
        answer(DEPLOYMENT, 409, reason="Conflict", message="the object has been modified").code
        == "cluster-precondition"
    )


def test_forbidden_names_who_and_what() -> None:
    """User, verb, resource and namespace."""
    message = 'deployments.apps "web" is forbidden: User "eve" cannot patch resource "deployments" in API group "apps"'
    (finding,) = answer(DEPLOYMENT, 403, message=message).findings
    assert finding.code == "cluster-forbidden"
    assert "eve is not allowed to patch deployments.apps in namespace ns" in finding.message


@pytest.mark.parametrize(
    ("call", "resource", "verb"),
    [
        (SECRET, "secrets", "create"),
        (Call("watch", "Deployment", "deployments.apps", "ns", "web"), "deployments", "list"),
        (Call("create", "Pod", "pods/portforward", "ns", "web"), "pods/portforward", "get"),
    ],
)
def test_forbidden_names_the_verb_that_is_missing(call: Call, resource: str, verb: str) -> None:
    """An apply that would create, a watch that begins with a list, a websocket: the API server's message names the right that it checks."""
    message = f'{resource} "web" is forbidden: User "eve" cannot {verb} resource "{resource}" in API group "apps"'
    (finding,) = answer(call, 403, message=message).findings
    assert f"eve is not allowed to {verb} {call.resource} in namespace ns." in finding.message


def test_forbidden_by_a_policy_says_which() -> None:
    """In the server's words."""
    (finding,) = answer(DEPLOYMENT, 403, message='pods "x" is forbidden: exceeded quota: q').findings
    assert "exceeded quota: q" in finding.message


@pytest.mark.parametrize("status", [400, 403, 422])
@pytest.mark.parametrize(
    "words", ['admission webhook "a" denied the request', "ValidatingAdmissionPolicy 'a' denied request"]
)
def test_what_a_policy_quotes(status: int, words: str) -> None:
    """It is shown without what may be a credential."""
    failure = answer(DEPLOYMENT, status, message=f"{words}: container web sets TOKEN=c4n4ry")
    assert words in str(failure) and "c4n4ry" not in str(failure)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "cluster-invalid"),
        (401, "cluster-unauthorized"),
        (403, "cluster-forbidden"),
        (404, "cluster-not-found"),
        (409, "cluster-precondition"),
        (422, "cluster-invalid"),
        (302, "cluster-unreachable"),
        (504, "cluster-timeout"),
        (500, "cluster-server-error"),
        (429, "cluster-server-error"),
    ],
)
@pytest.mark.parametrize("call", [DEPLOYMENT, SECRET])
def test_codes(status: int, code: str, call: Call) -> None:
    """One code for each kind of answer, with a remedy."""
    failure = answer(call, status, message="because")
    assert (failure.code, failure.status) == (code, status)
    assert failure.findings[0].severity == "error"
    assert failure.findings[0].remedy


@given(
    st.integers(min_value=300, max_value=599),
    st.sampled_from(["Conflict", "Invalid", "", "AlreadyExists"]),
    st.booleans(),
)
def test_a_secrets_value_is_never_passed_on(status: int, reason: str, typed: bool) -> None:
    """Wherever in the status it stands."""
    value = "Z2VoZWltZXNQYXNzd29ydA=="
    prefix = "failed to create typed patch object: illegal base64 data" if typed else "Invalid value:"
    causes = [{"reason": "FieldValueInvalid", "message": f"Invalid value: {value}", "field": "data[.k]"}]
    failure = answer(SECRET, status, reason=reason, message=f"{prefix} {value}", details={"causes": causes})
    assert value not in str(failure)


def test_a_secrets_field_is_named() -> None:
    """The place is not a secret."""
    causes = [{"reason": "FieldValueRequired", "message": "x", "field": "data[password]"}]
    assert "data[password] (FieldValueRequired)" in str(answer(SECRET, 422, message="x", details={"causes": causes}))


def test_wrong_types_that_come_as_a_server_error() -> None:
    """It is still an error of the user."""
    message = "failed to create typed patch object (ns/web; apps/v1, Kind=Deployment): .spec.replicas: expected numeric"
    assert answer(DEPLOYMENT, 500, message=message).code == "cluster-invalid"


def test_plain_http_to_https() -> None:
    """Reported as a wrong host."""
    failure = error_from_answer(DEPLOYMENT, 400, b"Client sent an HTTP request to an HTTPS server.\n")
    assert (failure.code, failure.findings[0].path) == ("cluster-options", "host")


@given(st.integers(min_value=300, max_value=599), st.binary(max_size=200))
def test_any_body_becomes_one_finding(status: int, body: bytes) -> None:
    """No JSON at all."""
    assert len(error_from_answer(DEPLOYMENT, status, body).findings) == 1


@given(
    st.integers(min_value=300, max_value=599),
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda s: (
            st.lists(s) | st.dictionaries(st.sampled_from(["details", "causes", "message", "reason", "field"]), s)
        ),
    ),
)
def test_any_json_becomes_one_finding(status: int, body: Any) -> None:
    """JSON of any form."""
    assert len(error_from_answer(DEPLOYMENT, status, json.dumps(body).encode()).findings) == 1
