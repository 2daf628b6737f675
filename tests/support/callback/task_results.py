# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Callback that writes each task's result as a line of JSON for the tests."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: task_results
type: aggregate
short_description: Writes task results for the tests
description: One line of JSON a task, to the file named by KYMA_TASK_RESULTS.
requirements: []
"""


class CallbackModule(CallbackBase):
    """One line a finished task."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_results"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, result: Any, failed: bool) -> None:
        path = os.environ.get("KYMA_TASK_RESULTS")
        if not path:
            return
        task = getattr(result, "task", None) or result._task
        values = getattr(result, "result", None) or result._result
        host = (getattr(result, "host", None) or result._host).get_name()
        line = json.dumps(
            {"host": host, "task": task.get_name(), "action": task.action, "failed": failed, "result": values},
            default=str,
        )
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task that went well."""
        self._write(result, failed=False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task that failed."""
        self._write(result, failed=True)
