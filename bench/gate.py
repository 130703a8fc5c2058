"""Measures pre-receive for a push of one order, at two sizes of the order book; prints seconds and their ratio.

Real pushes to a bare repository, each of one signed commit with a new, complete order; the book is at the branch's tip
before each, as the hook leaves it after the one before. Time is what git itself writes down for the hook.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random

from bench import case, generate, world
from bench.run import ORDERCTL, Row, report
from orderctl.digest import digest_without, immaterial_pointers
from orderctl.load import load
from orderctl.resources import builtin
from orderctl.trust.policy import is_trusted, manifest

REPOSITORY = "00000000-0000-4000-8000-000000000001"
PERMISSIONS = """schema: permissions/1
rights:
  - {roles: [sales], kinds: [requirement, quotation, order, submission, evidence], do: [add, change]}
"""
FLOW = """  - id: policy
    subject: policy
    stages:
      - {id: policy-admin, role: policy-admin, zh: 政策管理员, en: Policy admin}
"""
_QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}


class Shop:
    """A generated workspace with a policy, its server, and a clone to push from."""

    def __init__(self, folder: Path, size: int, seed: int) -> None:
        folder.mkdir()
        self.root, self.server, self.keys = folder / "work", folder / "server.git", folder / "keys"
        self.size, self.pushed = size, 0
        staff = world.people(max(2, size // 500))
        self.seller = next(person for person in staff if "sales" in person.roles)
        keys = {person.id: self._key(person.id) for person in staff}
        generate.write(_guarded(generate.generate(size, seed), keys), self.root)
        files = {p.relative_to(self.root).as_posix(): p for p in self.root.rglob("*") if p.is_file()}
        trusted = {path: file.read_bytes() for path, file in files.items() if is_trusted(path)}
        self.policy = manifest(trusted, None, "finance", "bench", "2024-12-31T09:00:00+08:00")
        (self.root / "policy/policy.yaml").write_bytes(self.policy)
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "all")
        self.git("clone", "-q", "--bare", str(self.root), str(self.server))
        self._orderctl("hook", "install")
        self._orderctl("hook", "catch-up")
        random = Random(seed)  # noqa: S311  (repeatable on purpose: draws the same masters as the generator)
        products = [world.product(random, n) for n in range(max(10, size // 40))]
        customers = [world.customer(random, n, products, generate.LICENCE, staff) for n in range(max(5, size // 25))]
        self.masters = products, customers
        self.orders = self._orders(random)

    def _key(self, person: str) -> str:
        """Make a person's key; return its public half."""
        self.keys.mkdir(exist_ok=True)
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", person, "-f", str(self.keys / person)]
        subprocess.run(command, check=True)
        return (self.keys / f"{person}.pub").read_text(encoding="utf-8").strip()

    def git(self, *words: str, **variables: str) -> str:
        """Run git in the clone as the seller."""
        settings = {"user.name": "seller", "user.email": "s@bench.example", "gpg.format": "ssh"}
        settings |= {
            "user.signingkey": str(self.keys / self.seller.id),
            "protocol.file.allow": "always",
            "gc.auto": "0",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        done = subprocess.run(
            ["git", *options, *words], cwd=self.root, env={**os.environ, **_QUIET, **variables}, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def _orderctl(self, *words: str) -> None:
        subprocess.run([ORDERCTL, *words], cwd=self.server, check=True, capture_output=True)

    def _orders(self, random: Random) -> Iterator[case.Case]:
        """Yield new orders of the last working day, each by another customer."""
        calendars = [load("", (self.root / f"calendar/{year}.yaml").read_bytes())[0] or {} for year in (2024, 2025)]
        days = generate.workdays([*calendars])
        at = max(n for n, day in enumerate(days) if day <= generate.CLOCK) - 3
        products, customers = self.masters
        n = 9000
        while True:
            n += 1
            buyer = customers[n % len(customers)]
            month = days[at].strftime("%Y%m")
            yield case.Case(
                number=f"OD{month}{n:04}",
                folder=f"orders/{month[:4]}/{month[4:]}/OD{month}{n:04}",
                customer=buyer,
                salesperson=self.seller,
                days=tuple(days[at - 3 : at + 14]),
                lines=case.lines(random, buyer, products, days[at].year),
                minute=n % 60,
            )

    def push(self) -> float:
        """Push one new order; return the seconds that git waited for the hook."""
        new = next(self.orders)
        texts = {name: text for name, _, text in case.documents(new, cancelled=False)}
        for name in ("requirement.yaml", "quotation-1.yaml", "order.yaml"):
            _write(self.root / new.folder / name, texts[name])
        submission = self.root / new.folder / "submission.yaml"
        _write(submission, self._submission(texts["order.yaml"]))
        sign = ["ssh-keygen", "-q", "-Y", "sign", "-n", "orderctl-approval@v1", "-f", str(self.keys / self.seller.id)]
        subprocess.run([*sign, str(submission)], check=True, capture_output=True)
        self.git("add", new.folder)
        self.git("commit", "-q", "-S", "-m", new.number)
        trace = self.keys / "trace"
        trace.unlink(missing_ok=True)
        self.git("push", "-q", str(self.server), "HEAD:refs/heads/main", GIT_TRACE2_EVENT=str(trace))
        self._orderctl("hook", "catch-up")
        return _hook_seconds(trace)

    def _submission(self, text: str) -> str:
        order = load("order.yaml", text.encode())[0] or {}
        schema = json.loads((builtin("schemas") / "order.schema.json").read_text(encoding="utf-8"))
        left_out = immaterial_pointers(schema)
        fields = {
            "schema": "submission/1",
            "repository": REPOSITORY,
            "number": order["number"],
            "revision": 1,
            "digest": digest_without(order, left_out),
            "immaterial": left_out,
            "submitted_by": self.seller.id,
            "submitted_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "authors": [self.seller.id],
            "self_check": {"zh": "已核对", "en": "checked"},
            "policy": {"version": 1, "digest": sha256(self.policy).hexdigest()},
            "nonce": sha256(text.encode()).hexdigest()[:32],
        }
        return "".join(f"{name}: {_value(value)}\n" for name, value in fields.items())


def _value(value: object) -> str:
    return value if isinstance(value, str) and value[:1].isalpha() else json.dumps(value, ensure_ascii=False)


def _guarded(files: Iterator[tuple[str, str]], keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield a generated workspace's files as ones that a gate judges: no sample, a key, rights, a flow for policy."""
    for path, text in files:
        if path == "orderctl.yaml":
            yield path, "".join(x for x in text.splitlines(keepends=True) if not x.startswith(("sample:", "clock:")))
        elif path == "policy/people.yaml":
            yield path, _with_keys(text, keys)
        elif path == "policy/flows.yaml":
            yield path, text + FLOW
        else:
            yield path, text
    yield "policy/permissions.yaml", PERMISSIONS
    yield "policy/revoked.yaml", "schema: revoked/1\nrevoked: []\n"
    yield ".gitignore", ".orderctl/\n"


def _with_keys(text: str, keys: Mapping[str, str]) -> str:
    """Return people.yaml with everybody's key; everybody who sells nothing may change the policy."""
    for person, key in keys.items():
        text = text.replace(f"  - id: {person}\n", f'  - id: {person}\n    keys: [{{key: "{key}"}}]\n', 1)
    return re.sub(r"roles: \[(?!sales)", "roles: [policy-admin, ", text)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _hook_seconds(trace: Path) -> float:
    """Return how long pre-receive ran, by git's own trace."""
    started: tuple[str, int] | None = None
    for line in trace.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["event"] == "child_start" and event.get("hook_name") == "pre-receive":
            started = event["sid"], event["child_id"]
        elif event["event"] == "child_exit" and started == (event["sid"], event["child_id"]):
            return float(event["t_rel"])
    raise RuntimeError("git's trace names no pre-receive")


def p95(values: list[float]) -> float:
    """Return the value that 95 of 100 don't exceed."""
    return sorted(values)[-(-len(values) * 95 // 100) - 1]


def main() -> None:
    """Generate, push, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="orders of the large book")
    parser.add_argument("--small", type=int, default=1_000, help="orders of the small one")
    parser.add_argument("--rounds", type=int, default=40, help="pushes to each")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="orderctl-bench-") as name:
        taken = []
        shops = []
        for size in (options.small, options.size):
            print(f"generating {size} orders", file=sys.stderr)
            shops.append(Shop(Path(name) / str(size), size, options.seed))
        for shop in shops:
            shop.push()  # the first one fills the disk's cache
        rows: list[list[float]] = [[], []]
        for _round in range(options.rounds):  # by turns, so that a busy moment hits both
            for times, shop in zip(rows, shops, strict=True):
                times.append(shop.push())
        taken = [p95(times) for times in rows]
    how = f"{options.rounds} pushes each"
    print(
        report(
            [
                Row(f"pre-receive, one order of {options.size}: p95", taken[1], 0.6, " s", how),
                Row(
                    f"pre-receive p95: {options.size} : {options.small} orders",
                    taken[1] / taken[0],
                    1.3,
                    "×",
                    f"{taken[1]:.3f} s : {taken[0]:.3f} s",
                ),
            ],
            [],
        ),
        end="",
    )


if __name__ == "__main__":
    main()
