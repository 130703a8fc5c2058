"""The demo attacked from outside, with plain git and ssh-keygen: what is refused, by which code, the honest twin."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.desk.playground import PENDING, UNIT, Playground, environment, playground

ORDER = f"{UNIT}/order.yaml"
APPROVED = "orders/2024/12/OD2024120005/order.yaml"
SHIPPED = "orders/2024/12/OD2024120007"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Playground:
    return playground(tmp_path_factory.mktemp("attacked") / "shop")


@pytest.fixture
def demo(made: Playground, tmp_path: Path) -> Playground:
    return made.copy(tmp_path / "shop")


def codes(said: str) -> set[str]:
    """Return the codes that a server named."""
    return set(re.findall(r"\[([a-z_]+\.[a-z_]+|[a-z]+(?:-[a-z]+)+)\]", said))


def lands(demo: Playground, *refs: str) -> None:
    """Push; it must land, and the ledger must say so."""
    before = demo.landed()
    demo.git("push", "-q", "origin", *refs)
    after = demo.landed()
    assert after[0] != before[0]
    assert after[1] == before[1] + 1


def note(demo: Playground) -> None:
    """Add a comment to an order, which is no matter of approval."""
    file = demo.root / ORDER
    file.write_text(file.read_text("utf-8") + "# 客户来电：桌腿也要白色\n", encoding="utf-8")


def merged(demo: Playground, branch: str) -> None:
    """Put a branch on main as one step, as a pull request does."""
    demo.git("switch", "-q", "main")
    demo.git("merge", "-q", "--no-ff", "-m", f"merge {branch}", branch)


def statement(demo: Playground, person: str, **changes: object) -> str:
    """Write a statement by hand, as ``orderctl approve`` would; return its path."""
    submission = (demo.root / f"{UNIT}/submission.yaml").read_text("utf-8")
    kept = re.findall(r"(?m)^(?:repository|number|revision|digest):.*$", submission)
    immaterial = re.search(r"(?ms)^immaterial:.*?(?=^\w)", submission)
    policy = re.search(r"(?ms)^policy:.*?(?=^\w)", submission)
    assert immaterial
    assert policy
    fields = {
        "stage": "sales-supervisor",
        "decision": "approve",
        "opinion": "价格与交期已核对",
        "person": person,
        "issued": "2024-12-20T18:00:00+08:00",
        "nonce": "0a" * 16,
    } | changes
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    head = ["schema: approval/1", "subject: order", "path: order.yaml"]
    path = f"{UNIT}/approvals/order-1-sales-supervisor.{person}.yaml"
    (demo.root / path).parent.mkdir(exist_ok=True)
    text = "\n".join([*head, *kept, *lines]) + "\n" + immaterial[0] + policy[0]
    (demo.root / path).write_text(text, encoding="utf-8")
    return path


def sign(demo: Playground, person: str, path: str) -> None:
    """Sign a statement with ssh-keygen."""
    place, key = str(demo.root / path), str(demo.key(person))
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "orderctl-approval@v1", "-f", key, place]
    subprocess.run(command, check=True, capture_output=True)


def test_what_nobody_signed(demo: Playground) -> None:
    note(demo)
    demo.git("commit", "-q", "--no-gpg-sign", "-a", "-m", "note")
    assert codes(demo.refused("main")) == {"sig.none"}

    demo.git("commit", "-q", "--amend", "--no-edit")
    lands(demo, "main")


def test_a_key_that_nobody_knows_under_the_directors_name(demo: Playground, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "evil"], check=True)
    note(demo)
    as_director = ["-c", "user.name=Meng Yuan", "-c", "user.email=meng.yuan@muyan.example"]
    demo.git(*as_director, "-c", f"user.signingKey={tmp_path / 'evil'}", "commit", "-q", "-a", "-m", "note")
    assert codes(demo.refused("main")) == {"sig.unknown_key"}

    demo.git(*as_director, "commit", "-q", "--amend", "--no-edit")  # the name says nothing: the key does
    lands(demo, "main")


def test_an_own_key_for_somebody_else_in_the_policy(demo: Playground, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "evil"], check=True)
    public = (tmp_path / "evil.pub").read_text("utf-8").strip()
    old = re.search(r'(?ms)^  - id: chen-jie$.*?^    keys:\n(      - \{key: "[^"]+"\}\n)', _people(demo))
    assert old
    demo.edit("policy/people.yaml", old[1], f'{old[1]}      - {{key: "{public}"}}\n')
    demo.git("switch", "-q", "-c", "key")
    demo.run("submit", "policy", "--reason", "a second key for Chen Jie", "--yes")
    assert codes(demo.refused("key:main")) == {"policy.threshold_old"}

    said = ("--opinion", "New key compared by phone", "--yes")
    demo.run("approve", "policy", *said, "--key", str(demo.key("bai-lu")))
    demo.git("switch", "-q", "-c", "one-of-two", "main")
    demo.git("merge", "-q", "--no-ff", "-m", "merge", "key")
    assert codes(demo.refused("one-of-two:main")) == {"policy.threshold_old"}

    demo.git("switch", "-q", "key")
    demo.run("approve", "policy", *said, "--key", str(demo.key("su-cai")))
    merged(demo, "key")
    lands(demo, "main")


def test_a_policy_and_an_order_in_one_push(demo: Playground) -> None:
    demo.git("switch", "-q", "-c", "phone")
    demo.edit("policy/people.yaml", 'phone: "13800000001"', 'phone: "13800000091"')
    demo.run("submit", "policy", "--reason", "Lin Xiao's new telephone", "--yes")
    for person in ("bai-lu", "meng-yuan"):
        demo.run("approve", "policy", "--opinion", "Number called and right", "--key", str(demo.key(person)), "--yes")
    merged(demo, "phone")
    demo.git("branch", "alone")
    note(demo)
    demo.commit()
    assert codes(demo.refused("main")) == {"policy.mixed_change"}

    lands(demo, "alone:main")
    lands(demo, "main")


def test_a_policy_that_is_not_the_next_one(demo: Playground) -> None:
    demo.edit("policy/policy.yaml", "version: 2", "version: 4")
    demo.commit("bai-lu")
    assert {"policy.version", "policy.threshold_old"} <= codes(demo.refused("main"))


def test_an_approved_order_is_edited(demo: Playground) -> None:
    text = (demo.root / APPROVED).read_text("utf-8")
    due = re.search(r"  due: (\S+)", text)
    assert due
    demo.edit(APPROVED, f"due: {due[1]}", "due: 2025-03-03")
    demo.commit()
    assert {"permission.denied", "revision.not_raised"} <= codes(demo.refused("main"))


def test_a_submitted_order_is_changed_as_a_new_revision(demo: Playground) -> None:
    demo.git("switch", "-q", "-c", "later")
    demo.edit(ORDER, "due: 2025-01-15", "due: 2025-01-22")
    demo.commit()
    assert codes(demo.refused("later:main")) == {"revision.not_raised", "submission.digest"}

    demo.edit(ORDER, "revision: 1", "revision: 2")
    demo.commit("lin-xiao", "--amend")
    assert codes(demo.refused("later:main")) == {"submission.missing"}
    demo.run("submit", PENDING, "--yes")
    merged(demo, "later")
    lands(demo, "main")


def test_an_approval_is_copied_from_another_order(demo: Playground) -> None:
    (demo.root / UNIT / "approvals").mkdir()
    for end in ("", ".sig"):
        source = demo.root / f"orders/2024/12/OD2024120004/approvals/order-1-sales-supervisor.yaml{end}"
        shutil.copy(source, demo.root / UNIT / "approvals")
    demo.commit()
    assert codes(demo.refused("main")) == {"approval.subject"}

    demo.git("reset", "-q", "--hard", "origin/main")
    demo.approve("chen-jie", "sales-supervisor")
    lands(demo, "main")


def test_an_approval_in_the_supervisors_name_without_their_signature(demo: Playground) -> None:
    statement(demo, "chen-jie")
    demo.commit("lin-xiao", "--author=Chen Jie <chen.jie@muyan.example>")
    assert codes(demo.refused("main")) == {"approval.evidence"}

    demo.git("reset", "-q", "--soft", "HEAD^")
    demo.commit("chen-jie")  # their signed commit is evidence enough
    lands(demo, "main")


@pytest.mark.parametrize(
    ("signer", "person", "expected"),
    [
        ("lin-xiao", "chen-jie", {"approval.signer"}),
        ("lin-xiao", "lin-xiao", {"sod.self", "approver-is-author", "approver-not-in-role"}),
        ("su-cai", "su-cai", {"role.inactive", "approver-not-in-role"}),
    ],
)
def test_an_approval_by_somebody_else(demo: Playground, signer: str, person: str, expected: set[str]) -> None:
    sign(demo, signer, statement(demo, person))
    demo.commit(signer)
    assert codes(demo.refused("main")) == expected

    demo.git("reset", "-q", "--hard", "origin/main")
    sign(demo, "chen-jie", statement(demo, "chen-jie"))
    demo.commit("chen-jie")
    lands(demo, "main")


@pytest.mark.parametrize("act", ["change", "remove"])
def test_an_approval_that_landed_is_touched(demo: Playground, act: str) -> None:
    path = f"{SHIPPED}/approvals/order-1-finance.yaml"
    if act == "change":
        demo.edit(path, "decision: approve", "decision: reject")
    else:
        (demo.root / path).unlink()
    demo.commit("su-cai")
    assert "approval.immutable" in codes(demo.refused("main"))


def test_goods_leave_before_the_order_is_approved(demo: Playground) -> None:
    shutil.copy(demo.root / SHIPPED / "shipment-1.yaml", demo.root / UNIT / "shipment-1.yaml")
    demo.commit("he-cang")
    assert {"permission.denied", "approval.missing"} <= codes(demo.refused("main"))


def test_a_receipt_that_the_service_did_not_write(demo: Playground) -> None:
    kept = "orders/2024/12/OD2024120005/receipts/order-1-finance.receipt.yaml"
    (demo.root / UNIT / "receipts").mkdir()
    shutil.copy(demo.root / kept, demo.root / UNIT / "receipts/order-1-sales-supervisor.receipt.yaml")
    demo.commit()
    assert "permission.denied" in codes(demo.refused("main"))


def test_history_is_rewritten(demo: Playground) -> None:
    for ref in ("+main~2:main", "+forgery~1^:main"):
        assert codes(demo.refused(ref)) == {"ref.non_ff"}
    assert codes(demo.refused(":main")) == {"ref.delete"}
    demo.git("checkout", "-q", "--orphan", "anew")
    demo.commit()
    assert codes(demo.refused("+anew:main")) == {"ref.unrelated"}


def test_a_merge_says_more_than_its_sides(demo: Playground) -> None:
    demo.git("switch", "-q", "-c", "side")
    note(demo)
    demo.commit()
    demo.git("switch", "-q", "main")
    demo.git("merge", "-q", "--no-ff", "--no-commit", "side")
    demo.edit("customers/C0008.yaml", "schema: customer/1", "schema: customer/1\n# harmless")
    demo.commit()
    assert codes(demo.refused("main")) == {"merge.unclean"}

    demo.git("reset", "-q", "--hard", "origin/main")
    demo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    lands(demo, "main")


@pytest.mark.parametrize(
    ("when", "code"), [("2024-01-05T00:00:00Z", "time.backwards"), ("2099-01-05T00:00:00Z", "time.skew")]
)
def test_a_commit_of_another_time(demo: Playground, when: str, code: str) -> None:
    note(demo)
    demo.commit()
    script = f"GIT_COMMITTER_DATE={when} git commit -q --amend --no-edit"
    subprocess.run(["bash", "-c", script], cwd=demo.root, env=environment(), check=True)
    assert codes(demo.refused("main")) == {code}

    demo.git("commit", "-q", "--amend", "--no-edit")
    lands(demo, "main")


def test_a_signature_that_was_made_for_something_else(demo: Playground) -> None:
    path = statement(demo, "chen-jie")
    place, key = str(demo.root / path), str(demo.key("chen-jie"))
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", key, place], check=True, capture_output=True)
    demo.commit("chen-jie")
    assert codes(demo.refused("main")) == {"sig.namespace"}

    demo.git("reset", "-q", "--soft", "HEAD^")
    (demo.root / f"{path}.sig").unlink()
    sign(demo, "chen-jie", path)
    demo.commit("chen-jie")
    lands(demo, "main")


def test_a_program_for_the_server_to_run(demo: Playground, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    (demo.root / "plugins/rules").mkdir(parents=True)
    (demo.root / "plugins/rules/mine.py").write_text(f"open({str(trap)!r}, 'w')\n", encoding="utf-8")
    demo.commit("bai-lu")
    assert {"policy.version", "policy.manifest"} <= codes(demo.refused("main"))
    assert demo.gate("origin/main", "main") != []
    assert not trap.exists()


def test_another_history_by_replacement(demo: Playground) -> None:
    demo.git("replace", "forgery", "main")
    assert codes(demo.refused("refs/replace/*:refs/replace/*")) == {"ref.forbidden"}
    assert demo.gate("main", "forgery") == ["approval.signer"]


def test_a_branch_of_that_name_but_for_its_letters(demo: Playground) -> None:
    assert codes(demo.refused("forgery:refs/heads/Main")) == {"ref.name"}
    demo.git("push", "-q", "origin", "forgery:refs/heads/another")  # no protected one: anybody may keep work there


def _people(demo: Playground) -> str:
    return (demo.root / "policy/people.yaml").read_text("utf-8")
