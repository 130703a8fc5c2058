"""A company's plugins that are wrong in every way: each is named, what it can't spoil is still said, nothing passes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.workspaces import AS_OF, edit, found, orderctl, workspace

HEAD = '''"""Own.

自有。
"""
from __future__ import annotations
import sys
from decimal import Decimal
from orderctl import Fact, Finding, Page, Rule, Severity, hookimpl
'''
RULE = """RULE = Rule(id="{id}", on="order", severity=Severity.ERROR, since="0.1",
            zh="甲 {{n}}", en="own {{n}}", hint_zh="乙", hint_en="do")
@hookimpl
def check(doc, book):
    {body}
"""
FACT = """FACT = Fact(id="{id}", on="order", since="0.1")
@hookimpl
def derive(doc, book):
    {body}
"""
RULES = {
    "exits": ("import sys; sys.exit(0); yield", "SystemExit"),
    "endless": ("return check(doc, book)", "RecursionError"),
    "junk": ("yield 'junk'", "not a Finding"),
    "nothing": ("return None", "not iterable"),
    "object": ("yield RULE.at(doc, '/total', n=object())", "object is no plain value"),
    "no-number": ("yield RULE.at(doc, '/total', n=Decimal('NaN'))", "NaN is no number"),
    "surrogate": ("raise ValueError('\\ud800')", "\\ud800"),
    "no-severity": ("yield Finding('no-severity', 'bad', doc.path)", "make it with RULE.at"),
    "someone-else": ("yield Finding('total-wrong', Severity.INFO, doc.path)", "make it with RULE.at"),
    "elsewhere": ("yield Finding('elsewhere', Severity.ERROR, 'customers/C0001.yaml')", "outside orders/"),
    "no-pointer": ("yield RULE.at(doc, 'total')", "no JSON pointer"),
    "changes": ("doc.data['total'] = 1; yield", "read-only"),
    "no-fact": ("book.fact('nope', doc.id); yield", "nope"),
    "no-column": ("book.where('order', custmer='C0001'); yield", "custmer"),
    "no-kind": ("book.all('ordr'); yield", "ordr"),
}
FACTS = {
    "fact-exits": ("sys.exit(0)", "SystemExit"),
    "fact-text": ("return 'text'", "a record"),
    "fact-set": ("return {'a': {1, 2}}", "set is no plain value"),
    "fact-key": ("return {1: 2}", "is no text"),
    "fact-endless": ("a = []; a.append(a); return {'a': a}", "RecursionError"),
    "fact-needless": ("return {'a': book.fact('status', doc.id)}", "without naming it in needs"),
}
GOOD = RULE.format(id="x", body="yield")
FILES = {
    "rules/import_exits.py": ("import sys; sys.exit(0)", "plugin.broken", "SystemExit"),
    "rules/no_python.py": ("def (", "plugin.broken", "SyntaxError"),
    "rules/other_name.py": (GOOD, "plugin.misspelt", "differ"),
    "rules/no_hook.py": (GOOD.replace("@hookimpl", "").replace('"x"', '"no-hook"'), "plugin.misspelt", "exactly one"),
    "rules/typo.py": (GOOD.replace("def check", "def chek").replace('"x"', '"typo"'), "plugin.misspelt", "chek"),
    "rules/total_wrong.py": (GOOD.replace('"x"', '"total-wrong"'), "plugin.duplicate", "built-in"),
    "rules/bad_field.py": (
        GOOD.replace('"x"', '"bad-field"').replace("Severity.ERROR", "5"),
        "plugin.misspelt",
        "severity=5",
    ),
    "rules/bad_place.py": (GOOD.replace('"x"', '"bad-place"').replace("own {n}", "{n.x}"), "plugin.misspelt", "n.x"),
    "rules/aimless.py": (GOOD.replace('"x"', '"aimless"').replace('"order"', '"ordr"'), "plugin.misspelt", "ordr"),
    "rule/typo.py": (GOOD, "plugin.misspelt", "rules"),
    "facts/needy.py": (
        FACT.format(id="needy", body="return None").replace('"0.1"', '"0.1", needs=("nope",)'),
        "plugin.misspelt",
        "nope",
    ),
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return workspace(tmp_path / "shop")


def write(shop: Path, files: dict[str, str]) -> None:
    """Write plugin files and trust them."""
    for name, text in files.items():
        file = shop / "plugins" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(HEAD + text, encoding="utf-8")
    assert orderctl(shop, "plugins", "trust").returncode == 0


def stem(id: str) -> str:
    return id.replace("-", "_")


def test_each_wrong_plugin_is_named_and_the_others_go_on(shop: Path) -> None:
    files = {f"rules/{stem(id)}.py": RULE.format(id=id, body=body) for id, (body, _) in RULES.items()}
    files |= {f"facts/{stem(id)}.py": FACT.format(id=id, body=body) for id, (body, _) in FACTS.items()}
    files |= {name: text for name, (text, _, _) in FILES.items()}
    write(shop, files | {"rules/sound.py": RULE.format(id="sound", body="yield RULE.at(doc, '/total', n=1)")})

    cold = found(shop)
    said = {(f["rule"], f["path"]): f["message"] for f in cold}
    crashed = [f["message"] for f in cold if f["rule"] == "plugin.crashed" and "OD2024050012" in f["path"]]
    for id, (_, words) in (RULES | FACTS).items():
        assert [m for m in crashed if re.search(rf"made {id} fail: .*{re.escape(words)}", m)], (id, words, crashed)
    assert len(crashed) == len(RULES | FACTS)
    for name, (_, code, words) in FILES.items():
        assert words in said[code, f"plugins/{name}"], name
    assert [f["message"] for f in cold if f["rule"] == "sound"] == ["own 1", "own 1"]

    assert found(shop) == cold
    edit(shop, "orders/2024/05/OD2024050012/order.yaml", "total: 11700.00", "total: 11700.00 # x")
    assert found(shop) == cold


def test_a_view_that_is_wrong_publishes_nothing(shop: Path) -> None:
    page = """PAGE = Page(id="{id}", on="", since="0.1", zh="甲", en="own", file="{file}")
@hookimpl
def view(doc, book):
    {body}
"""
    files = {
        "pages/exits.py": page.format(id="exits", file="exits.html", body="sys.exit(0)"),
        "pages/text.py": page.format(id="text", file="text.html", body="return 'text'"),
        "pages/outside.py": page.format(id="outside", file="../../outside.html", body="return {}"),
    }
    write(shop, files)
    done = orderctl(shop, "build", "--only", "site", "--as-of", AS_OF)
    assert done.returncode == 10
    assert "orderctl itself failed" not in done.stderr
    assert "SystemExit" in done.stderr
    assert "a view is a dict or None" in done.stderr
    assert not (shop / "site/staff").exists()
    assert not list(shop.rglob("outside.html"))
    assert "leads out of the site" in str(found(shop))


def test_a_template_that_is_wrong_publishes_nothing(shop: Path) -> None:
    template = shop / "templates/site/orders.html.j2"
    template.parent.mkdir(parents=True)
    for text, words in (("{{ 1 / 0 }}", "division by zero"), ("{% include 'x' %}", "x"), ("\udcff", "utf-8")):
        template.write_bytes(text.encode(errors="surrogateescape"))
        done = orderctl(shop, "build", "--only", "site", "--as-of", AS_OF)
        assert done.returncode == 10
        assert "render.template" in done.stderr
        assert words in done.stderr
        assert not (shop / "site/staff").exists()
    template.write_text("ours", encoding="utf-8")
    assert orderctl(shop, "build", "--only", "site", "--as-of", AS_OF).returncode == 0
    assert (shop / "site/staff/orders.html").read_text(encoding="utf-8").strip() == "ours"
