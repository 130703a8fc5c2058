"""The base's own plugins at the gate, the server and the audit: they judge, and whatever else they do is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trust.company import AS_OF, Company, draft
from tests.workspaces import orderctl

HEAD = '''"""Own.

自有。
"""
import os
from orderctl import Fact, Rule, Severity, hookimpl
'''
RULE = """RULE = Rule(id="{id}", on="order", severity=Severity.ERROR, since="0.1",
            zh="订了 {{n}} 件", en="{{n}} ordered", hint_zh="少订些", hint_en="order less")
@hookimpl
def check(doc, book):
    {body}
"""
FACT = """FACT = Fact(id="pieces", on="order", since="0.1", index=("many",))
@hookimpl
def derive(doc, book):
    n = sum(line["quantity"] for line in doc["lines"])
    return {"pieces": n, "many": n > 20}
"""
FEW = RULE.format(
    id="too-many",
    body="""n = book.fact("pieces", doc.id)["pieces"]
    if n > 20 and not book.where("pieces", many=None) and book.doc("customer", doc["customer"]):
        yield RULE.at(doc, "/lines/0/quantity", n=n)""",
)
TWENTY = {"facts/pieces.py": FACT, "rules/too_many.py": FEW}
"""At most twenty pieces."""
MARK = "/tmp/orderctl-escaped"
HOSTILE = {
    "exits": ("os._exit(0); yield", "plugin.died"),
    "crashes": ("import ctypes; ctypes.string_at(0); yield", "plugin.died"),
    "floods": ("os.write(4, b'[]' * 9_999); yield", "plugin.answer"),
    "forks": ("os.fork(); yield", "plugin.crashed"),
    "eats": ("bytes(4 << 30); yield", "plugin.crashed"),
    "writes": (f"open({MARK!r}, 'w'); yield", "plugin.crashed"),
    "connects": ("import socket; socket.create_connection(('127.0.0.1', 9)); yield", "plugin.crashed"),
    "alters": ("doc.data['total'] = 1; yield", "plugin.crashed"),
}


def armed(firm: Company, plugins: dict[str, str]) -> None:
    """Make main a company with these plugins, by a sound change of policy."""
    firm.git("checkout", "-q", "-b", "plugins")
    for name, text in plugins.items():
        firm.write(f"plugins/{name}", HEAD + text)
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "plugins")
    assert firm.codes() == []
    firm.land()


def ordered(firm: Company, quantity: int) -> None:
    """Order so many chairs on a branch of its own."""
    draft(firm, quantity=quantity)
    firm.submit()
    firm.commit("lin-xiao", "order")


@pytest.fixture(scope="module")
def modest(original: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    firm = original.copy(tmp_path_factory.mktemp("modest") / "work")
    armed(firm, TWENTY)
    return firm


@pytest.mark.parametrize(("quantity", "codes"), [(20, []), (21, ["too-many"])])
def test_a_company_s_own_rule_counts_at_every_place(
    modest: Company, tmp_path: Path, quantity: int, codes: list[str]
) -> None:
    firm = modest.copy(tmp_path / "work")
    ordered(firm, quantity)
    assert firm.everywhere(audit=False) == codes
    done = orderctl(firm.root, "audit", "--rules", "--rev", "HEAD", "--as-of", AS_OF, "--output", "json")
    assert ("too-many" in done.stdout) == bool(codes)
    assert "plugin." not in done.stdout


def test_x05_x07_what_a_plugin_does_beside_judging_is_refused(firm: Company) -> None:
    """X05 X07: each is named, nothing it tries happens, and the company's other rule still judges."""
    armed(firm, TWENTY | {f"rules/{id}.py": RULE.format(id=id, body=body) for id, (body, _) in HOSTILE.items()})
    ordered(firm, 21)
    found = firm.gate()["findings"]
    for id, (_, code) in HOSTILE.items():
        said = {f["code"] for f in found if f"OD2024050014/order.yaml made {id} " in f"{f['path']} {f['message']}"}
        assert said == {code}, (id, found)
    assert firm.everywhere(audit=False) == ["plugin.answer", "plugin.crashed", "plugin.died", "too-many"]
    assert not Path(MARK).exists()


def test_what_ends_the_sandbox_for_every_order_is_not_excused_by_the_base(firm: Company) -> None:
    """All that the change brings is a file that no rule reads."""
    armed(firm, {"rules/exits.py": RULE.format(id="exits", body="os._exit(0); yield")})
    firm.write("docs/may.txt", "hello\n")
    firm.commit("qin-fu", "docs")
    assert firm.everywhere(audit=False) == ["plugin.died"]
    done = orderctl(firm.root, "audit", "--rules", "--rev", "HEAD", "--as-of", AS_OF)
    assert "plugins/rules/exits.py" in done.stdout
    assert done.returncode == 11


@pytest.mark.parametrize("source", [RULE.format(id="exits", body="os._exit(0); yield"), "os._exit(0)"])
def test_what_ends_the_sandbox_can_be_repaired(firm: Company, source: str) -> None:
    armed(firm, {"rules/exits.py": source})
    (firm.root / "plugins/rules/exits.py").unlink()
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "without it")
    assert firm.codes() == []
    firm.land()
    ordered(firm, 21)
    assert firm.codes() == []
