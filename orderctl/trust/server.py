"""What a receiving repository is told to do: protected branches, the pinned root, its hooks and its settings."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from orderctl.codes.server import REPO_GRAFTS, REPO_SHALLOW, SETUP_PIN
from orderctl.git import EMPTY_TREE, HEX, Git
from orderctl.model import Finding
from orderctl.tree import Tree

MANIFEST = "policy/policy.yaml"
MAIN = "refs/heads/main"
ZERO = "0" * 40
TIME_LIMIT = 120.0
"""Seconds that judging one push may take."""
SERVER_HOOKS = ("pre-receive", "post-receive")
MARK = "# Made by orderctl hook install; a new install writes it anew."
SETTINGS = {
    "receive.fsckObjects": "true",
    "receive.denyNonFastForwards": "true",
    "receive.denyDeletes": "true",
    "receive.maxInputSize": "50m",
    "core.logAllRefUpdates": "always",
}
"""What a server's repository must say, whatever else it says."""


@dataclass(frozen=True, slots=True)
class Server:
    """The repository's own words on how it is guarded. ``root`` and ``policy`` are "" where nothing is pinned."""

    protected: tuple[str, ...]
    root: str
    policy: str
    time_limit: float
    settings: Mapping[str, str]
    """Every setting of the repository, names in lower case; the last one of each name counts."""


def read_server(git: Git) -> Server:
    """Return what the repository's configuration says. Raises GitError for one that can't be read."""
    values: dict[str, list[str]] = {}
    for item in os.fsdecode(git.run("config", "--local", "--list", "-z")).split("\0"):
        name, newline, value = item.partition("\n")
        if name:
            values.setdefault(name.lower(), []).append(value if newline else "true")
    last = {name: found[-1] for name, found in values.items()}
    try:
        limit = float(last.get("orderctl.timelimit", TIME_LIMIT))
    except ValueError:
        limit = TIME_LIMIT
    return Server(
        protected=tuple(dict.fromkeys(values.get("orderctl.protected", [MAIN]))),
        root=last.get("orderctl.root", ""),
        policy=last.get("orderctl.policy", ""),
        time_limit=limit if 0 < limit < 1e6 else TIME_LIMIT,
        settings=last,
    )


def manifest_digest(git: Git, commit: str) -> str:
    """Return the SHA-256 of the policy's manifest in a commit, or "" if it has none."""
    tree = git.resolve(commit, "tree")
    data = Tree(git, None, tree or EMPTY_TREE).read(MANIFEST)
    return sha256(data).hexdigest() if data is not None else ""


def pin_problem(git: Git, server: Server) -> Finding | None:
    """Return what is wrong with the pinned root of trust, or None if it holds."""

    def wrong(what: str) -> Finding:
        return SETUP_PIN.at("", commit=server.root if HEX.fullmatch(server.root) else "", person="", what=what)

    for ref in server.protected:
        if not ref.startswith("refs/heads/"):  # no push ever names it so: nothing would be protected
            return wrong(f"orderctl.protected {ref[:60]}")
    if not HEX.fullmatch(server.root):
        return wrong(f"orderctl.root {server.root[:40]}".rstrip())
    manifest = git.try_run("cat-file", "blob", f"{server.root}^{{commit}}:{MANIFEST}")
    if manifest.returncode:
        return wrong(f"{server.root[:10]}:{MANIFEST}" if git.resolve(server.root) else f"orderctl.root {server.root}")
    digest = sha256(manifest.stdout).hexdigest()
    if server.policy and digest != server.policy:
        return wrong(f"orderctl.policy {server.policy[:12]} ≠ {digest[:12]}")
    for ref, tip in tips(git, server.protected).items():
        if not is_ancestor(git, server.root, tip):
            return wrong(f"{ref} {tip[:10]} ∌ {server.root[:10]}")
    return None


def tips(git: Git, refs: Iterable[str]) -> dict[str, str]:
    """Return where these refs are (whole names → ids), and those below them; what isn't there is left out."""
    wanted = sorted(ref for ref in refs if ref.startswith("refs/"))
    rows = git.run("for-each-ref", "--format=%(objectname) %(refname)", *wanted) if wanted else b""
    found = (line.partition(" ") for line in os.fsdecode(rows).splitlines())
    return {ref: id for id, _, ref in found}


def partial_history(git: Git) -> Finding | None:
    """Return what makes git see another history than the objects tell, or None."""
    for name, code in (("shallow", REPO_SHALLOW), ("info/grafts", REPO_GRAFTS)):
        file = git.git_dir / name
        if os.path.lexists(file) and (file.is_symlink() or file.stat().st_size):
            return code.at("", commit="", person="", file=name)
    return None


def is_ancestor(git: Git, old: str, new: str) -> bool:
    """Tell whether ``new`` contains ``old``; both hex ids. Call ``partial_history`` first: grafts would lie."""
    return git.try_run("merge-base", "--is-ancestor", old, new).returncode == 0


def launcher(action: str, prefix: str = "") -> str:
    """Return the text of a hook: absolute paths, nothing taken from the surroundings or the current folder."""
    program = shlex.quote(os.path.abspath(sys.executable))
    place = f" -C {shlex.quote(prefix)}" if prefix else ""
    return f"#!/bin/sh\n{MARK}\nexec {program} -I -m orderctl{place} hook {action}\n"


def is_ours(file: Path) -> bool:
    """Tell whether a hook file was written by ``launcher``."""
    try:
        return not file.is_symlink() and MARK.encode() in file.read_bytes()[:4096]
    except OSError:
        return False


def hooks_folders(git: Git) -> tuple[Path, Path]:
    """Return where git looks for the hooks of this repository (core.hooksPath included), and its own folder."""
    place = git.top or git.git_dir
    ask = ["git", "-c", f"safe.directory={place}", "rev-parse", "--git-path", "hooks", "--git-common-dir"]
    done = subprocess.run(ask, cwd=place, env=_own_environment(), capture_output=True, check=False)
    if done.returncode:
        return git.git_dir / "hooks", git.git_dir / "hooks"
    folder, common = (Path(os.path.abspath(place / line)) for line in os.fsdecode(done.stdout).splitlines())
    return folder, common / "hooks"


def user_setting(folder: Path, name: str, type: str = "") -> str:
    """Return a setting as the user's own git sees it (all their files), or "". Nothing of it is run."""
    kind = [f"--type={type}"] if type else []
    command = ["git", "config", *kind, "--get", name]
    done = subprocess.run(command, cwd=folder, env=_own_environment(), capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _own_environment() -> dict[str, str]:
    """Return the user's surroundings without what ties git to another repository."""
    return {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k.startswith("GIT_CONFIG")}
