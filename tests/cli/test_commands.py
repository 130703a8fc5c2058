"""The small commands, each in a process of its own: what they print, write and refuse."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from orderctl.digest import material_digest
from orderctl.load import load
from orderctl.pipeline import find_workspace
from orderctl.revisions import catalogue
from tests.cli.conftest import AS_OF, Run, change, git

ORDER = "orders/2024/05/OD2024050012/order.yaml"

# --- explain -------------------------------------------------------------------------------------------------------


def test_explain_shows_a_page_in_one_language(shop: Path, orderctl: Run) -> None:
    english = orderctl("explain", "line-amount-wrong", cwd=shop).stdout
    chinese = orderctl("explain", "line-amount-wrong", "--lang", "zh", cwd=shop).stdout
    assert english.startswith(
        "# line-amount-wrong\n\nerror · checks: quotation, order · since 0.1 · fulfils ORD-3\n\nA line's"
    )
    assert chinese.startswith(
        "# line-amount-wrong\n\n错误 · 检查：quotation、order · 自 0.1 版 · 对应需求 ORD-3\n\n行金额"
    )
    assert [h for h in english.splitlines() if h.startswith("## ")] == [
        "## Why is this bad?",
        "## Fails",
        "## Passes",
        "## How to fix",
    ]
    assert "## 怎么改" in chinese
    assert "Why is this bad" not in chinese


def test_explain_knows_codes_and_spellings(orderctl: Run, tmp_path: Path) -> None:
    assert "yaml.colon" in orderctl("explain", "yaml.colon", cwd=tmp_path).stdout
    assert orderctl("explain", "line_amount_wrong", cwd=tmp_path).returncode == 0
    done = orderctl("explain", "line-amount-rong", cwd=tmp_path)
    assert done.returncode == 2
    assert "Did you mean: line-amount-wrong" in done.stderr


def test_explain_lists_every_rule_and_code(orderctl: Run, tmp_path: Path) -> None:
    from orderctl.catalogue import machine_codes
    from orderctl.resources import builtin

    names = {line.split("  ")[0] for line in orderctl("explain", cwd=tmp_path).stdout.splitlines()[1:]}
    rules = {p.stem.replace("_", "-") for p in (builtin("plugins") / "rules").glob("[!_]*.py")}
    assert names == rules | set(machine_codes())


# --- show and list -------------------------------------------------------------------------------------------------


def test_show_an_order(shop: Path, orderctl: Run) -> None:
    done = orderctl("show", "OD2024050013", "--as-of", AS_OF, cwd=shop)
    assert done.returncode == 0
    text = done.stdout
    assert text.startswith("Order OD2024050013\norders/2024/05/OD2024050013/order.yaml\n\nComputed: status\n")
    assert "Total" in text and "7000.00" in text
    assert re.search(r"Salesperson +Lin Xiao \(lin-xiao\)", text) and "Tang Gong (tang-gong)" in text
    assert "their proof is not verified" in text
    assert text.index("Timeline") > text.index("Document")


@pytest.mark.parametrize(
    ("id", "path"),
    [
        ("od2024050012", "orders/2024/05/OD2024050012/order.yaml"),
        ("KH2024050012", "orders/2024/05/OD2024050012/requirement.yaml"),
        ("SH202405001", "orders/2024/05/OD2024050012/ticket-1.yaml"),
        ("C0001", "customers/C0001.yaml"),
        ("CHAIR-E1", "catalog/products/CHAIR-E1.yaml"),
        ("OD2024050012/delivery-1", "orders/2024/05/OD2024050012/delivery-1.yaml"),
    ],
)
def test_show_finds_by_any_number(shop: Path, orderctl: Run, id: str, path: str) -> None:
    done = orderctl("show", id, "--as-of", AS_OF, "--output", "json", cwd=shop)
    assert json.loads(done.stdout)["path"] == path


def test_show_names_the_nearest(shop: Path, orderctl: Run) -> None:
    done = orderctl("show", "OD2024050021", cwd=shop)
    assert (done.returncode, done.stdout) == (2, "")
    assert "OD2024050012" in done.stderr


def test_show_says_why_a_document_cannot_be_read(shop: Path, orderctl: Run) -> None:
    (shop / "customers/C0007.yaml").write_text("schema: customer/1\nid: [\n")
    done = orderctl("show", "C0007", cwd=shop)
    assert done.returncode == 10
    assert done.stdout.startswith("customers/C0007.yaml:")
    assert " yaml." in done.stdout


def test_list_in_words_and_as_data(shop: Path, orderctl: Run) -> None:
    text = orderctl("list", "order", "--as-of", AS_OF, "--lang", "zh", cwd=shop)
    rows = [line.split() for line in text.stdout.splitlines()]
    assert rows[0][:3] == ["订单编号", "状态", "客户"]
    assert [row[0] for row in rows[1:]] == ["OD2024050012", "OD2024050013"]
    assert rows[2][1] == "已批准"
    assert text.stderr == "订单信息录入表：2 份单据\n"
    data = json.loads(orderctl("list", "order", "--as-of", AS_OF, "--output", "json", cwd=shop).stdout)
    assert [(r["id"], r["status"], r["total"]) for r in data][1] == ("OD2024050013", "approved", "7000.00")


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (["status=approved"], ["OD2024050013"]),
        (["customer=c0001"], ["OD2024050012", "OD2024050013"]),
        (["customer=C0001", "total=7000"], ["OD2024050013"]),
        (["urgent=true"], []),
        (["urgent=否"], ["OD2024050012", "OD2024050013"]),
    ],
)
def test_list_where(shop: Path, orderctl: Run, where: list[str], found: list[str]) -> None:
    words = [w for condition in where for w in ("--where", condition)]
    done = orderctl("list", "order", *words, "--as-of", AS_OF, "--output", "json", cwd=shop)
    assert [r["id"] for r in json.loads(done.stdout)] == found


@pytest.mark.parametrize("words", [["ordr"], ["order", "--where", "colour=red"], ["order", "--where", "status"]])
def test_list_refuses_by_name(shop: Path, orderctl: Run, words: list[str]) -> None:
    done = orderctl("list", *words, cwd=shop)
    assert (done.returncode, done.stdout) == (2, "")
    assert "status" in done.stderr or "order" in done.stderr


# --- fmt -----------------------------------------------------------------------------------------------------------

UNTIDY = """\
\ufeff# heading\r
schema: hold/1\r
from:   2024-06-01   # first day
# who asked
by: lin-xiao
reason: '客户要求暂缓'"""
TIDY = """\
# heading
schema: hold/1
reason: '客户要求暂缓'
from: 2024-06-01   # first day
# who asked
by: lin-xiao
"""


def test_fmt_keeps_values_and_comments(shop: Path, orderctl: Run) -> None:
    file = shop / "orders/2024/05/OD2024050013/hold-1.yaml"
    file.write_text(UNTIDY, newline="")
    check = orderctl("fmt", "--check", str(file), cwd=shop)
    assert (check.returncode, file.read_bytes()) == (10, UNTIDY.encode())
    assert orderctl("fmt", str(file), cwd=shop).returncode == 0
    assert [" ".join(row.split()) for row in file.read_text().splitlines()] == [
        " ".join(row.split()) for row in TIDY.splitlines()
    ]
    again = file.read_bytes()
    assert orderctl("fmt", "--check", cwd=shop).returncode in (0, 10)
    assert orderctl("fmt", str(file), cwd=shop).returncode == 0
    assert file.read_bytes() == again
    assert b"\r" not in again and not again.startswith(b"\xef\xbb\xbf") and again.endswith(b"\n")


def test_fmt_leaves_what_it_cannot_read(shop: Path, orderctl: Run) -> None:
    file = shop / "orders/2024/05/OD2024050013/hold-1.yaml"
    file.write_text("schema: hold/1\nreason: 0012\nby:   x\n")
    done = orderctl("fmt", cwd=shop)
    assert done.returncode == 10
    assert "hold-1.yaml: left alone" in done.stderr
    assert file.read_text() == "schema: hold/1\nreason: 0012\nby:   x\n"


def test_fmt_without_documents(shop: Path, orderctl: Run) -> None:
    assert orderctl("fmt", "site", cwd=shop).returncode == 3


# --- init and calendar ---------------------------------------------------------------------------------------------

IDENTITY = {
    "GIT_AUTHOR_NAME": "林晓",
    "GIT_AUTHOR_EMAIL": "lin.xiao@muyan.example",
    "GIT_COMMITTER_NAME": "林晓",
    "GIT_COMMITTER_EMAIL": "lin.xiao@muyan.example",
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_new_workspace_checks_clean(tmp_path: Path, orderctl: Run, language: str) -> None:
    done = orderctl("init", "shop", "--lang", language, cwd=tmp_path, env=IDENTITY)
    assert (done.returncode, done.stdout) == (0, "")
    assert ("接下来：\n  1. cd shop" if language == "zh" else "Next:\n  1. cd shop") in done.stderr
    check = orderctl("check", cwd=tmp_path / "shop")
    assert (check.returncode, check.stdout) == (0, "6 documents checked: no findings\n")
    assert orderctl("fmt", "--check", cwd=tmp_path / "shop").returncode == 0
    assert git(tmp_path / "shop", "status", "--porcelain") == ""
    assert (
        git(tmp_path / "shop", "log", "--format=%an %s")
        == f"林晓 {'新建工作区' if language == 'zh' else 'Start the workspace'}\n"
    )
    for folder in ("customers", "catalog/products", "orders", "schemas", "plugins", "templates", "site"):
        assert (tmp_path / "shop" / folder).is_dir()
    assert (tmp_path / "shop/site/.gitignore").read_text() == "*\n!.gitignore\n"


def test_two_workspaces_are_two_repositories(tmp_path: Path, orderctl: Run) -> None:
    for name in ("one", "two"):
        orderctl("init", name, cwd=tmp_path, env=IDENTITY)
    ids = [
        next(r for r in (tmp_path / n / "orderctl.yaml").read_text().splitlines() if "repository" in r)
        for n in ("one", "two")
    ]
    assert ids[0] != ids[1]


def test_init_without_a_git_identity_says_so(tmp_path: Path, orderctl: Run) -> None:
    done = orderctl("init", "shop", cwd=tmp_path, env={"GIT_CONFIG_NOSYSTEM": "1"})
    assert done.returncode == 0
    assert "git config user.name" in done.stderr
    assert orderctl("check", cwd=tmp_path / "shop").returncode == 0


def test_init_refuses_a_folder_that_holds_something(tmp_path: Path, orderctl: Run) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/letter.txt").write_text("mine")
    done = orderctl("init", "shop", cwd=tmp_path)
    assert (done.returncode, [p.name for p in (tmp_path / "shop").iterdir()]) == (2, ["letter.txt"])


def test_calendar_is_written_once(shop: Path, orderctl: Run) -> None:
    done = orderctl("calendar", "2026", cwd=shop / "orders")
    assert done.returncode == 0
    text = (shop / "calendar/2026.yaml").read_text()
    assert text.startswith("schema: calendar/1\nyear: 2026\n")
    again = orderctl("calendar", "2026", cwd=shop)
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    assert orderctl("calendar", "2026", "--force", cwd=shop).returncode == 0
    assert (shop / "calendar/2026.yaml").read_text() == text
    assert orderctl("check", "calendar", cwd=shop).returncode == 0


def test_a_year_without_a_notice_is_an_estimate(shop: Path, orderctl: Run) -> None:
    assert "2099 is an estimate" in orderctl("calendar", "2099", cwd=shop).stderr
    assert orderctl("calendar", "1999", cwd=shop).returncode == 2


# --- schemas and plugins -------------------------------------------------------------------------------------------


def test_schemas(shop: Path, orderctl: Run) -> None:
    kinds = {k["kind"] for k in json.loads(orderctl("schemas", "list", "--output", "json", cwd=shop).stdout)}
    assert {"order", "customer", "calendar", "workspace"} <= kinds
    shown = orderctl("schemas", "show", "hold", "--lang", "zh", cwd=shop).stdout
    assert shown.splitlines()[0] == "hold · 订单暂停"
    assert "必填" in shown
    schema = json.loads(orderctl("schemas", "show", "hold", "--output", "json", cwd=shop).stdout)
    assert schema["properties"]["schema"] == {"const": "hold/1"} | schema["properties"]["schema"]
    assert "x-" not in json.dumps(schema["properties"]).replace("max-", "")
    assert orderctl("schemas", "show", "hodl", cwd=shop).returncode == 2


def test_a_kind_that_lies_in_several_places_says_all(shop: Path, orderctl: Run) -> None:
    listed = {r["kind"]: r for r in json.loads(orderctl("schemas", "list", "--output", "json", cwd=shop).stdout)}
    assert listed["order"]["paths"] == [listed["order"]["path"]]
    assert listed["waiver"]["paths"] == ["waivers/{id}.yaml"]
    assert [p.partition("/")[0] for p in listed["approval"]["paths"]] == ["orders", "policy", "waivers"]
    text = orderctl("schemas", "list", cwd=shop).stdout
    assert all(path in text for path in listed["receipt"]["paths"])


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("zh", "审批结果：同意、驳回，或撤回之前的意见。可选：approve（同意）、reject（驳回）、withdraw（撤回）"),
        ("en", "Decision: Approve, reject, or withdraw an earlier statement. Choose from: approve, reject, withdraw"),
    ],
)
def test_schemas_show_what_to_choose_from(shop: Path, orderctl: Run, language: str, line: str) -> None:
    assert line in orderctl("schemas", "show", "approval", "--lang", language, cwd=shop).stdout


def test_show_tells_the_digest_that_an_approval_names(shop: Path, orderctl: Run) -> None:
    shown = orderctl("show", "OD2024050012", cwd=shop).stdout
    digest = re.search(r"Digest \(as a submission or approval names it\): ([0-9a-f]{64})\n", shown)
    order = load(ORDER, (shop / ORDER).read_bytes())[0]
    assert digest
    assert digest[1] == material_digest(catalogue(find_workspace(shop)).kinds["order"].schema, order or {})


@pytest.mark.parametrize(
    ("path", "text", "place"),
    [
        ("customers/C0009.yml", "name: x\n", "customers/C0009.yaml"),
        ("catalog/LAMP.yaml", "schema: product/1\n", "catalog/products/LAMP.yaml"),
        ("orders/2024/05/order.yaml", "schema: order/1\n", "orders/2024/05/{case}/order.yaml"),
        ("orders/2024/05/OD2024050012/Order.yaml", "", "orders/2024/05/OD2024050012/order.yaml"),
        ("policy/D.yaml", "schema: product/1\n", "catalog/products/D.yaml"),
        ("customers/x/y/z.yaml", "\n", "customers/z.yaml"),
    ],
)
def test_a_misplaced_document_is_told_its_place(shop: Path, orderctl: Run, path: str, text: str, place: str) -> None:
    (shop / path).parent.mkdir(parents=True, exist_ok=True)
    (shop / path).write_text(text)
    done = orderctl("check", "--as-of", AS_OF, path, cwd=shop)
    assert f"most likely to {place};" in done.stdout


def test_schemas_for_editors(shop: Path, orderctl: Run) -> None:
    settings = shop / ".vscode/settings.json"
    settings.parent.mkdir()
    settings.write_text('{"editor.tabSize": 2, "yaml.schemas": {"mine.json": "mine/*.yaml"}}')
    assert orderctl("schemas", "write", cwd=shop).returncode == 0
    values = json.loads(settings.read_text())
    assert values["editor.tabSize"] == 2
    assert values["yaml.schemas"]["mine.json"] == "mine/*.yaml"
    assert values["yaml.schemas"]["./.orderctl/schemas/shipment.schema.json"] == "orders/*/*/*/shipment-*.yaml"
    assert json.loads((shop / ".orderctl/schemas/shipment.schema.json").read_text())["type"] == "object"
    settings.write_text("{ // mine\n}")
    done = orderctl("schemas", "write", cwd=shop)
    assert (done.returncode, settings.read_text()) == (2, "{ // mine\n}")


PLUGIN = '''"""Orders need a remark.

## Why is this bad?
"""
from orderctl import Rule, Severity, hookimpl

RULE = Rule(id="remark-missing", on="order", severity=Severity.WARNING, since="1", zh="没有备注", en="no remark",
            hint_zh="写一句", hint_en="write one")


@hookimpl
def check(doc, book):
    if not doc.get("remarks"):
        yield RULE.at(doc, "/remarks")
'''


def test_own_plugins_run_only_when_trusted(shop: Path, orderctl: Run) -> None:
    file = shop / "plugins/rules/remark_missing.py"
    file.parent.mkdir(parents=True)
    file.write_text(PLUGIN)
    before = orderctl("check", "--as-of", AS_OF, "--output", "concise", cwd=shop)
    assert (before.returncode, "plugin.untrusted" in before.stdout) == (10, True)
    assert "remark-missing" not in before.stdout
    assert orderctl("plugins", "trust", cwd=shop).returncode == 0
    after = orderctl("check", "--as-of", AS_OF, "--output", "concise", cwd=shop)
    assert (after.returncode, "remark-missing no remark" in after.stdout) == (0, True)
    rows = json.loads(orderctl("plugins", "list", "--output", "json", cwd=shop).stdout)
    assert [r["origin"] for r in rows if r["id"] == "remark-missing"] == ["workspace"]
    change(file, "no remark", "no remark at all")
    assert orderctl("check", "--as-of", AS_OF, cwd=shop).returncode == 10


def test_plugins_are_listed_with_what_they_fulfil(shop: Path, orderctl: Run) -> None:
    rows = json.loads(orderctl("plugins", "--output", "json", cwd=shop).stdout)
    assert {"rule", "fact", "paper", "page", "source"} == {r["type"] for r in rows}
    assert next(r for r in rows if r["id"] == "line-amount-wrong") == {
        "type": "rule",
        "id": "line-amount-wrong",
        "origin": "built-in",
        "covers": ["ORD-3"],
        "path": "plugins/rules/line_amount_wrong.py",
    }
    assert "nothing to trust" in orderctl("plugins", "trust", cwd=shop).stderr
