"""What the machine must have: says what is missing, installs what it can, names the alternative."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from kymalab.build import GoToolchain
from kymalab.products import CLOUD_PRODUCTS, OPERATOR_PRODUCTS, PRODUCTS
from kymalab.settings import COMMAND_PATH, LabError, say

ALTERNATIVE = "The alternative to the lab is any cluster of your own: set KUBECONFIG to its kubeconfig."

# Debian package -> files of which one must exist.
PACKAGES: dict[str, tuple[str, ...]] = {
    "busybox-static": ("/bin/busybox",),
    "ca-certificates": ("/etc/ssl/certs/ca-certificates.crt",),
    "conntrack": ("/usr/sbin/conntrack",),
    "containerd": ("/usr/bin/containerd", "/usr/local/bin/containerd"),
    "containernetworking-plugins": ("/usr/lib/cni/bridge", "/opt/cni/bin/bridge"),
    "ethtool": ("/usr/sbin/ethtool", "/sbin/ethtool"),
    "iproute2": ("/usr/sbin/ip", "/sbin/ip", "/bin/ip"),
    "iptables": ("/usr/sbin/iptables", "/sbin/iptables"),
    "mount": ("/usr/bin/mount", "/bin/mount"),
    "openssl": ("/usr/bin/openssl",),
    "runc": ("/usr/sbin/runc", "/usr/bin/runc", "/usr/local/sbin/runc", "/usr/local/bin/runc"),
    "skopeo": ("/usr/bin/skopeo", "/usr/local/bin/skopeo"),
    "socat": ("/usr/bin/socat",),
}

# Where dpkg keeps what it has not finished.
_DPKG_JOURNAL = Path("/var/lib/dpkg/updates")
DPKG_SECONDS = 300

# The clouds need these as well.
CLOUD_PACKAGES: dict[str, tuple[str, ...]] = {"nginx": ("/usr/sbin/nginx",)}


def require_root() -> None:
    """Fail on a machine on which the lab cannot work."""
    if platform.system() != "Linux":
        raise LabError(f"The lab needs Linux; this is {platform.system()}. {ALTERNATIVE}")
    if os.geteuid() != 0:
        raise LabError(f"The lab needs root: it sets up a node with containers and iptables. {ALTERNATIVE}")


def missing_packages(packages: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the Debian packages of which nothing is found."""
    return [name for name, files in packages.items() if not any(Path(file).exists() for file in files)]


def install_commands(missing: list[str], *, interrupted: bool) -> list[list[str]]:
    """Return the commands that install packages, also where an installation was killed or another one is at work."""
    repair = [["dpkg", "--configure", "-a"]] if interrupted else []
    wait = ["-o", f"DPkg::Lock::Timeout={DPKG_SECONDS}"]
    return [
        *repair,
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", *wait, "--no-install-recommends", *missing],
    ]


def install_packages(packages: dict[str, tuple[str, ...]] = PACKAGES) -> None:
    """Install missing Debian packages, or say which they are."""
    missing = missing_packages(packages)
    if not missing:
        return
    names = " ".join(missing)
    if not shutil.which("apt-get"):
        raise LabError(f"Missing programs, named as Debian's packages: {names}. Install them. {ALTERNATIVE}")
    say(f"Installing Debian packages: {names}")
    # In run level 1 Debian installs a service without starting it: the lab starts its own.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in install_commands(missing, interrupted=any(_DPKG_JOURNAL.glob("[0-9]*"))):
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LabError(f"`{' '.join(command)}` failed:\n{done.stderr.strip()[-2000:]}\n{ALTERNATIVE}")
    still_missing = missing_packages(packages)
    if still_missing:
        raise LabError(f"After installing them these are still not found: {' '.join(still_missing)}. {ALTERNATIVE}")


def can_download() -> bool:
    """Whether Go can verify the server that it downloads modules from."""
    return not missing_packages({name: files for name, files in PACKAGES.items() if name == "ca-certificates"})


def go_toolchain() -> GoToolchain:
    """Return the machine's Go; an old one may fetch the toolchain that go.mod asks for by itself."""
    needed = max(product.go_version for product in (*PRODUCTS, *CLOUD_PRODUCTS, *OPERATOR_PRODUCTS))
    needed_text = ".".join(map(str, needed))
    advice = f"Install Go >= {needed_text} with your package manager or from the Go project. {ALTERNATIVE}"
    command = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if not command:
        raise LabError(f"Go is missing: the lab builds Kubernetes from its Go modules. {advice}")
    text = subprocess.run([command, "env", "GOVERSION"], cwd="/", capture_output=True, text=True, check=False).stdout
    match = re.match(r"go(\d+)\.(\d+)", text)
    if not match or (int(match.group(1)), int(match.group(2))) < (1, 21):
        raise LabError(f"{command} is {text.strip() or 'of an unknown version'}: too old. {advice}")
    new_enough = (int(match.group(1)), int(match.group(2))) >= needed
    environment = {
        **os.environ,
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly -buildvcs=false",
        "GOTOOLCHAIN": "local" if new_enough else f"go{needed_text}.0+auto",
        "GOWORK": "off",
    }
    return GoToolchain(command, environment)


def npm() -> str:
    """Return the machine's npm, with a Node.js that the Azure store runs on."""
    advice = (
        "The clouds need Node.js >= 20 and npm for their Azure Blob Storage (Azurite): install them with your package"
        " manager or from the Node.js project. The lab itself works without."
    )
    node, command = shutil.which("node"), shutil.which("npm")
    if not node or not command:
        raise LabError(f"{'npm' if node else 'Node.js'} is missing. {advice}")
    text = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    match = re.match(r"v(\d+)\.", text)
    if not match or int(match.group(1)) < 20:
        raise LabError(f"{node} is {text or 'of an unknown version'}: too old. {advice}")
    return command


def find_file(package: str) -> str:
    """Return the path of the file by which a package was found."""
    return next(file for file in PACKAGES[package] if Path(file).exists())


def find_command(name: str) -> str:
    """Return the path of a program of the machine."""
    found = shutil.which(name, path=COMMAND_PATH)
    if not found:
        raise LabError(f"{name} is not found in {COMMAND_PATH}. {ALTERNATIVE}")
    return found


def kubectl_on_path() -> str | None:
    """Return the machine's own kubectl, if there is one."""
    return shutil.which("kubectl")
