"""Certificates and keys of the clouds: three CAs, and the service accounts' RSA keys."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from kymalab import pki
from kymalab.clouds import names
from kymalab.preconditions import find_file
from kymalab.settings import LabError, Paths

# CA -> names of its one certificate.
#   public     in the CA bundle of the registry's image, beside the real CAs
#   private    given to those who ask for it (`registry_ca_bundle`)
#   untrusted  no client gets it
AUTHORITIES: dict[str, tuple[str, ...]] = {
    "public": (
        *(name for host in names.VIRTUAL_HOSTS for name in (host, f"*.{host}")),
        *names.AZURE_HOSTS,
        *names.GCS_HOSTS,
        names.GCS_TOKEN_HOST,
    ),
    "private": (names.PRIVATE_HOST,),
    "untrusted": (names.UNTRUSTED_HOST,),
}
SERVICE_ACCOUNTS = (names.GCS_ACCOUNT, names.GCS_FORBIDDEN_ACCOUNT)


def authority(paths: Paths, name: str) -> Path:
    """Return the path of a CA's certificate."""
    return paths.cloud_keys / f"ca-{name}.crt"


def certificate(paths: Paths, name: str) -> tuple[Path, Path]:
    """Return the paths of the certificate that a CA has signed, and of its key."""
    return paths.cloud_keys / f"{name}.crt", paths.cloud_keys / f"{name}.key"


def service_account_key(paths: Paths, account: str) -> Path:
    """Return the path of a service account's RSA key."""
    return paths.cloud_keys / f"{account.partition('@')[0]}.rsa"


def bundle(paths: Paths) -> Path:
    """Return the path of the CA bundle that the registry's image carries: the real CAs and the public one."""
    return paths.cloud_keys / "ca-certificates.crt"


def prepare(paths: Paths) -> None:
    """Make what is missing. If other names are needed, everything is created again."""
    folder = paths.cloud_keys
    done = folder / "complete"
    recipe = f"{AUTHORITIES} {SERVICE_ACCOUNTS}"
    if not done.exists() or done.read_text(encoding="utf-8") != recipe:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        for name, hosts in AUTHORITIES.items():
            _make_certificate(folder, name, hosts)
        for account in SERVICE_ACCOUNTS:
            pki.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048",
                        "-out", str(service_account_key(paths, account)))  # fmt: skip
        done.write_text(recipe, encoding="utf-8")
    real = Path(find_file("ca-certificates")).read_text(encoding="utf-8")
    wanted = real + authority(paths, "public").read_text(encoding="utf-8")
    if not bundle(paths).exists() or bundle(paths).read_text(encoding="utf-8") != wanted:
        bundle(paths).write_text(wanted, encoding="utf-8")


def modulus(key: Path) -> str:
    """Return the modulus of an RSA key as hexadecimal digits; its exponent is 65537."""
    done = subprocess.run(
        ["openssl", "rsa", "-in", str(key), "-noout", "-modulus"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    match = re.fullmatch(r"Modulus=([0-9A-F]+)\s*", done.stdout)
    if done.returncode or not match:
        raise LabError(f"`openssl rsa -in {key} -modulus` failed: {done.stderr.strip()}")
    return match.group(1)


def _make_certificate(folder: Path, name: str, hosts: tuple[str, ...]) -> None:
    """Make a CA and the one certificate that it signs."""
    pki.openssl(
        "req", "-x509", *pki.NEW_KEY, "-subj", f"/CN=kyma-registry-lab-clouds-{name}",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
        "-keyout", f"{folder}/ca-{name}.key", "-out", f"{folder}/ca-{name}.crt",
    )  # fmt: skip
    pki.openssl(
        "req", "-x509", *pki.NEW_KEY, "-subj", f"/CN={hosts[0]}",
        "-CA", f"{folder}/ca-{name}.crt", "-CAkey", f"{folder}/ca-{name}.key",
        "-addext", "extendedKeyUsage=serverAuth", "-addext", "basicConstraints=critical,CA:FALSE",
        "-addext", f"subjectAltName={','.join(f'DNS:{host}' for host in hosts)}",
        "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.crt",
    )  # fmt: skip
