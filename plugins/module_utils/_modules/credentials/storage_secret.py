# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_secret for a storage backend: the Secret that the CR names, written, confirmed, put back or only checked.

While new values are unproven the former ones are kept in a Secret of our own, so that a run that dies loses neither.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import is_managed, secret_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.diff import visible_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import secret_sources
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.resolve_store import hide
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import StoreRequest

# On the Secret that keeps former values: whose they are.
_OF = f"{constants.PREFIX}/values-of"
# And the keys that were not there.
_ADDED = f"{constants.PREFIX}/keys-added"

Object = dict[str, Any]


def run(context: Context) -> None:
    """Dispatches on `state`."""
    params = context.params
    name = params["secret_name"]
    if not name:
        remedy = "Give secret_name, as the storage names it."
        raise Refusal([error("secret-name-missing", "secret_name", "no Secret is named.", remedy)])
    {"present": _present, "absent": _absent, "confirmed": _confirmed, "restored": _restored}[params["state"]](
        context, name
    )


def _present(context: Context, name: str) -> None:
    namespace = context.params["namespace"]
    values = secret_sources.given(context, secret_sources.pasted(context))
    live = context.cluster.get("Secret", name, namespace)
    backend = catalog.NAMED[context.params["purpose"]]
    hide(context, backend, secret_sources.merged(secret_data(live), values))
    _check(context, name, secret_sources.merged(secret_data(live), values))
    if values:
        _write(context, name, values, live)
    context.result.update(
        {"namespace": namespace, "secret": name, "secret_keys": sorted({**secret_data(live), **values})}
    )


def _check(context: Context, name: str, data: Mapping[str, bytes]) -> None:
    """What the backend says of its Secret; the storage around it is not known here, so what it says of that is left out."""
    backend = catalog.NAMED[context.params["purpose"]]
    values = {field.name: "unknown" for field in backend.fields if field.required and field.type == "string"}
    path = f"Secret/{name}"
    _store, found = backend.store(
        StoreRequest({**values, "secretName": name}, data, context.params["driver_parameters"], secret_path=path)
    )
    context.report(finding for finding in found if finding.path.startswith(path))


def _write(context: Context, name: str, values: Mapping[str, bytes], live: Object | None) -> None:
    """Our keys under our field manager; keys, labels and annotations of others stay."""
    namespace = context.params["namespace"]
    given = {key: _encoded(value) for key, value in values.items()}
    document = _document(name, namespace, {**_ours(live), **given}, live)
    if live is None or is_managed(live):
        document["metadata"]["labels"] = {**constants.MANAGED_BY, **constants.STORAGE_LABEL}
    there = (live or {}).get("data") or {}
    if any(there.get(key) != text for key, text in document["data"].items()) and not context.check_mode:
        _keep(context, name, live, values)
    applied = context.cluster.apply(document, dry_run=context.check_mode, live=live, force=True)
    if applied.changed:
        context.change(f"Secret/{name}", visible_secret(live, None), visible_secret(applied.after, live))


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _ours(live: Object | None) -> dict[str, str]:
    """Keys that an earlier run wrote: an apply without them would take them out."""
    owned: set[str] = set()
    for entry in ((live or {}).get("metadata") or {}).get("managedFields") or []:
        if entry.get("manager") == constants.FIELD_MANAGER and entry.get("operation") == "Apply":
            owned |= {field[2:] for field in (entry.get("fieldsV1") or {}).get("f:data") or {} if field[:2] == "f:"}
    return {key: value for key, value in ((live or {}).get("data") or {}).items() if key in owned}


def _document(name: str, namespace: str, data: Mapping[str, str], live: Object | None = None) -> Object:
    metadata: Object = {"name": name, "namespace": namespace}
    kind = (live or {}).get("type") or "Opaque"
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": kind, "data": dict(data)}


def _keep(context: Context, name: str, live: Object | None, values: Mapping[str, bytes]) -> None:
    """Keeps what is about to be replaced, beside what is kept already: that was proven, so unproven values never take its place."""
    kept = _kept(context, name)
    if kept is None and live is None:
        return
    there, former, added = (live or {}).get("data") or {}, dict((kept or {}).get("data") or {}), _added(kept)
    # A key that is in neither was not written since: its value is the proven one still.
    fresh = [key for key in values if key not in former and key not in added]
    former.update((key, there[key]) for key in fresh if key in there)
    added |= {key for key in fresh if key not in there}
    document = _document(constants.PREVIOUS_SECRET, context.params["namespace"], former)
    document["metadata"].update(
        labels=dict(constants.MANAGED_BY), annotations={_OF: name, _ADDED: ",".join(sorted(added))}
    )
    context.cluster.apply(document, live=kept, force=True)


def _added(kept: Object | None) -> set[str]:
    """Keys that were not there when the values were proven."""
    annotations = ((kept or {}).get("metadata") or {}).get("annotations") or {}
    return set(filter(None, str(annotations.get(_ADDED, "")).split(",")))


def _kept(context: Context, name: str) -> Object | None:
    kept = context.cluster.get("Secret", constants.PREVIOUS_SECRET, context.params["namespace"])
    if not is_managed(kept) or kept is None:
        return None
    return kept if (kept["metadata"].get("annotations") or {}).get(_OF) == name else None


def _confirmed(context: Context, name: str) -> None:
    """The new values are proven: the former ones are not needed any more. Not a change of what was asked for."""
    kept = _kept(context, name)
    if kept is not None and not context.check_mode:
        _drop(context, kept)


def _drop(context: Context, kept: Object) -> None:
    metadata = kept["metadata"]
    context.cluster.delete("Secret", metadata["name"], metadata["namespace"], uid=metadata["uid"])


def _restored(context: Context, name: str) -> None:
    """The former values again, where this collection replaced them."""
    context.result["restored"] = False
    kept = _kept(context, name)
    if kept is None or context.check_mode:
        return
    live = context.cluster.get("Secret", name, context.params["namespace"])
    ours = {key: value for key, value in _ours(live).items() if key not in _added(kept)}
    document = _document(name, context.params["namespace"], {**ours, **(kept.get("data") or {})}, live)
    if is_managed(live):
        document["metadata"]["labels"] = {**constants.MANAGED_BY, **constants.STORAGE_LABEL}
    applied = context.cluster.apply(document, live=live, force=True)
    _drop(context, kept)
    if applied.changed:
        context.result["restored"] = True
        context.change(f"Secret/{name}", visible_secret(live, None), visible_secret(applied.after, live))
        text = "has its former values again, because the registry failed with the new ones."
        context.report(
            [warning("storage-secret-restored", f"Secret/{name}", text, "Correct the values and run again.")]
        )


def _absent(context: Context, name: str) -> None:
    """Removes the Secret where this collection made it, and first what is kept of it: a later Secret of that name has other values."""
    namespace = context.params["namespace"]
    for item in (_kept(context, name), context.cluster.get("Secret", name, namespace)):
        if item is None or not is_managed(item):
            continue
        if not context.check_mode:
            _drop(context, item)
        context.change(f"Secret/{item['metadata']['name']}", visible_secret(item, None), {})
