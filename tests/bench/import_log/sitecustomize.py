# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python runs this file at its start if the folder is in PYTHONPATH: writes a line for each import that has to search for a module.

A process that is forked, and a module that Ansible runs in another Python, write to the same file. `importlib.import_module` is not seen.
"""

import os
import sys


def _log_imports(path: str) -> None:
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(event: str, arguments: tuple[object, ...]) -> None:
        # With a file name it is the second event of an extension module.
        if event == "import" and arguments[1] is None:
            os.write(log, f"{os.getpid()} {arguments[0]}\n".encode())

    sys.addaudithook(write)


if "KYMA_IMPORT_LOG" in os.environ:
    _log_imports(os.environ["KYMA_IMPORT_LOG"])
