"""iptables rules of the lab: two that let Pods through, and the removal of everything that a node leaves."""

from __future__ import annotations

import re
import shutil
import subprocess

from kymalab.settings import COMMAND_PATH, POD_BRIDGE, POD_NETWORK_NAME, LabError

_COMMENT = "kyma-registry-lab"
_OWN_MARKS = (f"--comment {_COMMENT} ", f'--comment "name: \\"{POD_NETWORK_NAME}\\" ')
_TARGET = re.compile(r" -[jg] (\S+)")


def allow_pods() -> None:
    """Let Pods' traffic pass also where the machine drops what it forwards."""
    for direction in ("-i", "-o"):
        command = ["iptables", "-w", "-I", "FORWARD", direction, POD_BRIDGE, "-m", "comment", "--comment", _COMMENT]
        subprocess.run([*command, "-j", "ACCEPT"], check=True, stdin=subprocess.DEVNULL)


def clean() -> None:
    """Remove what kube-proxy, the CNI plugin and the lab wrote, in every flavour that the machine has."""
    for family in ("iptables", "ip6tables"):
        flavours = [f"{family}-{kind}" for kind in ("nft", "legacy") if _path(f"{family}-{kind}-save")] or [family]
        for flavour in flavours:
            _clean_flavour(flavour)


def _path(command: str) -> str | None:
    return shutil.which(command, path=COMMAND_PATH)


def _clean_flavour(flavour: str) -> None:
    """Remove the lab's rules from one kind of tables, each table at once."""
    save, restore = _path(f"{flavour}-save"), _path(f"{flavour}-restore")
    if not save or not restore:
        return
    saved = subprocess.run([save], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL).stdout
    removal = removal_script(saved)
    if not removal:
        return
    done = subprocess.run([restore, "-w", "--noflush"], input=removal, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{flavour} rules of the lab could not be removed:\n{done.stderr.strip()}")


def removal_script(saved: str) -> str:
    """Return the input for iptables-restore that takes the lab's chains and rules out of saved tables."""
    script: list[str] = []
    for table in re.findall(r"^\*(\w+)\n(.*?)^COMMIT$", saved, re.MULTILINE | re.DOTALL):
        name, lines = table[0], table[1].splitlines()
        rules = [line for line in lines if line.startswith("-A ")]
        own_chains = {line[1:].split()[0] for line in lines if line.startswith(":KUBE-")}
        for rule in rules:
            target = _TARGET.search(rule)
            if any(mark in rule for mark in _OWN_MARKS) and target and target.group(1).startswith("CNI-"):
                own_chains.add(target.group(1))
        commands = [
            f"-D{rule[2:]}"
            for rule in rules
            if rule.split()[1] not in own_chains
            and (
                any(mark in rule for mark in _OWN_MARKS)
                or ((target := _TARGET.search(rule)) and target.group(1) in own_chains)
            )
        ]
        commands += [f"-F {chain}" for chain in sorted(own_chains)]
        commands += [f"-X {chain}" for chain in sorted(own_chains)]
        if commands:
            script += [f"*{name}", *commands, "COMMIT"]
    return "\n".join([*script, ""]) if script else ""
