"""Waivers: a finding that one lets pass stays as a note; who, when and what are exact; nothing else is waived."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orderctl import pipeline
from orderctl.model import Report
from orderctl.report import renderer
from orderctl.shown import show
from tests.workspaces import edit, git, orderctl

ORDER = "orders/2024/05/OD2024050012/order.yaml"
NOON = "2024-05-25T12:00:00+08:00"
WAIVER = {
    "schema": "waiver/1",
    "revision": 1,
    "rule": "total-wrong",
    "path": ORDER,
    "reason": "客户要求抹零，财务已知悉",
    "requested_by": "lin-xiao",
    "from": "2024-05-20",
    "until": "2024-05-31",
}
STATEMENT = {
    "schema": "approval/1",
    "subject": "waiver",
    "number": "W1",
    "path": "waivers/W1.yaml",
    "revision": 1,
    "digest": "0" * 64,
    "stage": "finance",
    "decision": "approve",
    "opinion": "金额差异已核对",
    "person": "su-cai",
    "issued": "2024-05-20T10:00:00+08:00",
}


def write(root: Path, path: str, data: dict[str, Any]) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text("".join(f"{k}: {json.dumps(v)}\n" for k, v in data.items()), encoding="utf-8")


@pytest.fixture
def wrong(shop: Path) -> Path:
    """A workspace with one error: an order's total is off."""
    edit(shop, ORDER, "total: 11700.00", "total: 11700.01")
    return shop


def check(root: Path, as_of: str = NOON, *args: str) -> tuple[int, list[dict[str, Any]], dict[str, int]]:
    done = orderctl(root, "check", "--as-of", as_of, "--output", "json", *args)
    answer = json.loads(done.stdout)
    about = [f for f in answer["findings"] if f["rule"] == "total-wrong" or f["rule"].startswith("waiver.")]
    return done.returncode, about, answer["counts"]


def told(root: Path, as_of: str = NOON, changed: str | None = None) -> list[tuple[str, str, str]]:
    """Return rule, severity and waiver of what is found about totals and waivers."""
    found = pipeline.check(pipeline.find_workspace(root), changed=changed, as_of=as_of, jobs=1).findings
    about = [f for f in found if f.rule == "total-wrong" or f.rule.startswith("waiver.")]
    return sorted((f.rule, f.severity.value, f.waived_by) for f in about)


ERROR = [("total-wrong", "error", "")]
WAIVED = [("total-wrong", "info", "W1")]


def test_an_approved_waiver_lets_its_finding_pass(wrong: Path) -> None:
    assert told(wrong) == ERROR
    write(wrong, "waivers/W1.yaml", WAIVER)
    assert told(wrong) == ERROR  # nobody has approved it
    write(wrong, "waivers/approvals/waiver-1-finance.su-cai.yaml", STATEMENT)
    assert told(wrong) == WAIVED
    code, found, counts = check(wrong)
    assert (code, counts["error"]) == (0, 0)
    assert found[0]["message"].endswith(" (waived by W1)")


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2024-05-19T23:59:59+08:00", ERROR),
        ("2024-05-20T00:00:00+08:00", WAIVED),
        ("2024-05-31T23:59:59+08:00", WAIVED),
        ("2024-06-01T00:00:00+08:00", ERROR),
    ],
)
def test_from_its_first_day_to_the_end_of_its_last(
    wrong: Path, as_of: str, expected: list[tuple[str, str, str]]
) -> None:
    write(wrong, "waivers/W1.yaml", WAIVER)
    write(wrong, "waivers/approvals/waiver-1-finance.su-cai.yaml", STATEMENT)
    assert told(wrong, as_of) == expected


STALE = ("waiver.stale", "info", "")


@pytest.mark.parametrize(
    ("waiver", "statement", "expected"),
    [
        ({"pointer": "/total"}, {}, WAIVED),
        ({"pointer": "/tax"}, {}, [*ERROR, STALE]),
        ({"path": "orders/2024/05/OD2024050013/order.yaml"}, {}, [*ERROR, STALE]),
        ({"rule": "tax-wrong"}, {}, [*ERROR, STALE]),
        ({"rule": "total-wrogn"}, {}, [*ERROR, ("waiver.unknown_rule", "error", "")]),
        ({"rule": "approver-is-author"}, {}, [*ERROR, ("waiver.never", "error", "")]),
        ({"rule": "shipped-before-approval"}, {}, [*ERROR, ("waiver.never", "error", "")]),
        ({"revision": 2}, {}, ERROR),
        ({}, {"decision": "reject"}, ERROR),
        ({}, {"decision": "withdraw"}, ERROR),
        ({}, {"stage": "production"}, ERROR),
        ({}, {"number": "W2"}, ERROR),
        ({}, {"path": "waivers/W2.yaml"}, ERROR),
        ({"requested_by": "su-cai"}, {}, ERROR),
        ({}, {"expires": "2024-05-25T12:00:00+08:00"}, WAIVED),  # approved in time; the waiver has its own end
        ({}, {"immaterial": []}, ERROR),  # and so another digest
    ],
)
def test_it_waives_exactly_what_was_approved(
    wrong: Path, waiver: dict[str, Any], statement: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    write(wrong, "waivers/W1.yaml", WAIVER | waiver)
    write(wrong, "waivers/approvals/waiver-1-finance.su-cai.yaml", STATEMENT | statement)
    assert told(wrong) == expected


def test_a_dotted_code_is_never_waived(shop: Path) -> None:
    edit(shop, ORDER, "kind: custom", "kind: bespoke")
    write(shop, "waivers/W1.yaml", WAIVER | {"rule": "schema.enum"})
    write(shop, "waivers/approvals/waiver-1-finance.su-cai.yaml", STATEMENT)
    done = orderctl(shop, "check", "--as-of", NOON, "--output", "concise")
    assert done.returncode == 10
    assert "error schema.enum" in done.stdout


def test_without_a_flow_for_waivers_there_are_none(wrong: Path) -> None:
    edit(wrong, "policy/flows.yaml", "subject: waiver", "subject: change")
    write(wrong, "waivers/W1.yaml", WAIVER)
    write(wrong, "waivers/approvals/waiver-1-finance.su-cai.yaml", STATEMENT)
    assert told(wrong) == ERROR


def test_a_change_that_takes_a_waiver_away_shows_the_error_again(wrong: Path) -> None:
    write(wrong, "waivers/W1.yaml", WAIVER)
    write(wrong, "waivers/approvals/waiver-1-finance.su-cai.yaml", STATEMENT)
    git(wrong, "add", "-A")
    git(wrong, "commit", "-q", "-m", "waived")
    (wrong / "waivers" / "W1.yaml").unlink()
    assert told(wrong, changed="HEAD") == ERROR


@pytest.mark.parametrize("name", ["text", "concise", "github", "gitlab", "junit", "markdown", "sarif"])
def test_every_format_names_the_waiver(wrong: Path, name: str) -> None:
    write(wrong, "waivers/W1.yaml", WAIVER)
    write(wrong, "waivers/approvals/waiver-1-finance.su-cai.yaml", STATEMENT)
    outcome = pipeline.check(pipeline.find_workspace(wrong), as_of=NOON, jobs=1)
    for language, words in (("en", "waived by W1"), ("zh", "（由 W1 豁免）")):
        shown = show(outcome.findings, outcome.read, outcome.catalogue.sentence, language)
        assert words in renderer(name)(Report(shown, outcome.documents, language))
