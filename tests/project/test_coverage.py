"""Every requirement that this version claims is fulfilled by something, and ``docs/coverage.md`` says by what."""

from __future__ import annotations

import shutil
from pathlib import Path

from scripts import coverage_doc

ROOT = Path(__file__).resolve().parents[2]


def test_every_claim_is_fulfilled() -> None:
    assert coverage_doc.missing(ROOT) == []


def test_only_known_numbers_are_named() -> None:
    assert sorted({number for number, _ in coverage_doc.collect(ROOT)} - set(coverage_doc.TITLES)) == []


def test_the_committed_document_is_current() -> None:
    text = coverage_doc.TARGET.read_text(encoding="utf-8")
    assert text == coverage_doc.document(ROOT), "run: python scripts/coverage_doc.py"


def test_a_number_comes_from_each_place(tmp_path: Path) -> None:
    texts = {
        "schemas/gift.schema.json": '{"x-kind": "gift", "x-covers": ["CUS-1"]}',
        "plugins/rules/too_late.py": 'RULE = Rule(id="too-late", covers=("REQ-1", "REQ-2"))',
        "plugins/papers/label.py": 'PAPER = Paper(id="label", covers=("PAP",))',
        "orderctl/commands/show.py": 'COVERS = ("ORD-15",)',
        "orderctl/commands/list.py": 'COVERS: tuple[str, ...] = ("ORD-15",)',
        "docs/tax.md": "# Tax\n<!-- covers: ORD-13, ORD-3 -->\n",
        "docs/none.md": "# None\n",
    }
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert list(coverage_doc.collect(tmp_path)) == [
        ("CUS-1", ("kind", "gift")),
        ("REQ-1", ("rule", "too-late")),
        ("REQ-2", ("rule", "too-late")),
        ("PAP", ("paper", "label")),
        ("ORD-15", ("command", "list")),
        ("ORD-15", ("command", "show")),
        ("ORD-13", ("document", "tax.md")),
        ("ORD-3", ("document", "tax.md")),
    ]
    assert "REQ-2 (rule)" not in coverage_doc.missing(tmp_path)
    shutil.rmtree(tmp_path / "plugins")
    assert "REQ-2 (rule)" in coverage_doc.missing(tmp_path)
    assert "too-late" not in coverage_doc.document(tmp_path)
