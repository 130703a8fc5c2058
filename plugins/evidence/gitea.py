"""Reviews of a pull request on Gitea or Forgejo.

Gitea 或 Forgejo 合并请求的评审。

There is no one host: write `gitea:https://git.example/owner/name#12`. `GITEA_TOKEN` needs to read the repository
and its issues. Who pushed last comes from the pull request's timeline, for the first push from the repository's feed;
without it no review counts. A change of the target branch voids what was reviewed before, as a push does.

没有统一的主机：写成 `gitea:https://git.example/owner/name#12`。令牌 `GITEA_TOKEN` 要能读取仓库和工单。
最后是谁推送的，取自合并请求的时间线，首次推送取自仓库动态；查不到时评审一律不算。换目标分支与推送一样，此前的评审作废。
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from orderctl import Forge, Source, hookimpl
from orderctl.pulls import Told, facts, repository, user

SOURCE = Source(
    id="gitea",
    since="0.1",
    zh="Gitea 或 Forgejo 合并请求的评审",
    en="reviews of a Gitea or Forgejo pull request",
    token="GITEA_TOKEN",  # noqa: S106  the variable's name
    path="/api/v1",
    scheme="token",
)

_STATES = {"APPROVED": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
_NO_OPINION = frozenset({"PENDING", "REQUEST_REVIEW", ""})


@hookimpl
def reviews(request: Forge) -> Mapping[str, Any] | None:
    """Return the facts of the pull request."""
    return facts(request, bringing=_bringing, page={"limit": 50}, push=_push, retargets=_retargets, review=_review)


def _retargets(entry: Told) -> bool:
    return bool(entry["type"] == "change_target_branch")


def _review(review: Told) -> Told | None:
    if review["state"] in _NO_OPINION or user(review["user"]) == 0:  # of a team that was asked, or of Gitea itself
        return None
    return {
        "id": review["id"],
        "user": review["user"]["id"],
        "type": "User",
        "state": "DISMISSED" if review["dismissed"] else _STATES[review["state"]],
        "commit": review["commit_id"],
        "submitted_at": review["submitted_at"],
    }


def _bringing(request: Forge) -> int:
    """Return the pull request that brought the commit, 0: none."""
    found = request.get(*repository(request), "commits", request.commit, "pull", missing=True)
    return int(found["number"]) if found else 0


def _push(request: Forge, pull: Told, timeline: Sequence[Told]) -> tuple[int, str]:
    """Return who pushed the head, 0 if that is unknown, and when."""
    head = pull["head"]
    pushes = [entry for entry in timeline if entry["type"] == "pull_push"]
    if pushes:
        last = max(pushes, key=lambda entry: (datetime.fromisoformat(entry["created_at"]), entry["id"]))
        known = json.loads(last["body"])["commit_ids"][-1] == head["sha"]
        return (user(last["user"]) if known else 0), last["created_at"]
    feed = None
    if head["repo"] is not None:  # null: the fork is gone
        place = ("repos", *head["repo"]["full_name"].split("/"))
        feed = request.get(*place, "activities", "feeds", missing=True, limit=50)
    for entry in feed or ():  # newest first
        if entry["op_type"] == "commit_repo" and entry["ref_name"] in {head["ref"], f"refs/heads/{head['ref']}"}:
            commit = (json.loads(entry["content"] or "{}").get("HeadCommit") or {}).get("Sha1")
            return (max(entry["act_user_id"], 0) if commit == head["sha"] else 0), entry["created"]
    return 0, pull["created_at"]
