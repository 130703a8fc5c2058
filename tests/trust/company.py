"""A company to attack: the base workspace with people's real keys, a policy, and signed commits, in a repository.

Made once for a test run and copied; everything a test does goes through git, ssh-keygen and the command line.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from orderctl.digest import canonical, digest_without, immaterial_pointers
from orderctl.load import load
from orderctl.money import capitals, line_tax
from orderctl.trust.policy import is_trusted, manifest
from tests.workspaces import BASE, orderctl

CASE = "orders/2024/05/OD2024050014"
NUMBER = "OD2024050014"
REPOSITORY = "5f0c6c1e-3b0a-4c5e-9d52-8f1c2f1f7a10"
AS_OF = "2024-05-25T12:00:00+08:00"
START = "2024-05-20T09:00:00+08:00"
STAGES = (("sales-supervisor", "chen-jie"), ("finance", "su-cai"), ("production", "tang-gong"))
POLICY = Path(__file__).parent / "policy"
"""Flows, permissions and revoked keys of the company; people come from the base workspace."""
ADMINS = ("gao-yuan", "jiang-ming", "su-cai")


class Company:
    """A repository on disk and its people's keys."""

    def __init__(self, root: Path, keys: Path) -> None:
        self.root = root
        self.keys = keys

    def copy(self, folder: Path) -> Company:
        """Return a copy with the same history and keys."""
        shutil.copytree(self.root, folder, symlinks=True)
        return Company(folder, self.keys)

    def key(self, name: str, *options: str) -> Path:
        """Return the private key called ``name``, made when first asked for."""
        file = self.keys / name
        if not file.exists():
            make_key(file, *options)
        return file

    def git(self, *args: str, stdin: str | None = None, check: bool = True, **variables: Any) -> str:
        """Run git in the repository, free of this computer's settings."""
        done = subprocess.run(
            ["git", *args],
            cwd=self.root,
            env=_environment(variables),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, path: str, text: str | bytes) -> None:
        """Write a file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def read(self, path: str) -> str:
        """Return a file's text."""
        return (self.root / path).read_text(encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace ``old`` by ``new``, once, in a file that has it."""
        text = self.read(path)
        assert old in text, f"{path} lacks {old!r}"
        self.write(path, text.replace(old, new, 1))

    def commit(
        self,
        person: str,
        message: str = "change",
        *,
        at: str = AS_OF,
        key: Path | None = None,
        sign: bool = True,
        amend: bool = False,
    ) -> str:
        """Commit everything on disk as ``person``, signed with their key (or ``key``); return the id."""
        self.git("add", "-A")
        settings = ["-c", f"user.name={person}", "-c", f"user.email={person}@muyan.example"]
        if sign:
            settings += ["-c", "gpg.format=ssh", "-c", f"user.signingkey={key or self.key(person)}"]
        extra = ["--amend"] if amend else []
        options = ["-S"] if sign else ["--no-gpg-sign"]
        self.git(
            *settings, "commit", "-q", "--allow-empty", *options, *extra, "-m", message,
            GIT_AUTHOR_DATE=at, GIT_COMMITTER_DATE=at,
        )  # fmt: skip
        return self.head()

    def merge(self, person: str, branch: str, *options: str, at: str = AS_OF, sign: bool = True) -> str:
        """Merge a branch as ``person``."""
        settings = ["-c", f"user.name={person}", "-c", f"user.email={person}@muyan.example"]
        settings += ["-c", "gpg.format=ssh", "-c", f"user.signingkey={self.key(person)}"]
        self.git(
            *settings, "merge", "-q", "--no-ff", "-S" if sign else "--no-gpg-sign", "-m", "merge", *options, branch,
            GIT_AUTHOR_DATE=at, GIT_COMMITTER_DATE=at,
        )  # fmt: skip
        return self.head()

    def land(self) -> None:
        """Make main what is checked out."""
        self.git("update-ref", "refs/heads/main", "HEAD")

    def head(self) -> str:
        """Return the commit that is checked out."""
        return self.git("rev-parse", "HEAD")

    def sign(self, path: str, person: str, *, namespace: str = "orderctl-approval@v1", key: Path | None = None) -> None:
        """Sign a file as ``person``: ``<path>.sig``."""
        file = self.root / path
        Path(f"{file}.sig").unlink(missing_ok=True)
        command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(key or self.key(person)), str(file)]
        subprocess.run(command, check=True, capture_output=True)

    def data(self, path: str) -> dict[str, Any]:
        """Return a document's values."""
        found = load(path, (self.root / path).read_bytes())[0]
        assert found is not None
        return found

    def policy(self) -> dict[str, Any]:
        """Return what statements say of the policy."""
        raw = (self.root / "policy/policy.yaml").read_bytes()
        return {"version": self.data("policy/policy.yaml")["version"], "digest": sha256(raw).hexdigest()}

    def submit(self, person: str = "lin-xiao", *, case: str = CASE, signed: bool = True, **changes: Any) -> None:
        """Write the submission of a case's order (signed unless said otherwise)."""
        order = self.data(f"{case}/order.yaml")
        left_out = immaterial("order")
        fields = {
            "schema": "submission/1",
            "repository": REPOSITORY,
            "number": order["number"],
            "revision": order["revision"],
            "digest": digest_without(order, left_out),
            "immaterial": left_out,
            "sha256": sha256((self.root / f"{case}/order.yaml").read_bytes()).hexdigest(),
            "submitted_by": person,
            "submitted_at": "2024-05-20T10:00:00+08:00",
            "authors": [person],
            "policy": self.policy(),
            "nonce": sha256(f"{case} {order['revision']} {person}".encode()).hexdigest()[:32],
        } | changes
        self.write(f"{case}/submission.yaml", dump(fields))
        if signed:
            self.sign(f"{case}/submission.yaml", person)

    def approve(
        self, stage: str, person: str, *, case: str = CASE, subject: str = "order", signed: bool = True,
        issued: str = "", key: Path | None = None, name: str = "", **changes: Any,
    ) -> str:  # fmt: skip
        """Write a statement about a case's document (signed unless said otherwise); return its path."""
        file = f"{subject}.yaml"
        data = self.data(f"{case}/{file}")
        left_out = immaterial(subject)
        hour = 11 + [s for s, _ in STAGES].index(stage) if stage in dict(STAGES) else 15
        stem = name or f"{subject}-{data['revision']}-{stage}.{person}"
        path = f"{case}/approvals/{stem}.yaml"
        fields = {
            "schema": "approval/1",
            "repository": REPOSITORY,
            "subject": subject,
            "number": case.rpartition("/")[2],
            "path": file,
            "revision": data["revision"],
            "digest": digest_without(data, left_out),
            "immaterial": left_out,
            "stage": stage,
            "decision": "approve",
            "opinion": "价格、数量与交期已逐项核对",
            "person": person,
            "issued": issued or f"2024-05-20T{hour}:00:00+08:00",
            "policy": self.policy(),
            "context": self.context(stage, data),
            "nonce": sha256(path.encode()).hexdigest()[:32],
        } | changes
        self.write(path, dump({k: v for k, v in fields.items() if v is not None}))
        if signed:
            self.sign(path, person, key=key)
        return path

    def context(self, stage: str, order: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return what a stage looked at, as it is now."""
        found = []
        for flow in self.data("policy/flows.yaml")["flows"]:
            for each in flow["stages"] if flow["subject"] == "order" else ():
                for look in each.get("looks_at", ()) if each["id"] == stage else ():
                    folder = {"customer": "customers", "price-book": "catalog/prices"}[look["kind"]]
                    path = f"{folder}/{order[look['kind'].replace('-', '_')]}.yaml"
                    value: Any = self.data(path)
                    for part in look["pointer"].split("/")[1:]:
                        value = value.get(part) if isinstance(value, dict) else None
                    digest = sha256(canonical(value).encode()).hexdigest()
                    entry = {"path": path, "pointer": look["pointer"], "digest": digest}
                    if entry not in found:
                        found.append(entry)
        return found

    def approve_all(self, stages: Sequence[tuple[str, str]] = STAGES, **changes: Any) -> None:
        """Write every stage's statement."""
        for stage, person in stages:
            self.approve(stage, person, **changes)

    def raise_policy(self, by: str = "gao-yuan", *, at: str = AS_OF, **changes: Any) -> None:
        """Write the manifest for the trusted files on disk, one version on from the committed one."""
        old = self.git("show", "HEAD:policy/policy.yaml", check=False)
        known = ((self.data_of(old)["version"], (old + "\n").encode())) if old else None
        files = {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and ".git" not in path.parts
        }
        trusted = {p: d for p, d in files.items() if is_trusted(p) and p != "policy/policy.yaml"}
        text = manifest(trusted, known, by, "a change of policy", at).decode()
        for name, value in changes.items():
            text = re.sub(rf"(?m)^{name}:.*$", f"{name}: {value}", text)
        self.write("policy/policy.yaml", text)

    @staticmethod
    def data_of(text: str) -> dict[str, Any]:
        """Return the values of a document's text."""
        found = load("x.yaml", text.encode())[0]
        assert found is not None
        return found

    def approve_policy(self, *persons: str, **changes: Any) -> None:
        """Write statements about the manifest on disk, under the committed policy."""
        raw = (self.root / "policy/policy.yaml").read_bytes()
        old = self.git("show", "HEAD:policy/policy.yaml") + "\n"
        version = self.data("policy/policy.yaml")["version"]
        for person in persons:
            path = f"policy/approvals/policy-{version}-policy-admin.{person}.yaml"
            fields = {
                "schema": "approval/1",
                "repository": REPOSITORY,
                "subject": "policy",
                "number": "policy",
                "path": "policy/policy.yaml",
                "revision": version,
                "digest": sha256(raw).hexdigest(),
                "immaterial": [],
                "stage": "policy-admin",
                "decision": "approve",
                "opinion": "已核对改动的每一行",
                "person": person,
                "issued": "2024-05-24T10:00:00+08:00",
                "policy": {"version": self.data_of(old)["version"], "digest": sha256(old.encode()).hexdigest()},
                "context": [],
                "nonce": sha256(path.encode()).hexdigest()[:32],
            } | changes
            self.write(path, dump(fields))
            self.sign(path, person)

    def gate(
        self, base: str = "main", head: str = "HEAD", *options: str, as_of: str = AS_OF, **variables: str
    ) -> dict[str, Any]:
        """Return the gate's verdict as JSON; the exit code must agree with it."""
        done = orderctl(
            self.root,
            "gate",
            "--base",
            base,
            "--head",
            head,
            "--as-of",
            as_of,
            "--output",
            "json",
            *options,
            **variables,
        )
        assert done.returncode in (0, 11), done.stderr
        assert "Traceback" not in done.stderr
        verdict: dict[str, Any] = json.loads(done.stdout)
        assert (verdict["verdict"] == "allow") == (done.returncode == 0)
        return verdict

    def codes(self, base: str = "main", head: str = "HEAD", *options: str, as_of: str = AS_OF) -> list[str]:
        """Return the codes that the gate names, sorted, each once."""
        return sorted({f["code"] for f in self.gate(base, head, *options, as_of=as_of)["findings"]})

    def everywhere(
        self, base: str = "main", head: str = "HEAD", *, as_of: str = AS_OF, fsck: bool = True, audit: bool = True
    ) -> list[str]:
        """Return the codes that gate, server and audit name alike; see ``tests.trust.places``."""
        from tests.trust.places import Places

        return Places(self).everywhere(base, head, as_of, fsck=fsck, audit=audit)


def immaterial(kind: str) -> list[str]:
    """Return the immaterial pointers of a built-in kind."""
    from orderctl.catalogue import load_catalogue
    from orderctl.git import EMPTY_TREE
    from orderctl.tree import Tree

    return immaterial_pointers(load_catalogue(Tree(None, None, EMPTY_TREE)).kinds[kind].schema)


def dump(fields: Mapping[str, Any]) -> str:
    """Return a document's text: JSON values are YAML."""
    return "".join(
        f"{k}: {json.dumps(v, ensure_ascii=False, default=str) if not _plain(v) else v}\n" for k, v in fields.items()
    )


def _plain(value: Any) -> bool:
    return (
        isinstance(value, str)
        and re.fullmatch(r"[\w/.:+-]+", value) is not None
        and not re.fullmatch(r"[0-9.e+-]+", value)
    )


def make_key(file: Path, *options: str) -> None:
    """Make a key without passphrase."""
    file.parent.mkdir(parents=True, exist_ok=True)
    command = ["ssh-keygen", "-q", *(options or ("-t", "ed25519")), "-N", "", "-C", file.name, "-f", str(file)]
    subprocess.run(command, check=True, capture_output=True)


def company(folder: Path) -> Company:
    """Make the company in ``folder``: main holds the base workspace, its people's keys and its policy."""
    made = Company(folder / "work", folder / "keys")
    shutil.copytree(BASE, made.root)
    made.git("init", "-q", "-b", "main")
    made.write(".gitignore", ".orderctl/\n")
    people = made.read("policy/people.yaml")
    for person in re.findall(r"(?m)^  - id: (\S+)$", people):
        public = made.key(person).with_suffix(".pub").read_text().strip()
        people = people.replace(f"- id: {person}\n", f'- id: {person}\n    keys: [{{key: "{public}"}}]\n', 1)
        if person in ADMINS:
            people = re.sub(rf"(- id: {person}\n(?:    .*\n)*?    roles: \[)", r"\1policy-admin, ", people)
    made.write("policy/people.yaml", people)
    for file in sorted(POLICY.glob("*.yaml")):
        made.write(f"policy/{file.name}", file.read_bytes())
    made.raise_policy(at=START)
    made.commit("gao-yuan", "start", at=START)
    return made


def draft(made: Company, *, quantity: int = 3, number: str = NUMBER) -> str:
    """Write a new order of ``quantity`` desks' chairs by lin-xiao on a branch of its own; return its case folder."""
    case = f"orders/2024/05/{number}"
    made.git("checkout", "-q", "-b", f"new-{number}")
    text = made.read("orders/2024/05/OD2024050013/order.yaml").replace("OD2024050013", number)
    amount = Decimal(quantity * 350)
    tax = line_tax(amount, Decimal(13), True)
    text = text.replace("quantity: 20", f"quantity: {quantity}").replace("7000.00", f"{amount}.00")
    text = text.replace("805.31", str(tax)).replace("柒仟元整", capitals(amount))
    made.write(f"{case}/order.yaml", text)
    return case


def order_on_a_branch(firm: Company, *, approved: bool = False) -> None:
    """Commit an order, submitted, on a branch that main has nothing of; in the next commit all its approvals."""
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order")
    if approved:
        firm.approve_all()
        firm.commit("lin-xiao", "approvals")


def _environment(variables: dict[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "LC_", "SSH_"))}
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C", "TZ": "UTC"} | variables
