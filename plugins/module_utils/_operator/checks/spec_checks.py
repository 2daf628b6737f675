# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Risks: what Kyma's operator would do to images, credentials and the registry silently. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.inputs import (
    ChartInputs,
    named_backends,
    prune_storage,
    read_chart_inputs,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import (
    Expected,
    predict,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.versions import (
    NEWEST,
    OLDEST,
    Release,
    release,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import SECRET_FIELD
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.spec import DELETE_ENABLED

from . import value_checks
from .facts import ALL_MEASURES, BASE_NAMESPACE, Facts, Measures

CR = "DockerRegistry"


def check_spec(
    storage: Mapping[str, Any] | None,
    facts: Facts,
    version: str | None = None,
    measures: Measures = ALL_MEASURES,
    path: str = "spec.storage",
) -> tuple[Finding, ...]:
    """What is risky about that spec.storage (None: not in the DockerRegistry) on that cluster.

    measures: what is done about it; a risk that is corrected is not a finding.
    """
    known = release(version)
    kept = prune_storage(storage)
    inputs = read_chart_inputs(kept, facts.secret, facts.claims, known.names)
    found = [*_check_version(known), *_check_cluster(facts, measures), *_check_fields(storage or {}, path)]
    if kept is not None:
        found += _check_backends(kept, inputs, facts, measures, path)
        if named_backends(kept) and (not inputs.failed or inputs.claim_is_named):
            backend = catalog.NAMED[named_backends(kept)[0]]
            place = f"{path}.{backend.name}"
            secret = f"Secret/{backend.secret_name(kept[backend.name]) or ''}"
            found += value_checks.check_values(backend, inputs, measures, known, place, secret)
            found += value_checks.check_secret_values(inputs, facts, measures, known, secret)
            found += _check_object_store(inputs, measures, known, place)
    expected = predict(storage, facts.secret, version, claims=facts.claims)
    return (*found, *_check_default_volume(kept, expected, facts, measures, path))


def check_deletion(facts: Facts) -> tuple[Finding, ...]:
    """What the deletion of the DockerRegistry would do. No storage lock stops it."""
    if not facts.own_claim or facts.images is False:
        return ()
    message = f"deleting the DockerRegistry deletes the volume {constants.DEFAULT_CLAIM} and the images in it."
    remedy = "Set the reclaim policy of its PersistentVolume to Retain first, or copy the images."
    return (error("operator-deletion-takes-volume", CR, message, remedy),)


def _check_version(known: Release) -> Iterator[Finding]:
    if not known.known:
        range_ = f"{'.'.join(map(str, OLDEST))} to {'.'.join(map(str, NEWEST))}"
        name = known.version or "without a version"
        message = (
            f"this release ({name}) is unknown to this collection, which assumes that it has the faults of {range_}."
        )
        yield warning("operator-version-unknown", "operator", message, "Look for a newer release of the collection.")


def _check_cluster(facts: Facts, measures: Measures) -> Iterator[Finding]:
    if not facts.base_namespace:
        message = f"there is no namespace {BASE_NAMESPACE}, in which the operator stores a record. Without this namespace, the operator always reports Error."
        yield error("operator-base-namespace", f"Namespace/{BASE_NAMESPACE}", message, "Create it.")
    if facts.others:
        message = f"the cluster has another DockerRegistry: {', '.join(facts.others)}. The operator serves only one in a cluster."
        yield error("operator-second-registry", CR, message, "Copy the images of one DockerRegistry, then delete it.")
    if facts.namespace != BASE_NAMESPACE and not measures.copies:
        message = (
            f"is not in namespace {BASE_NAMESPACE}: the operator does not copy its pull Secret to other namespaces."
        )
        yield warning(
            "operator-secrets-not-copied",
            CR,
            message,
            "Set registry_pull_secret_namespaces, so that the role copies it.",
        )
    if not measures.wait:
        message = (
            "the condition Installed stays True during changes and warnings, and Ready can be from before the change."
        )
        remedy = "Check the Deployment and the registry itself."
        yield Finding("operator-status-unverified", "info", CR, message, remedy)


def _check_fields(storage: Mapping[str, Any], path: str) -> Iterator[Finding]:
    """Fields that the API server drops silently."""
    for name, values in storage.items():
        backend = catalog.NAMED.get(name)
        if backend is None:
            if name != DELETE_ENABLED:
                yield _drop(f"{path}.{name}")
        elif isinstance(values, Mapping):
            known = {item.name for item in backend.fields}
            for field in values:
                if field not in known:
                    yield _drop(f"{path}.{name}.{field}")


def _drop(place: str) -> Finding:
    message = "is not a field of the DockerRegistry; Kubernetes drops it silently."
    return error("operator-field-dropped", place, message, "Correct the spelling. It is case-sensitive.")


def _check_backends(
    kept: Mapping[str, Any], inputs: ChartInputs, facts: Facts, measures: Measures, path: str
) -> Iterator[Finding]:
    named = named_backends(kept)
    if not named:
        if not measures.spec:
            message = "has no backend. The operator then stores images on an emptyDir instead of its default volume."
            remedy = "Leave storage out, or specify a claim (pvc). Let the collection set deleteEnabled."
            yield error("operator-empty-storage", path, message, remedy)
        return
    if len(named) > 1:
        message = f"has the backends {' and '.join(named)}. The operator uses none of them, but its default volume."
        yield error("operator-two-backends", path, message, "Remove one of them.")
        return
    backend = catalog.NAMED[named[0]]
    place = f"{path}.{backend.name}"
    secret_name = backend.secret_name(kept[backend.name])
    claim = backend.claim(kept[backend.name])
    if claim is not None:
        yield from _check_claim(claim, facts, f"{place}.{backend.claim_field}")
    elif secret_name is None:
        if not (measures.secret and backend.cloud_identity):
            message = (
                "is missing. The operator supports credentials only from a Secret, and stores images on an emptyDir."
            )
            yield error("operator-no-secret-name", f"{place}.{SECRET_FIELD}", message, "Specify a Secret.")
    elif facts.secret is None:
        message = f"there is no Secret {secret_name}: the operator would store images on an emptyDir until it exists."
        yield error("operator-secret-missing", f"{place}.{SECRET_FIELD}", message, "Create the Secret first.")
    elif inputs.failed:
        message = f"its Secret cannot be used ({inputs.failed}): the operator would store images on an emptyDir."
        yield error("operator-binding-refused", f"{place}.{SECRET_FIELD}", message, backend.secret_remedy)


def _check_claim(name: str, facts: Facts, place: str) -> Iterator[Finding]:
    if name == constants.DEFAULT_CLAIM and facts.own_claim:
        message = (
            "is the operator's own volume. The operator deletes it as soon as the DockerRegistry specifies a claim."
        )
        yield error("operator-own-claim", place, message, "Leave storage out to use the default volume.")
    elif name not in facts.claims:
        message = f"there is no PersistentVolumeClaim {name}: the Pod would not start."
        yield error("operator-claim-missing", place, message, "Create it first, or specify a claim that exists.")


def _check_object_store(inputs: ChartInputs, measures: Measures, known: Release, place: str) -> Iterator[Finding]:
    driver = inputs.driver
    login_missing, login = driver.operator.login_missing, driver.variable(driver.operator.login_parameter)
    if login_missing is not None and known.omits_login and not measures.sets(login):
        yield login_missing(place)
    if inputs.secrets and not measures.storage_lock:
        message = "if the Secret is absent, even briefly, the operator switches the running registry to an emptyDir."
        remedy = "Enable the storage lock (registry_storage_lock: true)."
        yield warning("operator-falls-back", place, message, remedy)
    if inputs.secrets and not measures.wait:
        message = "wrong credentials cause a failure only after 30 seconds. Until then the DockerRegistry and the Deployment are Ready."
        yield Finding(
            "operator-late-failure",
            "info",
            place,
            message,
            "Wait a minute, then check that the registry still responds.",
        )


def _check_default_volume(
    kept: Mapping[str, Any] | None, expected: Expected, facts: Facts, measures: Measures, path: str
) -> Iterator[Finding]:
    """The end of the default volume, by intention or not."""
    if not facts.own_claim or facts.images is False or expected.default_claim is not False:
        return
    if kept is not None and not named_backends(kept) and measures.spec:
        return
    known = "images" if facts.images else "its content (the registry could not be queried)"
    message = f"the operator deletes the volume {constants.DEFAULT_CLAIM} with {known} as soon as it reads this change."
    remedy = "Copy the images first. To keep the volume, set the reclaim policy of its PersistentVolume to Retain."
    yield error("operator-deletes-volume", path, message, remedy)
