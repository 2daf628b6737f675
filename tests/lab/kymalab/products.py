"""What is built from Go modules. Versions stand once, in each product's go.mod."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kymalab.settings import GO_SOURCE, LabError


@dataclass(frozen=True, eq=False)
class Product:
    """One folder with a go.mod, and the commands that are built from it."""

    name: str
    commands: dict[str, str]
    module: str = ""
    version_variables: tuple[str, ...] = ()
    number_variables: dict[str, int] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder that holds the product's go.mod."""
        return GO_SOURCE / self.name

    @cached_property
    def version(self) -> str:
        """The version that go.mod requires of the product's main module."""
        if not self.module:
            return "v0"
        match = re.search(rf"^(?:require)?\s+{re.escape(self.module)} (v\S+)", self.go_mod, re.MULTILINE)
        if not match:
            raise LabError(f"{self.folder / 'go.mod'} does not require {self.module}.")
        return match.group(1)

    @cached_property
    def go_mod(self) -> str:
        """The text of go.mod."""
        return (self.folder / "go.mod").read_text(encoding="utf-8")

    @cached_property
    def go_version(self) -> tuple[int, ...]:
        """The Go version that go.mod asks for."""
        match = re.search(r"^go (\d+)\.(\d+)", self.go_mod, re.MULTILINE)
        if not match:
            raise LabError(f"{self.folder / 'go.mod'} has no go line.")
        return int(match.group(1)), int(match.group(2))

    @property
    def ldflags(self) -> str:
        """Linker flags: no debug tables, and the version where the program looks for its own."""
        numbers = self.version.removeprefix("v").split(".")
        stamps = [f"-X {variable}={self.version}" for variable in self.version_variables]
        stamps += [f"-X {variable}={numbers[index]}" for variable, index in self.number_variables.items()]
        return " ".join(["-s", "-w", *stamps])


_COMPONENT = "k8s.io/component-base/version"
_CLIENT = "k8s.io/client-go/pkg/version"

KUBERNETES = Product(
    name="kubernetes",
    module="k8s.io/kubernetes",
    commands={
        name: f"k8s.io/kubernetes/cmd/{name}"
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")
    },
    version_variables=(f"{_COMPONENT}.gitVersion", f"{_CLIENT}.gitVersion"),
    number_variables={
        f"{package}.{name}": index
        for package in (_COMPONENT, _CLIENT)
        for index, name in enumerate(("gitMajor", "gitMinor"))
    },
)
KUBECTL = Product(
    name="kubernetes",
    module="k8s.io/kubernetes",
    commands={"kubectl": "k8s.io/kubernetes/cmd/kubectl"},
    version_variables=KUBERNETES.version_variables,
    number_variables=KUBERNETES.number_variables,
)
ETCD = Product(
    name="etcd",
    module="go.etcd.io/etcd/server/v3",
    commands={"etcd": "go.etcd.io/etcd/server/v3"},
)
COREDNS = Product(name="coredns", module="github.com/coredns/coredns", commands={"coredns": "lab/coredns"})
REGISTRY = Product(
    name="registry",
    module="github.com/distribution/distribution/v3",
    commands={"registry": "github.com/distribution/distribution/v3/cmd/registry"},
    version_variables=("github.com/distribution/distribution/v3/version.version",),
)
LOCAL_PATH_PROVISIONER = Product(
    name="local-path-provisioner",
    module="github.com/rancher/local-path-provisioner",
    commands={"local-path-provisioner": "github.com/rancher/local-path-provisioner"},
    version_variables=("main.VERSION",),
)
PAUSE = Product(name="pause", commands={"pause": "lab/pause"})
HTPASSWD = Product(name="htpasswd", commands={"htpasswd": "lab/htpasswd"})
VERSITYGW = Product(
    name="versitygw",
    module="github.com/versity/versitygw",
    commands={"versitygw": "github.com/versity/versitygw/cmd/versitygw"},
)
FAKE_GCS_SERVER = Product(
    name="fake-gcs-server",
    module="github.com/fsouza/fake-gcs-server",
    commands={"fake-gcs-server": "github.com/fsouza/fake-gcs-server"},
)

# A lab without the add-ons is minimal: it has no DNS, and volumes that were made beforehand.
NODE_PRODUCTS = (PAUSE, ETCD, REGISTRY, KUBERNETES)
ADDON_PRODUCTS = (COREDNS, LOCAL_PATH_PROVISIONER)
PRODUCTS = (*NODE_PRODUCTS, *ADDON_PRODUCTS)
CLOUD_PRODUCTS = (VERSITYGW, FAKE_GCS_SERVER)
OPERATOR_PRODUCTS = (HTPASSWD,)
