"""An audit from the command line, and history for it to judge."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.trust.company import AS_OF, CASE, Company
from tests.workspaces import orderctl


def audit(firm: Company, *options: str, as_of: str | None = AS_OF) -> dict[str, Any]:
    clock = ["--as-of", as_of] if as_of else []
    done = orderctl(firm.root, "audit", "--output", "json", *clock, *options)
    assert done.returncode in (0, 11), done.stderr
    assert "Traceback" not in done.stderr
    verdict: dict[str, Any] = json.loads(done.stdout)
    assert (verdict["verdict"] == "allow") == (done.returncode == 0)
    return verdict


def said(verdict: dict[str, Any]) -> list[tuple[str, str]]:
    return [(f["code"], f["commit"]) for f in verdict["findings"]]


def hand_over(firm: Company, to: str) -> None:
    """Let somebody else handle the order: a change that sales may make at any time and that needs no approval."""
    text = firm.read(f"{CASE}/order.yaml")
    firm.write(f"{CASE}/order.yaml", re.sub(r"(?m)^handler: .*$", f"handler: {to}", text))


def raw(firm: Company, commit: str, old: str, new: str) -> str:
    """Write a commit object that differs from ``commit`` in its bytes; let main be it."""
    text = firm.git("cat-file", "commit", commit) + "\n"
    assert old in text
    id = firm.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text.replace(old, new, 1))
    firm.git("update-ref", "refs/heads/main", id)
    firm.git("reset", "-q", "--hard", "main")
    return id


def change_policy(firm: Company, at: str) -> str:
    firm.raise_policy(at=at)
    firm.approve_policy("jiang-ming", "su-cai", issued=at)
    return firm.commit("gao-yuan", "policy", at=at)


def public(firm: Company, name: str) -> str:
    return firm.key(name).with_suffix(".pub").read_text().strip()


def set_keys(firm: Company, person: str, keys: str) -> None:
    lines = firm.read("policy/people.yaml").split("\n")
    place = next(n for n, line in enumerate(lines) if public(firm, person) in line)
    lines[place] = f"    keys: [{keys}]"
    firm.write("policy/people.yaml", "\n".join(lines))


def rotate(firm: Company) -> None:
    """lin-xiao's key is retired on the 22nd at noon; a new one is active from then on."""
    old, new = public(firm, "lin-xiao"), public(firm, "lin-xiao-2")
    set_keys(
        firm,
        "lin-xiao",
        f'{{key: "{old}", retired_at: 2024-05-22T12:00:00+08:00}}, '
        f'{{key: "{new}", active_from: 2024-05-22T12:00:00+08:00}}',
    )
    change_policy(firm, "2024-05-22T11:00:00+08:00")
