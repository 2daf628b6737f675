# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files into which the `kubernetes` package writes certificates and private keys of a kubeconfig.

It removes them at the end of the process. A worker of Ansible ends without that before Python 3.13, or is killed. So they are removed as soon as
the connection has loaded them.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import Any

try:
    from kubernetes.config import kube_config as library
except ImportError:
    library = None

# The library's files are those of the whole process.
_LOCK = threading.RLock()
_ATTRIBUTES = ("ssl_ca_cert", "cert_file", "key_file")


class KeyFiles:
    """The files of one connection, in a folder of their own."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def in_use(self) -> bool:
        """Whether there are files."""
        return self._folder is not None

    @contextlib.contextmanager
    def taken_over(self, configuration: Any) -> Iterator[None]:
        """What the library writes in this context, and what the configuration names of it, is in the folder afterwards.

        The library gives the same file to all who have the same content, so it is copied.
        """
        with _new_files_removed():
            yield
            for attribute in _ATTRIBUTES:
                path = getattr(configuration, attribute, None)
                if path and path in library._temp_files.values():
                    setattr(configuration, attribute, self._copy(path))
        hook = getattr(configuration, "refresh_api_key_hook", None)
        if hook is not None:
            configuration.refresh_api_key_hook = functools.partial(_refresh, hook)

    def _copy(self, path: str) -> str:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="kyma-registry-")
        # A folder that only this user may read, and names that no other call has.
        handle, name = tempfile.mkstemp(dir=self._folder.name)
        os.close(handle)
        shutil.copyfile(path, name)
        return name

    def close(self) -> None:
        """Removes the files."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


@contextlib.contextmanager
def _new_files_removed() -> Iterator[None]:
    """What the library writes in this context is not there afterwards."""
    with _LOCK:
        before = set(library._temp_files.values())
        try:
            yield
        finally:
            for content, path in list(library._temp_files.items()):
                if path not in before:
                    del library._temp_files[content]
                    with contextlib.suppress(OSError):
                        os.remove(path)


def _refresh(hook: Callable[[Any], None], configuration: Any) -> None:
    """The library's hook before each request with a token. It also names its own files again, so it gets a copy: the tokens are shared."""
    with _new_files_removed():
        hook(copy.copy(configuration))
