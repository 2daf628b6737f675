# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the DockerRegistry that users paste: YAML documents, their spelling mistakes, and the values in them. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    errors,
    shown_key,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import external_access
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.kubernetes_names import (
    subdomain_problem,
)

from . import manifest_secret
from .texts import nearest

try:
    import yaml

    HAS_YAML = True
except ImportError:
    HAS_YAML = False

GROUP = "operator.kyma-project.io/"
KIND = "DockerRegistry"
PATH = "registry_manifest"
_FIELDS = ("storage", "logging", external_access.FIELD)

# Path and content of one YAML document.
_Document = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Manifest:
    """What a pasted DockerRegistry asks for. namespace is None if it names none.

    secret: decoded data of the Secret that is pasted beside it and that it specifies, None without one; secret_path: its place.
    """

    name: str
    namespace: str | None
    storage: Any = None
    logging: Mapping[str, Any] = field(default_factory=dict)
    external_access: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, bytes] | None = field(default=None, repr=False)
    secret_name: str | None = None
    secret_path: str = ""


def documents(text: str, path: str = PATH) -> list[Any]:
    """The YAML documents of the text, empty ones left out. Raises Refusal: not YAML, doubled keys, PyYAML absent."""
    if not HAS_YAML:
        raise Refusal([error("library-missing", "PyYAML", "is not installed.", "Install it: pip install pyyaml")])

    class Loader(yaml.SafeLoader):
        """A loader that rejects doubled keys, of which YAML libraries keep the last silently."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
            seen = set()
            for key_node, _value in node.value:
                key = self.construct_object(key_node, deep=True)
                if key in seen:
                    place = key_node.start_mark.line + 1
                    raise Refusal(
                        [
                            error(
                                "manifest-doubled-key",
                                f"{path} line {place}",
                                f"{shown_key(key)} occurs twice.",
                                "Remove one of them.",
                            )
                        ]
                    )
                seen.add(key)
            found: dict[Hashable, Any] = super().construct_mapping(node, deep)
            return found

    try:
        return [item for item in yaml.load_all(text, Loader) if item is not None]
    # Beside its own errors PyYAML lets those of Python through: a date of month 13, a list as a key, endless nesting.
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f"{path} line {mark.line + 1}" if mark else path
    # Outside the handler: the parser's own text quotes the user's lines.
    raise Refusal(
        [error("manifest-not-yaml", place, "is not valid YAML.", "Paste the document unchanged, with its indentation.")]
    )


def read_manifest(text: str, namespace: str | None = None) -> tuple[Manifest | None, tuple[Finding, ...]]:
    """The one DockerRegistry of the text with the Secret that it names, and findings. None if one of them is an error.

    namespace: the namespace of a DockerRegistry without one.
    """
    registries, secrets, found = _sorted(text)
    if not errors(found):
        found.extend(_count(registries))
    if errors(found):
        return None, tuple(found)
    manifest = _read(*registries[0], found)
    manifest = _with_secret(manifest, secrets, namespace, found)
    return (None if errors(found) else manifest), tuple(found)


def read_name(text: str) -> tuple[Manifest | None, tuple[Finding, ...]]:
    """Name and namespace of the one DockerRegistry of the text, with any other content; findings as read_manifest()."""
    registries, _secrets, found = _sorted(text)
    problems = _count(registries)
    if problems:
        return None, tuple(errors(found) or problems)
    path, document = registries[0]
    found = []
    manifest = _named(path, _mapping(document.get("metadata"), f"{path}.metadata", found), found)
    return (None if found else manifest), tuple(found)


def _count(registries: list[_Document]) -> list[Finding]:
    if len(registries) == 1:
        return []
    text = f"contains {len(registries)} DockerRegistry objects."
    return [error("manifest-one-registry", PATH, text, "Paste exactly one.")]


def _sorted(text: str) -> tuple[list[_Document], list[_Document], list[Finding]]:
    """DockerRegistries and Secrets of the text, and an error for each other document."""
    found: list[Finding] = []
    registries: list[_Document] = []
    secrets: list[_Document] = []
    for index, document in enumerate(documents(text)):
        path = f"{PATH}[{index}]"
        if isinstance(document, str) and "\n" not in text.strip():
            found.append(
                error(
                    "manifest-no-such-file",
                    PATH,
                    "is neither YAML nor the path of an existing file.",
                    "The role looks for a relative path beside the play and in the working directory. Specify the full path, or paste the text.",
                )
            )
        elif not isinstance(document, Mapping):
            found.append(
                error(
                    "manifest-not-an-object",
                    path,
                    "is not a Kubernetes object.",
                    "Each document must be a mapping with a kind.",
                )
            )
        elif document.get("kind") == KIND and str(document.get("apiVersion", "")).startswith(GROUP):
            registries.append((path, document))
        elif manifest_secret.is_secret(document):
            secrets.append((path, document))
        else:
            kind = document.get("kind") if isinstance(document.get("kind"), str) else "an object without a kind"
            remedy = "Remove it. The role needs only the DockerRegistry and its storage Secret."
            found.append(
                error("manifest-unsupported-document", path, f"is {kind}, which the role does not apply.", remedy)
            )
    return registries, secrets, found


def _with_secret(manifest: Manifest, secrets: list[_Document], namespace: str | None, found: list[Finding]) -> Manifest:
    """The manifest with the Secret that it names; other Secrets are the user's mistake."""
    wanted = manifest_secret.secret_names(manifest.storage)
    home = manifest.namespace or namespace
    for path, document in secrets:
        name, place = (
            manifest_secret.metadata_text(document, "name"),
            manifest_secret.metadata_text(document, "namespace"),
        )
        if name is None or name not in wanted:
            message = "is a Secret that the DockerRegistry does not use."
            remedy = "Specify it in the backend's secretName, or remove it."
            found.append(error("manifest-secret-not-named", f"{path}.metadata.name", message, remedy))
        elif place is not None and home is not None and place != home:
            message = f"is {place}, but the DockerRegistry is in {home}, where its Secret must be."
            found.append(error("manifest-secret-namespace", f"{path}.metadata.namespace", message, f"Write {home}."))
        elif manifest.secret is not None:
            message = "occurs twice."
            found.append(error("manifest-secret-doubled", f"{path}.metadata.name", message, "Remove one of them."))
        else:
            data, problems = manifest_secret.read_secret(document, path)
            found.extend(problems)
            manifest = replace(manifest, secret=data, secret_name=name, secret_path=path)
    return manifest


def _read(path: str, document: Mapping[str, Any], found: list[Finding]) -> Manifest:
    metadata = _mapping(document.get("metadata"), f"{path}.metadata", found)
    spec = _mapping(document.get("spec"), f"{path}.spec", found)
    manifest = _named(path, metadata, found)
    for key in spec:
        if key not in _FIELDS:
            suggestion = nearest(str(key), _FIELDS)
            remedy = f"Did you mean {suggestion}?" if suggestion else f"Known: {', '.join(_FIELDS)}."
            found.append(
                error(
                    "spec-unknown-field",
                    f"{path}.spec.{shown_key(key)}",
                    "is not a field of the DockerRegistry.",
                    remedy,
                )
            )
    logging, problems = check_logging(spec.get("logging") or {}, f"{path}.spec.logging")
    found.extend(problems)
    access, problems = external_access.check_external_access(
        spec.get(external_access.FIELD), f"{path}.spec.{external_access.FIELD}"
    )
    found.extend(problems)
    labels = _mapping(metadata.get("labels"), f"{path}.metadata.labels", found)
    texts = {str(key): str(value) for key, value in labels.items()}
    return replace(manifest, storage=spec.get("storage"), logging=logging, external_access=access, labels=texts)


def _named(path: str, metadata: Mapping[str, Any], found: list[Finding]) -> Manifest:
    name, namespace = metadata.get("name", constants.CR_NAME), metadata.get("namespace")
    for key, value in (("name", name), ("namespace", namespace)):
        problem = subdomain_problem(value) if isinstance(value, str) else "is not text." if value is not None else ""
        if problem:
            found.append(
                error("manifest-bad-name", f"{path}.metadata.{key}", problem, "Use a name that Kubernetes allows.")
            )
    return Manifest(str(name), namespace)


def _mapping(value: Any, path: str, found: list[Finding]) -> Mapping[str, Any]:
    if value is None or isinstance(value, Mapping):
        return value or {}
    found.append(error("manifest-not-a-mapping", path, "is not a mapping.", "Check its indentation."))
    return {}


def check_logging(logging: object, path: str) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """The logging section with right names and types, and findings (an error leaves its field out)."""
    if not isinstance(logging, Mapping):
        return {}, (error("logging-not-a-mapping", path, "is not a mapping.", "Write for example level: info."),)
    found: list[Finding] = []
    values: dict[str, Any] = {}
    choices = {"level": constants.LOG_LEVELS, "format": constants.LOG_FORMATS}
    for key, value in logging.items():
        place = f"{path}.{shown_key(key)}"
        if key == "accessLogEnabled":
            if isinstance(value, bool):
                values[key] = value
            else:
                found.append(error("logging-wrong-type", place, "is not a boolean.", "Write true or false."))
        elif key in choices:
            if value in choices[key]:
                values[key] = value
            else:
                found.append(
                    error(
                        "logging-bad-value",
                        place,
                        "is not a value that the registry supports.",
                        f"Use {', '.join(choices[key])}.",
                    )
                )
        elif key == "accessLogDisabled":
            remedy = (
                "Write accessLogEnabled with the opposite value. Kubernetes drops the spelling of the documentation."
            )
            found.append(error("logging-unknown-field", place, "is not a field of spec.logging.", remedy))
        else:
            suggestion = nearest(str(key), (*choices, "accessLogEnabled"))
            remedy = f"Did you mean {suggestion}?" if suggestion else "Known: level, format, accessLogEnabled."
            found.append(error("logging-unknown-field", place, "is not a field of spec.logging.", remedy))
    return values, tuple(found)
