"""Watches one kind of objects forever, whatever happens to the server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from kymaoperator.client import ApiError, Client, Json
from kymaoperator.logs import log

# The real operator looks at everything again after 30 minutes.
RESYNC_SECONDS = 30 * 60
_PAUSE = 0.5

# Called with ADDED, MODIFIED or DELETED, or with SYNC for what a new list holds.
Handler = Callable[[str, Json], None]


def watch(client: Client, kind: str, handler: Handler) -> threading.Thread:
    """Call the handler from its own thread."""
    thread = threading.Thread(target=_watch, args=(client, kind, handler), name=f"watch-{kind}", daemon=True)
    thread.start()
    return thread


def _watch(client: Client, kind: str, handler: Handler) -> None:
    known: dict[str, Json] = {}
    complaint = ""
    while True:
        try:
            _follow(client, kind, handler, known)
            complaint = ""
        except ApiError as error:
            if str(error) != complaint:
                complaint = str(error)
                log(f"watch of {kind}: {complaint}")
            time.sleep(_PAUSE)


def _follow(client: Client, kind: str, handler: Handler, known: dict[str, Json]) -> None:
    """List, then follow the changes until the stream ends."""
    items, version = client.snapshot(kind)
    found = {item["metadata"]["uid"]: item for item in items}
    gone = [item for uid, item in known.items() if uid not in found]
    known.clear()
    known.update(found)
    for item in gone:
        handler("DELETED", item)
    for item in items:
        handler("SYNC", item)
    for change in client.changes(kind, version, RESYNC_SECONDS):
        item = change["object"]
        if change["type"] == "ERROR":
            raise ApiError(item.get("code", 0), item.get("message", "the watch ended"))
        if change["type"] == "DELETED":
            known.pop(item["metadata"]["uid"], None)
        else:
            known[item["metadata"]["uid"]] = item
        handler(change["type"], item)
