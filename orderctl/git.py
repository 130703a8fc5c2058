"""The one way to run git for reading: scrubbed environment, fixed configuration, absolute paths, hex ids only.

Nothing of the repository's or the user's configuration can start a program or change what is read.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from orderctl.model import SetupError

_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "TZ": "UTC",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": "/dev/null",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_FLUSH": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_ASKPASS": "/bin/false",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_LITERAL_PATHSPECS": "1",
}
# What git itself hands to its hooks; without them a hook can't see the new objects or the staged index.
_HOOK_VARIABLES = (
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_INDEX_FILE",
)
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "core.attributesFile=/dev/null",
    "core.untrackedCache=keep",
    "core.warnAmbiguousRefs=true",
    "log.showSignature=false",
    "color.ui=false",
    "protocol.allow=never",
    "submodule.recurse=false",
    "diff.external=",
    "gc.auto=0",
    "gpg.program=/bin/false",
)
HEX = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class GitError(SetupError):
    """git is missing, refused or failed; ``reason`` is git's own first line."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "setup.git",
            f"无法读取 Git 仓库：{reason}。请用 git status 和 git fsck 查看并修复，再运行一次",
            f"the Git repository can't be read: {reason}. See what git status and git fsck say, mend it and run again",
        )


class NoGit(GitError):
    """There is no program git where programs are looked for (``path``)."""

    def __init__(self, path: str) -> None:
        SetupError.__init__(
            self,
            "setup.git",
            f"找不到程序 git（查找的位置：{path}）。请先安装 Git 2.34 以上版本，再运行一次",
            f"there is no program git (looked for in {path}). Install Git 2.34 or later, then run again",
        )


def environment() -> dict[str, str]:
    """Return the environment for git: the fixed one and what a running hook must pass on."""
    return _ENVIRONMENT | {name: os.environ[name] for name in _HOOK_VARIABLES if name in os.environ}


class Git:
    """A repository: its git directory and, if it has one, its work tree's root."""

    def __init__(self, git_dir: Path, top: Path | None) -> None:
        self.git_dir = git_dir
        self.top = top

    def command(self, *args: str) -> list[str]:
        """Return the whole command line for ``git args``."""
        settings = [part for setting in (*_SETTINGS, *self._filters) for part in ("-c", setting)]
        place = [f"--git-dir={self.git_dir}"] + ([f"--work-tree={self.top}"] if self.top else [])
        return ["git", *settings, "-c", f"safe.directory={self.top or self.git_dir}", *place, *args]

    @cached_property
    def _filters(self) -> tuple[str, ...]:
        """Return the settings that switch off every filter the repository's configuration names: they are programs."""
        place = ["git", f"--git-dir={self.git_dir}", "config", "-z", "--name-only", "--get-regexp", r"^filter\."]
        done = subprocess.run(place, capture_output=True, env=environment(), cwd=self.git_dir, check=False)
        names = {name.rpartition(".")[0] for name in os.fsdecode(done.stdout).split("\0") if name}
        return tuple(
            f"{name}.{key}" for name in sorted(names) for key in ("clean=", "smudge=", "process=", "required=false")
        )

    def run(self, *args: str, stdin: bytes = b"") -> bytes:
        """Return git's output; raise GitError when it fails."""
        done = self.try_run(*args, stdin=stdin)
        if done.returncode:
            raise GitError(_first_line(done.stderr) or f"git {args[0]} failed")
        return done.stdout

    def try_run(self, *args: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Return the finished process, whatever its exit code."""
        try:
            return subprocess.run(
                self.command(*args),
                input=stdin,
                capture_output=True,
                env=environment(),
                cwd=self.top or self.git_dir,
                check=False,
            )
        except FileNotFoundError:
            raise NoGit(_ENVIRONMENT["PATH"]) from None

    def resolve(self, revision: str, kind: str = "commit") -> str | None:
        """Return the hex id that a user's ``revision`` names, peeled to ``kind`` ("": as it is), or None."""
        wanted = f"{revision}^{{{kind}}}" if kind else revision
        done = self.try_run("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
        text = done.stdout.decode(errors="replace").strip()
        return text if done.returncode == 0 and HEX.fullmatch(text) else None

    def is_ambiguous(self, revision: str) -> bool:
        """Tell whether several refs go by a user's ``revision``: of these git takes a tag, whatever was meant.

        Whole names and ids are what they say, whatever else is called so.
        """
        if revision.startswith("refs/") or HEX.fullmatch(revision):
            return False
        return b"is ambiguous" in self.try_run("rev-parse", "--verify", "--end-of-options", revision).stderr

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Yield (id, content) in the order asked; None for an object that is missing, damaged or no blob."""
        wanted = list(ids)
        while wanted:
            done = 0
            for found in self._until_it_ends(wanted):
                yield found
                done += 1
            if done < len(wanted):  # git gave up on a damaged object: on with those behind it
                yield wanted[done], None
            wanted = wanted[done + 1 :]

    def _until_it_ends(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Yield what one process gives; it ends at the first object whose content it can't unpack."""
        with subprocess.Popen(
            self.command("cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        ) as process:
            assert process.stdin and process.stdout
            for start in range(0, len(ids), 200):  # small enough that neither side blocks on a full pipe
                batch = ids[start : start + 200]
                with suppress(BrokenPipeError):
                    process.stdin.write(b"".join(id.encode() + b"\n" for id in batch))
                    process.stdin.flush()
                for id in batch:
                    header = process.stdout.readline().split()
                    size = int(header[2]) if len(header) == 3 else 0
                    content = process.stdout.read(size + 1)[:size] if len(header) == 3 else b""
                    if not header or len(content) < size:
                        return
                    yield id, content if header[1] == b"blob" else None
            process.stdin.close()


def _first_line(text: bytes) -> str:
    lines = text.decode(errors="replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ").removeprefix("error: ") if lines else ""


def discover(start: Path) -> Git | None:
    """Return the repository that ``start`` lies in (work tree or bare), or None; GitError for one that is damaged."""
    try:
        done = subprocess.run(
            ["git", "-c", f"safe.directory={start}", "-c", "safe.directory=*", "rev-parse", "--absolute-git-dir"],
            capture_output=True,
            env=environment(),
            cwd=start,
            check=False,
        )
    except FileNotFoundError:
        raise NoGit(_ENVIRONMENT["PATH"]) from None
    if done.returncode:
        if any(os.path.lexists(folder / ".git") for folder in (start, *start.parents)):
            raise GitError(_first_line(done.stderr))
        return None
    git_dir = Path(os.fsdecode(done.stdout.rstrip(b"\n")))
    top = subprocess.run(
        ["git", "-c", "safe.directory=*", "rev-parse", "--show-toplevel"],
        capture_output=True,
        env=environment(),
        cwd=start,
        check=False,
    )
    return Git(git_dir, Path(os.fsdecode(top.stdout.rstrip(b"\n"))) if top.returncode == 0 else None)
