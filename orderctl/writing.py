"""Files written whole or not at all: bytes go to a new file beside the old one, then take its place."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path


def write_inside(root: Path, path: str, data: bytes, *, new: bool = False) -> None:
    """Write ``data`` to ``path`` (relative, parts by /) below ``root``; folders are made. No symlink is followed.

    Raises OSError when a part of the path is a symlink or not what it should be; FileExistsError when ``new`` and
    the file is there.
    """
    *folders, name = path.split("/")
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            with suppress(FileExistsError):
                os.mkdir(folder, dir_fd=descriptor)
            inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        _replace(descriptor, name, data, new=new)
    finally:
        os.close(descriptor)


def write_file(path: Path, data: bytes) -> None:
    """Write ``data`` as a whole to any file that the user named. A device such as /dev/stderr is just written to."""
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    target = path.resolve()
    descriptor = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _replace(descriptor, target.name, data, new=False)
    finally:
        os.close(descriptor)


def _replace(folder: int, name: str, data: bytes, *, new: bool) -> None:
    mode = 0o666 & ~_umask()
    with suppress(FileNotFoundError):
        old = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if new:
            raise FileExistsError(name)
        if not stat.S_ISREG(old.st_mode):
            raise OSError(f"not a regular file: {name}")
        mode = stat.S_IMODE(old.st_mode)
    temporary = f".{name[:60]}.{secrets.token_hex(6)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
