"""The demo's policy: the sample's with everybody's keys and accounts, and the second version of December."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from orderctl.desk.demo_keys import Pair
from orderctl.load import load
from orderctl.trust.policy import MANIFEST, is_trusted, manifest

PEOPLE, FLOWS = "policy/people.yaml", "policy/flows.yaml"
ROBOT, NEW = "gate-robot", "zhou-min"
FORGE = "github.com"
ADMINS = ("bai-lu", "su-cai")
"""Who approves the second version: the general manager writes it."""
FIRST_ACCOUNT = 9_100_001
"""Accounts on the forge: invented numbers, counted up from here in the order of policy/people.yaml."""
REASON_1 = "The company begins: people, keys, flows and rights"
REASON_2 = "Zhou Min joins sales; a review on the forge counts for ordinary orders"
_ROBOT = f"""\
  - id: {ROBOT}  # no person: the gate's own key, which writes receipts of reviews and nothing else
    name: 门禁服务
    name_en: Gate service
    department: data
    roles: [service]
    email: gate@muyan.example
    discount_authority: 0
"""
_NEW = f"""\
  - id: {NEW}
    name: 周敏
    name_en: Zhou Min
    title: 销售代表
    title_en: Sales representative
    department: sales
    roles: [sales]
    email: zhou.min@muyan.example
    phone: "13800000013"
    discount_authority: 3
"""


def people_of(files: Mapping[str, bytes]) -> dict[str, tuple[str, str]]:
    """Return the company's people: id → name and e-mail."""
    value = load(PEOPLE, files[PEOPLE])[0] or {}
    return {
        p["id"]: (p.get("name_en") or p["name"], p.get("email", f"{p['id']}@example.invalid")) for p in value["people"]
    }


def persons(files: Mapping[str, bytes]) -> list[str]:
    """Return everybody who gets a key: the sample's people, the gate's service, and the colleague who comes later."""
    return [*(person for person in people_of(files) if person != ROBOT), ROBOT, NEW]


def first_policy(files: Mapping[str, bytes], pairs: Mapping[str, Pair], issued: str) -> dict[str, bytes]:
    """Return the trusted files of version 1: keys and accounts in the list of people, and the manifest."""
    text = files[PEOPLE].decode()
    if f"id: {ROBOT}\n" not in text:
        text = text.rstrip("\n") + "\n" + _ROBOT
    numbers = {person: FIRST_ACCOUNT + place for place, person in enumerate(pairs)}
    made = {PEOPLE: _with_keys(text, pairs, numbers).encode()}
    return made | {MANIFEST: _manifest({**files, **made}, None, ADMINS[0], REASON_1, issued)}


def second_policy(files: Mapping[str, bytes], pairs: Mapping[str, Pair], issued: str) -> dict[str, bytes]:
    """Return the trusted files that version 2 changes: a colleague more, reviews as evidence in the standard flow."""
    number = {NEW: FIRST_ACCOUNT + list(pairs).index(NEW)}
    text = files[PEOPLE].decode().rstrip("\n") + "\n" + _with_keys(_NEW, pairs, number)
    made = {PEOPLE: text.encode(), FLOWS: _reviewed(files[FLOWS].decode()).encode()}
    old = (1, files[MANIFEST])
    return made | {MANIFEST: _manifest({**files, **made}, old, ADMINS[0], REASON_2, issued)}


def _manifest(files: Mapping[str, bytes], old: tuple[int, bytes] | None, by: str, reason: str, issued: str) -> bytes:
    return manifest({path: data for path, data in files.items() if is_trusted(path)}, old, by, reason, issued)


def _with_keys(text: str, pairs: Mapping[str, Pair], numbers: Mapping[str, int]) -> str:
    """Return a list of people with a key and an account behind each person's last line."""
    out: list[str] = []
    for block in re.split(r"(?m)^(?=  - id: )", text):
        person = block.removeprefix("  - id: ").split()[0] if block.startswith("  - id: ") else ""
        out.append(block)
        if person in pairs:
            out.append(f'    keys:\n      - {{key: "{pairs[person].public}"}}\n')
            if person != ROBOT:
                out.append(f"    forge: [{{host: {FORGE}, id: {numbers[person]}, login: {person}}}]\n")
    return "".join(out)


def _reviewed(text: str) -> str:
    """Return the flows with reviews accepted at every stage of the standard flow."""
    head, mark, rest = text.partition("  - id: standard\n")
    flow, end, tail = rest.partition("\n  - id: ")
    evidence = "evidence: [signature, commit, review]"
    flow = re.sub(r"(?m)^( +)(hours: \d+)$", rf"\1\2\n\1{evidence}", flow)
    flow = re.sub(r"(?m)^( +- \{.*?hours: \d+), ", rf"\1, {evidence}, ", flow)
    return head + mark + flow + end + tail


def account(pairs: Iterable[str], person: str) -> int:
    """Return a person's number on the forge."""
    return FIRST_ACCOUNT + list(pairs).index(person)
