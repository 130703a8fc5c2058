"""A company that signs: the base workspace with everybody's keys in its policy, one order that nobody has decided on,
and each person's own git settings."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from orderctl.trust.policy import is_trusted, manifest
from tests.workspaces import BASE, CASE, orderctl

NUMBER = "OD2024050012"
ORDER = f"{CASE}/order.yaml"
DAY = "2024-05-07T10:00:00+08:00"
LATER = "2024-05-07T14:00:00+08:00"
TYPES = {"su-cai": ["-t", "ecdsa"], "tang-gong": ["-t", "rsa", "-b", "3072"]}
"""Whoever isn't named has an ed25519 key."""
ROLES = {"jiang-ming": "sales-director, policy-admin", "gao-yuan": "general-manager, policy-admin"}
FLOWS = """schema: flows/1
flows:
  - id: standard
    subject: order
    when: {total_below: 100000.00}
    stages:
      - id: sales-supervisor
        role: sales-supervisor
        hours: 4
        looks_at: [{kind: customer, pointer: /credit/limit}, {kind: customer, pointer: /credit/grade}]
        zh: 销售主管
        en: Sales supervisor
      - {id: finance, role: finance, hours: 8, escalate: general-manager, zh: 财务, en: Finance}
      - id: production
        role: production
        hours: 8
        evidence: [signature, commit, review]
        zh: 生产/仓库
        en: Production / warehouse
  - id: waiver
    subject: waiver
    stages:
      - {id: director, role: sales-director, zh: 销售总监, en: Sales director}
  - id: policy
    subject: policy
    stages:
      - {id: policy-admin, role: policy-admin, zh: 政策管理员, en: Policy administrator}
"""
PERMISSIONS = """schema: permissions/1
rights:
  - {roles: [sales], kinds: [order, submission, evidence], do: [add, change, remove]}
"""
REVOKED = "schema: revoked/1\nrevoked: []\n"
DEPUTIES = """deputies:
  - for: chen-jie
    deputy: jiang-ming
    roles: [sales-supervisor]
    from: 2024-05-01T00:00:00+08:00
    until: 2024-06-01T00:00:00+08:00
    cap: 50000.00
    reason: 出差
"""
LATE = ("shipment-1", "delivery-1", "feedback", "ticket-1", "submission")


@dataclass(frozen=True)
class Office:
    """One clone of the company's repository, and where everybody's keys and settings lie."""

    root: Path
    home: Path

    def key(self, person: str) -> Path:
        return self.home / person / "id"

    def environment(self, person: str) -> dict[str, str]:
        return {"GIT_CONFIG_GLOBAL": str(self.home / person / "gitconfig"), "HOME": str(self.home / person)}

    def run(self, person: str, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run orderctl as that person, in English unless ``more`` says otherwise."""
        return orderctl(self.root, *args, **{"SSH_AUTH_SOCK": ""} | self.environment(person) | more)

    def git(self, person: str, *args: str) -> str:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | self.environment(person)
        done = subprocess.run(
            ["git", *args],
            check=False,
            cwd=self.root,
            env=environment | {"GIT_CONFIG_NOSYSTEM": "1"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def commit(self, person: str, message: str, when: str = "2024-05-06T09:00:00+08:00") -> str:
        """Commit everything, signed; return the commit's id."""
        self.git(person, "add", "-A")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | self.environment(person)
        subprocess.run(
            ["git", "commit", "-q", "-S", "-m", message],
            cwd=self.root,
            env=environment | {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when},
            check=True,
            capture_output=True,
        )
        return self.git(person, "rev-parse", "HEAD").strip()

    def state(self) -> tuple[str, tuple[str, ...]]:
        """Return HEAD, the status and every file: what a failed command must leave as it was."""
        files = tuple(sorted(str(p.relative_to(self.root)) for p in self.root.rglob("*") if ".git/" not in f"{p}/"))
        kept = tuple(f for f in files if not f.startswith(".orderctl"))
        return self.git("lin-xiao", "status", "--porcelain=v2", "--branch"), kept

    def copy(self, folder: Path) -> Office:
        """Return a clone of this office in another folder, with the same people."""
        shutil.copytree(self.root, folder, symlinks=True)
        return Office(folder, self.home)


def make_key(file: Path, *options: str, passphrase: str = "") -> str:
    """Make an SSH key; return the public half."""
    file.parent.mkdir(parents=True, exist_ok=True)
    kind = options or ("-t", "ed25519")
    subprocess.run(
        ["ssh-keygen", "-q", *kind, "-N", passphrase, "-C", file.parent.name, "-f", str(file)],
        check=True,
        capture_output=True,
    )
    return file.with_name(file.name + ".pub").read_text().strip()


def office(folder: Path, *, prefix: str = "") -> Office:
    """Make the company in ``folder``: keys, policy version 1, and the order in a signed history."""
    top = folder / "work"
    made = Office(top / prefix if prefix else top, folder / "people")
    shutil.copytree(BASE, made.root)
    people = made.root / "policy/people.yaml"
    text = people.read_text()
    for person in [line.removeprefix("  - id: ").strip() for line in text.splitlines() if line.startswith("  - id: ")]:
        public = make_key(made.key(person), *TYPES.get(person, ()))
        (made.home / person / "gitconfig").write_text(
            f"[user]\n\tname = {person}\n\temail = {person}@example.com\n\tsigningKey = {made.key(person)}\n"
            "[gpg]\n\tformat = ssh\n[init]\n\tdefaultBranch = main\n"
        )
        block = text[text.index(f"  - id: {person}\n") :].split("\n  - id: ")[0]
        after = block.rstrip() + f"\n    keys: [{{key: {public}}}]"
        if person in ROLES:
            after = "\n".join(
                f"    roles: [{ROLES[person]}]" if line.startswith("    roles:") else line for line in after.split("\n")
            )
        text = text.replace(block.rstrip(), after)
    people.write_text(text.rstrip() + "\n" + DEPUTIES)
    (made.root / "policy/flows.yaml").write_text(FLOWS)
    (made.root / "policy/permissions.yaml").write_text(PERMISSIONS)
    (made.root / "policy/revoked.yaml").write_text(REVOKED)
    for name in LATE:
        (made.root / CASE / f"{name}.yaml").unlink()
    shutil.rmtree(made.root / CASE / "approvals")
    write_manifest(made.root)
    made.git("lin-xiao", "init", "-q", str(top))
    order = made.root / ORDER
    content = order.read_bytes()
    order.unlink()
    made.commit("gao-yuan", "start", "2024-05-06T08:00:00+08:00")
    order.write_bytes(content)
    made.commit("lin-xiao", "an order")
    return made


def write_manifest(root: Path, version: int = 1) -> None:
    """Write policy/policy.yaml over the trusted files as they lie there, as the first version."""
    files = {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    trusted = {path: data for path, data in files.items() if is_trusted(path)}
    old = (version - 1, b"") if version > 1 else None
    made = manifest(trusted, old, "gao-yuan", "first policy", "2024-05-01T09:00:00+08:00")
    (root / "policy/policy.yaml").write_bytes(made)


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Return all that a run said, for a failing assertion too."""
    return f"exit {done.returncode}\n{done.stdout}{done.stderr}"


Environment = Mapping[str, str]
