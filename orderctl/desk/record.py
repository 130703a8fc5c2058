"""New files and their signed commit as one step: all of it happens, or none of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orderctl.desk.decide import denied
from orderctl.desk.repository import commit, setting
from orderctl.desk.sign import proved
from orderctl.desk.statements import instant
from orderctl.model import SetupError
from orderctl.tree import read_file
from orderctl.workdays import moment
from orderctl.writing import write_inside

if TYPE_CHECKING:
    from orderctl.desk.matter import Desk
    from orderctl.desk.signer import Signer
    from orderctl.trust.policy import Policy
    from orderctl.workspace import Workspace


def record(
    at: Desk,
    files: Mapping[str, bytes],
    message: str,
    signer: Signer,
    *,
    when: str = "",
    commits: bool = True,
    also: Mapping[str, bytes] | None = None,
    gone: Iterable[str] = (),
    onto: str = "",
) -> str:
    """Write ``files`` and commit them with ``also`` (files that lie there already) and without those that are ``gone``;
    return the branch's new tip. ``onto``: where all that hasn't landed lands as one step.

    ``when``: the commit's time (RFC 3339), if not now. Without ``commits`` the files are only written: "". Raises
    SetupError and leaves nothing behind when anything fails.
    """
    if commits and when:
        _check_time(at, when, onto or at.head)
    workspace = at.workspace
    assert workspace.root is not None
    with _written(workspace.root, files):
        if not commits:
            return ""
        everything = {**(also or {}), **files, **dict.fromkeys(gone)}
        who = _who(workspace, signer, at.policy, when)
        return commit(workspace, at.head, everything, message, _key(signer), who, _prove(signer), onto)


def _check_time(at: Desk, when: str, before: str) -> None:
    """Raise SetupError for a commit dated earlier than the one it comes after on the branch, as the gate sees it."""
    from orderctl.trust.context import AHEAD
    from orderctl.trust.graph import Graph

    _parents, dated = Graph(at.objects).links(before)
    if moment(when).timestamp() < dated - AHEAD:
        old = instant(dated, at.policy.zone)
        raise denied(
            "backwards",
            f"提交时间 {when} 早于分支上的前一个提交 {old}。请去掉 --as-of，或写 {old} 以后的时间",
            f"the commit would be dated {when}, earlier than the commit before it on the branch, {old}. "
            f"Leave --as-of out, or name a time after {old}",
        )


def _key(signer: Signer) -> dict[str, str]:
    return {"gpg.format": "ssh", "user.signingKey": str(signer.file), "gpg.ssh.program": signer.program}


def _who(workspace: Workspace, signer: Signer, policy: Policy, when: str) -> dict[str, str]:
    """Return the environment of the commit: the user's own name, or the policy's where git has none; and the time."""
    found: dict[str, str] = {}
    entry = next(p for p in policy.people_data["people"] if p["id"] == signer.person)
    for side in ("AUTHOR", "COMMITTER"):
        if not (os.environ.get(f"GIT_{side}_NAME") or setting(workspace, "user.name")):
            found[f"GIT_{side}_NAME"] = str(entry["name"])
        if not (os.environ.get(f"GIT_{side}_EMAIL") or setting(workspace, "user.email")):
            found[f"GIT_{side}_EMAIL"] = str(entry.get("email", f"{signer.person}@localhost"))
        if when:
            found[f"GIT_{side}_DATE"] = f"{int(datetime.fromisoformat(when).timestamp())} {when[-6:].replace(':', '')}"
    return found


def _prove(signer: Signer) -> Callable[[str, bytes], None]:
    def prove(id: str, raw: bytes) -> None:
        from orderctl.trust.commit import parse_commit
        from orderctl.trust.refusal import Refusal

        try:
            made = parse_commit(id, raw)
        except Refusal as refusal:
            raise SetupError(
                "desk.commit_form",
                f"Git 生成的提交不合规范（{refusal.finding.rule}）。没有留下任何改动",
                f"git made a commit that isn't well-formed ({refusal.finding.rule}). Nothing was left behind",
            ) from None
        proved(made.armor, made.payload, "git", signer)

    return prove


@contextmanager
def _written(root: Path, files: Mapping[str, bytes]) -> Iterator[None]:
    """Put the files in place; if the block fails, everything is as before: their content, and the folders."""
    before = {path: read_file(root, path) for path in files}
    missing = [f for path in files for f in Path(path).parents if not (root / f).exists()]
    try:
        for path, data in files.items():
            write_inside(root, path, data, new=before[path] is None)
        yield
    except BaseException:
        for path, old in before.items():
            with suppress(OSError):
                if old is not None:
                    write_inside(root, path, old)
                elif read_file(root, path) == files[path]:
                    (root / path).unlink()
        for folder in sorted(missing, key=lambda f: -len(f.parts)):
            with suppress(OSError):
                (root / folder).rmdir()
        raise
