"""Makes the clouds' names known: to Pods through the cluster's DNS, to a command through a hosts file."""

from __future__ import annotations

import re

from kymalab.clouds import names


def dns_templates(address: str) -> str:
    """Return what answers the clouds' names in CoreDNS's block for everything outside the cluster."""
    virtual = "|".join(re.escape(name) for name in names.VIRTUAL_HOSTS)
    exact = "|".join(re.escape(name) for name in names.EXACT_HOSTS)
    match = f'match "(?i)^(([a-z0-9.-]+[.])?({virtual})|{exact})[.]$"'
    # The second answers other types of record: the name is there, such a record is not.
    return f"""\
    template IN A . {{
        {match}
        answer "{{{{ .Name }}}} 5 IN A {address}"
        fallthrough
    }}
    template IN ANY . {{
        {match}
        rcode NOERROR
        fallthrough
    }}
"""


def host_names() -> list[str]:
    """Return every name that a client may ask for; a hosts file knows no wildcards."""
    virtual = [
        f"{prefix}{host}" for host in names.VIRTUAL_HOSTS for prefix in ("", *(f"{name}." for name in names.S3_BUCKETS))
    ]
    return [*virtual, *names.EXACT_HOSTS]


def hosts_file(existing: str, address: str) -> str:
    """Return a hosts file with the clouds' names before what the machine's own has."""
    lines = [f"{address} {name}" for name in host_names()]
    return "\n".join([*lines, existing.rstrip("\n"), ""])
