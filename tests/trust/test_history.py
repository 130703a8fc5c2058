"""``orderctl history``: who changed and decided what, when, and what proves it; in a repository with real keys."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench.packed import Pack, Signer
from tests.trust.company import CASE, NUMBER, Company, draft
from tests.workspaces import orderctl


@pytest.fixture(scope="module")
def made(original: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """An order, approved by a signature, a signed commit and nothing; merged, handed over twice, then archived."""
    firm = original.copy(tmp_path_factory.mktemp("history") / "work")
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "new order", at="2024-05-20T10:00:00+08:00")
    firm.approve("sales-supervisor", "chen-jie")
    firm.commit("lin-xiao", "approved by signature", at="2024-05-20T12:00:00+08:00")
    firm.approve("finance", "su-cai", signed=False)
    firm.commit("su-cai", "approved by commit", at="2024-05-20T13:00:00+08:00")
    firm.approve("production", "tang-gong", signed=False)
    firm.commit("lin-xiao", "approved by nobody", at="2024-05-20T14:00:00+08:00")
    firm.git("checkout", "-q", "main")
    firm.merge("chen-jie", f"new-{NUMBER}", at="2024-05-20T15:00:00+08:00")
    hand_over(firm, "gu-nan")
    firm.commit("lin-xiao", "to Gu Nan", at="2024-05-21T09:00:00+08:00")
    hand_over(firm, "chen-jie")
    firm.commit("lin-xiao", "to Chen Jie", at="2024-05-21T10:00:00+08:00", sign=False)
    return firm


def hand_over(firm: Company, to: str) -> None:
    text = firm.read(f"{CASE}/order.yaml")
    firm.write(f"{CASE}/order.yaml", re.sub(r"(?m)^handler: .*$", f"handler: {to}", text))


def history(firm: Company, id: str, *options: str) -> dict[str, Any]:
    done = orderctl(firm.root, "history", id, "--output", "json", *options)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def text(firm: Company, id: str, *options: str) -> str:
    done = orderctl(firm.root, "history", id, *options)
    assert done.returncode == 0, done.stderr
    return re.sub(r"\b[0-9a-f]{10}\b", "COMMIT", done.stdout)


def test_whole_text(made: Company) -> None:
    said = "价格、数量与交期已逐项核对"
    assert (
        text(made, NUMBER)
        == f"""\
{NUMBER}  {CASE}

2024-05-20 15:00  COMMIT  Chen Jie (chen-jie), signed  merge
  approved: Order revision 1, Sales supervisor (sales-supervisor), by Chen Jie (chen-jie): {said} [signature]
  approved: Order revision 1, Finance (finance), by Su Cai (su-cai): {said} [signed commit]
  approved: Order revision 1, Production (production), by Tang Gong (tang-gong): {said} [no proof]
  order.yaml added  (Lin Xiao (lin-xiao), COMMIT)
  submission.yaml added  (Lin Xiao (lin-xiao), COMMIT)

2024-05-21 09:00  COMMIT  Lin Xiao (lin-xiao), signed  to Gu Nan
  order.yaml
    Handler: Lin Xiao (lin-xiao) → gu-nan

2024-05-21 10:00  COMMIT  not signed (says “lin-xiao”)  to Chen Jie
  order.yaml
    Handler: gu-nan → Chen Jie (chen-jie)
"""
    )


def test_text_in_chinese_and_with_all_fields(made: Company) -> None:
    assert "经办人" in text(made, NUMBER, "--lang", "zh")
    assert "销售主管（sales-supervisor）" in text(made, NUMBER, "--lang", "zh")
    assert "COMMIT  陈洁（chen-jie）（已签名）" in text(made, NUMBER, "--lang", "zh")
    assert re.search(r"Lines 1 › Quantity: — → 3  \(Lin Xiao \(lin-xiao\), COMMIT\)", text(made, NUMBER, "-v"))


def test_json(made: Company) -> None:
    found = history(made, NUMBER)
    assert (found["id"], found["paths"][0], found["commit"]) == (NUMBER, CASE, made.head())
    merged, to_gu, to_chen = found["states"]
    assert [c["message"] for c in merged["commits"]] == [
        "new order",
        "approved by signature",
        "approved by commit",
        "approved by nobody",
    ]
    assert [c["person"] for c in merged["commits"]] == ["lin-xiao", "lin-xiao", "su-cai", "lin-xiao"]
    assert merged["merge"] is True
    assert (merged["person"], merged["signature"]) == ("chen-jie", "verified")
    assert merged["key"].startswith("SHA256:")
    assert [(s["stage"], s["person"], s["evidence"]) for s in merged["statements"]] == [
        ("sales-supervisor", "chen-jie", ["signature"]),
        ("finance", "su-cai", ["commit"]),
        ("production", "tang-gong", []),
    ]
    (change,) = to_gu["changes"]
    assert (change["path"], change["document"], change["change"]) == (f"{CASE}/order.yaml", "order.yaml", "changed")
    assert change["fields"] == [
        {
            "pointer": "/handler",
            "old": "lin-xiao",
            "new": "gu-nan",
            "commit": to_gu["commit"],
            "person": "lin-xiao",
            "title": "Handler",
        }
    ]
    assert (to_gu["at"], to_gu["signature"]) == ("2024-05-21T01:00:00Z", "verified")
    assert (to_chen["person"], to_chen["signature"], to_chen["name"]) == ("", "sig.none", "lin-xiao")


def test_up_to_a_revision(made: Company) -> None:
    assert len(history(made, NUMBER, "--rev", "HEAD~1")["states"]) == 2


def test_what_the_audit_said(made: Company, tmp_path: Path) -> None:
    firm = made.copy(tmp_path / "work")
    assert {state["audit"] for state in history(firm, NUMBER)["states"]} == {""}
    assert orderctl(firm.root, "audit").returncode == 11
    assert [state["audit"] for state in history(firm, NUMBER)["states"]] == ["deny", "allow", "deny"]
    assert "denied by the audit" in text(firm, NUMBER)


@pytest.mark.parametrize("id", [NUMBER.lower(), CASE, CASE + "/", f"./{CASE}"])
def test_other_ways_to_name_a_case(made: Company, id: str) -> None:
    assert history(made, id)["states"] == history(made, NUMBER)["states"]


@pytest.mark.parametrize(
    ("id", "path"),
    [
        ("C0001", "customers/C0001.yaml"),
        ("c0001", "customers/C0001.yaml"),
        ("customers/C0001.yaml", "customers/C0001.yaml"),
        ("people", "policy/people.yaml"),
        (f"{CASE}/order.yaml", f"{CASE}/order.yaml"),
        ("KH2024050012", "orders/2024/05/OD2024050012"),  # a requirement's own number: in its order's case
    ],
)
def test_documents(made: Company, id: str, path: str) -> None:
    found = history(made, id)
    assert found["paths"][0] == path
    assert found["states"]


@pytest.mark.parametrize(
    "id", ["OD2024050099", "nothing", "../../etc/passwd", "orders//x", "--output=x", ":(top)x", ""]
)
def test_what_there_is_not(made: Company, id: str) -> None:
    done = orderctl(made.root, "history", "--", id)
    assert done.returncode in (2, 3)
    assert "Traceback" not in done.stderr
    assert not (made.root / "x").exists()


def test_followed_into_the_archive_and_after_removal(made: Company, tmp_path: Path) -> None:
    firm = made.copy(tmp_path / "work")
    archived = CASE.replace("orders/", "archive/")
    (firm.root / archived).parent.mkdir(parents=True)
    firm.git("mv", CASE, archived)
    moved = firm.commit("gao-yuan", "archived", at="2024-05-22T09:00:00+08:00")
    for id in (NUMBER, CASE, archived):
        *before, last = history(firm, id)["states"]
        assert len(before) == 3
        assert last["commit"] == moved
        assert {c["change"] for c in last["changes"]} == {"moved"}
        assert {c["from"] for c in last["changes"]} >= {f"{CASE}/order.yaml"}
        assert last["statements"] == []
    assert f"order.yaml moved from {CASE}/order.yaml" in text(firm, NUMBER)
    firm.git("rm", "-q", "-r", archived)
    firm.commit("gao-yuan", "gone", at="2024-05-23T09:00:00+08:00")
    assert {c["change"] for c in history(firm, NUMBER)["states"][-1]["changes"]} == {"removed"}


def test_hostile_names_are_spelled_out(made: Company, tmp_path: Path) -> None:
    firm = made.copy(tmp_path / "work")
    hand_over(firm, "gu-nan")
    firm.git("add", "-A")
    tree = firm.git("write-tree")
    ident = "\u202eevil <a@b.c> 1716609600 +0000"
    body = f"tree {tree}\nparent {firm.head()}\nauthor {ident}\ncommitter {ident}\n\n\x1b]0;title\x07\n"
    id = firm.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=body)
    firm.git("update-ref", "refs/heads/main", id)
    for options in ((), ("--output", "json")):
        done = orderctl(firm.root, "history", NUMBER, *options)
        assert done.returncode == 0
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", done.stdout)


def test_paths_that_look_like_records_of_the_log(made: Company, tmp_path: Path) -> None:
    firm = made.copy(tmp_path / "work")
    firm.write(f"{CASE}/evidence/\x01{'a' * 40} x", b"1")
    firm.write(f"{CASE}/evidence/:100644 100644 a b M", b"1")
    firm.commit("lin-xiao", "odd names", at="2024-05-22T09:00:00+08:00")
    last = history(firm, NUMBER)["states"][-1]
    assert {c["document"] for c in last["changes"]} == {f"evidence/\x01{'a' * 40} x", "evidence/:100644 100644 a b M"}


def test_branches_that_cross(original: Company, tmp_path: Path) -> None:
    """Each commit is told with the state that brought it, however branches were merged into one another."""
    firm = original.copy(tmp_path / "work")
    pack, key = Pack(firm.root), Signer(firm.key("lin-xiao"))
    note = firm.read("customers/C0001.yaml")
    at = 1716350000

    def commit(tree: str, parents: list[str], message: str) -> str:
        return pack.commit(tree, parents, "lin-xiao", at, key, message)

    base, tree = firm.head(), firm.git("rev-parse", "HEAD^{tree}")
    trees = [pack.put(tree, "customers/C0001.yaml", f"{note}# {n}\n".encode()) for n in range(6)]
    side = commit(trees[1], [base], "a")
    first = commit(trees[2], [base], "b")
    crossed = commit(trees[3], [side, first], "c: main into side")
    late = commit(trees[4], [crossed], "d")
    merged = commit(trees[4], [first, late], "e")
    pack.write("refs/heads/main", commit(trees[5], [merged], "f"))
    states = history(firm, "C0001", "--rev", "main")["states"]
    assert [(s["message"], [c["message"] for c in s["commits"]]) for s in states] == [
        ("start", []),
        ("b", []),
        ("e", ["a", "c: main into side", "d"]),
        ("f", []),
    ]


def test_outside_git_and_in_an_empty_repository(tmp_path: Path, made: Company) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/orderctl.yaml").write_bytes((made.root / "orderctl.yaml").read_bytes())
    done = orderctl(tmp_path / "plain", "history", "C0001")
    assert (done.returncode, "no Git repository" in done.stderr) == (2, True)
    made.git("init", "-q", str(tmp_path / "plain"))
    assert orderctl(tmp_path / "plain", "history", "C0001").returncode == 2
