"""The node's images, written as docker-archive files without any image tool."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kymalab.build import GoToolchain
from kymalab.clouds import certificates
from kymalab.preconditions import find_command, find_file
from kymalab.products import REGISTRY
from kymalab.settings import LabError, Paths

PAUSE_IMAGE = "lab.local/pause:1"
BUSYBOX_IMAGE = "lab.local/busybox:1"
REGISTRY_IMAGE = "europe-docker.pkg.dev/kyma-project/prod/external/library/registry:3.1.1"
REGISTRY_INIT_IMAGE = "europe-docker.pkg.dev/kyma-project/prod/registry-init:v20240506-57d31b1d"
OPERATOR_IMAGE = "europe-docker.pkg.dev/kyma-project/prod/dockerregistry-operator:0.15.0"


@dataclass(frozen=True)
class Entry:
    """One entry of an image's only layer: a file, a folder, or a link."""

    path: str
    source: Path | None = None
    link: str = ""
    mode: int = 0o755


@dataclass(frozen=True)
class Image:
    """An image of one layer."""

    name: str
    entries: tuple[Entry, ...]
    config: dict[str, Any]


def archive_name(image: str) -> str:
    """Return the file name of an image's archive."""
    return image.rpartition("/")[2].replace(":", "-") + ".tar"


def write_archives(paths: Paths, binaries: dict[str, Path], go: GoToolchain) -> dict[str, Path]:
    """Write an archive of every image; return its path by image name."""
    return _write(paths, _images(paths, binaries, go), go)


def write_operator_archives(paths: Paths, pause: Path, htpasswd: Path, go: GoToolchain) -> dict[str, Path]:
    """Write what Kyma's operator needs on the node: its init container's image, and one that stands for itself."""
    applets = tuple(Entry(f"bin/{applet}", link="busybox") for applet in ("cat", "chown", "echo", "sh"))
    busybox = Path(find_file("busybox-static"))
    init = Image(
        REGISTRY_INIT_IMAGE,
        (Entry("bin"), Entry("bin/busybox", busybox), *applets, Entry("bin/htpasswd", htpasswd)),
        {"Cmd": ["sh"], "Env": ["PATH=/bin"]},
    )
    itself = Image(OPERATOR_IMAGE, (Entry("pause", pause),), {"Entrypoint": ["/pause"], "User": "65535:65535"})
    return _write(paths, (init, itself), go)


def import_archive(paths: Paths, name: str, archive: Path) -> None:
    """Give the node an image."""
    done = subprocess.run(
        [find_command("ctr"), f"--address={paths.containerd_socket}", "--namespace=k8s.io",
         "images", "import", str(archive)],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        raise LabError(f"Importing {name} failed: {done.stderr.strip()}")


def _write(paths: Paths, images: tuple[Image, ...], go: GoToolchain) -> dict[str, Path]:
    """Write archives; return their paths by image name."""
    folder = paths.archives
    folder.mkdir(parents=True, exist_ok=True)
    architecture = go.run("env", "GOARCH")
    archives = {}
    for image in images:
        path = folder / archive_name(image.name)
        temporary = path.with_suffix(".new")
        _write_archive(image, architecture, temporary)
        os.replace(temporary, path)
        archives[image.name] = path
    return archives


def _images(paths: Paths, binaries: dict[str, Path], go: GoToolchain) -> tuple[Image, ...]:
    """Return what the node knows without pulling."""
    registry_module = Path(go.run("list", "-m", "-f", "{{.Dir}}", REGISTRY.module, folder=REGISTRY.folder))
    busybox = Path(find_file("busybox-static"))
    applets = (
        "cat",
        "chmod",
        "chown",
        "cp",
        "dd",
        "df",
        "echo",
        "env",
        "grep",
        "id",
        "ls",
        "mkdir",
        "mount",
        "mv",
        "nc",
        "nslookup",
        "ps",
        "rm",
        "sh",
        "sha256sum",
        "sleep",
        "stat",
        "sync",
        "touch",
        "wget",
    )
    return (
        Image(
            PAUSE_IMAGE,
            (Entry("pause", binaries["pause"]),),
            {"Entrypoint": ["/pause"], "User": "65535:65535"},
        ),
        Image(
            BUSYBOX_IMAGE,
            (
                Entry("bin"),
                Entry("tmp", mode=0o1777),
                Entry("bin/busybox", busybox),
                *(Entry(f"bin/{applet}", link="busybox") for applet in applets),
            ),
            {"Cmd": ["sh"], "Env": ["PATH=/bin"]},
        ),
        # As the official image, without its shell and with no package manager; it trusts the clouds of the lab as well.
        Image(
            REGISTRY_IMAGE,
            (
                Entry("bin"),
                Entry("tmp", mode=0o1777),
                Entry("etc"),
                Entry("etc/distribution"),
                Entry("etc/ssl"),
                Entry("etc/ssl/certs"),
                Entry("var"),
                Entry("var/lib"),
                Entry("var/lib/registry"),
                Entry("bin/registry", binaries["registry"]),
                Entry("etc/distribution/config.yml", registry_module / "cmd/registry/config-dev.yml", mode=0o644),
                Entry("etc/ssl/certs/ca-certificates.crt", certificates.bundle(paths), mode=0o644),
            ),
            {
                "Entrypoint": ["registry"],
                "Cmd": ["serve", "/etc/distribution/config.yml"],
                "Env": [
                    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "OTEL_TRACES_EXPORTER=none",
                ],
                "ExposedPorts": {"5000/tcp": {}},
                "Volumes": {"/var/lib/registry": {}},
            },
        ),
    )


def _write_archive(image: Image, architecture: str, path: Path) -> None:
    """Write one image; equal input gives an equal file."""
    layer = _layer(image.entries)
    config = json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "config": image.config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
    ).encode()
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": [image.name], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(path, "w") as archive:
        for name, content in (("layer.tar", layer), (config_name, config), ("manifest.json", manifest)):
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))


def _layer(entries: tuple[Entry, ...]) -> bytes:
    """Return the tar file of a layer."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        for entry in entries:
            header = tarfile.TarInfo(entry.path)
            header.mode = entry.mode
            if entry.source:
                content = entry.source.read_bytes()
                header.size = len(content)
                layer.addfile(header, io.BytesIO(content))
                continue
            header.type, header.linkname = (tarfile.SYMTYPE, entry.link) if entry.link else (tarfile.DIRTYPE, "")
            layer.addfile(header)
    return buffer.getvalue()
