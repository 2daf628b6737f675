"""The clouds' processes: how each is started and how one sees that it works."""

from __future__ import annotations

import sys
from pathlib import Path

from kymalab.clouds import certificates, credentials, front, google_server, names, stores
from kymalab.clouds.front import Certificate
from kymalab.clouds.https import answers
from kymalab.components import Component, http_ok, http_status
from kymalab.preconditions import find_command
from kymalab.settings import SOURCE, Paths


def services(paths: Paths, binaries: dict[str, Path]) -> dict[str, Component]:
    """Return the table of processes in the order in which they start."""
    gcs = f"https://{names.GCS_HOST}"
    table = (
        _versitygw(paths, binaries, "cloud-s3", names.S3_PORT, names.S3_HOST),
        # It knows one domain only: the same store again for the other spelling of the name.
        _versitygw(paths, binaries, "cloud-s3-dashed", names.S3_DASHED_PORT, names.S3_DASHED_HOST),
        _azurite(paths, binaries),
        Component(
            "cloud-gcs",
            [str(binaries["fake-gcs-server"]), "-scheme", "http", "-host", "127.0.0.1", "-port", str(names.GCS_PORT),
             "-public-host", names.GCS_HOST, "-external-url", gcs, "-filesystem-root", str(stores.gcs_folder(paths))],
            lambda: http_ok("127.0.0.1", names.GCS_PORT, "/_internal/healthcheck"),
        ),
        Component(
            "cloud-google",
            [sys.executable, "-B", "-m", google_server.__name__, f"{paths.clouds}/google.json"],
            lambda: http_ok("127.0.0.1", names.GOOGLE_PORT, google_server.HEALTH_PATH),
            {"PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"},
        ),
        Component(
            "cloud-front",
            [find_command("nginx"), "-c", f"{paths.clouds}/nginx.conf", "-e", "stderr"],
            lambda: answers(names.S3_HOST, front.HEALTH_PATH, certificates.authority(paths, "public")),
        ),
    )  # fmt: skip
    return {service.name: service for service in table}


def write_front_config(paths: Paths) -> None:
    """Write nginx's configuration."""
    known = {name: Certificate(*certificates.certificate(paths, name)) for name in certificates.AUTHORITIES}
    (paths.clouds / "nginx.conf").write_text(front.config(paths.clouds / "nginx", known), encoding="utf-8")


def _versitygw(paths: Paths, binaries: dict[str, Path], name: str, port: int, domain: str) -> Component:
    root = credentials.known(paths)["s3_root"]
    folder = stores.s3_folder(paths)
    return Component(
        name,
        [str(binaries["versitygw"]), f"--port=127.0.0.1:{port}", f"--region={names.S3_REGION}", "--quiet",
         f"--virtual-domain={domain}", f"--health={front.HEALTH_PATH}", f"--iam-dir={folder}/iam",
         "--iam-cache-disable",
         "posix", f"--sidecar={folder}/metadata", f"{folder}/buckets"],
        lambda: http_ok("127.0.0.1", port, front.HEALTH_PATH),
        {"ROOT_ACCESS_KEY": root["access_key"], "ROOT_SECRET_KEY": root["secret_key"]},
    )  # fmt: skip


def _azurite(paths: Paths, binaries: dict[str, Path]) -> Component:
    """Azurite speaks HTTPS itself: the driver's signed addresses say that they hold for HTTPS only."""
    chain, key = certificates.certificate(paths, "public")
    accounts = ";".join(f"{name}:{key}" for name, key in credentials.known(paths)["azure"].items())
    return Component(
        "cloud-azure",
        [str(binaries["node"]), str(binaries["azurite"]), "--blobHost", "127.0.0.1",
         "--blobPort", str(names.AZURE_PORT), "--location", str(stores.azure_folder(paths)),
         "--cert", str(chain), "--key", str(key), "--silent", "--disableTelemetry", "--skipApiVersionCheck"],
        lambda: http_status("127.0.0.1", names.AZURE_PORT, "/", tls=True) > 0,
        {"AZURITE_ACCOUNTS": accounts},
    )  # fmt: skip
