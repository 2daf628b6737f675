# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the lab lives, what decides what it is, and what is built."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest
from kymalab import products, settings
from kymalab.settings import LabError, Paths


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small checkout of the lab."""
    (tmp_path / "kymalab").mkdir()
    (tmp_path / "go/etcd").mkdir(parents=True)
    for name in ("kymalab/a.py", "go/etcd/go.mod", "go/etcd/go.sum", "go/etcd/main.go", "README.md"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(settings, "SOURCE", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["kymalab/a.py", "go/etcd/go.mod", "go/etcd/go.sum", "go/etcd/main.go"])
def test_definition_changes_with_its_files(source: Path, name: str) -> None:
    """Content, name and existence of every source decide."""
    before = settings.definition()
    assert before == settings.definition() and len(before) == 16
    (source / name).write_text("other")
    changed = settings.definition()
    (source / name).rename((source / name).with_name("new" + Path(name).suffix))
    renamed = settings.definition()
    (source / name).with_name("new" + Path(name).suffix).unlink()
    assert len({before, changed, renamed, settings.definition()}) == 4


def test_definition_ignores_the_rest(source: Path) -> None:
    """Neither documentation nor compiled files, nor where the checkout is."""
    before = settings.definition()
    (source / "README.md").write_text("other")
    (source / "kymalab/__pycache__").mkdir()
    (source / "kymalab/__pycache__/a.cpython-313.pyc").write_text("x")
    assert settings.definition() == before


def test_contents_cannot_move_between_files(source: Path) -> None:
    """The same bytes in other files are another definition."""
    (source / "kymalab/b.py").write_text("")
    before = settings.definition()
    (source / "kymalab/b.py").write_text("kymalab/a.py")
    (source / "kymalab/a.py").write_text("")
    assert settings.definition() != before


@pytest.mark.parametrize("state", ["/var/lib/kyma-registry-lab", "/a/b", "/srv/lab_1.x/state-2"])
def test_folders(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """From the environment; everything of the lab is below its state folder."""
    monkeypatch.setenv("KYMA_LAB_STATE", state)
    monkeypatch.setenv("KYMA_LAB_CACHE", "/some/cache")
    paths = settings.paths_from_environment()
    assert paths == Paths(Path(state), Path("/some/cache"))
    for name in ("run", "pki", "logs", "audit_log", "kubeconfig", "config", "containerd_socket", "archives", "volumes"):
        assert str(getattr(paths, name)).startswith(f"{state}/")
    assert paths.log_of("etcd") == Path(state) / "logs/etcd.log"
    # A socket's path ends at 107 bytes.
    assert len(str(paths.containerd_socket)) < 107


@pytest.mark.parametrize("state", ["/", "/var", "/a b/c", "/a/b;c", "/a/käse", "/" + "a" * 40 + "/" + "b" * 40])
def test_dangerous_folders(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """The lab empties its folder and puts it into mount tables."""
    monkeypatch.setenv("KYMA_LAB_STATE", state)
    with pytest.raises(LabError, match="KYMA_LAB_STATE"):
        settings.paths_from_environment()


def test_default_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset and empty are the same."""
    for name in ("KYMA_LAB_STATE", "KYMA_LAB_CACHE"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert settings.paths_from_environment().cache == Path("/xdg/kyma-registry-lab")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/somebody")
    assert settings.paths_from_environment().cache == Path("/somebody/.cache/kyma-registry-lab")


def test_networks_do_not_overlap() -> None:
    """Node, Pods and Services in the benchmarking range, apart from each other; ports are single."""
    pods, services = ipaddress.ip_network(settings.POD_NETWORK), ipaddress.ip_network(settings.SERVICE_NETWORK)
    node = ipaddress.ip_address(settings.NODE_IP)
    assert not pods.overlaps(services) and node not in pods and node not in services
    assert ipaddress.ip_address(settings.KUBERNETES_SERVICE_IP) == services[1]
    benchmark = ipaddress.ip_network("198.18.0.0/15")
    assert pods.subnet_of(benchmark) and services.subnet_of(benchmark) and node in benchmark
    ports = [value for name, value in vars(settings).items() if name.endswith("_PORT")]
    assert len(set(ports)) == len(ports) >= 9


@pytest.mark.parametrize("product", [*products.PRODUCTS, products.KUBECTL], ids=lambda product: product.name)
def test_products(product: products.Product) -> None:
    """Every go.mod says version and Go; the version is stamped into the program."""
    assert (product.folder / "go.mod").exists() and product.commands
    assert product.go_version >= (1, 21)
    assert product.version == "v0" if not product.module else product.version.startswith("v")
    flags = product.ldflags.split()
    assert flags[:2] == ["-s", "-w"]
    for variable in product.version_variables:
        assert f"{variable}={product.version}" in flags


def test_kubernetes_stamps() -> None:
    """Major and minor as the API server reports them."""
    major, minor = products.KUBERNETES.version.removeprefix("v").split(".")[:2]
    assert f"k8s.io/component-base/version.gitMajor={major}" in products.KUBERNETES.ldflags
    assert f"k8s.io/client-go/pkg/version.gitMinor={minor}" in products.KUBERNETES.ldflags
    assert products.KUBECTL.version == products.KUBERNETES.version


GO_MOD = """\
module lab/x

go 1.24.3

require example.com/one v1.2.3

require (
\texample.com/one/more v9.9.9
\texample.com/two v0.0.1 // indirect
)

replace (
\texample.com/three => example.com/four v4.0.0
)
"""


@pytest.mark.parametrize(
    ("module", "version"),
    [("example.com/one", "v1.2.3"), ("example.com/two", "v0.0.1"), ("example.com/one/more", "v9.9.9")],
)
def test_versions_in_go_mod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, version: str) -> None:
    """On its own line or in a block; a longer path is another module."""
    monkeypatch.setattr(products, "GO_SOURCE", tmp_path)
    (tmp_path / "x").mkdir()
    (tmp_path / "x/go.mod").write_text(GO_MOD)
    product = products.Product("x", {}, module, ("a.b",), {"a.major": 0, "a.minor": 1})
    assert product.version == version and product.go_version == (1, 24)
    numbers = version.removeprefix("v").split(".")
    expected = f"-s -w -X a.b={version} -X a.major={numbers[0]} -X a.minor={numbers[1]}"
    assert product.ldflags == expected


@pytest.mark.parametrize("module", ["example.com/four", "example.com/on", "example_com/one", "one"])
def test_modules_that_are_not_required(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """A replacement or a similar name is none."""
    monkeypatch.setattr(products, "GO_SOURCE", tmp_path)
    (tmp_path / "x").mkdir()
    (tmp_path / "x/go.mod").write_text(GO_MOD)
    with pytest.raises(LabError, match="does not require"):
        _ = products.Product("x", {}, module).version
    (tmp_path / "x/go.mod").write_text("module x\n")
    with pytest.raises(LabError, match="no go line"):
        _ = products.Product("x", {}).go_version
