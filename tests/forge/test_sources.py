"""Each forge's answers become the same facts: who opened, who pushed, when, and who said what of which commit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orderctl.model import SetupError
from orderctl.trust.reviews import Review, Reviews, instant_seconds, read_reviews, write_reviews
from tests.forge.conftest import Load
from tests.forge.server import Answer, Forge
from tests.forge.shapes import (
    API,
    AUTHOR,
    BASE,
    HEAD,
    LAB,
    MERGE,
    OLD,
    PUSHED,
    PUSHER,
    REVIEWED,
    REVIEWER,
    TEA,
    gitea,
    gitea_review,
    github,
    github_activity,
    github_pull,
    github_review,
    gitlab,
    user,
)
from tests.workspaces import orderctl

AT, PUSHED_AT = instant_seconds(REVIEWED, ""), instant_seconds(PUSHED, "")


def facts(**changes: Any) -> Reviews:
    known: dict[str, Any] = {
        "forge": "127.0.0.1",
        "pull": 12,
        "base": BASE,
        "head": HEAD,
        "author": AUTHOR,
        "pusher": PUSHER,
        "pushed_at": PUSHED_AT,
        "reviews": (Review(80, REVIEWER, "User", "APPROVED", HEAD, AT),),
    }
    return Reviews(**known | changes)


def test_github(forge: Forge, load: Load) -> None:
    assert load(github(forge)) == facts()


def test_gitlab(forge: Forge, load: Load) -> None:
    assert load(gitlab(forge)) == facts(reviews=(Review(REVIEWER, REVIEWER, "User", "APPROVED", HEAD, AT),))


def test_gitea(forge: Forge, load: Load) -> None:
    assert load(gitea(forge)) == facts()


@pytest.mark.parametrize("serve", [github, gitlab, gitea])
def test_only_the_forge_itself_says_which_host_it_is(forge: Forge, load: Load, serve: Any) -> None:
    text = serve(forge).replace("127.0.0.1", "localhost")
    assert load(text).forge == "localhost"


@pytest.mark.parametrize(
    ("serve", "variable", "value"),
    [
        (github, "GITHUB_TOKEN", "Bearer s3cret"),
        (gitlab, "GITLAB_TOKEN", "Bearer s3cret"),
        (gitea, "GITEA_TOKEN", "token s3cret"),
    ],
)
def test_the_token_comes_from_the_environment(
    forge: Forge, load: Load, monkeypatch: pytest.MonkeyPatch, serve: Any, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, "s3cret\n")
    load(serve(forge))
    assert set(forge.tokens) == {value}


@pytest.mark.parametrize("count", [99, 100, 101, 200, 201])
def test_h05_every_page_of_github_is_read(forge: Forge, load: Load, count: int) -> None:
    found = load(github(forge, [github_review(id) for id in range(1, count + 1)]))
    assert [review.id for review in found.reviews] == list(range(1, count + 1))
    pages = [path for path in forge.asked if "/reviews" in path]
    assert len(pages) == -(-count // 100)


@pytest.mark.parametrize("count", [49, 50, 51, 101])
def test_h05_every_page_of_gitea_is_read(forge: Forge, load: Load, count: int) -> None:
    found = load(gitea(forge, [gitea_review(id) for id in range(1, count + 1)]))
    assert len(found.reviews) == count


def test_dismissed_pending_and_comment(forge: Forge, load: Load) -> None:
    pending = github_review(3, state="PENDING")
    del pending["submitted_at"]
    reviews = [github_review(1, state="DISMISSED"), github_review(2, state="COMMENTED"), pending]
    assert [r.state for r in load(github(forge, reviews)).reviews] == ["DISMISSED", "COMMENTED"]


def test_gitea_states(forge: Forge, load: Load) -> None:
    reviews = [
        gitea_review(1, dismissed=True),
        gitea_review(2, state="REQUEST_CHANGES"),
        gitea_review(3, state="COMMENT"),
        gitea_review(4, state="REQUEST_REVIEW"),
        gitea_review(5, user=None, state="REQUEST_REVIEW"),
        gitea_review(6, by=-2),
    ]
    found = load(gitea(forge, reviews))
    assert [(r.id, r.state) for r in found.reviews] == [(1, "DISMISSED"), (2, "CHANGES_REQUESTED"), (3, "COMMENTED")]


@pytest.mark.parametrize("type", ["Bot", "Organization", "Mannequin"])
def test_the_type_of_the_user_is_kept(forge: Forge, load: Load, type: str) -> None:
    assert load(github(forge, [github_review(1, user=user(5, type))])).reviews[0].type == type


def test_a_gitlab_bot(forge: Forge, load: Load) -> None:
    text = gitlab(forge)
    forge.put(f"/api/v4/users/{REVIEWER}", {"id": REVIEWER, "bot": True})
    assert load(text).reviews[0].type == "Bot"


def test_a_review_of_a_commit_that_is_gone(forge: Forge, load: Load) -> None:
    assert load(github(forge, [github_review(1, commit_id=None)])).reviews[0].commit == ""


def test_a_user_that_is_gone(forge: Forge, load: Load) -> None:
    assert load(github(forge, [github_review(1, user=None), github_review(2)])).reviews[0].id == 2


def test_h06_a_change_of_the_target_branch_counts_like_a_push(forge: Forge, load: Load) -> None:
    text = github(forge)
    later = "2026-11-20T10:00:00Z"
    forge.put(f"{API}/issues/12/timeline", [{"event": "base_ref_changed", "id": 9, "created_at": later}])
    assert load(text).pushed_at == instant_seconds(later, "")
    text = gitea(forge)
    entry = {
        "id": 6,
        "type": "change_target_branch",
        "user": None,
        "body": "",
        "created_at": "2026-11-20T18:00:00+08:00",
    }
    push = forge.routes[f"{TEA}/issues/12/timeline"]
    assert isinstance(push, Answer)
    forge.put(f"{TEA}/issues/12/timeline", [*push.data, entry])
    assert load(text).pushed_at == instant_seconds(later, "")


def test_a_gitlab_approval_is_of_the_version_of_its_time(forge: Forge, load: Load) -> None:
    text = gitlab(forge)
    approval = {"user": {"id": REVIEWER}, "approved_at": "2026-11-20T07:59:59.000Z"}
    forge.put(f"{LAB}/merge_requests/12/approvals", {"approved_by": [approval]})
    assert load(text).reviews[0].commit == OLD


def test_the_pusher_is_the_newest_who_brought_this_head(forge: Forge, load: Load) -> None:
    text = github(forge)
    other = github_activity(id=9, after=OLD, actor=user(99))
    forge.put(f"{API}/activity", [other, github_activity(id=8, actor=user(77)), github_activity()])
    assert load(text).pusher == 77


@pytest.mark.parametrize("activity", [Answer([]), Answer(None, 404), Answer([github_activity(actor=None)])])
def test_an_unknown_pusher_is_said_to_be_unknown(forge: Forge, load: Load, activity: Answer) -> None:
    text = github(forge)
    forge.routes[f"{API}/activity"] = activity
    assert load(text).pusher == 0


def test_a_fork_that_is_gone_has_no_known_pusher(forge: Forge, load: Load) -> None:
    text = github(forge)
    forge.put(f"{API}/pulls/12", github_pull(head={"ref": "order", "sha": HEAD, "repo": None}))
    assert load(text).pusher == 0


def test_unknown_pushers_elsewhere(forge: Forge, load: Load) -> None:
    text = gitlab(forge)
    forge.put("/api/v4/projects/7/events", [])
    assert load(text).pusher == 0
    text = gitea(forge)
    forge.put(f"{TEA}/issues/12/timeline", [])
    assert load(text).pusher == 0


def test_the_first_push_of_gitea_is_in_the_feed(forge: Forge, load: Load) -> None:
    text = gitea(forge)
    forge.put(f"{TEA}/issues/12/timeline", [])
    content = json.dumps({"Commits": [], "HeadCommit": {"Sha1": HEAD}, "Len": 1})
    entry = {"op_type": "commit_repo", "ref_name": "refs/heads/order", "act_user_id": 21, "content": content}
    forge.put(f"{TEA}/activities/feeds", [entry | {"created": PUSHED}])
    found = load(text)
    assert (found.pusher, found.pushed_at) == (21, PUSHED_AT)


@pytest.mark.parametrize(
    ("serve", "commit"), [(github, MERGE), (gitlab, HEAD), (gitea, HEAD)], ids=["github", "gitlab", "gitea"]
)
def test_the_pull_request_that_brought_a_commit(forge: Forge, load: Load, serve: Any, commit: str) -> None:
    text = serve(forge)
    assert load(text.replace("#12", "!12").replace("!12", f"@{commit}")).pull == 12


def test_a_commit_that_no_pull_request_brought(forge: Forge, load: Load) -> None:
    text = github(forge)
    forge.put(f"{API}/commits/{OLD}/pulls", [])
    assert load(text.replace("#12", f"@{OLD}")) == Reviews("127.0.0.1", 0, "", OLD, 0, 0, 0, ())


def test_no_merge_request_or_pull_request_elsewhere(forge: Forge, load: Load) -> None:
    text = gitlab(forge)
    forge.put(f"{LAB}/repository/commits/{OLD}/merge_requests", [])
    assert load(text.replace("!12", f"@{OLD}")).pull == 0
    text = gitea(forge)
    assert load(text.replace("#12", f"@{OLD}")).pull == 0


def test_a_commit_of_two_pull_requests(forge: Forge, load: Load) -> None:
    text = github(forge).replace("#12", f"@{MERGE}")
    merged = github_pull(merged_at="2026-11-20T10:00:00Z")
    forge.put(f"{API}/commits/{MERGE}/pulls", [github_pull(number=13), merged])
    assert load(text).pull == 12
    forge.put(f"{API}/commits/{MERGE}/pulls", [github_pull(number=13), github_pull()])
    with pytest.raises(SetupError, match="2 pull requests have the commit dddddddddddd; name one"):
        load(text)
    lab = gitlab(forge).replace("!12", f"@{HEAD}")
    merge = {"iid": 12, "sha": HEAD, "merge_commit_sha": None, "state": "opened"}
    forge.put(f"{LAB}/repository/commits/{HEAD}/merge_requests", [merge, merge | {"iid": 13}])
    with pytest.raises(SetupError, match="2 merge requests have the commit"):
        load(lab)


def in_turn(*answers: Answer) -> Callable[[dict[str, str]], Answer]:
    left = iter(answers)
    return lambda _query: next(left)


def test_gitlab_and_gitea_changed_while_reading(forge: Forge, load: Load) -> None:
    for text, path, other in (
        (gitlab(forge), f"{LAB}/merge_requests/12", {"sha": OLD}),
        (gitea(forge), f"{TEA}/pulls/12", {"base": {"sha": OLD, "ref": "main"}}),
    ):
        first = forge.routes[path]
        assert isinstance(first, Answer)
        forge.routes[path] = in_turn(first, Answer(first.data | other))
        with pytest.raises(SetupError, match="changed while it was read"):
            load(text)


def test_pushes_to_something_else_are_passed_over(forge: Forge, load: Load) -> None:
    text = gitlab(forge)
    events = forge.routes["/api/v4/projects/7/events"]
    assert isinstance(events, Answer)
    tag = {"author_id": 98, "push_data": {"ref": "order", "ref_type": "tag", "commit_to": HEAD}}
    forge.put("/api/v4/projects/7/events", [{"author_id": 97}, tag, *events.data])
    assert load(text).pusher == PUSHER
    text = gitea(forge)
    forge.put(f"{TEA}/issues/12/timeline", [])
    other = {"op_type": "push_tag", "ref_name": "order", "act_user_id": 98, "content": "", "created": PUSHED}
    content = json.dumps({"HeadCommit": {"Sha1": HEAD}})
    forge.put(
        f"{TEA}/activities/feeds", [other, other | {"op_type": "commit_repo", "act_user_id": 21, "content": content}]
    )
    assert load(text).pusher == 21
    forge.put(f"{TEA}/activities/feeds", [other | {"op_type": "commit_repo", "content": "null"}])
    with pytest.raises(SetupError, match="answers oddly"):
        load(text)
    pull = forge.routes[f"{TEA}/pulls/12"]
    assert isinstance(pull, Answer)
    forge.put(f"{TEA}/pulls/12", pull.data | {"head": pull.data["head"] | {"repo": None}})
    assert load(text).pusher == 0


def test_h16_a_push_while_reading_is_noticed(forge: Forge, load: Load) -> None:
    text = github(forge)
    answers = iter([github_pull(), github_pull(head={"ref": "order", "sha": OLD, "repo": None})])
    forge.routes[f"{API}/pulls/12"] = lambda _query: Answer(next(answers))
    with pytest.raises(SetupError, match="changed while it was read") as caught:
        load(text)
    assert (caught.value.code, caught.value.exit_code) == ("setup.reviews", 11)


def test_fetch_prints_what_read_reviews_reads(forge: Forge, tmp_path: Path) -> None:
    done = orderctl(tmp_path, "evidence", "fetch", github(forge), GITHUB_TOKEN="s3cret")
    assert (done.returncode, done.stderr) == (0, "")
    assert read_reviews(done.stdout.encode()) == facts()
    done = orderctl(tmp_path, "evidence", "fetch", github(forge), "--out", "reviews.json")
    assert (tmp_path / "reviews.json").read_bytes() == write_reviews(facts())


def test_fetch_from_a_file(tmp_path: Path, load: Load) -> None:
    (tmp_path / "reviews.json").write_bytes(write_reviews(facts()))
    assert load(str(tmp_path / "reviews.json")) == facts()
    done = orderctl(tmp_path, "evidence", "fetch", "reviews.json")
    assert (done.returncode, done.stdout) == (0, write_reviews(facts()).decode())
