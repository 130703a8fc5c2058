"""Server, on request: pushes a commit that nobody signed to the protected branch; the hook must refuse it.

The push goes to two branches at once, all or none, and the other one is locked on the server for that moment: so git
moves nothing even where the hook lets it pass.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from orderctl.codes.doctor import DOCTOR_CANARY
from orderctl.doctor import Context
from orderctl.git import Git
from orderctl.model import Finding
from orderctl.trust.server import read_server

_NAME = "orderctl-canary"
_WHO = "canary <canary@invalid> 1700000000 +0000"


def check(context: Context) -> Iterator[Finding]:
    """Yield an alarm if the commit was not refused."""
    if not (context.canary and context.server):
        return
    git = context.git
    for ref in read_server(git).protected:
        tip = git.resolve(ref)
        if tip is None:
            continue
        told = _push(git, ref, tip)
        if "pre-receive hook declined" not in told or git.resolve(ref) != tip:
            lines = [line.strip() for line in told.splitlines() if line.strip()]
            yield DOCTOR_CANARY.at("", commit=tip, person="", ref=ref, what=(lines or ["?"])[-1][:200])


def _push(git: Git, ref: str, tip: str) -> str:
    """Return what git says about the canary's push."""
    lock = git.git_dir / "refs" / "heads" / f"{_NAME}.lock"
    with tempfile.TemporaryDirectory(prefix="orderctl-canary-") as folder:
        client = Path(folder)
        _run(client, "init", "-q", "--bare", ".")
        (client / "objects" / "info" / "alternates").write_text(f"{git.git_dir / 'objects'}\n", encoding="utf-8")
        tree = _run(client, "rev-parse", f"{tip}^{{tree}}").strip()
        body = f"tree {tree}\nparent {tip}\nauthor {_WHO}\ncommitter {_WHO}\n\ncanary\n"
        commit = _run(client, "hash-object", "-t", "commit", "-w", "--stdin", text=body).strip()
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            refs = [f"{commit}:{ref}", f"{commit}:refs/heads/{_NAME}"]
            return _run(client, "push", "--atomic", f"file://{git.git_dir}", *refs, check=False)
        finally:
            with suppress(OSError):
                lock.unlink()


def _run(folder: Path, *words: str, text: str = "", check: bool = True) -> str:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_CONFIG_KEY_1": "protocol.file.allow",
        "GIT_CONFIG_VALUE_1": "always",
    }
    done = subprocess.run(
        ["git", *words], cwd=folder, env=environment, input=text, capture_output=True, text=True, check=False
    )
    if check and done.returncode:
        raise RuntimeError(done.stderr.strip() or f"git {words[0]}")
    return done.stdout if check else done.stdout + done.stderr
