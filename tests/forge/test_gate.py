"""Reviews at the gate: H01, H03, H05, H06, H16 by what the gate says, each beside the review that lands a change."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orderctl.trust.reviews import Reviews, instant_seconds
from tests.forge.firm import BY_REVIEW, PUSHED, USERS, facts, land, pull_request, review, save
from tests.forge.server import Answer, Forge
from tests.forge.shapes import API, github, github_activity, github_pull, github_review, user
from tests.trust.company import AS_OF, START, Company
from tests.workspaces import orderctl


@pytest.fixture(scope="module")
def pulled(original: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    firm = original.copy(tmp_path_factory.mktemp("pulled") / "work")
    pull_request(firm)
    return firm


@pytest.fixture
def ready(pulled: Company, tmp_path: Path) -> Company:
    return pulled.copy(tmp_path / "work")


def codes(verdict: dict[str, Any]) -> list[str]:
    return sorted({f["code"] for f in verdict["findings"]})


def test_a_review_of_this_head_lands_the_statement(ready: Company) -> None:
    head = ready.head()
    verdict = ready.gate("main", "HEAD", "--reviews", save(ready, facts(ready, head, review(head))))
    assert (verdict["verdict"], verdict["findings"]) == ("allow", [])
    assert [m["stage"] for m in verdict["missing"]] == ["production"]


def test_a_review_of_the_merged_head_lands_the_merge(ready: Company) -> None:
    head, before = ready.head(), ready.git("rev-parse", "main")
    reviews = save(ready, facts(ready, head, review(head)))
    merge = land(ready, head)
    verdict = ready.gate(before, merge, "--reviews", reviews)
    assert (verdict["verdict"], verdict["findings"]) == ("allow", [])


def test_without_reviews_the_statement_is_nobodys(ready: Company) -> None:
    verdict = ready.gate()
    assert [(f["code"], f["path"], f["person"]) for f in verdict["findings"]] == [
        ("approval.evidence", BY_REVIEW, "su-cai")
    ]


def elsewhere(firm: Company) -> str:
    """Make a commit that main never had; return it."""
    return firm.git("-c", "user.name=x", "-c", "user.email=x@x", "commit-tree", "-m", "x", "HEAD^{tree}")


Case = Callable[[Company, str], Reviews]
REFUSED: dict[str, tuple[Case, list[str]]] = {
    "H01 a review of an older commit": (
        lambda f, h: facts(f, h, review(f.git("rev-parse", "HEAD~1"))),
        ["approval.evidence", "review.stale"],
    ),
    "H03 the author's own": (
        lambda f, h: facts(f, h, review(h), author=USERS["su-cai"]),
        ["approval.evidence", "review.author"],
    ),
    "H03 the last pusher's": (
        lambda f, h: facts(f, h, review(h), pusher=USERS["su-cai"]),
        ["approval.evidence", "review.pusher"],
    ),
    "H03 pusher unknown": (
        lambda f, h: facts(f, h, review(h), pusher=0),
        ["approval.evidence", "review.pusher_unknown"],
    ),
    "H03 a bot": (lambda f, h: facts(f, h, review(h, type="Bot")), ["approval.evidence", "review.bot"]),
    "H03 somebody unknown": (lambda f, h: facts(f, h, review(h, user=99)), ["approval.evidence", "review.unknown"]),
    "H03 another colleague": (lambda f, h: facts(f, h, review(h, "tang-gong")), ["approval.evidence"]),
    "H06 retargeted since": (
        lambda f, h: facts(f, h, review(h), pushed_at=instant_seconds(PUSHED, "") + 7200),
        ["approval.evidence", "review.early"],
    ),
    "H06 a base that main never had": (
        lambda f, h: facts(f, h, review(h), base=elsewhere(f)),
        ["approval.evidence", "review.base"],
    ),
    "dismissed": (
        lambda f, h: facts(f, h, review(h, state="DISMISSED")),
        ["approval.evidence", "review.withdrawn"],
    ),
    "of another pull request": (lambda f, _: facts(f, "e" * 40, review("e" * 40)), ["approval.evidence"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_review_that_proves_nothing(ready: Company, name: str) -> None:
    case, expected = REFUSED[name]
    verdict = ready.gate("main", "HEAD", "--reviews", save(ready, case(ready, ready.head())))
    assert (verdict["verdict"], codes(verdict)) == ("deny", expected)


def test_the_review_is_asked_from_the_forge(ready: Company, forge: Forge) -> None:
    head, base = ready.head(), ready.git("rev-parse", "main")
    text = serve(forge, head, base)
    verdict = ready.gate("main", "HEAD", "--reviews", text)
    assert (verdict["verdict"], verdict["findings"]) == ("allow", [])


def test_h05_a_forge_that_fails_lets_nothing_pass(ready: Company, forge: Forge) -> None:
    text = serve(forge, ready.head(), ready.git("rev-parse", "main"))
    forge.routes[f"{API}/pulls/12/reviews"] = Answer({}, 500)
    done = orderctl(ready.root, "gate", "--base", "main", "--head", "HEAD", "--as-of", AS_OF, "--reviews", text)
    assert (done.returncode, done.stdout) == (11, "")
    assert done.stderr.startswith("Error: the reviews can't be had: 127.0.0.1:")


def test_h16_a_push_after_the_verdict_is_another_change(ready: Company) -> None:
    judged = ready.head()
    reviews = save(ready, facts(ready, judged, review(judged)))
    verdict = ready.gate("main", "HEAD", "--reviews", reviews)
    ready.approve("production", "tang-gong", signed=False)
    ready.commit("lin-xiao", "one more")
    again = ready.gate("main", "HEAD", "--reviews", reviews)
    assert (verdict["verdict"], again["verdict"]) == ("allow", "deny")
    assert verdict["head"] == judged
    assert [(f["code"], f["person"]) for f in again["findings"]] == [("approval.evidence", "tang-gong")]


def test_a09_a_statement_and_a_review_are_one_person(original: Company, tmp_path: Path) -> None:
    firm = original.copy(tmp_path / "work")
    firm.edit("policy/people.yaml", "roles: [policy-admin, sales-director]", "roles: [policy-admin, finance]")
    flows = firm.read("policy/flows.yaml").replace("id: finance, role", "id: finance, needs: 2, role")
    flows = flows.replace("      - id: finance\n", "      - id: finance\n        needs: 2\n")
    firm.write("policy/flows.yaml", re.sub("      - {id: sales-director.*\n", "", flows))
    firm.raise_policy()
    firm.commit("gao-yuan", "two of finance", at=START)
    firm.land()
    pull_request(firm)
    firm.approve("finance", "su-cai", name="order-1-finance.su-cai.2", issued="2024-05-20T12:30:00+08:00")
    firm.commit("lin-xiao", "twice")
    base = firm.git("rev-parse", "main")
    for stage, who in (("finance", ["jiang-ming"]), ("production", ["tang-gong"])):
        head = firm.head()
        reviews = save(firm, facts(firm, head, review(head), base=base))
        verdict = firm.gate(base, land(firm, head), "--reviews", reviews)
        assert [f["code"] for f in verdict["findings"]] == []
        assert (verdict["missing"][0]["stage"], verdict["missing"][0]["who"]) == (stage, who)
        firm.git("checkout", "-q", "-B", "more", head)
        firm.git("update-ref", "refs/heads/main", base)
        firm.approve("finance", "jiang-ming", issued="2024-05-20T12:40:00+08:00")
        firm.commit("jiang-ming", "the other one")


def serve(forge: Forge, head: str, base: str) -> str:
    text = github(forge, [github_review(80, USERS["su-cai"], commit_id=head, submitted_at="2024-05-20T08:00:00Z")])
    repo = {"full_name": "shop/orders"}
    sides = {"head": {"ref": "order", "sha": head, "repo": repo}, "base": {"ref": "main", "sha": base, "repo": repo}}
    pull = github_pull(user=user(USERS["lin-xiao"]), **sides)
    forge.put(f"{API}/pulls/12", pull)
    forge.put(f"{API}/commits/{head}/pulls", [pull])
    pushed = github_activity(after=head, actor=user(USERS["lin-xiao"]), timestamp="2024-05-20T07:00:00Z")
    forge.put(f"{API}/activity", [pushed])
    return text


RECEIPT = BY_REVIEW.replace("/approvals/", "/receipts/").replace(".yaml", ".receipt.yaml")


def receipt(firm: Company, base: str, head: str, reviews: str, key: str = "gate-service") -> Any:
    options = ["--base", base, "--head", head, "--reviews", reviews, "--as-of", AS_OF, "--key", str(firm.key(key))]
    return orderctl(firm.root, "evidence", "receipt", *options)


def test_a_receipt_keeps_what_the_review_proved(ready: Company) -> None:
    head, before = ready.head(), ready.git("rev-parse", "main")
    reviews = save(ready, facts(ready, head, review(head)))
    merge = land(ready, head)
    done = receipt(ready, before, merge, reviews)
    assert (done.returncode, done.stdout) == (0, f"{RECEIPT}\n"), done.stderr
    kept = ready.data(RECEIPT)
    assert (
        kept["forge"],
        kept["pull"],
        kept["review"],
        kept["user"],
        kept["person"],
        kept["commit"],
        kept["author"],
    ) == (
        "127.0.0.1",
        12,
        80,
        13,
        "su-cai",
        head,
        11,
    )
    assert ready.git("show", "--format=", "--name-only", "HEAD") == RECEIPT
    verdict = ready.gate(merge, "HEAD")
    assert (verdict["verdict"], verdict["findings"]) == ("allow", [])
    again = receipt(ready, before, merge, reviews)
    assert (again.returncode, again.stdout) == (0, "")
    assert "there is nothing to write" in again.stderr
    assert ready.git("status", "--porcelain") == ""


def test_only_the_service_writes_receipts(ready: Company) -> None:
    head, before = ready.head(), ready.git("rev-parse", "main")
    reviews = save(ready, facts(ready, head, review(head)))
    merge = land(ready, head)
    done = receipt(ready, before, merge, reviews, key="su-cai")
    assert done.returncode == 2
    assert "Su Cai (su-cai) hasn't the role service" in done.stderr
    assert (ready.head(), ready.git("status", "--porcelain")) == (merge, "")
    text = "".join(f"{k}: {v}\n" for k, v in {"schema": "receipt/1", "person": "su-cai"}.items())
    ready.write(RECEIPT, text)
    ready.commit("lin-xiao", "a receipt of my own")
    assert "permission.denied" in codes(ready.gate(merge, "HEAD"))


def test_no_receipt_for_what_was_signed_or_not_reviewed(ready: Company) -> None:
    head, before = ready.head(), ready.git("rev-parse", "main")
    nothing = save(ready, facts(ready, head, review(head, "tang-gong")))
    merge = land(ready, head)
    done = receipt(ready, before, merge, nothing)
    assert (done.returncode, done.stdout) == (0, "")


def test_no_receipt_before_it_landed(ready: Company) -> None:
    head = ready.head()
    reviews = save(ready, facts(ready, head, review(head)))
    base = ready.git("rev-parse", "main")
    ready.git("checkout", "-q", "main")
    done = receipt(ready, base, head, reviews)
    assert done.returncode == 2
    assert "hasn't come from" in done.stderr
