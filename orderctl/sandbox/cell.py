"""The walls around the guest: limits everywhere; on Linux no files but Python's own, no network, no other process.

``seccomp`` lets through the few system calls that computing needs; every other one is an error (``EPERM``).
``Landlock``, where the kernel has it, lets files be read below Python's own folders only.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MEMORY = 1 << 30
"""Bytes of address space."""
_LIMITS = (
    (resource.RLIMIT_AS, MEMORY),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NPROC, 0),
    (resource.RLIMIT_NOFILE, 64),
    (resource.RLIMIT_CPU, 3600),
)
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 1, 38, 22, 2

# System calls by machine: x86_64, aarch64 (-1: it has none of this name). They compute, and read what is open; none
# starts, stops or looks into a process, and `open` and `openat`, below, are let through for reading.
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_CALLS = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "stat": (4, -1),
    "fstat": (5, 80),
    "lstat": (6, -1),
    "poll": (7, -1),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "readv": (19, 65),
    "writev": (20, 66),
    "access": (21, -1),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "dup": (32, 23),
    "nanosleep": (35, 101),
    "getpid": (39, 172),
    "exit": (60, 93),
    "uname": (63, 160),
    "getcwd": (79, 17),
    "readlink": (89, -1),
    "gettimeofday": (96, 169),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "times": (100, 153),
    "getuid": (102, 174),
    "getgid": (104, 176),
    "geteuid": (107, 175),
    "getegid": (108, 177),
    "getppid": (110, 173),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "time": (201, -1),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "getdents64": (217, 61),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "newfstatat": (262, 79),
    "readlinkat": (267, 78),
    "faccessat": (269, 48),
    "ppoll": (271, 73),
    "getrandom": (318, 278),
    "statx": (332, 291),
    "rseq": (334, 293),
    "faccessat2": (439, 439),
}
_OPENS = {"open": (2, -1, 1), "openat": (257, 56, 2)}
"""… and which argument says how."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_LOAD, _EQUAL, _ANY, _RETURN = 0x20, 0x15, 0x45, 0x06

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""Landlock's system calls, the same on every machine."""
_BENEATH = 1
_READ_FILE, _READ_FOLDER, _ALL = 1 << 2, 1 << 3, (1 << 13) - 1
_O_PATH = 0o10000000


class _Step(ctypes.Structure):
    """One instruction of a filter."""

    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("steps", ctypes.POINTER(_Step)))


class _Rule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("folder", ctypes.c_int32))


def lock() -> None:
    """Close this process in. Raises OSError where that can't be done."""
    for what, most in _LIMITS:
        with suppress(OSError, ValueError):  # a system that has no such limit, or a lower one already
            resource.setrlimit(what, (most, most))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        _done(libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
        _done(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _read_only_python(libc)
        _only_compute(libc)


def _done(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _read_only_python(libc: ctypes.CDLL) -> None:
    """Let files be read below Python's own folders only. A kernel without Landlock lets all be read."""
    handled = ctypes.c_uint64(_ALL)
    try:
        rules = _done(libc.syscall(_CREATE, ctypes.byref(handled), ctypes.c_size_t(8), 0))
    except OSError:
        return
    for path in _readable():
        with suppress(OSError):  # not on this computer
            folder = os.open(path, _O_PATH | os.O_CLOEXEC)
            access = _READ_FILE | _READ_FOLDER if os.path.isdir(path) else _READ_FILE
            _done(libc.syscall(_ADD, rules, _BENEATH, ctypes.byref(_Rule(access, folder)), 0))
            os.close(folder)
    _done(libc.syscall(_RESTRICT, rules, 0))
    os.close(rules)


def _readable() -> Iterator[str]:
    """Yield where Python, its packages and what they are linked with lie, and the time zones."""
    yield from {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    yield str(Path(__file__).parents[1])
    yield str(Path(sys.base_prefix) / "lib")
    yield from ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/etc/ld.so.cache")


def _only_compute(libc: ctypes.CDLL) -> None:
    """Make an error of every system call but those of computing."""
    machine = os.uname().machine
    if machine not in _MACHINES:
        raise OSError(f"no list of system calls for {machine}")
    column, known = _MACHINES[machine]
    # The numbers' own architecture, else the other one's numbers would be taken for these.
    steps = [_Step(_LOAD, 0, 0, 4), _Step(_EQUAL, 1, 0, known), _Step(_RETURN, 0, 0, _KILL), _Step(_LOAD, 0, 0, 0)]
    for calls in _CALLS.values():
        if calls[column] >= 0:
            steps += [_Step(_EQUAL, 0, 1, calls[column]), _Step(_RETURN, 0, 0, _ALLOW)]
    for *numbers, how in _OPENS.values():
        if numbers[column] >= 0:
            steps += [
                _Step(_EQUAL, 0, 4, numbers[column]),
                _Step(_LOAD, 0, 0, 16 + 8 * how),
                _Step(_ANY, 0, 1, _WRITING),
                _Step(_RETURN, 0, 0, _ERROR),
                _Step(_RETURN, 0, 0, _ALLOW),
            ]
    steps.append(_Step(_RETURN, 0, 0, _ERROR))
    program = _Program(len(steps), (_Step * len(steps))(*steps))
    _done(libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0))
