"""Certificates, tokens and kubeconfigs: made once per state folder, real TLS with its own CA."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
from pathlib import Path

from kymalab.settings import (
    CLUSTER_DOMAIN,
    KUBERNETES_SERVICE_IP,
    NODE_IP,
    NODE_NAME,
    SERVER,
    LabError,
    Paths,
)

ADMIN = "admin"
# User -> name in Kubernetes and groups. `nobody` may do nothing beyond what every authenticated user may.
USERS: dict[str, tuple[str, str]] = {
    ADMIN: ("admin", "system:masters"),
    "nobody": ("nobody", ""),
    "controller-manager": ("system:kube-controller-manager", ""),
    "scheduler": ("system:kube-scheduler", ""),
    "kubelet": (f"system:node:{NODE_NAME}", "system:nodes"),
    "proxy": ("system:kube-proxy", ""),
    "coredns": ("system:coredns", ""),
    "local-path-provisioner": ("system:local-path-provisioner", ""),
}

NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650")

_SERVER_NAMES = (
    f"subjectAltName=IP:{NODE_IP},IP:127.0.0.1,IP:{KUBERNETES_SERVICE_IP},DNS:localhost,DNS:kubernetes,"
    f"DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.{CLUSTER_DOMAIN}"
)


def prepare(paths: Paths) -> None:
    """Make what is missing."""
    done = paths.pki / "complete"
    if not done.exists():
        paths.pki.mkdir(parents=True, exist_ok=True)
        paths.pki.chmod(0o700)
        _make_certificates(paths.pki)
        (paths.pki / "tokens.json").write_text(json.dumps({user: secrets.token_hex(24) for user in USERS}))
        done.touch()
    _write_users(paths)


def tokens(paths: Paths) -> dict[str, str]:
    """Return every user's token."""
    loaded: dict[str, str] = json.loads((paths.pki / "tokens.json").read_text())
    return loaded


def kubeconfig_of(paths: Paths, user: str) -> Path:
    """Return the path of a user's kubeconfig."""
    return paths.kubeconfigs / f"{user}.yaml"


def openssl(*arguments: str) -> None:
    """Run openssl; its keys are readable only for this user."""
    done = subprocess.run(
        ["openssl", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LabError(f"`openssl {arguments[0]}` failed:\n{done.stderr.strip()}")


def _make_certificates(folder: Path) -> None:
    """Make the CA, the API server's certificate, its client certificate for the kubelet, and the token key."""
    openssl(
        "req", "-x509", *NEW_KEY, "-subj", "/CN=kyma-registry-lab-ca",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
        "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.crt",
    )  # fmt: skip
    leaves = (
        ("apiserver", "/CN=kube-apiserver", _SERVER_NAMES, "serverAuth"),
        ("kubelet-client", "/O=system:masters/CN=kube-apiserver-kubelet-client", "", "clientAuth"),
    )
    for name, subject, names, usage in leaves:
        extensions = [f"extendedKeyUsage={usage}", "basicConstraints=critical,CA:FALSE", *filter(None, [names])]
        openssl(
            "req", "-x509", *NEW_KEY, "-subj", subject,
            "-CA", f"{folder}/ca.crt", "-CAkey", f"{folder}/ca.key",
            *(word for extension in extensions for word in ("-addext", extension)),
            "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.crt",
        )  # fmt: skip
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{folder}/service-account.key")


def _write_users(paths: Paths) -> None:
    """Write the token file and a kubeconfig for every user."""
    paths.kubeconfigs.mkdir(parents=True, exist_ok=True)
    paths.kubeconfigs.chmod(0o700)
    authority = base64.b64encode((paths.pki / "ca.crt").read_bytes()).decode()
    known = tokens(paths)
    lines = []
    for user, (name, group) in USERS.items():
        lines.append(f'{known[user]},{name},{name},"{group}"')
        target = kubeconfig_of(paths, user)
        target.touch(mode=0o600)
        target.write_text(_KUBECONFIG.format(server=SERVER, authority=authority, user=user, token=known[user]))
    token_file = paths.pki / "tokens.csv"
    token_file.touch(mode=0o600)
    token_file.write_text("\n".join(lines) + "\n")


_KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters:
  - name: lab
    cluster:
      server: {server}
      certificate-authority-data: {authority}
users:
  - name: {user}
    user:
      token: {token}
contexts:
  - name: lab
    context:
      cluster: lab
      user: {user}
current-context: lab
"""
