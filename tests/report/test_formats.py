"""Every output format, whole, in both languages, with awkward data; then what each format's reader relies on."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from orderctl.model import Report, Severity
from orderctl.report import formats, renderer, text
from orderctl.terminal import technical, visible, width, window
from tests.report.awkward import EXPECTED, awkward, shown

BOTH = pytest.mark.parametrize("language", ["en", "zh"])
EVERY = pytest.mark.parametrize("name", formats())


@BOTH
@EVERY
def test_whole_output(name: str, language: str) -> None:
    expected = EXPECTED / f"{name}.{language}.txt"
    assert expected.is_file(), "a new format: run python -m tests.report.awkward and look at what it writes"
    assert renderer(name)(awkward(language)) == expected.read_bytes().decode()


@EVERY
def test_no_control_character_reaches_any_output(name: str) -> None:
    output = renderer(name)(awkward("en"))
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", output) == []
    output.encode()


@BOTH
@EVERY
def test_a_clean_report_is_no_error(name: str, language: str) -> None:
    output = renderer(name)(Report((), 7, language))
    assert "Traceback" not in output
    if name in ("text", "github", "markdown", "junit"):
        assert ("检查了 7 份单据：没有发现问题" if language == "zh" else "7 documents checked: no findings") in output


def test_json_has_the_documented_fields() -> None:
    data = json.loads(renderer("json")(awkward("en")))
    assert list(data) == ["findings", "counts", "documents"]
    assert data["counts"] == {"error": 4, "warning": 1, "info": 1}
    assert data["documents"] == 42
    fields = ["rule", "severity", "path", "line", "column", "field", "message", "hint", "url", "waived_by"]
    assert all(list(f) == fields for f in data["findings"])


def test_gitlab_fingerprints_are_unique_and_stay() -> None:
    twice = shown("vague-wording")
    first = Report((twice, replace(twice, line=9)), 1, "en")
    moved = Report((replace(twice, line=30, message="含糊"), replace(twice, line=40)), 1, "zh")
    prints = [[i["fingerprint"] for i in json.loads(renderer("gitlab")(r))] for r in (first, moved)]
    assert len(set(prints[0])) == 2
    assert prints[0] == prints[1]
    other = Report((replace(twice, field="/other"),), 1, "en")
    assert json.loads(renderer("gitlab")(other))[0]["fingerprint"] not in prints[0]


@pytest.mark.parametrize("count", [9, 10, 11])
def test_github_annotates_ten_and_errors_first(count: int) -> None:
    warnings = tuple(shown("w", Severity.WARNING, line=n + 1) for n in range(count - 1))
    lines = renderer("github")(Report((*warnings, shown("e")), 1, "en")).splitlines()
    annotations = [line for line in lines if line.startswith("::")]
    assert len(annotations) == min(count, 10)
    assert annotations[0].startswith("::error ")
    assert ("1 more finding" in lines) == (count > 10)


def test_github_escapes_as_documented() -> None:
    report = Report((shown("r", path="a%,b:c.yaml", message="50% off: a, b"),), 1, "en")
    assert renderer("github")(report).splitlines()[0] == (
        "::error file=a%25%2Cb%3Ac.yaml,line=3,col=7,title=r::50%25 off: a, b"
    )


def test_junit_is_xml_and_counts() -> None:
    root = ET.fromstring(renderer("junit")(awkward("zh")))
    cases, failures = root.findall(".//testcase"), root.findall(".//failure")
    assert (len(cases), len(failures)) == (int(root.get("tests", 0)), int(root.get("failures", 0))) == (6, 4)


def test_sarif_has_what_code_scanning_needs() -> None:
    log = json.loads(renderer("sarif")(awkward("en")))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert all(r["help"]["text"] and r["shortDescription"]["text"] for r in rules)
    assert [r["ruleId"] for r in run["results"]] == [rules[r["ruleIndex"]]["id"] for r in run["results"]]
    assert {r["level"] for r in run["results"]} == {"error", "warning", "note"}
    uris = [
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for r in run["results"]
        if "physicalLocation" in r["locations"][0]
    ]
    assert "orders/a%20b/%E8%AE%A2%E5%8D%95.yaml" in uris
    assert all(re.fullmatch(r"[!-~]+", uri) for uri in uris)
    regions = [r["locations"][0].get("physicalLocation", {}).get("region") for r in run["results"]]
    assert all(g is None or (g["startLine"] >= 1 and g["startColumn"] >= 1) for g in regions)


def test_markdown_rows_keep_their_cells() -> None:
    rows = [line for line in renderer("markdown")(awkward("en")).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert "javascript:alert" not in "\n".join(rows)


@pytest.mark.parametrize("count", [499, 500, 501])
def test_markdown_stops_before_the_summary_is_refused(count: int) -> None:
    output = renderer("markdown")(Report(tuple(shown("r", line=n + 1) for n in range(count)), 1, "en"))
    assert output.count("🔴") == min(count, 500)
    assert ("… and 1 more finding" in output) == (count > 500)


def test_caret_stands_below_the_field_in_wide_text() -> None:
    source = "credit: {名称: 额度, limit: 200000.00}"
    lines = text.render(Report((shown("r", source=source, column=source.index("limit") + 1),), 1, "zh")).splitlines()
    before = lines[1][: lines[1].index("limit")]
    assert width(before) == lines[2].index("^")


@pytest.mark.parametrize("cells", [95, 96, 97])
def test_a_long_line_is_cut_around_the_caret(cells: int) -> None:
    source = "x" * (cells - 1) + "y"
    cut, at = window(source, cells, text.CELLS)
    assert width(cut) <= text.CELLS
    assert cut[at] == "y"
    assert ("…" in cut) == (cells > text.CELLS)


def test_colour_only_when_asked_for() -> None:
    assert "\x1b[" not in text.render(awkward("en"))
    assert "\x1b[1;31merror\x1b[0m" in text.render(awkward("en"), colour=True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a\x1b[0m", "a\\x1b[0m"),
        ("\udcff", "\\xff"),
        ("\u202e", "\\u202e"),
        ("\n\t\r", "\\n\\t\\r"),
        ("订单 é", "订单 é"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(given: str, expected: str) -> None:
    assert visible(given) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a" * 64, True),
        ("0f" * 16, True),
        ("110000000000000001", False),
        ("A" * 64, False),
        ("f" * 31, False),
        (7, False),
    ],
)
def test_a_digest_is_told_from_an_account_number(value: object, expected: bool) -> None:
    assert technical(value) is expected
