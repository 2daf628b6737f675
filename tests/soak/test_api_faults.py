# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every operation of the role, again and again, with an API server that fails: more than 500 faults.

KYMA_SOAK_FAULTS: how many (500). KYMA_SOAK_SEED: of the choices; the printed one repeats them as far as the order of the requests does.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

from ansible_collections.kyma.docker_registry.tests.api.kill_cases import OPERATIONS
from ansible_collections.kyma.docker_registry.tests.api.killed_operation import KilledOperation
from ansible_collections.kyma.docker_registry.tests.support import fault_proxy

# Long enough for several watches.
START_SECONDS = 3.0
FAULTS = int(os.environ.get("KYMA_SOAK_FAULTS", "500"))
SEED = int(os.environ.get("KYMA_SOAK_SEED") or random.SystemRandom().randrange(10**6))
LIMITS = {"connect_timeout": 1, "request_timeout": 1}
# Seconds of repetition and the part of the requests that is disturbed: a run that has patience, and one that gives up soon.
PATIENT, IMPATIENT = (30, 0.3), (0, 0.05)


def test_api_faults(nodeless_server: Path) -> None:
    """Nothing is lost, no internal error, and each run ends right or with a finding; one that repeats its requests ends right."""
    print(f"\nseed {SEED}")
    injected: Counter[str] = Counter()
    runs: Counter[str] = Counter()
    began, turn = time.monotonic(), 0
    while injected.total() < FAULTS:
        for name, operation in OPERATIONS.items():
            turn += 1
            for kind, (seconds, rate) in {"patient": PATIENT, "impatient": IMPATIENT}.items():
                faults = fault_proxy.Faults(rate, SEED + turn)
                with (
                    KilledOperation(nodeless_server, operation, START_SECONDS) as disturbed,
                    fault_proxy.proxy(nodeless_server) as proxy,
                ):
                    try:
                        failures = disturbed.disturb(proxy, faults, retry_timeout=seconds, **LIMITS)
                    except Exception as problem:
                        problem.add_note(f"{name}, {kind}, turn {turn}: {dict(faults.injected)}")
                        raise
                injected += faults.injected
                runs[f"{kind}: {'ended with findings' if failures else 'succeeded'}"] += 1
                passed = time.monotonic() - began
                print(
                    f"{passed:5.0f} s  {name}, {kind}: {faults.count} faults, {failures or 'succeeded'}",
                    flush=True,
                )
    print(f"{injected.total()} faults: {dict(injected.most_common())}\nruns: {dict(runs)}")
    assert set(fault_proxy.REQUEST_FAULTS) <= set(injected) and any(text.startswith("watch") for text in injected)
    assert runs["patient: ended with findings"] == 0 < runs["impatient: ended with findings"]
