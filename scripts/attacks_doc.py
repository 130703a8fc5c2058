"""Writes ``docs/attacks.md``: attack → where it must be refused, and the tests that try it there.

A test says which attacks it tries in its name (``test_s01_…``), in the docstring of itself or its class, or in the
names of its cases (``"A01 …"``); where it judges is read from what it calls. Tests are parsed, never run.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/attacks.md"
PLACES = {"C": "`orderctl gate`, as CI runs it", "S": "a push to a server with the hooks", "A": "`orderctl audit`"}
PLACES |= {"L": "the hook before a commit", "D": "`orderctl doctor`"}

CASES = {
    "S01": ("C S A", "A commit that nobody signed"),
    "S02": ("C S A", "A commit signed by a key that the policy doesn't know"),
    "S03": ("C S A", "Message, author or tree altered after signing"),
    "S04": ("C S", "A key that is past its time when the change is seen, the commit honestly dated"),
    "S06": ("C S", "A key before its time"),
    "S07": ("C S", "A commit dated in the future"),
    "S10": ("C S A", "A revoked key"),
    "S11": ("C S A", "The list of revoked keys is gone"),
    "S12": ("C S A", "The list of revoked keys can't be read"),
    "S13": ("C S", "A signature made for files or statements, put on a commit"),
    "S14": ("C S", "A key for statements only signs a commit"),
    "S15": ("C S", "Armor around garbage"),
    "S16": ("C S A", "A signature header that is none spoils no other commit's verdict"),
    "S17": ("C S", "A signature of another kind, OpenPGP or X.509, which the policy doesn't allow"),
    "S20": ("C S", "Only a signature for another kind of object ids"),
    "S21": ("C S A", "A weak key in the policy"),
    "S22": ("C S A", "One key for two persons"),
    "S24": ("C S", "A list of signers with malformed or sly lines"),
    "S25": ("C S", "Fake programs and settings in the surroundings"),
    "S26": ("C S", "A list of signers that the change brings along"),
    "S27": ("C S", "Time zones of the computer around the end of a key"),
    "S28": ("C S", "OpenPGP: good, unknown, expired, revoked, bad and untrusted keys"),
    "S29": ("C S", "An OpenPGP key that only the computer's own ring knows"),
    "S32": ("C A", "Keys change hands: what the old one signed stays good"),
    "S33": ("C A", "A key is stolen: what it signed since is void, approvals on it are open again"),
    "S34": ("", "Our verifier and OpenSSH's accept the same signatures"),
    "C01": ("C S", "Two tree headers"),
    "C03": ("C S", "No committer"),
    "C04": ("C S", "Headers out of order, unknown, with a carriage return, continued from nothing"),
    "C05": ("C S", "Two entries of one name in a tree"),
    "C07": ("C S", "A signed tag inside an unsigned merge"),
    "C09": ("S", "A history that starts elsewhere"),
    "C10": ("C S", "A parent that isn't there"),
    "C11": ("C S", "Messages and headers of any size"),
    "C12": ("C S", "Escape sequences in names and messages"),
    "P01": ("C S", "Somebody adds their own key and signs with it"),
    "P02": ("C S", "A lower threshold, used at once"),
    "P03": ("C S", "Policy and orders in one change"),
    "P04": ("C S", "A policy version that isn't the next one"),
    "P06": ("C S", "A policy that only its new admins approve"),
    "P07": ("C S A", "A key written twice weakens the policy"),
    "P08": ("C S A", "Thresholds that are no whole number from one"),
    "P09": ("C S A", "A role with fewer people than its threshold"),
    "P10": ("C S", "A path that no right covers"),
    "P12": ("C S", "A policy file that is gone, a link, executable, or huge"),
    "P13": ("S", "A server that is pinned to another root"),
    "P14": ("C S", "Plugins, schemas, templates or workflows changed without the admins"),
    "P16": ("D", "Hooks that are off, gone or elsewhere"),
    "P17": ("C S", "Somebody who has left"),
    "A01": ("C S", "The order changed after it was approved"),
    "A02": ("C S", "Only what is immaterial changed: the approval stands"),
    "A03": ("C S", "An approval copied to another order"),
    "A05": ("C S", "An approval from another repository"),
    "A06": ("C S", "A statement signed as if it were a commit"),
    "A07": ("C S", "Authors approve their own work, by whatever key or name"),
    "A09": ("C", "One person counted by statement and by review"),
    "A10": ("C S", "Two seats by one person"),
    "A11": ("C S", "A role that was lost before it landed"),
    "A12": ("C S", "An approval that expires, to the second"),
    "A13": ("C S", "What a decision rests on was swapped after it"),
    "A14": ("C S", "Statements deleted, edited, renamed or moved"),
    "A15": ("C S", "What was withdrawn is put back"),
    "A17": ("C S", "A signature over other bytes than are stored"),
    "A18": ("C S", "Two keys of one person are one person"),
    "A19": ("C S", "Sums at the border of two flows"),
    "A21": ("C S", "An order that says itself that it is approved"),
    "A22": ("C S", "A statement before its order, or in a case whose name differs by case"),
    "A24": ("C S A", "A squash: detached signatures survive, those of commits don't"),
    "M01": ("C S A", "A merge that brings its own changes"),
    "M02": ("C S", "Merges of three, and merges without one base"),
    "M03": ("C S", "A conflict solved by hand"),
    "M04": ("C S A", "A trusted file that a branch changes and takes back"),
    "M05": ("C S", "Attributes that make git merge otherwise"),
    "M06": ("C S A", "History rewritten"),
    "M07": ("S", "A branch deleted, or deleted and made anew"),
    "M08": ("S", "A branch set back to where it was"),
    "M09": ("S", "Commits laundered through a branch that nobody guards"),
    "M12": ("C S A", "Replace refs, grafts and alternates"),
    "M13": ("C", "A shallow clone"),
    "M14": ("S", "One bad ref among good ones"),
    "M15": ("S", "Tags moved, renamed, unsigned"),
    "M17": ("S", "Push certificates made up, altered or played again"),
    "M18": ("S", "Names of refs that shadow others"),
    "H01": ("C", "A review of an older commit"),
    "H03": ("C", "A review by author, pusher, bot or stranger"),
    "H05": ("C", "A forge that answers in pages, badly, or not at all"),
    "H06": ("C", "A pull request that was given another target after its review"),
    "H07": ("C", "A change of the workflow that judges it"),
    "H08": ("D", "Slips in workflows"),
    "H09": ("D", "A status that somebody else set"),
    "H10": ("D", "Rulesets that have drifted"),
    "H11": ("C", "The merge queue's own commit"),
    "H12": ("C A", "A forge's merge, clean and not"),
    "H13": ("C A", "A forge's squash of what nobody approved"),
    "H15": ("C", "Two pull requests, both good, not together"),
    "H16": ("C", "A push after the verdict"),
    "K01": ("C S", "Two orders that fit the credit one by one"),
    "K02": ("C S", "Two orders that fit the stock one by one"),
    "K03": ("S", "One number, one path, two orders"),
    "K04": ("C S", "One number in two places"),
    "K06": ("S", "Many clients push at once"),
    "K08": ("S", "Two guarded branches"),
    "X05": ("C S", "A plugin that alters what it judges"),
    "X07": ("C S", "A plugin that ends, forks, eats memory, writes, or opens a connection"),
}
"""Case → places where it must be refused, and what it is."""

_IN_NAME = re.compile(r"(?<![a-z0-9])([scpamhkx][0-9]{2})(?![0-9])")
_IN_TEXT = re.compile(r"\b([SCPAMHKX][0-9]{2})\b")


@dataclass(frozen=True)
class Test:
    """A test, the cases that it tries, and where it judges."""

    name: str
    cases: frozenset[str]
    places: frozenset[str]


@cache
def collect(root: Path) -> list[Test]:
    """Return the tests that try attacks, by name."""
    found: list[Test] = []
    for file in sorted((root / "tests").glob("*/test_*.py")):
        found += _tests(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8"))
    return found


def _tests(path: str, text: str) -> Iterator[Test]:
    tree = ast.parse(text)
    tables = {
        target.id: [key.value for key in node.value.keys if isinstance(key, ast.Constant)]
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict)
        for target in ([node.target] if isinstance(node, ast.AnnAssign) else node.targets)
        if isinstance(target, ast.Name)
    }
    helpers = {n.name: ast.get_source_segment(text, n) or "" for n in tree.body if isinstance(n, ast.FunctionDef)}
    for owner, node in _functions(tree):
        source = ast.get_source_segment(text, node) or ""
        marks = "".join(ast.get_source_segment(text, d) or "" for d in node.decorator_list)
        said = f"{ast.get_docstring(owner) or ''} {ast.get_docstring(node) or ''}"
        named = {c.upper() for c in _IN_NAME.findall(node.name)} | set(_IN_TEXT.findall(f"{said} {marks}"))
        for table, keys in tables.items():
            if re.search(rf"\b{table}\b", marks):
                named |= {c for key in keys for c in _IN_TEXT.findall(str(key))}
        called = source + "".join(helpers.get(name, "") for name in set(re.findall(r"\b(\w+)\(", source)))
        label = node.name if owner is tree else f"{owner.name}::{node.name}"  # type: ignore[union-attr]
        if cases := named & CASES.keys():
            yield Test(f"{path}::{label}", frozenset(cases), _places(path, called))


def _functions(tree: ast.Module) -> Iterator[tuple[ast.Module | ast.ClassDef, ast.FunctionDef]]:
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        for each in inner:
            if isinstance(each, ast.FunctionDef) and each.name.startswith("test_"):
                yield (node if isinstance(node, ast.ClassDef) else tree), each


def _places(path: str, source: str) -> frozenset[str]:
    found = set()
    if ".everywhere(" in source:
        found |= set("CS") if source.count("audit=False") == source.count(".everywhere(") else set("CSA")
    if re.search(r"\.(gate|codes)\(", source) or "tests/forge/test_" in path or '"gate"' in source:
        found.add("C")
    if path.startswith("tests/server/"):
        found.add("S")
    if path.startswith("tests/trust/test_audit"):
        found.add("A")
    if "doctor" in source or "/test_doctor" in path:
        found = {"D"} | (found - {"C", "S"} if "/test_doctor" in path else found)
    if "pre-commit" in source:
        found.add("L")
    return frozenset(found)


def lacking(root: Path) -> list[str]:
    """Return the cases that no test tries at a place where they must be refused."""
    tests = collect(root)
    found = []
    for case, (places, _) in CASES.items():
        own = [test for test in tests if case in test.cases]
        tried = set().union(*(test.places for test in own))
        found += [f"{case} {place}" for place in places.split() if place not in tried]
        found += [] if own else [case]
    return found


def document(root: Path) -> str:
    """Return the document's text."""
    tests = collect(root)
    head = (
        "Written by `python scripts/attacks_doc.py`. Each attack is tried against real repositories with real keys, "
        "beside its honest twin, which passes. Where it must be refused:"
    )
    same = (
        "`Company.everywhere` in the tests judges one change by gate, push and audit, and asserts that all three name "
        "the same codes."
    )
    rows = [
        "# Attacks, and the tests that try them",
        "",
        head,
        "",
        *(f"- {place}: {what}" for place, what in PLACES.items()),
        "",
        same,
        "",
        "| case | attack | where | tests |",
        "|---|---|---|---|",
    ]
    for case, (places, what) in CASES.items():
        names = [test.name.removeprefix("tests/") for test in tests if case in test.cases]
        rows.append(f"| {case} | {what} | {places or '–'} | {'<br>'.join(f'`{name}`' for name in names)} |")
    return "\n".join(rows) + "\n"


def main() -> int:
    """Write the document; exit 1 if an attack isn't tried where it must be refused."""
    TARGET.write_text(document(ROOT), encoding="utf-8")
    missing = lacking(ROOT)
    for line in missing:
        print(line, file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
