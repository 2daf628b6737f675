# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What risks are judged by: the state of the cluster, and which of them the collection corrects itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants

# The operator keeps its render cache there, and copies Secrets only from there, wherever the DockerRegistry is.
BASE_NAMESPACE = "docker-registry"


@dataclass(frozen=True)
class Facts:
    """The cluster, as far as it bears on risks.

    secret: decoded data of the Secret that the spec names, None if there is none. claims: the PersistentVolumeClaims of the
    namespace. images: whether the registry stores any, None if it could not be asked (counts as yes). own_claim: the claim
    `dockerregistry` is the operator's and used, or was until the Deployment went. others: other DockerRegistries, `namespace/name`.
    base_namespace: that namespace exists.
    """

    namespace: str = constants.CR_NAMESPACE
    secret: Mapping[str, bytes] | None = field(default=None, repr=False)
    claims: frozenset[str] = frozenset()
    own_claim: bool = False
    images: bool | None = None
    others: tuple[str, ...] = ()
    base_namespace: bool = True


@dataclass(frozen=True)
class Measures:
    """What is done about risks; each takes its findings away. By default all that a run of the collection does.

    spec: the spec is one that the operator processes correctly. overlay: completes the Deployment. variables: the variables of a Deployment that
    exists, which show what is completed there; None before a run. secret: makes a separate Secret if the user's would come out changed.
    storage_lock: rejects a silent switch. copies: keeps copies of the pull Secret. wait: the strict rule.
    """

    spec: bool = True
    overlay: bool = True
    variables: frozenset[str] | None = None
    secret: bool = True
    storage_lock: bool = True
    copies: bool = True
    wait: bool = True

    def sets(self, variable: str) -> bool:
        """Whether the Deployment has that variable, or one of the mapping of that name, beside what the operator sets."""
        if self.variables is None:
            return self.overlay
        return any(f"{name}_".startswith(f"{variable}_") for name in self.variables)


ALL_MEASURES = Measures()
