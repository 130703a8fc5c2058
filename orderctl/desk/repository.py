"""The user's own git, for writing: their name, hooks and settings. Exactly the given files become one signed commit.

Reading goes through ``orderctl.git`` as everywhere. A commit is made aside and takes its place at the very end, so that
whatever fails (a hook, the key, a lock) leaves branch, index and work tree as they were.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from orderctl.git import Git, GitError, NoGit
from orderctl.model import SetupError
from orderctl.tree import REGULAR
from orderctl.workspace import Workspace

_LOCAL = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
)
"""What points git to another repository than the one the user stands in."""
_UNDER_WAY = {
    "MERGE_HEAD": "git merge",
    "CHERRY_PICK_HEAD": "git cherry-pick",
    "REVERT_HEAD": "git revert",
    "rebase-merge": "git rebase",
    "rebase-apply": "git rebase",
}


def repository(workspace: Workspace) -> tuple[Git, Path]:
    """Return the repository and its top folder; raise SetupError where there is none to write to."""
    if workspace.git is not None and workspace.root is None:
        raise SetupError(
            "desk.bare",
            "这里是裸仓库（服务器上的仓库），没有可改的文件。请在自己的克隆里运行：git clone 地址 文件夹",
            "this is a bare repository, as a server has it, without files to change. "
            "Run it in a clone of your own: git clone ADDRESS FOLDER",
        )
    if workspace.git is None or workspace.git.top is None or workspace.root is None:
        raise SetupError(
            "desk.no_git",
            "这个工作区不在 Git 仓库里，无法签名提交。请先运行 git init 并提交现有文件",
            "this workspace is in no Git repository, so nothing can be signed and committed. "
            "Run git init and commit what is there first",
        )
    return workspace.git, workspace.git.top


def user_git(
    workspace: Workspace, *args: str, stdin: bytes | None = None, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Return the finished ``git args`` as the user runs it; without ``stdin`` it may ask on the terminal."""
    _, top = repository(workspace)
    environment = {k: v for k, v in os.environ.items() if k not in _LOCAL} | dict(variables or {})
    given: dict[str, bytes] = {} if stdin is None else {"input": stdin}
    try:
        return subprocess.run(["git", *args], cwd=top, env=environment, capture_output=True, check=False, **given)  # type: ignore[call-overload,no-any-return]
    except FileNotFoundError:
        raise NoGit(os.environ.get("PATH", "")) from None


def setting(workspace: Workspace, name: str, kind: str = "") -> str:
    """Return a setting of the user's git, or ""; ``kind`` "path" expands ``~``."""
    typed = [f"--type={kind}"] if kind else []
    done = user_git(workspace, "config", *typed, "--get", name)
    return os.fsdecode(done.stdout).rstrip("\n") if done.returncode == 0 else ""


def in_repository(workspace: Workspace, path: str) -> str:
    """Return a path of the workspace as a path of its repository."""
    return f"{workspace.prefix}/{path}" if workspace.prefix else path


def check_ready(workspace: Workspace) -> str:
    """Return HEAD's commit; raise SetupError when nothing can be committed now: no commit, no branch, a merge."""
    git, _ = repository(workspace)
    for name, command in _UNDER_WAY.items():
        if (git.git_dir / name).exists():
            raise SetupError(
                "desk.under_way",
                f"{command} 还没有结束。请先完成或用 {command} --abort 放弃，再运行一次",
                f"{command} is still under way. Finish it, or give it up with {command} --abort, then run again",
            )
    head = git.resolve("HEAD")
    if head is None:
        raise SetupError(
            "desk.no_commit",
            "仓库里还没有提交。请先提交现有文件：git add -A && git commit",
            "the repository has no commit yet. Commit what is there first: git add -A && git commit",
        )
    if git.try_run("symbolic-ref", "-q", "HEAD").returncode:
        raise SetupError(
            "desk.no_branch",
            "当前不在任何分支上，提交会丢失。请先切换到分支：git switch main，或 git switch -c 新分支名",
            "you are on no branch, so the commit would be lost. "
            "Go to one first: git switch main, or git switch -c NEW-BRANCH",
        )
    return head


def changed(workspace: Workspace, path: str) -> bool:
    """Tell whether a path (file or folder) differs from HEAD on disk or in the index, untracked files included."""
    done = user_git(
        workspace, "status", "--porcelain", "-z", "-uall", "--", f":(literal){in_repository(workspace, path)}"
    )
    return bool(done.stdout) or done.returncode != 0


def commit(
    workspace: Workspace,
    head: str,
    files: Mapping[str, bytes | None],
    message: str,
    settings: Mapping[str, str],
    variables: Mapping[str, str],
    prove: Callable[[str, bytes], None],
    onto: str = "",
) -> str:
    """Commit ``files`` (path in the workspace → bytes, None: removed) on ``head``, signed; return the branch's new tip.

    ``head`` is the commit that everything was decided on: if the branch has moved since, nothing is committed.
    ``settings`` are git's for this commit (the key), ``variables`` its environment (time, name). ``prove`` gets the new
    commit's id and bytes before any branch knows it, and raises when it isn't what it should be. With ``onto``, the
    commit that has landed, a merge on top brings all that came since as one step; without ``files`` it is all there is.
    """
    git, _ = repository(workspace)
    if check_ready(workspace) != head:
        raise SetupError(
            "desk.moved",
            "分支刚刚有了新的提交。请看清新内容，再运行一次",
            "the branch has got a new commit just now. Look at what is new, then run again",
        )
    places = {in_repository(workspace, path): data for path, data in files.items()}
    rows = b"".join(
        _row("0", "0" * 40, path) if data is None else _row(REGULAR, _blob(workspace, data), path)
        for path, data in places.items()
    )
    aside = git.git_dir / f"orderctl-{secrets.token_hex(6)}.index"
    index = {"GIT_INDEX_FILE": str(aside)}
    try:
        _run(workspace, "read-tree", head, variables=index)
        _run(workspace, "update-index", "-z", "--add", "--index-info", stdin=rows, variables=index)
        tree = _run(workspace, "write-tree", variables=index).decode().strip()
        message = _hooks(workspace, git, index, message) if files else message
    finally:
        for leftover in (aside, aside.with_suffix(".index.lock")):
            leftover.unlink(missing_ok=True)

    def made(message: str, *parents: str) -> str:
        own = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        before = [part for parent in parents for part in ("-p", parent)]
        done = user_git(workspace, *own, "commit-tree", tree, *before, "-S", "-m", message, variables=variables)
        if done.returncode:
            raise _failed("desk.commit", "签名提交没有成功", "the signed commit failed", done)
        new = done.stdout.decode().strip()
        prove(new, git.run("cat-file", "commit", new))
        return new

    new = made(message, head) if files else head
    if onto:
        new = made(f"{message.partition(chr(10))[0]}, as one step", onto, new)
    _land(workspace, list(places), rows, head, new, message)
    return new


def _land(workspace: Workspace, places: Sequence[str], rows: bytes, head: str, new: str, message: str) -> None:
    """Let index and branch know the new commit: both or neither."""
    before = _run(workspace, "ls-files", "-s", "-z", "--", *(f":(literal){p}" for p in places)) if places else b""
    gone = b"".join(_row("0", "0" * 40, path) for path in places)
    _run(workspace, "update-index", "-z", "--add", "--index-info", stdin=rows)
    subject = message.partition("\n")[0]
    done = None
    try:
        done = user_git(workspace, "update-ref", "-m", f"commit: {subject}", "HEAD", new, head)
    finally:
        if done is None or done.returncode:
            with suppress(SetupError):
                _run(workspace, "update-index", "-z", "--add", "--index-info", stdin=gone + before)
    if done.returncode:
        raise _failed("desk.commit", "分支没有更新", "the branch could not be moved", done)
    if places:  # so that git needn't look again
        user_git(workspace, "add", "--refresh", "--", *(f":(literal){p}" for p in places))
    user_git(workspace, "hook", "run", "--ignore-missing", "post-commit")


def _hooks(workspace: Workspace, git: Git, index: Mapping[str, str], message: str) -> str:
    """Run the user's pre-commit and commit-msg hooks on what will be committed; return the message."""
    place = git.git_dir / f"orderctl-{secrets.token_hex(6)}.message"
    try:
        place.write_text(message, encoding="utf-8")
        for name, *arguments in (["pre-commit"], ["commit-msg", "--", str(place)]):
            done = user_git(workspace, "hook", "run", "--ignore-missing", name, *arguments, variables=index)
            if done.returncode:
                told = (done.stderr + done.stdout).decode(errors="replace").rstrip()
                raise SetupError(
                    "desk.hook",
                    f"{name} 钩子拒绝了这次提交，没有留下任何改动。按下面所说的改好，再运行一次：\n{told}",
                    f"the {name} hook refuses this commit. Nothing was left behind: mend what it says, "
                    f"then run again:\n{told}",
                )
        return place.read_text(encoding="utf-8")
    finally:
        place.unlink(missing_ok=True)


def _row(mode: str, blob: str, path: str) -> bytes:
    return f"{mode} {blob}\t".encode() + os.fsencode(path) + b"\0"


def _blob(workspace: Workspace, data: bytes) -> str:
    return _run(workspace, "hash-object", "-w", "--stdin", stdin=data).decode().strip()


def _run(workspace: Workspace, *args: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None) -> bytes:
    done = user_git(workspace, *args, stdin=stdin, variables=variables)
    if done.returncode:
        raise GitError(reason(done.stderr) or f"git {args[0]} failed")
    return done.stdout


def _failed(code: str, zh: str, en: str, done: subprocess.CompletedProcess[bytes]) -> SetupError:
    """Return the refusal with what the program said; nothing was left behind."""
    said = reason(done.stderr + b"\n" + done.stdout)
    return SetupError(
        code,
        f"{zh}{f'（{said}）' if said else ''}。没有留下任何改动，解决后再运行一次",
        f"{en}{f' ({said})' if said else ''}. Nothing was left behind: mend that and run again",
    )


def reason(output: bytes) -> str:
    """Return what a program said, in one line of decent length."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines()]
    told = [line.removeprefix("fatal: ").removeprefix("error: ") for line in lines if line and line != "\ufffd"]
    return "; ".join(told)[:300].rstrip(".?")
