"""Reviews that a forge recorded for one pull request: read from JSON, weighed against the policy's people.

In: the facts of a pull request (numeric ids, commit ids, instants), never names, e-mails or comment texts.
Out: person → the review by which they approved exactly this head.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from orderctl.codes import reviews as codes
from orderctl.git import HEX
from orderctl.model import Finding, SetupError
from orderctl.rule import Code

if TYPE_CHECKING:
    from orderctl.trust.policy import Policy

OPINIONS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
"""States that say something for or against; the others (COMMENTED, PENDING) leave the opinion before them as it is."""
STATES = OPINIONS | {"COMMENTED", "PENDING"}
LIMIT = 4 * 1024 * 1024
"""Bytes of a file of reviews."""
MOST = 5_000
"""Reviews of one pull request."""
AHEAD = 600
"""Seconds that a forge's clock may be ahead."""
_LARGEST = 2**63 - 1
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Review:
    """One review: its id, the reviewer's numeric id and type ("User", "Bot" …), and the commit it is of ("": gone).

    ``submitted_at`` is in seconds since 1970.
    """

    id: int
    user: int
    type: str
    state: str
    commit: str
    submitted_at: int


@dataclass(frozen=True, slots=True)
class Reviews:
    """One pull request and its reviews. ``forge`` is the host. ``pusher`` 0: unknown. ``pull`` 0: there is none.

    ``base`` and ``head`` are commit ids; ``pushed_at`` (seconds since 1970) is when what is reviewed last changed:
    the last push to the head, or the last change of the target branch.
    """

    forge: str
    pull: int
    base: str
    head: str
    author: int
    pusher: int
    pushed_at: int
    reviews: tuple[Review, ...]


class Odd(ValueError):
    """Something that can't be used, and why, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh


def failed(zh: str, en: str) -> SetupError:
    """Return the refusal to go on without reviews that were asked for; the reasons are put into one sentence."""
    return SetupError(
        "setup.reviews",
        f"无法取得评审记录：{zh}。评审不明就不放行，请解决后再运行一次",
        f"the reviews can't be had: {en}. Without them nothing passes; mend that and run again",
        exit_code=11,
    )


def read_reviews(data: bytes) -> Reviews:
    """Return what a file of reviews says: JSON with exactly the names of Reviews and Review, times in RFC 3339.

    Raises SetupError ``setup.reviews`` (exit code 11) for anything else.
    """
    if len(data) > LIMIT:
        raise failed(f"文件超过 {LIMIT} 字节", f"the file has more than {LIMIT} bytes")
    try:
        found = json.loads(data.decode(), object_pairs_hook=unique, parse_constant=no_number, parse_float=no_number)
        names = set(Reviews.__dataclass_fields__)
        top = _record(found, names, "")
        reviews = tuple(_review(each, f"reviews/{place}") for place, each in enumerate(_list(top["reviews"])))
        return Reviews(
            forge=_text(top["forge"], "forge"),
            pull=_number(top["pull"], "pull", least=0),
            base=_commit(top["base"], "base"),
            head=_commit(top["head"], "head"),
            author=_number(top["author"], "author", least=0),
            pusher=_number(top["pusher"], "pusher", least=0),
            pushed_at=instant_seconds(top["pushed_at"], "pushed_at"),
            reviews=_distinct(reviews),
        )
    except (ValueError, RecursionError) as error:
        zh, en = said(error)
        raise failed(f"内容不对：{zh}", f"the content is wrong: {en}") from None


def said(error: Exception) -> tuple[str, str]:
    """Return in Chinese and English why JSON can't be used; what the system says of it only behind our own words."""
    if isinstance(error, Odd):
        return _line(error.zh), _line(str(error))
    if isinstance(error, RecursionError):
        return "嵌套太深", "it is nested too deeply"
    text = _line(str(error))
    return f"不是 JSON（{text}）", f"it is no JSON ({text})"


def _line(text: str) -> str:
    return " ".join(text.split())[:200]


def write_reviews(reviews: Reviews) -> bytes:
    """Return the file that read_reviews reads; the same reviews give the same bytes."""
    data: dict[str, Any] = asdict(reviews)
    data["pushed_at"] = instant_text(reviews.pushed_at)
    for each in data["reviews"]:
        each["submitted_at"] = instant_text(each["submitted_at"])
    return (json.dumps(data, indent=2) + "\n").encode()


def instant_text(seconds: int) -> str:
    """Return an instant as RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def approvers(reviews: Reviews, head: str, policy: Policy, *, observed: int | None = None) -> dict[str, Review]:
    """Return person → review: who approved exactly ``head``. See ``weigh``."""
    return weigh(reviews, head, policy, observed=observed)[0]


def weigh(
    reviews: Reviews, head: str, policy: Policy, *, observed: int | None = None
) -> tuple[dict[str, Review], list[Finding]]:
    """Return person → the review that counts, and for each approving review that doesn't, why.

    ``head`` is the pull request's own head (of a merge its second parent). A person's accounts are one person: the
    newest opinion of any of them is theirs.
    """
    counted: dict[str, Review] = {}
    findings: list[Finding] = []
    for review in _latest(reviews, policy):
        person = policy.by_forge(reviews.forge, review.user) or ""
        objection = _objection(reviews, review, person, head, policy, observed)
        if objection is None:
            counted[person] = review
            continue
        params: dict[str, Any] = {
            "forge": reviews.forge,
            "pull": reviews.pull,
            "user": review.user,
            "person": person,
            "type": review.type,
            "state": review.state,
            "reviewed": review.commit[:12],
            "head": head[:12],
        }
        findings.append(objection.at("", commit=head, **params))
    return dict(sorted(counted.items())), findings


def _objection(
    reviews: Reviews, review: Review, person: str, head: str, policy: Policy, observed: int | None
) -> Code | None:
    """Return why a person's newest opinion is no approval of ``head``, or None. Who it is comes first, then what of."""
    itself = {reviews.pusher: codes.REVIEW_PUSHER, reviews.author: codes.REVIEW_AUTHOR}
    persons = {policy.by_forge(reviews.forge, user): code for user, code in itself.items()}
    objections = (
        (review.type != "User", codes.REVIEW_BOT),
        (not person, codes.REVIEW_UNKNOWN),
        (review.state != "APPROVED", codes.REVIEW_WITHDRAWN),
        (not (reviews.author and reviews.pusher), codes.REVIEW_PUSHER_UNKNOWN),
        (review.user in itself or person in persons, itself.get(review.user) or persons.get(person)),
        (review.commit != head or reviews.head != head, codes.REVIEW_STALE),
        (review.submitted_at < reviews.pushed_at, codes.REVIEW_EARLY),
        (observed is not None and review.submitted_at > observed + AHEAD, codes.REVIEW_FUTURE),
        (not policy.active(person, review.submitted_at), codes.REVIEW_INACTIVE),
    )
    return next((code for found, code in objections if found), None)


def _latest(reviews: Reviews, policy: Policy) -> Iterable[Review]:
    """Return the newest opinion of each person, and of each user that is nobody; those who never approved left out."""
    newest: dict[str | int, Review] = {}
    approved: set[str | int] = set()
    for review in sorted(reviews.reviews, key=lambda r: (r.submitted_at, r.id)):
        if review.state in OPINIONS:
            who = policy.by_forge(reviews.forge, review.user) or review.user
            newest[who] = review
            approved |= {who} if review.state in {"APPROVED", "DISMISSED"} else set()
    return [review for who, review in newest.items() if who in approved]


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object's values by name; raise Odd where a name is given twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Odd("同一个对象里有重复的名称", "a name appears twice in one object")
    return found


def no_number(text: str) -> None:
    """Refuse what JSON's readers take for a number although it is none, or none that is meant here."""
    raise Odd(f"{text[:20]} 不是整数", f"{text[:20]} is no whole number")


def _record(value: Any, names: set[str], place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Odd(f"{place or '最外层'} 应当是对象", f"{place or 'the top'}: must be an object")
    if set(value) != names:
        listed = ", ".join(sorted(names))
        raise Odd(f"{place or '最外层'} 应当正好有 {listed}", f"{place or 'the top'}: must have exactly {listed}")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST:
        raise Odd(f"reviews 应当是列表，最多 {MOST} 项", f"reviews: must be a list of at most {MOST}")
    return value


def _review(value: Any, place: str) -> Review:
    found = _record(value, set(Review.__dataclass_fields__), place)
    state = _text(found["state"], f"{place}/state")
    if state not in STATES:
        listed = ", ".join(sorted(STATES))
        raise Odd(f"{place}/state 应当是 {listed} 之一", f"{place}/state: must be one of {listed}")
    return Review(
        id=_number(found["id"], f"{place}/id"),
        user=_number(found["user"], f"{place}/user"),
        type=_text(found["type"], f"{place}/type"),
        state=state,
        commit=_commit(found["commit"], f"{place}/commit"),
        submitted_at=instant_seconds(found["submitted_at"], f"{place}/submitted_at"),
    )


def _distinct(reviews: tuple[Review, ...]) -> tuple[Review, ...]:
    if len({review.id for review in reviews}) != len(reviews):
        raise Odd("reviews 中有重复的 id", "reviews: an id appears twice")
    return reviews


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.isascii() or not value.isprintable():
        raise Odd(f"{place} 应当是一小段文字", f"{place}: must be a short text")
    return value


def _number(value: Any, place: str, least: int = 1) -> int:
    if type(value) is not int or not least <= value <= _LARGEST:
        raise Odd(f"{place} 应当是不小于 {least} 的整数", f"{place}: must be a whole number from {least}")
    return value


def _commit(value: Any, place: str) -> str:
    if not isinstance(value, str) or (value and not HEX.fullmatch(value)):
        raise Odd(f"{place} 应当是提交号", f"{place}: must be a commit id")
    return value


def instant_seconds(value: Any, place: str) -> int:
    """Return an RFC 3339 text as seconds since 1970; Odd otherwise, or before 1970 or after 9999."""
    example = "2026-11-21T08:00:00Z"
    odd = Odd(f"{place} 应当是时刻，例如 {example}", f"{place}: must be an instant such as {example}")
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise odd
    try:
        seconds = int(datetime.fromisoformat(value).timestamp())
    except (ValueError, OverflowError):  # a 31 February
        raise odd from None
    if seconds < 0:
        raise Odd(f"{place} 不能早于 1970 年", f"{place}: must not be before 1970")
    return seconds
