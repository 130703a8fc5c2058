"""One change judged at every place: ``orderctl gate``, a real ``git push`` to a bare repository, ``orderctl audit``.

The server stands at the base when the push comes, its hook has the time in its own text; the audit has a ledger that
saw the change at that time, as if it had got in past the gate. All three must name the same codes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orderctl.trust.ledger import Record, append
from orderctl.trust.state import seconds
from tests.server.hall import MAIN, Hall, codes, environment
from tests.workspaces import orderctl

if TYPE_CHECKING:
    from tests.trust.company import Company

_CHECKED = re.compile(r"[a-z-]+|(yaml|schema|text|id|limit|path|tree|value)\.[a-z_.]+")
"""What a check says of documents, rules included: the audit runs those with ``--rules`` only."""
_SHAPE = {"ref.non_ff", "ref.unrelated", "ref.sideways"}
"""The head doesn't go on from the base. The audit, told to begin at the base, says that it can't."""

_TOGETHER = {"policy.mixed_change"}
"""Which steps came in one push, nobody can tell from history."""


class Places:
    """Where a company's changes are judged: the repository itself, and a server to push to."""

    def __init__(self, firm: Company) -> None:
        self.firm = firm
        self.template = firm.keys.parent / "server.git"

    def server(self, base: str, folder: Path, as_of: str, *, fsck: bool = True) -> Hall:
        """Return a server whose main and root of trust are ``base``, and whose clock stands at ``as_of``."""
        if not self.template.exists():
            made = Path(tempfile.mkdtemp(dir=self.template.parent)) / "server.git"
            run(["git", "init", "-q", "--bare", "-b", "main", str(made)])
            start = self.firm.git("rev-list", "--max-parents=0", base).split()[0]
            Hall(made).install("--root", start)
            self.lift(made, start)
            assert orderctl(made, "hook", "catch-up").returncode == 0
            os.rename(made, self.template)
        hall = Hall(folder)
        shutil.copytree(self.template, folder)
        self.lift(folder, base)
        manifest = self.firm.git("show", f"{base}:policy/policy.yaml", check=False)
        hall.config("orderctl.root", base)
        hall.config("orderctl.policy", sha256(f"{manifest}\n".encode()).hexdigest())
        if not fsck:
            hall.config("receive.fsckObjects", "false")
        hook = folder / "hooks/pre-receive"
        hook.write_text(hook.read_text().rstrip("\n") + f" --as-of {as_of}\n")
        (folder / "hooks/post-receive").unlink()
        return hall

    def lift(self, server: Path, commit: str) -> None:
        """Put the server's main at a commit, past its hooks."""
        push = ["git", "-c", "protocol.file.allow=always", "push", "-q", "--receive-pack"]
        run([*push, "git -c core.hooksPath=/dev/null receive-pack", str(server), f"{commit}:{MAIN}"], self.firm.root)

    def push(self, base: str, head: str, as_of: str, *, fsck: bool = True) -> list[str]:
        """Return the codes that a server names when ``head`` is pushed to it; what it refuses, it doesn't take."""
        with tempfile.TemporaryDirectory(dir=self.template.parent) as folder:
            hall = self.server(base, Path(folder) / "firm.git", as_of, fsck=fsck)
            done = hall.push(self.firm.root, f"+{head}:{MAIN}")
            found = codes(done)
            assert (hall.tip() == head) == (done.returncode == 0)
            assert bool(found) == (done.returncode != 0), done.stderr
            assert len(list((hall.path / "orderctl/verdicts").glob("*"))) == (done.returncode == 0)
            return found

    def audit(self, base: str, head: str, as_of: str) -> list[str]:
        """Return the codes that the audit of base..head names, told that all of it was seen at ``as_of``."""
        with tempfile.TemporaryDirectory(dir=self.template.parent) as folder:
            ledger = Path(folder) / "ledger.jsonl"
            at = seconds(as_of, "UTC")
            record = Record(
                observed=at, ref=MAIN, old=base, new=head, tree="", policy_version=1, policy_sha256="", pusher={},
                verdict="",
            )  # fmt: skip
            append(ledger, [record])
            options = ["--from", base, "--rev", head, "--as-of", as_of, "--ledger", str(ledger), "--output", "json"]
            done = orderctl(self.firm.root, "audit", *options)
        assert done.returncode in (0, 11), done.stderr
        assert "Traceback" not in done.stderr
        verdict: dict[str, Any] = json.loads(done.stdout)
        assert (verdict["verdict"] == "allow") == (done.returncode == 0)
        return errors(f["code"] for f in verdict["findings"])

    def everywhere(self, base: str, head: str, as_of: str, *, fsck: bool = True, audit: bool = True) -> list[str]:
        """Return what the gate says, after server and audit said the same."""
        base, head = (self.firm.git("rev-parse", f"{name}^{{commit}}") for name in (base, head))
        verdict = self.firm.gate(base, head, as_of=as_of)
        found = errors(f["code"] for f in verdict["findings"])
        assert bool(found) == (verdict["verdict"] == "deny")
        if base == head:
            return found
        assert self.push(base, head, as_of, fsck=fsck) == found, "the server says something else"
        if audit:
            said = set(self.audit(base, head, as_of))
            if "audit.unrooted" in said:
                assert _SHAPE & set(found)
            else:
                assert said <= set(found), f"the audit says more: {said}"
                assert all(_CHECKED.fullmatch(code) for code in set(found) - said - _TOGETHER), (
                    f"the audit says less: {said}"
                )
        return found


def errors(found: Iterable[str]) -> list[str]:
    """Return the codes that deny, sorted, each once; why a review doesn't count is only told."""
    return sorted({code for code in found if not code.startswith("review.")})


def run(command: list[str], folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
