"""An audit that goes on from the last one says what a whole one says; whatever is in doubt is judged again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.packed import Pack, Signer
from tests.trust.audits import change_policy, public, said, set_keys
from tests.trust.company import CASE, Company
from tests.workspaces import orderctl

AT = 1716350000
"""2024-05-22, after all that the company has done."""


@pytest.fixture
def firm(original: Company, tmp_path: Path) -> Company:
    firm = original.copy(tmp_path / "work")
    firm.git("config", "orderctl.root", firm.head())
    return firm


def audit(firm: Company, *options: str) -> dict[str, Any]:
    done = orderctl(firm.root, "audit", "--output", "json", *options)
    assert done.returncode in (0, 11), done.stderr
    verdict: dict[str, Any] = json.loads(done.stdout)
    return verdict


def judged(verdict: dict[str, Any]) -> int:
    return int(verdict["audited"].pop("judged"))


def memory(firm: Company) -> Path:
    return firm.root / ".git/orderctl/audit.json"


def ticket(firm: Company, name: str, *, sign: bool = True) -> str:
    """Let sales write a customer's contact log: something they may always do."""
    text = firm.read("customers/C0001.yaml")
    firm.write("customers/C0001.yaml", text.rstrip("\n") + f"\n# {name}\n")
    return firm.commit("lin-xiao", name, sign=sign)


def test_second_run_judges_what_is_new(firm: Company) -> None:
    for n in range(3):
        ticket(firm, f"{n}")
    first = audit(firm)
    assert judged(first) == 3
    again = audit(firm)
    assert judged(again) == 0
    assert again == first
    ticket(firm, "new")
    more = audit(firm)
    assert (judged(more), more["audited"]["states"]) == (1, 4)


def test_denied_steps_stay_denied_and_are_judged_again(firm: Company) -> None:
    bad = ticket(firm, "past the gate", sign=False)
    first = audit(firm)
    assert said(first) == [("sig.none", bad)]
    ticket(firm, "honest")
    second = audit(firm)
    assert said(second) == [("sig.none", bad)]
    assert judged(second) == 2  # the new one, and the denied one: a receipt may have come


def forged(text: str) -> str:
    """The memory of a whole and honest audit, with its checksum made to fit."""
    from hashlib import sha256

    whole = json.loads(text)
    whole["audit"]["open"] = []
    body = json.dumps(whole["audit"], separators=(",", ":"), ensure_ascii=False)
    return json.dumps({"audit": json.loads(body), "sha256": sha256(body.encode()).hexdigest()}, separators=(",", ":"))


@pytest.fixture(scope="module")
def spoilt(original: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, dict[str, Any], str]:
    """A history with a change past the gate, its verdict, and what the audit remembers."""
    firm = original.copy(tmp_path_factory.mktemp("spoilt") / "work")
    firm.git("config", "orderctl.root", firm.head())
    ticket(firm, "past the gate", sign=False)
    ticket(firm, "honest")
    return firm, audit(firm), memory(firm).read_text()


DAMAGES: dict[str, Callable[[str], str]] = {
    "empty": lambda _text: "",
    "nothing said": lambda _text: "{}",
    "no text": lambda _text: "\x00\xff",
    "cut off": lambda text: text[:-20],
    "a number altered": lambda text: text.replace('"commits":2', '"commits":3'),
    "denials taken out": lambda text: re.sub(r'"open":\[\[.*?\]\]\]', '"open":[]', text),
    "something added": lambda text: text.replace('"lost":[]', '"lost":[],"more":1'),
    "other code": lambda text: text.replace('"code":"', '"code":"0'),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_memory_is_no_memory(spoilt: tuple[Company, dict[str, Any], str], damage: Callable[[str], str]) -> None:
    firm, whole, text = spoilt
    assert damage(text) != text
    memory(firm).write_text(damage(text))
    after = audit(firm)
    assert (judged(after), [code for code, _ in said(after)]) == (2, ["sig.none"])
    assert after["findings"] == whole["findings"]
    assert memory(firm).read_text() == text


def test_memory_that_is_a_link_is_no_memory(firm: Company, tmp_path: Path) -> None:
    ticket(firm, "one")
    audit(firm)
    memory(firm).rename(tmp_path / "elsewhere")
    memory(firm).symlink_to(tmp_path / "elsewhere")
    assert judged(audit(firm)) == 1


def test_what_a_clone_brings_along_is_no_memory(firm: Company) -> None:
    """The work tree's own .orderctl could be in the history; only the git directory is never cloned."""
    bad = ticket(firm, "past the gate", sign=False)
    audit(firm)
    firm.write(".orderctl/audit.json", forged(memory(firm).read_text()))
    memory(firm).unlink()
    assert said(audit(firm)) == [("sig.none", bad)]


def test_another_root_or_full_judges_all(firm: Company) -> None:
    first = ticket(firm, "one")
    ticket(firm, "two")
    assert judged(audit(firm)) == 2
    assert judged(audit(firm, "--full")) == 2
    assert judged(audit(firm, "--from", first)) == 1
    assert judged(audit(firm)) == 2


def test_later_compromise_judges_all(firm: Company) -> None:
    hand_over_case(firm)
    late = firm.commit("lin-xiao", "late", at="2024-05-23T09:00:00+08:00")
    assert said(audit(firm)) == []
    old, new = public(firm, "lin-xiao"), public(firm, "lin-xiao-2")
    set_keys(firm, "lin-xiao", f'{{key: "{old}", compromised_since: 2024-05-23T00:00:00+08:00}}, {{key: "{new}"}}')
    change_policy(firm, "2024-05-24T11:00:00+08:00")
    after = audit(firm)
    assert said(after) == [("key.compromised", late)]
    assert judged(after) == 3
    assert said(audit(firm)) == [("key.compromised", late)]


def hand_over_case(firm: Company) -> None:
    firm.write("customers/C0001.yaml", firm.read("customers/C0001.yaml") + "# early\n")
    firm.commit("lin-xiao", "early", at="2024-05-21T09:00:00+08:00")
    firm.write("customers/C0001.yaml", firm.read("customers/C0001.yaml") + "# late\n")


def test_m06_rewritten_branch_is_remembered(firm: Company) -> None:
    ticket(firm, "one")
    lost = ticket(firm, "two")
    assert said(audit(firm)) == []
    firm.git("reset", "-q", "--hard", "HEAD~1")
    new = ticket(firm, "another two")
    for options in ((), (), ("--full",), ()):  # and it isn't forgotten
        found = audit(firm, *options)["findings"]
        assert [(f["code"], f["commit"]) for f in found] == [("ref.non_ff", new)]
        assert lost[:12] in found[0]["message"]
    ticket(firm, "three")
    assert [f["code"] for f in audit(firm)["findings"]] == ["ref.non_ff"]


def test_m06_twin_branch_that_only_moved_forward(firm: Company) -> None:
    ticket(firm, "one")
    assert said(audit(firm)) == []
    ticket(firm, "two")
    assert said(audit(firm)) == []


ACTS = st.lists(st.sampled_from(["good", "unsigned", "stranger", "merge", "evil", "audit", "rewrite"]), max_size=12)


@settings(max_examples=15)
@given(acts=ACTS)
def test_incremental_is_full(original: Company, tmp_path_factory: pytest.TempPathFactory, acts: list[str]) -> None:
    firm = original.copy(tmp_path_factory.mktemp("random") / "work")
    firm.git("config", "orderctl.root", firm.head())
    line = [(firm.head(), firm.git("rev-parse", "HEAD^{tree}"))]
    sales, stranger = Signer(firm.key("lin-xiao")), Signer(firm.key("stranger"))
    pack = Pack(firm.root)
    text = firm.read("customers/C0001.yaml")
    for place, act in enumerate(acts):
        at = AT + place * 60
        parent, tree = line[-1]
        note = pack.put(tree, "customers/C0001.yaml", f"{text}# {place}\n".encode())
        signer = {"unsigned": None, "stranger": stranger}.get(act, sales)
        if act == "audit":
            pack.write("refs/heads/main", parent)
            audit(firm)
        elif act == "rewrite":
            line = line[:-1] if len(line) > 1 else line
        elif act in ("merge", "evil"):
            side = pack.commit(note, [parent], "lin-xiao", at, sales)
            result = pack.put(note, f"{CASE}/order.yaml", b"evil\n") if act == "evil" else note
            line.append((pack.commit(result, [parent, side], "chen-jie", at, None), result))
        else:
            line.append((pack.commit(note, [parent], "lin-xiao", at, signer), note))
    pack.write("refs/heads/main", line[-1][0])
    warm, cold = audit(firm), audit(firm, "--full", "--rev", "refs/heads/main")
    warm["audited"].pop("judged"), cold["audited"].pop("judged")
    # what was lost only memory knows; all else is the same
    warm["findings"] = [f for f in warm["findings"] if f["code"] != "ref.non_ff"]
    if not warm["findings"]:
        warm["verdict"] = cold["verdict"]
    assert warm == cold
