# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes awx/vars: credential types out of the keys of storage Secrets, surveys out of the role's argument_specs.

`make generate` runs it. What a credential holds reaches the role by files and environment variables, whose bytes Ansible does not convert.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.credentials import registry_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends import btp_object_store
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import SecretKey
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.azure_checks import (
    CLIENT_SECRET,
    SHARED_KEY,
)
from ansible_collections.kyma.docker_registry.plugins.modules import registry_migration
from ansible_collections.kyma.docker_registry.tests.gates.generate_docs import missing_keys
from ansible_collections.kyma.docker_registry.tests.gates.generated import write

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "awx/vars"
_HEAD = """---
# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Made by `make generate` from {source}. Change those.
"""
PREFIX = "KYMA_REGISTRY"
USER_VARIABLES = ("registry_username", "registry_password")
# What each survey asks for. No lists, and no number or boolean without a default: an empty field would come as a text, which the role's
# argument_specs would reject it before the role can handle it.
DEPLOY = (
    "registry_namespace",
    "registry_name",
    "registry_mode",
    "registry_storage",
    "registry_driver_parameters",
    "registry_volume_size",
    "registry_readonly",
    "registry_verify",
    "registry_wait_timeout",
    "registry_accept_data_loss",
)
MIGRATE = (
    "registry_namespace",
    "registry_name",
    "registry_mode",
    "registry_storage",
    "registry_driver_parameters",
    "registry_volume_size",
    "registry_wait_timeout",
    "registry_migration_state",
    "registry_copy_mode",
    "registry_migration_verify",
)
SURVEYS = {
    "deploy": ("Deploy the Kyma Docker Registry", DEPLOY),
    "migrate": ("Migrate the Kyma Docker Registry to another storage", MIGRATE),
    "info": ("Show the state of the Kyma Docker Registry", ("registry_namespace", "registry_name")),
}
_LEAST = {"registry_wait_timeout": 1}
_HINTS = {
    "registry_storage": "As YAML, for example pvc: {name: existing-pvc}.",
    "registry_driver_parameters": "As YAML, for example rootdirectory: images.",
}
_BOOLEANS = ["true", "false"]
_LONGEST_TEXT, _LONGEST_DOCUMENT = 1024, 16384


class Unsafe(str):
    """A text that Ansible must not render: it is AWX's template."""


class _Dumper(yaml.SafeDumper):
    """Sequences are indented, as yamllint wants it."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True


_Dumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style="'"))


def options() -> dict[str, dict[str, Any]]:
    """The role's variables, and those of the playbooks that surveys ask for."""
    text = (ROOT / "roles/registry/meta/argument_specs.yml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)["argument_specs"]["main"]["options"]
    return {**found, **_migration_options()}


def _migration_options() -> dict[str, dict[str, Any]]:
    """The variables that only the playbook migrate has."""
    of_module: dict[str, dict[str, Any]] = yaml.safe_load(registry_migration.DOCUMENTATION)["options"]
    state = {
        "description": "present copies the images and switches the registry, aborted aborts a migration that is not complete.",
        "type": "str",
        "choices": ["present", "aborted"],
        "default": "present",
    }
    return {
        "registry_migration_state": state,
        "registry_copy_mode": of_module["copy_mode"],
        "registry_migration_verify": of_module["verify"],
    }


def variable(kind: str, key: str) -> str:
    """Name of the environment variable for a key: accessKey of s3 is KYMA_REGISTRY_S3_ACCESS_KEY."""
    words = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", key)
    return f"{PREFIX}_{kind}_{words}".upper()


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def credential_type(name: str, kind: str, description: str, keys: Sequence[SecretKey]) -> dict[str, Any]:
    """The credential type of one way to authenticate to a store: names and short keys by the environment, documents by files."""
    fields, files, environment = [], {}, {}
    given: dict[str, dict[str, str]] = {}
    for key in keys:
        field: dict[str, Any] = {"id": key.name, "label": key.name, "type": "string"}
        field["help_text"] = _sentence(key.description)
        if key.secret:
            field["secret"] = True
        if key.multiline:
            field["multiline"] = True
            files[f"template.{key.name}"] = Unsafe(f"{{{{ {key.name} }}}}")
            place = Unsafe(f"{{{{ tower.filename.{key.name} }}}}")
            given.setdefault("registry_storage_secret_files", {})[key.name] = place
        else:
            environment[variable(kind, key.name)] = Unsafe(f"{{{{ {key.name} }}}}")
            given.setdefault("registry_storage_secret_environment", {})[key.name] = variable(kind, key.name)
        fields.append(field)
    injectors: dict[str, Any] = {"extra_vars": given}
    injectors.update({"env": environment} if environment else {})
    injectors.update({"file": files} if files else {})
    return {
        "name": f"Kyma Docker Registry: {name}",
        "description": description,
        "kind": "cloud",
        "inputs": {"fields": fields, "required": [key.name for key in keys]},
        "injectors": injectors,
    }


def user_type() -> dict[str, Any]:
    """The credential type of the registry's own user; awx/deploy.yml reads its variables."""
    specs = options()
    environment = {}
    fields = []
    for name in USER_VARIABLES:
        key = name.partition("_")[2]
        field = {"id": key, "label": key, "type": "string", "help_text": plain(specs[name]["description"])}
        fields.append({**field, "secret": True} if registry_secret.SPEC.options[name].get("no_log") else field)
        environment[variable("", key).replace("__", "_")] = Unsafe(f"{{{{ {key} | default('') }}}}")
    return {
        "name": "Kyma Docker Registry: user",
        "description": "Name and password of the registry's own user.",
        "kind": "cloud",
        "inputs": {"fields": fields, "required": ["password"]},
        "injectors": {"env": environment},
    }


def credential_types() -> list[dict[str, Any]]:
    """One credential type for each way to authenticate."""
    azure, s3, gcs = (catalog.NAMED[name] for name in ("azure", "s3", "gcs"))
    needed = {way: missing_keys(azure, way) for way in (SHARED_KEY, CLIENT_SECRET)}

    def of(way: str) -> list[SecretKey]:
        return [key for key in azure.secret_keys if key.name in needed[way]]

    application = "An application of Azure; the survey's driver parameters need credentials: {type: client_secret}."
    return [
        credential_type("S3", "s3", "Keys of Amazon S3 or of a store that speaks its protocol.", s3.secret_keys),
        credential_type("Azure, account key", "azure", "A storage account with its key.", of(SHARED_KEY)),
        credential_type("Azure, application", "azure", application, of(CLIENT_SECRET)),
        credential_type("Google Cloud Storage", "gcs", "The key file of a service account.", gcs.secret_keys),
        credential_type("BTP Object Store on AWS", "btp", "A service binding.", btp_object_store.AWS_KEYS),
        credential_type("BTP Object Store on Google", "btp", "A service binding.", btp_object_store.GCP_KEYS),
        user_type(),
    ]


def plain(description: str | Sequence[str]) -> str:
    """A description without Ansible's markup."""
    text = description if isinstance(description, str) else " ".join(description)
    return re.sub(r"\b[VCOE]\(([^)]*)\)", r"\1", text)


def question(name: str, option: Mapping[str, Any]) -> dict[str, Any]:
    """The survey's question for one variable."""
    kind, default = option["type"], option.get("default")
    found: dict[str, Any] = {
        "variable": name,
        "question_name": _sentence(name.partition("_")[2].replace("_", " ")),
        "question_description": " ".join([plain(option["description"]), *([_HINTS[name]] if name in _HINTS else [])]),
        "required": default not in (None, "", {}),
        "default": default if isinstance(default, int) else default or "",
    }
    if kind == "bool" or "choices" in option:
        found.update(type="multiplechoice", choices=list(option.get("choices", _BOOLEANS)))
        found["default"] = str(default).lower() if kind == "bool" else default
    elif kind == "int":
        found.update(type="integer", min=_LEAST.get(name, 0), max=2**31 - 1)
    elif kind == "raw":
        found.update(type="textarea", min=0, max=_LONGEST_DOCUMENT)
    else:
        found.update(type="text", min=int(found["required"]), max=_LONGEST_TEXT)
    return found


def surveys() -> dict[str, Any]:
    """All surveys by name."""
    specs = options()
    return {
        name: {"name": title, "description": "", "spec": [question(item, specs[item]) for item in variables]}
        for name, (title, variables) in SURVEYS.items()
    }


def _text(source: str, content: Mapping[str, Any]) -> str:
    body = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return _HEAD.format(source=source) + body


def pages() -> dict[Path, str]:
    """All files as they must be."""
    keys, specs = "plugins/module_utils/_storage", "roles/registry/meta/argument_specs.yml"
    return {
        FOLDER / "credential_types.yml": _text(f"{keys} and {specs}", {"credential_types": credential_types()}),
        FOLDER / "surveys.yml": _text(specs, {"surveys": surveys()}),
    }


if __name__ == "__main__":
    write(pages())
