"""Worker processes that end with the one that started them: by its interrupt, its end or its sudden death."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor

_LOOK = 0.5
"""Seconds between a worker's looks at whether its parent still lives."""


def workers(count: int) -> ProcessPoolExecutor:
    """Return ``count`` forked workers; they find what this process holds at the first job."""
    context = multiprocessing.get_context("fork")
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(os.getpid(),))


def _begin(parent: int) -> None:
    """In a worker: leave a terminal's interrupt to the parent, which then stops its workers; never outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_outlive_not, args=(parent,), daemon=True).start()


def _outlive_not(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)
