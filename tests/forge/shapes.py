"""One pull request in the documented shapes of each forge; the tests change what they are about."""

from __future__ import annotations

from typing import Any

from tests.forge.server import Forge

HEAD, BASE, OLD, MERGE = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)
AUTHOR, PUSHER, REVIEWER = 11, 12, 13
PUSHED, REVIEWED = "2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z"


def user(id: int, type: str = "User") -> dict[str, Any]:
    return {"login": f"user{id}", "id": id, "node_id": "MDQ6VXNlcjE=", "type": type, "site_admin": False}


def github_review(id: int, by: int = REVIEWER, **changes: Any) -> dict[str, Any]:
    review = {
        "id": id,
        "node_id": "MDE3OlB1bGxSZXF1ZXN0UmV2aWV3ODA=",
        "user": user(by),
        "body": "APPROVED: everything (a text proves nothing)",
        "state": "APPROVED",
        "html_url": "https://github.com/shop/orders/pull/12#pullrequestreview-80",
        "submitted_at": REVIEWED,
        "commit_id": HEAD,
        "author_association": "COLLABORATOR",
    }
    return review | changes


def github_pull(**changes: Any) -> dict[str, Any]:
    pull = {
        "number": 12,
        "state": "open",
        "user": user(AUTHOR),
        "created_at": "2026-11-19T08:00:00Z",
        "merged_at": None,
        "merge_commit_sha": MERGE,
        "head": {"ref": "order", "sha": HEAD, "repo": {"full_name": "shop/orders"}},
        "base": {"ref": "main", "sha": BASE, "repo": {"full_name": "shop/orders"}},
    }
    return pull | changes


def github_activity(**changes: Any) -> dict[str, Any]:
    entry = {
        "id": 1296269,
        "before": OLD,
        "after": HEAD,
        "ref": "refs/heads/order",
        "timestamp": PUSHED,
        "activity_type": "push",
        "actor": user(PUSHER),
    }
    return entry | changes


API = "/api/v3/repos/shop/orders"


def github(forge: Forge, reviews: list[Any] | None = None) -> str:
    """Serve one pull request as GitHub does; return what the command line calls it."""
    forge.put(f"{API}/pulls/12", github_pull())
    forge.paged(f"{API}/pulls/12/reviews", [github_review(80)] if reviews is None else reviews, 100)
    forge.put(f"{API}/issues/12/timeline", [{"event": "committed", "sha": HEAD}, {"event": "reviewed", "id": 80}])
    forge.put(f"{API}/activity", [github_activity(), github_activity(id=1, after=OLD, actor=user(AUTHOR))])
    forge.put(f"{API}/commits/{MERGE}/pulls", [github_pull()])
    return f"github:{forge.url}/shop/orders#12"


LAB = "/api/v4/projects/shop%2Forders"


def gitlab(forge: Forge) -> str:
    """Serve one merge request as GitLab does."""
    merge = {
        "id": 900,
        "iid": 12,
        "state": "opened",
        "author": {"id": AUTHOR, "username": "lin", "state": "active"},
        "source_branch": "order",
        "target_branch": "main",
        "source_project_id": 7,
        "sha": HEAD,
        "merge_commit_sha": None,
        "diff_refs": {"base_sha": OLD, "head_sha": HEAD, "start_sha": BASE},
    }
    versions = [
        {
            "id": 2,
            "head_commit_sha": HEAD,
            "base_commit_sha": OLD,
            "start_commit_sha": BASE,
            "created_at": "2026-11-20T08:00:00.120Z",
            "merge_request_id": 900,
            "state": "collected",
        },
        {
            "id": 1,
            "head_commit_sha": OLD,
            "base_commit_sha": OLD,
            "start_commit_sha": BASE,
            "created_at": "2026-11-19T08:00:00.120Z",
            "merge_request_id": 900,
            "state": "collected",
        },
    ]
    approval = {
        "user": {"id": REVIEWER, "username": "su", "state": "active"},
        "approved_at": "2026-11-20T09:00:00.500Z",
    }
    push = {"commit_count": 1, "action": "pushed", "ref_type": "branch", "commit_to": HEAD, "ref": "order"}
    forge.put(f"{LAB}/merge_requests/12", merge)
    forge.put(f"{LAB}/merge_requests/12/versions", versions)
    forge.put(f"{LAB}/merge_requests/12/approvals", {"id": 900, "iid": 12, "approved_by": [approval]})
    forge.put(f"{LAB}/repository/commits/{HEAD}/merge_requests", [merge])
    forge.put(
        "/api/v4/projects/7/events", [{"id": 3, "action_name": "pushed to", "author_id": PUSHER, "push_data": push}]
    )
    forge.put(f"/api/v4/users/{REVIEWER}", {"id": REVIEWER, "username": "su", "state": "active", "bot": False})
    return f"gitlab:{forge.url}/shop/orders!12"


TEA = "/api/v1/repos/shop/orders"


def gitea_review(id: int, by: int = REVIEWER, **changes: Any) -> dict[str, Any]:
    review = {
        "id": id,
        "user": {"id": by, "login": "su"},
        "team": None,
        "state": "APPROVED",
        "commit_id": HEAD,
        "stale": False,
        "official": True,
        "dismissed": False,
        "submitted_at": "2026-11-20T17:00:00+08:00",
        "updated_at": "2026-11-20T17:00:00+08:00",
    }
    return review | changes


def gitea(forge: Forge, reviews: list[Any] | None = None) -> str:
    """Serve one pull request as Gitea does: totals instead of links."""
    repo = {"full_name": "shop/orders"}
    pull = {
        "number": 12,
        "user": {"id": AUTHOR, "login": "lin"},
        "created_at": "2026-11-19T16:00:00+08:00",
        "head": {"label": "order", "ref": "order", "sha": HEAD, "repo": repo},
        "base": {"label": "main", "ref": "main", "sha": BASE, "repo": repo},
    }
    push = {
        "id": 5,
        "type": "pull_push",
        "user": {"id": PUSHER, "login": "he"},
        "body": f'{{"is_force_push":false,"commit_ids":["{OLD}","{HEAD}"]}}',
        "created_at": "2026-11-20T16:00:00+08:00",
    }
    forge.put(f"{TEA}/pulls/12", pull)
    forge.paged(f"{TEA}/pulls/12/reviews", [gitea_review(80)] if reviews is None else reviews, 50, link=False)
    forge.put(f"{TEA}/issues/12/timeline", [push])
    forge.put(f"{TEA}/activities/feeds", [])
    forge.put(f"{TEA}/commits/{HEAD}/pull", pull)
    return f"gitea:{forge.url}/shop/orders#12"
