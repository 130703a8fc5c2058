"""Every attack of the list is tried where it must be refused, and ``docs/attacks.md`` says by which tests."""

from __future__ import annotations

from pathlib import Path

from scripts import attacks_doc

ROOT = Path(__file__).resolve().parents[2]


def test_every_attack_is_tried_at_every_place() -> None:
    assert attacks_doc.lacking(ROOT) == []


def test_the_committed_document_is_current() -> None:
    text = attacks_doc.TARGET.read_text(encoding="utf-8")
    assert text == attacks_doc.document(ROOT), "run: python scripts/attacks_doc.py"


def test_a_case_is_found_in_names_docstrings_and_tables(tmp_path: Path) -> None:
    (tmp_path / "tests/trust").mkdir(parents=True)
    (tmp_path / "tests/trust/test_x.py").write_text(
        "import pytest\n"
        'CASES = {"A01 one": 1, "fine": 2}\n'
        'class TestIt:\n    """M15."""\n    def test_in_a_class(self): firm.gate()\n'
        "def test_s01_s02_in_a_name(firm): firm.everywhere()\n"
        "def test_no_case(firm): firm.everywhere()\n"
        '@pytest.mark.parametrize("name", CASES)\ndef test_in_a_table(name): firm.everywhere(audit=False)\n'
    )
    found = {
        test.name.partition("::")[2]: (set(test.cases), set(test.places)) for test in attacks_doc.collect(tmp_path)
    }
    assert found == {
        "TestIt::test_in_a_class": ({"M15"}, {"C"}),
        "test_s01_s02_in_a_name": ({"S01", "S02"}, {"C", "S", "A"}),
        "test_in_a_table": ({"A01"}, {"C", "S"}),
    }
    missing = attacks_doc.lacking(tmp_path)
    assert "S01 C" not in missing
    assert "A01 S" not in missing
    assert "M15 S" in missing
    assert "K08" in missing
