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
_ENDS = (signal.SIGINT, signal.SIGTERM)


def workers(count: int) -> ProcessPoolExecutor:
    """Return ``count`` forked workers; they find what this process holds now.

    They all start here, with signals held back until they are there: an interrupt between two of them would leave the
    first without the thread that ends it, and this process waiting for it for ever; one that meets a worker before it
    knows what to do with it would show a traceback.
    """
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(os.getpid(),))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        try:
            pool.submit(os.getpid)  # the first job starts them
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)  # what was held back is raised here
    except BaseException:
        for worker in multiprocessing.active_children():
            worker.kill()
        pool.shutdown()
        raise
    return pool


def _begin(parent: int) -> None:
    """In a worker: leave a terminal's interrupt to the parent, which then stops its workers; never outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
    threading.Thread(target=_outlive_not, args=(parent,), daemon=True).start()


def _outlive_not(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)
