"""Ties watches, the queue and the rounds together."""

from __future__ import annotations

import json
import threading
import time
import traceback
from typing import Any

from kymaoperator import copies
from kymaoperator.chart import CREDENTIALS
from kymaoperator.client import ApiError, Client, Json
from kymaoperator.errors import OperatorError
from kymaoperator.logs import log
from kymaoperator.queue import Key, Queue
from kymaoperator.reconcile import Reconciler
from kymaoperator.scope import Scope
from kymaoperator.storage import secret_name
from kymaoperator.watching import watch


class Controller:
    """The whole operator."""

    def __init__(self, client: Client, scope: Scope, *, fast: bool = False) -> None:
        self._client = client
        self._scope = scope
        self._queue = Queue()
        self._reconciler = Reconciler(client, scope, fast=fast)
        self._seen: dict[Key, str] = {}
        self._secret_names: dict[Key, str] = {}
        self._copies_wanted = threading.Event()

    def run(self) -> None:
        """Work forever."""
        log(f"serving namespaces {' '.join(self._scope.patterns)}")
        watch(self._client, "DockerRegistry", self._on_registry)
        watch(self._client, "Secret", self._on_secret)
        watch(self._client, "Namespace", self._on_namespace)
        threading.Thread(target=self._keep_copies, name="copies", daemon=True).start()
        while True:
            self._work(self._queue.next())

    def _work(self, key: Key) -> None:
        """Do one round."""
        begin = time.monotonic()
        try:
            again = self._reconciler.reconcile(*key)
        except (OperatorError, ApiError) as error:
            log(f"{'/'.join(key)}: {error}; again in {self._queue.retry(key):.2f} s")
            return
        except Exception:
            log(f"{'/'.join(key)}: {traceback.format_exc()}; again in {self._queue.retry(key):.2f} s")
            return
        self._queue.forget(key)
        if again is not None:
            self._queue.add(key, again)
        log(f"{'/'.join(key)}: done in {time.monotonic() - begin:.2f} s" + (f", again in {again} s" if again else ""))

    def _on_registry(self, change: str, found: Json) -> None:
        """A change of anything but the status is worth a round; a deletion is worth one for all others."""
        key = _key(found)
        if not self._scope.has(key[0]):
            return
        self._secret_names[key] = secret_name((found.get("spec") or {}).get("storage"))
        if change == "DELETED":
            self._seen.pop(key, None)
            self._secret_names.pop(key, None)
            for other in self._seen:
                self._queue.add(other)
            return
        seen = _fingerprint(found)
        if change == "SYNC" or self._seen.get(key) != seen:
            self._seen[key] = seen
            self._queue.add(key)

    def _on_secret(self, _: str, found: Json) -> None:
        """Storage Secrets matter, and the credentials in the base namespace."""
        namespace, name = _key(found)
        for key, wanted in list(self._secret_names.items()):
            if wanted and (key[0], wanted) == (namespace, name):
                self._queue.add(key)
        if (namespace, name) == (self._scope.base, CREDENTIALS):
            self._copies_wanted.set()

    def _on_namespace(self, change: str, _: Json) -> None:
        if change == "ADDED":
            self._copies_wanted.set()

    def _keep_copies(self) -> None:
        while True:
            self._copies_wanted.wait(copies.INTERVAL)
            self._copies_wanted.clear()
            try:
                copies.renew(self._client, self._scope)
            except ApiError as error:
                log(f"copies of the credentials: {error}")
                time.sleep(1)
                self._copies_wanted.set()


def _key(found: Json) -> Key:
    return found["metadata"]["namespace"], found["metadata"]["name"]


def _fingerprint(found: Json) -> str:
    """Return everything of an object but its status and what the server writes."""
    metadata: dict[str, Any] = found["metadata"]
    kept = {key: value for key, value in metadata.items() if key not in ("resourceVersion", "managedFields")}
    return json.dumps([kept, found.get("spec")], sort_keys=True)
