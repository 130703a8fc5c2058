"""``orderctl next``: what waits for whom, until when and why."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.flow.conftest import OPEN
from tests.workspaces import edit, git, orderctl

BEFORE, AFTER = "2024-05-22T14:39:59+08:00", "2024-05-22T14:40:00+08:00"


def waiting(root: Path, person: str, as_of: str = BEFORE, *args: str) -> list[dict[str, Any]]:
    done = orderctl(root, "next", "--for", person, "--as-of", as_of, "--output", "json", *args)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["person"] == person
    found: list[dict[str, Any]] = answer["waiting"]
    return found


def test_it_reads_like_a_list_of_things_to_do(shop: Path) -> None:
    done = orderctl(shop, "next", "--for", "tang-gong", "--as-of", AFTER)
    assert done.returncode == 0
    assert done.stdout == (
        "Tang Gong (tang-gong): 1 thing waits for you\n"
        "\n"
        "OD2024050013  Production  overdue since 2024-05-22 14:40\n"
        "  Beijing Yunfan Technology Co., Ltd. · ¥7,000.00 · production\n"
        '  orderctl approve OD2024050013 --stage production --opinion "…"\n'
    )
    assert "due 2024-05-22 14:40\n" in orderctl(shop, "next", "--for", "tang-gong", "--as-of", BEFORE).stdout


def test_who_has_nothing_to_do_is_told_so(shop: Path) -> None:
    done = orderctl(shop, "next", "--for", "su-cai", "--as-of", BEFORE)
    assert (done.returncode, done.stdout) == (0, "Su Cai (su-cai): nothing waits for you.\n")


def test_every_field_for_scripts(shop: Path) -> None:
    assert waiting(shop, "tang-gong") == [
        {
            "action": "decide",
            "subject": "OD2024050013",
            "kind": "order",
            "path": f"{OPEN}/order.yaml",
            "stage": "production",
            "zh": "生产/仓库",
            "en": "Production",
            "role": "production",
            "why": "role",
            "for": "",
            "since": "2024-05-21T14:10:00+08:00",
            "due": "2024-05-22T14:40:00+08:00",
            "late": False,
            "said": "",
            "revision": 0,
        }
    ]


@pytest.mark.parametrize(("as_of", "found"), [(BEFORE, []), (AFTER, [("late", "sales-director", True)])])
def test_a_late_stage_passes_on(shop: Path, as_of: str, found: list[tuple[str, str, bool]]) -> None:
    assert [(w["why"], w["role"], w["late"]) for w in waiting(shop, "jiang-ming", as_of)] == found
    text = orderctl(shop, "next", "--for", "jiang-ming", "--as-of", as_of).stdout
    assert ('--stage production --reason "…" --opinion "…"' in text) is bool(found)


def test_a_deputy_is_told_for_whom(shop: Path) -> None:
    with (shop / "policy" / "people.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "deputies:\n  - for: tang-gong\n    deputy: he-cang\n    roles: [production]\n"
            "    from: 2024-05-22T09:00:00+08:00\n    until: 2024-05-23T09:00:00+08:00\n    reason: 出差\n"
        )
    assert [(w["why"], w["for"], w["role"]) for w in waiting(shop, "he-cang")] == [
        ("deputy", "tang-gong", "production")
    ]
    assert waiting(shop, "he-cang", "2024-05-22T08:59:59+08:00") == []
    assert waiting(shop, "he-cang", "2024-05-23T09:00:00+08:00") == []
    text = orderctl(shop, "next", "--for", "he-cang", "--as-of", BEFORE).stdout
    assert "you stand in for Tang Gong (tang-gong)" in text and "--stage production --for tang-gong --opinion" in text


def test_a_rejected_order_goes_back_to_whoever_made_it(shop: Path) -> None:
    edit(shop, f"{OPEN}/approvals/order-1-finance.yaml", "decision: approve", "decision: reject")
    assert waiting(shop, "tang-gong") == []
    (found,) = waiting(shop, "lin-xiao")
    assert (found["action"], found["why"], found["subject"]) == ("revise", "author", "OD2024050013")
    assert found["said"] in (shop / OPEN / "approvals" / "order-1-finance.yaml").read_text("utf-8")
    assert found["revision"] == 2
    told = orderctl(shop, "next", "--for", "lin-xiao", "--as-of", BEFORE).stdout
    assert "write revision: 2, commit it, then run: orderctl submit OD2024050013\n" in told


def test_an_order_that_was_not_submitted_waits_for_whoever_made_it(shop: Path) -> None:
    edit(shop, f"{OPEN}/order.yaml", "revision: 1", "revision: 2")
    (found,) = waiting(shop, "lin-xiao")
    assert (found["action"], found["subject"]) == ("submit", "OD2024050013")
    assert "orderctl submit OD2024050013" in orderctl(shop, "next", "--for", "lin-xiao").stdout


def test_a_waiver_waits_too(shop: Path) -> None:
    (shop / "waivers").mkdir()
    (shop / "waivers" / "W1.yaml").write_text(
        "schema: waiver/1\nrevision: 1\nrule: delivery-late\npath: x/y.yaml\nreason: 客户同意延期\n"
        "requested_by: lin-xiao\nfrom: 2024-05-20\nuntil: 2024-05-31\n",
        encoding="utf-8",
    )
    assert [(w["kind"], w["subject"], w["stage"]) for w in waiting(shop, "su-cai")] == [("waiver", "W1", "finance")]
    assert waiting(shop, "su-cai", "2024-06-01T00:00:00+08:00") == []


def test_of_an_earlier_commit(shop: Path) -> None:
    assert waiting(shop, "tang-gong", BEFORE, "--rev", "HEAD") == []


@pytest.mark.parametrize("name", ["tang-gong", "Tang Gong", "唐工", " TANG-GONG "])
def test_a_person_by_id_or_name(shop: Path, name: str) -> None:
    assert "1 thing" in orderctl(shop, "next", "--for", name, "--as-of", BEFORE).stdout


def test_nobody_of_that_name(shop: Path) -> None:
    done = orderctl(shop, "next", "--for", "tang-gnog")
    assert done.returncode == 2
    assert "Did you mean: tang-gong" in done.stderr


def test_me_by_what_git_is_set_up_with(shop: Path, tmp_path: Path) -> None:
    done = orderctl(shop, "next", GIT_CONFIG_GLOBAL="/dev/null")
    assert done.returncode == 2
    assert "--for PERSON" in done.stderr and "tang-gong (唐工)" in done.stderr

    git(shop, "config", "user.email", "SU.CAI@muyan.example")
    assert orderctl(shop, "next", "--as-of", BEFORE).stdout == "Su Cai (su-cai): nothing waits for you.\n"

    public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0lcZ0oq5Cq0sBq5cV0v9J0v4bZ2cJxJ7bq0o1bq0o1"
    edit(
        shop, "policy/people.yaml", "  - id: tang-gong\n", f"  - id: tang-gong\n    keys: [{{key: {public} laptop}}]\n"
    )
    git(shop, "config", "user.signingKey", public)  # the key goes before the address
    assert orderctl(shop, "next", "--as-of", BEFORE).stdout.startswith("Tang Gong (tang-gong): 1 thing")
    (tmp_path / "id.pub").write_text(f"{public} another comment\n", encoding="utf-8")
    for file in ("id.pub", "id"):
        git(shop, "config", "user.signingKey", str(tmp_path / file))
        assert orderctl(shop, "next", "--as-of", BEFORE).stdout.startswith("Tang Gong (tang-gong): 1 thing")
    git(shop, "config", "user.signingKey", str(tmp_path / "lost"))
    assert orderctl(shop, "next", "--as-of", BEFORE).stdout.startswith("Su Cai")


POLICY_FLOW = "  - {id: policy, subject: policy, stages: [{id: admins, role: %s, needs: 2, zh: 管理员, en: Admins}]}\n"
MANIFEST = (
    "schema: policy/1\nversion: %d\n%sissued: 2024-05-20T10:00:00+08:00\nby: su-cai\nreason: 换人\n"
    "files:\n  - {path: policy/flows.yaml, sha256: %s}\n"
)


def propose(shop: Path) -> None:
    """Land a policy that finance decides about, and write another one, that would leave it to production."""
    flows = (shop / "policy" / "flows.yaml").read_text("utf-8")
    (shop / "policy" / "flows.yaml").write_text(flows + POLICY_FLOW % "finance", encoding="utf-8")
    (shop / "policy" / "policy.yaml").write_text(MANIFEST % (1, "", "a" * 64), encoding="utf-8")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "policy 1")
    (shop / "policy" / "flows.yaml").write_text(flows + POLICY_FLOW % "production", encoding="utf-8")
    (shop / "policy" / "policy.yaml").write_text(MANIFEST % (2, f"previous: {'b' * 64}\n", "c" * 64), encoding="utf-8")


def policies(shop: Path, person: str) -> list[tuple[str, str]]:
    return [(w["subject"], w["role"]) for w in waiting(shop, person) if w["kind"] == "policy"]


def test_a_new_policy_waits_for_those_whom_the_one_in_force_names(shop: Path) -> None:
    propose(shop)
    assert (policies(shop, "su-cai"), policies(shop, "tang-gong")) == ([("policy", "finance")], [])

    digest = sha256((shop / "policy" / "policy.yaml").read_bytes()).hexdigest()
    (shop / "policy" / "approvals").mkdir()
    (shop / "policy" / "approvals" / "policy-2-admins.su-cai.yaml").write_text(
        "schema: approval/1\nsubject: policy\nnumber: policy\nrevision: 2\n"
        f"digest: {digest}\nstage: admins\ndecision: approve\nopinion: 角色调整与任命书一致\nperson: su-cai\n"
        "issued: 2024-05-20T11:00:00+08:00\n",
        encoding="utf-8",
    )
    assert policies(shop, "su-cai") == []  # the other one hasn't decided

    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "policy 2")
    assert (policies(shop, "su-cai"), policies(shop, "tang-gong")) == ([], [])  # what has landed waits for nobody
