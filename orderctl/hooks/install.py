"""Puts the hooks in place and says what was put where; a server also gets its settings and its pinned root of trust."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orderctl.git import Git
from orderctl.model import SetupError
from orderctl.tree import commit_tree
from orderctl.trust.server import MAIN, SETTINGS, hooks_folders, is_ours, launcher, manifest_digest
from orderctl.workspace import read_config
from orderctl.writing import write_file


@dataclass(frozen=True, slots=True)
class Pin:
    """What a server trusts to begin with. ``policy`` is "" while the root isn't there yet."""

    root: str
    policy: str
    protected: tuple[str, ...]


def hooks_folder(git: Git, *, force: bool = False) -> Path:
    """Return where git looks for this repository's hooks, core.hooksPath included.

    Raises SetupError for a folder that other repositories share, unless ``force``.
    """
    folder, own = hooks_folders(git)
    chosen = git.try_run("config", "--local", "--get", "core.hooksPath").returncode == 0
    if folder != own and not chosen and not force:
        raise SetupError(
            "setup.hooks_path",
            f"core.hooksPath 为所有仓库设成了 {folder}。请先让本仓库用自己的钩子：git config core.hooksPath {own}；"
            "或加 --force 装到那里",
            f"core.hooksPath is set to {folder} for all your repositories. Give this one its own first: git config "
            f"core.hooksPath {own}; or install it there with --force",
        )
    return folder


def install(folder: Path, actions: Sequence[str], *, prefix: str = "", force: bool = False) -> list[Path]:
    """Write the hooks; return their files. Raises SetupError for a hook that somebody else wrote, unless ``force``."""
    files = [folder / action for action in actions]
    foreign = next((f for f in files if os.path.lexists(f) and not is_ours(f)), None)
    if foreign is not None and not force:
        raise SetupError(
            "setup.hook_foreign",
            f"{foreign} 不是 orderctl 写的。请在其中加一行调用 orderctl hook {foreign.name}，或用 --force 替换"
            "（原文件改名保留）",
            f"{foreign} was not written by orderctl. Add a line to it that calls orderctl hook {foreign.name}, or "
            "replace it with --force (the old file is kept under another name)",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for file, action in zip(files, actions, strict=True):
        if os.path.lexists(file) and not is_ours(file):
            os.replace(file, file.with_name(f"{file.name}.before-orderctl"))
        write_file(file, launcher(action, prefix).encode())
        file.chmod(0o755)
    return files


def pin(git: Git, protected: Sequence[str], root: str | None) -> Pin:
    """Return what a server is to trust: ``root`` if given, else what the first protected branch holds now.

    A root that isn't there yet (an empty server) must be a whole commit id. Raises SetupError.
    """
    refs = tuple(dict.fromkeys(_full(name) for name in protected or [MAIN]))
    if odd := [ref for ref in refs if not ref.startswith("refs/heads/")]:
        raise SetupError(
            "setup.protect",
            f"{odd[0]} 不是分支，不能作为受保护的分支。标签推送后本来就不能改动",
            f"{odd[0]} is no branch, so it can't be protected as one. A tag never changes once it is pushed anyway",
        )
    commit = git.resolve(root or refs[0])
    if commit is None and root is not None and len(root) == 40 and set(root) <= set("0123456789abcdef"):
        return Pin(root, "", refs)
    if commit is None:
        raise SetupError(
            "setup.root",
            "仓库是空的：请用 --root 写明可信起点的完整提交号（在你的克隆里运行 git rev-parse HEAD）",
            "there is nothing to trust yet: name the whole id of the commit to begin with, --root (in your clone: "
            "git rev-parse HEAD)",
        )
    digest = manifest_digest(git, commit)
    if not digest:
        raise SetupError(
            "policy.missing",
            f"{commit[:10]} 里没有 policy/policy.yaml，不能作为可信起点。先在克隆里运行 orderctl submit policy 并提交",
            f"{commit[:10]} has no policy/policy.yaml, so it can't be what trust begins with. In a clone: orderctl "
            "submit policy, then commit",
        )
    if read_config(commit_tree(git, None, commit)).sample:
        raise SetupError(
            "setup.sample",
            "这是样例工作区（sample: true），其审批未经签署，不能作为可信起点",
            "this is a sample workspace (sample: true): its approvals are not signed, so trust can't begin there",
        )
    return Pin(commit, digest, refs)


def configure(git: Git, pin: Pin, *, options: bool = False, certificates: str = "") -> list[tuple[str, str]]:
    """Write the server's settings and its pin; return them, name and value."""
    pairs = [*SETTINGS.items()]
    pairs += [("receive.advertisePushOptions", "true")] if options else []
    pairs += [("receive.certNonceSeed", certificates)] if certificates else []
    pairs += [("orderctl.root", pin.root)] + ([("orderctl.policy", pin.policy)] if pin.policy else [])
    for name, value in pairs:
        git.run("config", "--local", "--replace-all", name, value)
    if not pin.policy:
        git.try_run("config", "--local", "--unset-all", "orderctl.policy")
    git.try_run("config", "--local", "--unset-all", "orderctl.protected")
    for ref in pin.protected:
        git.run("config", "--local", "--add", "orderctl.protected", ref)
    return pairs + [("orderctl.protected", ref) for ref in pin.protected]


def _full(name: str) -> str:
    return name if name.startswith("refs/") else f"refs/heads/{name}"
