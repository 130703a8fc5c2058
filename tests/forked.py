"""The command line without its start-up: one process that has imported everything forks for each call.

What runs is orderctl's own ``main`` in a process of its own, with the caller's folder, environment and pipes; only the
interpreter's start and the imports are paid once for each worker of a test run.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_LOCK = threading.Lock()
_SERVERS: dict[int, tuple[subprocess.Popen[bytes], socket.socket]] = {}


def run(args: Sequence[str], cwd: Path, env: Mapping[str, str], timeout: float) -> subprocess.CompletedProcess[str]:
    """Run ``orderctl args``; the same result as that of a process started anew."""
    with _LOCK:
        line = _server()
        (out_read, out_write), (err_read, err_write) = os.pipe(), os.pipe()
        request = json.dumps([list(args), str(cwd), dict(env)]).encode()
        line.sendall(len(request).to_bytes(8, "big"))
        line.sendall(request)
        socket.send_fds(line, [b"f"], [out_write, err_write])
        os.close(out_write)
        os.close(err_write)
        pid = int.from_bytes(line.recv(8), "big")
        try:
            out, err = _read(out_read, err_read, timeout)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(list(args), timeout) from None
        finally:
            code = int.from_bytes(line.recv(8), "big", signed=True)
            os.close(out_read)
            os.close(err_read)
    return subprocess.CompletedProcess(["orderctl", *args], code, out, err)


def _read(out: int, err: int, timeout: float) -> tuple[str, str]:
    parts: dict[int, list[bytes]] = {out: [], err: []}
    with selectors.DefaultSelector() as selector:
        for end in parts:
            selector.register(end, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(timeout)
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                data = os.read(key.fd, 1 << 16)
                parts[key.fd].append(data)
                if not data:
                    selector.unregister(key.fd)
    return b"".join(parts[out]).decode(), b"".join(parts[err]).decode()


def _server() -> socket.socket:
    known = _SERVERS.get(os.getpid())
    if known is not None and known[0].poll() is None:
        return known[1]
    ours, theirs = socket.socketpair()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "LC_", "ORDERCTL_", "SSH_"))}
    command = [sys.executable, str(Path(__file__).resolve()), str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=clean, cwd="/")
    theirs.close()
    _SERVERS[os.getpid()] = (process, ours)
    atexit.register(ours.close)
    return ours


def _serve(line: socket.socket) -> None:
    """Fork for each request until the tests are over."""
    import importlib

    for name in (
        "cli",
        "gate",
        "audit",
        "pipeline",
        "commands.check",
        "commands.gate",
        "commands.audit",
        "trust.forge",
    ):
        importlib.import_module(f"orderctl.{name}")
    while size := line.recv(8, socket.MSG_WAITALL):
        args, cwd, env = json.loads(line.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
        _, ends, _, _ = socket.recv_fds(line, 1, 2)
        pid = os.fork()
        if pid == 0:
            line.close()
            _become(args, cwd, env, ends)
        for end in ends:
            os.close(end)
        line.sendall(pid.to_bytes(8, "big"))
        _, status = os.waitpid(pid, 0)
        line.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, "big", signed=True))


def _become(args: list[str], cwd: str, env: dict[str, str], ends: Sequence[int]) -> None:
    """Be the program; never returns."""
    from orderctl.cli import main

    code = 1
    try:
        for number, end in enumerate(ends, 1):
            os.dup2(end, number)
            os.close(end)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)
        sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
        os.environ.clear()
        os.environ.update(env)
        os.chdir(cwd)
        sys.argv = ["orderctl", *args]
        main()
    except Exception:  # noqa: BLE001  as Python itself would end
        traceback.print_exc()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
