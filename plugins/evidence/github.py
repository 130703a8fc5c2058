"""Reviews of a pull request on GitHub, github.com or an Enterprise server.

GitHub 合并请求的评审，github.com 或企业服务器。

`GITHUB_TOKEN` needs to read contents and pull requests (`permissions: contents: read, pull-requests: read`). Who pushed
last comes from the repository's activity list; without it no review counts. A change of the target branch voids what
was reviewed before, as a push does.

令牌 `GITHUB_TOKEN` 只需读取内容和合并请求。最后是谁推送的，取自仓库的活动记录；查不到时评审一律不算。
换目标分支与推送一样，此前的评审作废。
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orderctl import Forge, Source, hookimpl
from orderctl.pulls import Told, facts, repository, user

SOURCE = Source(
    id="github",
    since="0.1",
    zh="GitHub 合并请求的评审",
    en="reviews of a GitHub pull request",
    token="GITHUB_TOKEN",  # noqa: S106  the variable's name
    host="github.com",
    api="https://api.github.com",
    path="/api/v3",
)

_RETARGETED = frozenset({"base_ref_changed", "automatic_base_change_succeeded"})


@hookimpl
def reviews(request: Forge) -> Mapping[str, Any] | None:
    """Return the facts of the pull request."""
    return facts(request, bringing=_bringing, page={"per_page": 100}, push=_push, retargets=_retargets, review=_review)


def _retargets(event: Told) -> bool:
    return event.get("event") in _RETARGETED


def _review(review: Told) -> Told | None:
    if review["state"] == "PENDING" or review["user"] is None:  # null: the account is gone
        return None
    return {
        "id": review["id"],
        "user": review["user"]["id"],
        "type": review["user"]["type"],
        "state": review["state"],
        "commit": review["commit_id"] or "",
        "submitted_at": review["submitted_at"],
    }


def _bringing(request: Forge) -> int:
    """Return the pull request that brought the commit: of several the one whose head or merge it is; 0: none."""
    found = request.get(*repository(request), "commits", request.commit, "pulls")
    exact = [pull for pull in found if request.commit in {pull["head"]["sha"], pull["merge_commit_sha"]}]
    merged = [pull for pull in exact if pull["merged_at"]] or exact
    if len(merged) > 1:
        raise ValueError(f"{len(merged)} pull requests have the commit {request.commit[:12]}; name one")
    return int(merged[0]["number"]) if merged else 0


def _push(request: Forge, pull: Told, _timeline: Sequence[Told]) -> tuple[int, str]:
    """Return who pushed the head, 0 if that is unknown, and when."""
    head = pull["head"]
    activity = None
    if head["repo"] is not None:  # null: the fork is gone
        place = ("repos", *head["repo"]["full_name"].split("/"), "activity")
        activity = request.get(*place, missing=True, ref=f"refs/heads/{head['ref']}", per_page=100)
    for entry in activity or ():  # newest first
        if entry["after"] == head["sha"]:
            return user(entry["actor"]), entry["timestamp"]
    return 0, pull["created_at"]
