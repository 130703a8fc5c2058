"""Where derived files may lie: one lock a workspace, a private folder where it can't be written."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

WAIT = 120.0
"""Seconds to wait for another run before working privately."""


@contextmanager
def run_lock(folder: Path) -> Iterator[bool]:
    """Hold ``folder``'s lock; the value tells whether the folder can be used. The kernel frees it when we die."""
    try:
        if folder.is_symlink():  # a repository could bring it: nothing is written where it leads
            raise NotADirectoryError(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError), open(folder / ".gitignore", "x", encoding="utf-8") as ignore:
            ignore.write("*\n")
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        yield False
        return
    try:
        yield _acquire(descriptor) and os.access(folder, os.W_OK)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int) -> bool:
    end = time.monotonic() + WAIT
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        except OSError:  # a file system without locks
            return False
        else:
            return True


def private_folder() -> Path:
    """Return a new folder of this process alone, gone when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="orderctl-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
