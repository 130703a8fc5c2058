"""Pull requests as GitHub's API and those modelled on it (Gitea, Forgejo) tell of them: a forge in, plain facts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from orderctl.hookspecs import Forge

Told = Mapping[str, Any]
"""An object of the API as it is."""


def repository(request: Forge) -> tuple[str, ...]:
    """Return the parts of the address that the repository has in the API."""
    return "repos", *request.project.split("/")


def facts(
    request: Forge,
    *,
    bringing: Callable[[Forge], int],
    page: Mapping[str, int],
    push: Callable[[Forge, Told, Sequence[Told]], tuple[int, str]],
    retargets: Callable[[Told], bool],
    review: Callable[[Told], Told | None],
) -> dict[str, Any] | None:
    """Return what ``Source`` asks for, all of one moment: the pull request is read again at the end. None: there is no
    pull request.

    ``bringing`` gives the number of the one that brought the commit asked about, 0 for none; ``page`` is the query that
    asks for long pages. ``push`` tells from the pull request and its timeline who pushed the
    head (0: unknown) and when (RFC 3339), ``retargets`` whether an entry of the timeline changed the target branch,
    ``review`` the facts of a review, None for one that says nothing. Raises ValueError if the pull request changed.
    """
    number = request.pull or bringing(request)
    if not number:
        return None
    place = repository(request)
    pull = request.get(*place, "pulls", number)
    reviews = request.pages(*place, "pulls", number, "reviews", **page)
    timeline = request.pages(*place, "issues", number, "timeline", **page)
    pusher, pushed = push(request, pull, timeline)
    changes = [pushed, *(entry["created_at"] for entry in timeline if retargets(entry))]
    again = request.get(*place, "pulls", number)
    if _moment(again) != _moment(pull):
        raise ValueError("the pull request changed while it was read; run again")
    return {
        "pull": pull["number"],
        "base": pull["base"]["sha"],
        "head": pull["head"]["sha"],
        "author": user(pull["user"]),
        "pusher": pusher,
        "pushed_at": max(changes, key=datetime.fromisoformat),
        "reviews": [told for told in map(review, reviews) if told is not None],
    }


def user(account: Told | None) -> int:
    """Return an account's id; 0 for one that is gone (null, or an id below 1)."""
    return max(account["id"], 0) if account else 0


def _moment(pull: Told) -> tuple[str, ...]:
    return pull["head"]["sha"], pull["base"]["sha"], pull["base"]["ref"]
