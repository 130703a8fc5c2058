"""``orderctl check`` in a process of its own, on a real repository: outputs, exit codes, places."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import AS_OF, PROGRAM, Run, change, git

ORDER = "orders/2024/05/OD2024050012/order.yaml"
SECOND = "orders/2024/05/OD2024050013/order.yaml"

TEXT_EN = """\
orders/2024/05/OD2024050013/order.yaml:17:149: error [line-amount-wrong] \
line 1 says 7000.01, but 20 × 350.00 − 0.00 = 7000.00
  17 | … 20, unit_price: 350.00, discount: 0.00, tax_rate: 13, amount: 7000.01}
     |                                                                 ^
  → if quantity, price and discount are right, the amount is 7000.00
  more: orderctl explain line-amount-wrong

1 document checked: 1 error
"""
TEXT_ZH = """\
orders/2024/05/OD2024050013/order.yaml:17:149: 错误 [line-amount-wrong] \
第 1 行金额 7000.01 不对：20 × 350.00 − 0.00 = 7000.00
  17 | … 20, unit_price: 350.00, discount: 0.00, tax_rate: 13, amount: 7000.01}
     |                                                                 ^
  → 数量、单价、折扣无误时，金额应填 7000.00
  详情：orderctl explain line-amount-wrong

检查了 1 份单据：1 个错误
"""


@pytest.fixture
def wrong(shop: Path) -> Path:
    """The base workspace with one amount a cent off."""
    change(shop / SECOND, "amount: 7000.00", "amount: 7000.01")
    return shop


def test_clean_exits_0_warnings_too(shop: Path, orderctl: Run) -> None:
    done = orderctl("check", "--as-of", AS_OF, cwd=shop)
    assert (done.returncode, done.stderr) == (0, "")
    documents = len(list(shop.rglob("*.yaml")))
    assert done.stdout.splitlines()[-1] == f"{documents} documents checked: 2 warnings"


@pytest.mark.parametrize(("language", "expected"), [("en", TEXT_EN), ("zh", TEXT_ZH)])
def test_an_error_is_shown_whole_and_exits_10(wrong: Path, orderctl: Run, language: str, expected: str) -> None:
    done = orderctl("check", SECOND, "--as-of", AS_OF, "--lang", language, cwd=wrong)
    assert done.stdout == expected
    assert (done.returncode, done.stderr) == (10, "")


def test_several_outputs_in_one_run(wrong: Path, orderctl: Run) -> None:
    done = orderctl(
        "check",
        SECOND,
        "--as-of",
        AS_OF,
        "--output",
        "concise",
        "--output",
        "json:out.json",
        "--output",
        "junit:o.xml",
        cwd=wrong,
    )
    assert done.returncode == 10
    assert done.stdout == (
        f"{SECOND}:17:149: error line-amount-wrong line 1 says 7000.01, but 20 × 350.00 − 0.00 = 7000.00\n"
    )
    data = json.loads((wrong / "out.json").read_text())
    assert data == {
        "findings": [
            {
                "rule": "line-amount-wrong",
                "severity": "error",
                "path": SECOND,
                "line": 17,
                "column": 149,
                "field": "/lines/0/amount",
                "message": "line 1 says 7000.01, but 20 × 350.00 − 0.00 = 7000.00",
                "hint": "if quantity, price and discount are right, the amount is 7000.00",
                "url": "",
                "waived_by": "",
            }
        ],
        "counts": {"error": 1, "warning": 0, "info": 0},
        "documents": 1,
    }
    assert (wrong / "o.xml").read_text().startswith("<?xml")


def test_outputs_to_files_only_leave_the_sum_on_stderr(wrong: Path, orderctl: Run) -> None:
    done = orderctl("check", SECOND, "--as-of", AS_OF, "--output", "json:out.json", cwd=wrong)
    assert (done.stdout, done.stderr) == ("", "1 document checked: 1 error\n")
    quiet = orderctl("check", SECOND, "--as-of", AS_OF, "--output", "json:out.json", "-q", cwd=wrong)
    assert (quiet.stdout, quiet.stderr, quiet.returncode) == ("", "", 10)


def test_quiet_is_concise_and_quieter_is_silent(wrong: Path, orderctl: Run) -> None:
    once = orderctl("-q", "check", SECOND, "--as-of", AS_OF, cwd=wrong)
    assert once.stdout.count("\n") == 1
    twice = orderctl("check", SECOND, "--as-of", AS_OF, "-qq", cwd=wrong)
    assert (twice.stdout, twice.returncode) == ("", 10)


@pytest.mark.parametrize("output", ["yaml", "json:", "", "text/../x"])
def test_an_unknown_output_is_a_usage_error(shop: Path, orderctl: Run, output: str) -> None:
    done = orderctl("check", "--output", output, cwd=shop)
    assert done.returncode == 2
    assert "concise, github, gitlab, json, junit, markdown, sarif, text" in done.stderr


def test_an_output_that_cannot_be_written_is_a_usage_error(shop: Path, orderctl: Run) -> None:
    done = orderctl("check", "--as-of", AS_OF, "--output", "json:no/such/folder.json", cwd=shop)
    assert done.returncode == 2
    assert "no/such/folder.json" in done.stderr


def test_nothing_to_check_exits_3(shop: Path, orderctl: Run) -> None:
    done = orderctl("check", "orders/2023", "--as-of", AS_OF, cwd=shop)
    assert (done.returncode, done.stderr) == (3, "Nothing to check: no documents there.\n")


def test_paths_are_relative_to_where_one_stands(wrong: Path, orderctl: Run) -> None:
    case = wrong / "orders/2024/05/OD2024050013"
    inner = orderctl("check", "order.yaml", "--as-of", AS_OF, "--output", "concise", cwd=case)
    outer = orderctl("-C", str(case), "check", "order.yaml", "--as-of", AS_OF, "--output", "concise")
    assert inner.stdout == outer.stdout
    assert inner.stdout.startswith(SECOND + ":17:")
    assert orderctl("check", "/etc", cwd=wrong).returncode == 2


def test_a_commit_is_checked_whatever_the_disk_holds(wrong: Path, orderctl: Run) -> None:
    assert orderctl("check", "--rev", "HEAD", "--as-of", AS_OF, cwd=wrong).returncode == 0
    git(wrong, "commit", "-qam", "Wrong amount")
    assert orderctl("check", "--rev", "HEAD", "--as-of", AS_OF, cwd=wrong).returncode == 10
    assert orderctl("check", "--rev", "HEAD~1", "--as-of", AS_OF, cwd=wrong).returncode == 0
    gone = orderctl("check", "--rev", "no-such", cwd=wrong)
    assert (gone.returncode, "no-such" in gone.stderr) == (2, True)


def test_only_what_a_change_broke(wrong: Path, orderctl: Run) -> None:
    done = orderctl("check", "--changed", "HEAD", "--as-of", AS_OF, "--output", "concise", cwd=wrong)
    assert done.returncode == 10
    assert [line.split(" ")[2] for line in done.stdout.splitlines()] == ["line-amount-wrong"]
    for path, code in (("orders", 10), ("customers", 0)):
        assert orderctl("check", path, "--changed", "HEAD", "--as-of", AS_OF, cwd=wrong).returncode == code
    git(wrong, "checkout", "-q", ".")
    assert orderctl("check", "--changed", "HEAD", "--as-of", AS_OF, cwd=wrong).returncode == 0


@pytest.mark.parametrize("when", ["yesterday", "2024-13-01", "2024-05-20T10:00:00"])
def test_a_time_that_is_none_is_a_usage_error(shop: Path, orderctl: Run, when: str) -> None:
    done = orderctl("check", "--as-of", when, cwd=shop)
    assert (done.returncode, when in done.stderr) == (2, True)


def test_outside_a_workspace(tmp_path: Path, orderctl: Run) -> None:
    done = orderctl("check", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "orderctl init" in done.stderr


def test_no_raw_byte_of_a_path_reaches_any_output(shop: Path, orderctl: Run) -> None:
    (shop / "customers" / "\x1b[31mred\u202e\udcff\n.yaml").write_text("schema: customer/1\n")
    for output in ("text", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown"):
        done = orderctl("check", "--as-of", AS_OF, "--output", output, cwd=shop)
        assert done.returncode == 10, done.stderr
        assert "\x1b" not in done.stdout
        assert "\u202e" not in done.stdout
        assert "\udcff" not in done.stdout
        assert "red" in done.stdout


def test_a_stream_that_holds_only_ascii(wrong: Path, orderctl: Run) -> None:
    done = orderctl("check", SECOND, "--as-of", AS_OF, "--lang", "zh", cwd=wrong, env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (10, "")
    assert "\\u9519\\u8bef" in done.stdout


def test_a_reader_that_goes_away(wrong: Path) -> None:
    command = f"'{PROGRAM}' check --as-of {AS_OF} --lang en; echo $? >&2"
    done = subprocess.run(
        ["bash", "-c", f"({command}) | true"], cwd=wrong, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == "10\n"


def test_no_colour_in_a_pipe(wrong: Path, orderctl: Run) -> None:
    assert "\x1b" not in orderctl("check", "--as-of", AS_OF, cwd=wrong).stdout


def test_ten_findings_in_one_file_come_in_one_run(shop: Path, orderctl: Run) -> None:
    file = shop / "customers/C0001.yaml"
    text = file.read_text()
    file.write_text("".join(f"unknown_{n}: 1\n" for n in range(10)).join([text, ""]))
    done = orderctl("check", "customers", "--as-of", AS_OF, "--output", "json", cwd=shop)
    findings = [f for f in json.loads(done.stdout)["findings"] if f["rule"].startswith("schema.")]
    assert len(findings) >= 10
    assert [f["line"] for f in findings] == sorted(f["line"] for f in findings)
    assert all(f["hint"] for f in findings)
