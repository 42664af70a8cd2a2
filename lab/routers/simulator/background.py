"""A fleet served by a thread of this process, for as long as a ``with`` block runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from lab.routers.simulator.fleet import Fleet
from lab.routers.simulator.server import Listener


@contextmanager
def served(fleet: Fleet, port: int = 0) -> Iterator[int]:
    """Serve a fleet; gives the port."""
    loop = asyncio.new_event_loop()
    listener = Listener(fleet)
    thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(listener.start(port), loop).result(timeout=30)
        yield listener.port
    finally:
        asyncio.run_coroutine_threadsafe(listener.close(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
