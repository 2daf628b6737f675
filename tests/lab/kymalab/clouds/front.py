"""nginx before the stores: TLS, and which name belongs to which store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kymalab.clouds import names

# Not a bucket's name, so it can hide none.
HEALTH_PATH = "/_lab_health"


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key."""

    chain: Path
    key: Path


def config(folder: Path, certificates: dict[str, Certificate], address: str = names.ADDRESS) -> str:
    """Return the configuration; nginx keeps its temporary files in the folder."""
    s3 = f"http://127.0.0.1:{names.S3_PORT}"
    dashed = f"http://127.0.0.1:{names.S3_DASHED_PORT}"
    public = certificates["public"]
    servers = (
        _server(address, _with_buckets(names.S3_HOST), public, _pass(s3)),
        _server(address, _with_buckets(names.S3_DASHED_HOST), public, _pass(dashed)),
        _server(address, names.AZURE_HOSTS, public, _pass(f"https://127.0.0.1:{names.AZURE_PORT}")),
        _server(address, names.GCS_HOSTS, public, _GCS),
        _server(address, (names.GCS_TOKEN_HOST,), public, _TOKEN),
        _server(address, (names.PRIVATE_HOST,), certificates["private"], _pass(s3)),
        _server(address, (names.UNTRUSTED_HOST,), certificates["untrusted"], _pass(s3)),
    )
    temporary = "\n".join(
        f"    {kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""\
daemon off;
# One process: nothing is left when it is killed.
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{
    worker_connections 1024;
}}
http {{
    access_log {folder}/access.log;
{temporary}
    # Host and path are signed: they are passed on as they came.
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Connection "";
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_read_timeout 300s;
    client_max_body_size 0;
    merge_slashes off;
    server {{
        listen {address}:{names.HTTPS_PORT} ssl default_server;
        ssl_reject_handshake on;
    }}
    server {{
        listen {address}:{names.HTTP_PORT} default_server;
{_pass(s3)}\
    }}
{"".join(servers)}\
}}
"""


def _with_buckets(host: str) -> tuple[str, ...]:
    return host, f"*.{host}"


def _server(address: str, hosts: tuple[str, ...], certificate: Certificate, locations: str) -> str:
    return f"""\
    server {{
        listen {address}:{names.HTTPS_PORT} ssl;
        server_name {" ".join(hosts)};
        ssl_certificate {certificate.chain};
        ssl_certificate_key {certificate.key};
{locations}\
    }}
"""


def _pass(target: str) -> str:
    return f"""\
        location / {{
            proxy_pass {target};
        }}
"""


# A block that has proxy_set_header itself inherits none.
_QUESTION = f"""\
            proxy_pass http://127.0.0.1:{names.GOOGLE_PORT};
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header Connection "";
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header X-Original-URI $request_uri;
"""
_GCS = f"""\
        location / {{
            auth_request /_lab_permission;
            error_page 403 = @refused;
            proxy_pass http://127.0.0.1:{names.GCS_PORT};
        }}
        location = /_lab_permission {{
            internal;
{_QUESTION}\
            proxy_set_header X-Lab-Ask permission;
        }}
        location @refused {{
{_QUESTION}\
            proxy_set_header X-Lab-Ask answer;
        }}
"""
_TOKEN = f"""\
        location / {{
            return 404;
        }}
        location = /token {{
            proxy_pass http://127.0.0.1:{names.GOOGLE_PORT};
            proxy_set_header Connection "";
            proxy_set_header X-Lab-Ask token;
        }}
"""
