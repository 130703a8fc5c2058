"""Approvals of a merge request on GitLab, gitlab.com or a server of one's own.

GitLab 合并请求的批准，gitlab.com 或自建服务器。

`GITLAB_TOKEN` is a project access token with `read_api`. GitLab ties an approval to no commit: it counts for the
version of the merge request that was the newest at its time. Each push and each change of the target branch makes a new
version. Who pushed last comes from the project's events. An approval without a time (`approved_at`) can't be used.

令牌 `GITLAB_TOKEN` 是带 `read_api` 权限的项目访问令牌。GitLab 的批准不针对某个提交：按批准时最新的版本计。
每次推送或换目标分支都产生新版本。最后是谁推送的，取自项目的事件记录。没有批准时间（`approved_at`）的批准不能用。
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from orderctl import Forge, Source, hookimpl

SOURCE = Source(
    id="gitlab",
    since="0.1",
    zh="GitLab 合并请求的批准",
    en="approvals of a GitLab merge request",
    token="GITLAB_TOKEN",  # noqa: S106  the variable's name
    host="gitlab.com",
    api="https://gitlab.com/api/v4",
    path="/api/v4",
)


@hookimpl
def reviews(request: Forge) -> Mapping[str, Any] | None:
    """Return the facts of the merge request; it is read again at the end, so that they are of one moment."""
    project = ("projects", request.project)
    number = request.pull or _bringing(request, project)
    if not number:
        return None
    merge = request.get(*project, "merge_requests", number)
    versions = request.pages(*project, "merge_requests", number, "versions", per_page=100)
    approved = request.get(*project, "merge_requests", number, "approvals")["approved_by"]
    newest = max(versions, key=lambda version: datetime.fromisoformat(version["created_at"]))
    again = request.get(*project, "merge_requests", number)
    if _moment(again) != _moment(merge) or newest["head_commit_sha"] != merge["sha"]:
        raise ValueError("the merge request changed while it was read; run again")
    return {
        "pull": merge["iid"],
        "base": newest["start_commit_sha"],
        "head": merge["sha"],
        "author": merge["author"]["id"],
        "pusher": _pusher(request, merge),
        "pushed_at": newest["created_at"],
        "reviews": [
            {
                "id": approval["user"]["id"],  # a user approves a merge request once
                "user": approval["user"]["id"],
                "type": _type(request.get("users", approval["user"]["id"])),
                "state": "APPROVED",
                "commit": _commit(versions, approval["approved_at"]),
                "submitted_at": approval["approved_at"],
            }
            for approval in approved
        ],
    }


def _bringing(request: Forge, project: tuple[str, ...]) -> int:
    """Return the merge request that brought the commit, 0: none."""
    found = request.get(*project, "repository", "commits", request.commit, "merge_requests")
    exact = [merge for merge in found if request.commit in {merge["sha"], merge["merge_commit_sha"]}]
    merged = [merge for merge in exact if merge["state"] == "merged"] or exact
    if len(merged) > 1:
        raise ValueError(f"{len(merged)} merge requests have the commit {request.commit[:12]}; name one")
    return int(merged[0]["iid"]) if merged else 0


def _pusher(request: Forge, merge: Mapping[str, Any]) -> int:
    """Return who pushed the head, 0 if that is unknown."""
    events = request.get("projects", merge["source_project_id"], "events", missing=True, action="pushed", per_page=100)
    for event in events or ():  # newest first
        push = event.get("push_data") or {}
        if push.get("ref") == merge["source_branch"] and push.get("ref_type") == "branch":
            return event["author_id"] if push["commit_to"] == merge["sha"] else 0
    return 0


def _commit(versions: Sequence[Mapping[str, Any]], approved: str) -> str:
    """Return the head of the version that was the newest when the approval was given."""
    at = datetime.fromisoformat(approved)
    made = [(datetime.fromisoformat(version["created_at"]), version["head_commit_sha"]) for version in versions]
    return max((each for each in made if each[0] <= at), default=(at, ""))[1]


def _type(user: Mapping[str, Any]) -> str:
    return "User" if user["bot"] is False else "Bot"


def _moment(merge: Mapping[str, Any]) -> tuple[str, ...]:
    return merge["sha"], merge["target_branch"]
