"""Which reviews count: H01, H03, H06, each beside the review that does; and what a file of reviews may hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from orderctl.catalogue import machine_codes
from orderctl.model import SetupError, Severity
from orderctl.trust.reviews import LIMIT, MOST, Review, Reviews, approvers, read_reviews, weigh, write_reviews
from tests.forge.shapes import BASE, HEAD, OLD

if TYPE_CHECKING:
    from orderctl.trust.policy import Policy

AUTHOR, PUSHER, SU, GU, SU_TOO, STRANGER = (11, 12, 13, 14, 15, 99)
PUSHED = 1_000_000


@dataclass(frozen=True)
class People:
    """The two questions that are asked of a policy."""

    forge: Mapping[int, str] = field(
        default_factory=lambda: {AUTHOR: "lin-yue", PUSHER: "he-ping", SU: "su-cai", SU_TOO: "su-cai", GU: "gu-nan"}
    )
    until: Mapping[str, int] = field(default_factory=dict)

    def by_forge(self, host: str, user: int) -> str | None:
        return self.forge.get(user) if host == "github.com" else None

    def active(self, person: str, at: int) -> bool:
        return at <= self.until.get(person, at)


POLICY = cast("Policy", People())


def review(id: int = 1, user: int = SU, state: str = "APPROVED", at: int = PUSHED, **changes: Any) -> Review:
    return replace(Review(id, user, "User", state, HEAD, at), **changes)


def reviews(*found: Review, **changes: Any) -> Reviews:
    return replace(Reviews("github.com", 12, BASE, HEAD, AUTHOR, PUSHER, PUSHED, found), **changes)


def verdict(pull: Reviews, policy: Policy = POLICY, **more: Any) -> tuple[list[str], list[str]]:
    counted, findings = weigh(pull, HEAD, policy, **more)
    assert counted == approvers(pull, HEAD, policy, **more)
    assert all(f.severity is Severity.INFO and f.params["commit"] == HEAD and "person" in f.params for f in findings)
    return sorted(counted), [finding.rule for finding in findings]


def test_an_approval_of_this_head_counts() -> None:
    assert approvers(reviews(review()), HEAD, POLICY) == {"su-cai": review()}


REFUSED: dict[str, tuple[Reviews, dict[str, Any], str]] = {
    "H01 older commit": (reviews(review(commit=OLD)), {}, "review.stale"),
    "H01 commit gone": (reviews(review(commit="")), {}, "review.stale"),
    "H01 head moved": (reviews(review(), head=OLD), {}, "review.stale"),
    "H03 author": (reviews(review(user=AUTHOR)), {}, "review.author"),
    "H03 last pusher": (reviews(review(user=PUSHER)), {}, "review.pusher"),
    "H03 author's other account": (reviews(review(user=SU_TOO), author=SU), {}, "review.author"),
    "H03 pusher's other account": (reviews(review(user=SU_TOO), pusher=SU), {}, "review.pusher"),
    "H03 pusher unknown": (reviews(review(), pusher=0), {}, "review.pusher_unknown"),
    "H03 author unknown": (reviews(review(), author=0), {}, "review.pusher_unknown"),
    "H03 bot": (reviews(review(type="Bot")), {}, "review.bot"),
    "H03 outside collaborator": (reviews(review(user=STRANGER)), {}, "review.unknown"),
    "H03 same number elsewhere": (reviews(review(), forge="gitlab.com"), {}, "review.unknown"),
    "H06 retargeted after the review": (reviews(review(at=PUSHED - 1)), {}, "review.early"),
    "dismissed": (reviews(review(state="DISMISSED")), {}, "review.withdrawn"),
    "later changes requested": (
        reviews(review(1), review(2, state="CHANGES_REQUESTED", at=PUSHED + 1)),
        {},
        "review.withdrawn",
    ),
    "changes requested by the other account": (
        reviews(review(1), review(2, user=SU_TOO, state="CHANGES_REQUESTED", at=PUSHED + 1)),
        {},
        "review.withdrawn",
    ),
    "same second, higher id": (reviews(review(2, state="CHANGES_REQUESTED"), review(1)), {}, "review.withdrawn"),
    "from the future": (reviews(review(at=PUSHED + 601)), {"observed": PUSHED}, "review.future"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_review_that_does_not_count(name: str) -> None:
    pull, more, code = REFUSED[name]
    assert verdict(pull, **more) == ([], [code])


COUNTED: dict[str, tuple[Reviews, dict[str, Any]]] = {
    "at the very second of the push": (reviews(review(at=PUSHED)), {}),
    "ten minutes ahead": (reviews(review(at=PUSHED + 600)), {"observed": PUSHED}),
    "a comment afterwards": (reviews(review(1), review(2, state="COMMENTED", at=PUSHED + 9)), {}),
    "approved again": (reviews(review(1, state="CHANGES_REQUESTED"), review(2, at=PUSHED + 1)), {}),
    "an old approval and a new one": (reviews(review(1, at=PUSHED - 9, commit=OLD), review(2)), {}),
    "the author pushed": (reviews(review(), pusher=AUTHOR), {}),
    "two accounts, one person": (reviews(review(1), review(2, user=SU_TOO, at=PUSHED + 1)), {}),
}


@pytest.mark.parametrize("name", COUNTED)
def test_a_review_that_counts(name: str) -> None:
    pull, more = COUNTED[name]
    assert verdict(pull, **more) == (["su-cai"], [])


def test_a_refused_review_spoils_no_other() -> None:
    pull = reviews(review(1, user=STRANGER), review(2), review(3, user=GU), review(4, user=AUTHOR))
    assert verdict(pull) == (["gu-nan", "su-cai"], ["review.unknown", "review.author"])


@pytest.mark.parametrize(("left", "expected"), [(PUSHED, ["su-cai"]), (PUSHED - 1, [])])
def test_a_leaver(left: int, expected: list[str]) -> None:
    policy = cast("Policy", People(until={"su-cai": left}))
    assert verdict(reviews(review()), policy) == (expected, [] if expected else ["review.inactive"])


def test_who_never_approved_is_not_mentioned() -> None:
    assert verdict(reviews(review(state="CHANGES_REQUESTED"), review(2, user=STRANGER, state="COMMENTED"))) == ([], [])


def test_every_code_has_a_page() -> None:
    known = [code for id, code in machine_codes().items() if id.startswith("review.")]
    assert len(known) == 11
    for code in known:
        assert all((code.zh, code.en, code.hint_zh, code.hint_en, code.why_zh, code.why_en))


GOOD = write_reviews(reviews(review(), review(2, user=GU)))


def test_written_and_read_again() -> None:
    assert read_reviews(GOOD) == reviews(review(), review(2, user=GU))
    assert write_reviews(read_reviews(GOOD)) == GOOD


def changed(**changes: Any) -> bytes:
    return json.dumps(json.loads(GOOD) | changes).encode()


def without(name: str) -> bytes:
    data = json.loads(GOOD)
    del data[name]
    return json.dumps(data).encode()


BROKEN = {
    "empty": b"",
    "a list": b"[]",
    "cut": GOOD[:-9],
    "twice": GOOD.replace(b'"pull": 12', b'"pull": 12, "pull": 13'),
    "no UTF-8": GOOD.replace(b"github.com", b"github\xff"),
    "NaN": GOOD.replace(b'"pull": 12', b'"pull": NaN'),
    "a fraction": GOOD.replace(b'"pull": 12', b'"pull": 12.0'),
    "deep": b"[" * 100_000,
    "a name too many": changed(approved=True),
    "a login for an id": changed(author="lin"),
    "a truth for an id": changed(author=True),
    "below zero": changed(pusher=-1),
    "a branch for a commit": changed(head="main"),
    "a short commit": changed(base="b" * 39),
    "a date for an instant": changed(pushed_at="2026-11-20"),
    "no zone": changed(pushed_at="2026-11-20T08:00:00"),
    "a week": changed(pushed_at="2026-W47-5T08:00:00Z"),
    "a day that no month has": changed(pushed_at="2026-02-31T08:00:00Z"),
    "no list": changed(reviews={}),
    "no object": changed(reviews=[1]),
    "a state of its own": changed(reviews=[json.loads(GOOD)["reviews"][0] | {"state": "LGTM"}]),
    "an id twice": changed(reviews=json.loads(GOOD)["reviews"][:1] * 2),
    "control": changed(forge="github.com\n"),
    "no forge": changed(forge=""),
    **{f"without {name}": without(name) for name in json.loads(GOOD)},
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_not_one(name: str) -> None:
    with pytest.raises(SetupError) as caught:
        read_reviews(BROKEN[name])
    assert (caught.value.code, caught.value.exit_code) == ("setup.reviews", 11)


EDGES: dict[str, list[tuple[Any, bool]]] = {
    "pull": [(0, True), (2**63 - 1, True), (2**63, False), (-1, False)],
    "author": [(0, True), (2**63 - 1, True), (2**63, False)],
    "pusher": [(0, True), (2**63 - 1, True), (2**63, False)],
    "forge": [("a", True), ("a" * 255, True), ("a" * 256, False), ("", False)],
    "pushed_at": [("1970-01-01T00:00:00Z", True), ("1970-01-01T00:00:01Z", True), ("1969-12-31T23:59:59Z", False)],
    "head": [("", True), ("a" * 40, True), ("a" * 64, True), ("a" * 41, False)],
}


@pytest.mark.parametrize(("name", "value", "fits"), [(n, v, f) for n, edges in EDGES.items() for v, f in edges])
def test_the_edges(name: str, value: Any, fits: bool) -> None:
    if fits:
        read_reviews(changed(**{name: value}))
    else:
        with pytest.raises(SetupError):
            read_reviews(changed(**{name: value}))


def test_what_is_wrong_is_said() -> None:
    assert (LIMIT, MOST) == (4_194_304, 5_000)
    for data, reason in (
        (b"[]", "the top: must be an object"),
        (changed(x=1), "the top: must have exactly author, base"),
    ):
        with pytest.raises(SetupError) as caught:
            read_reviews(data)
        assert reason in caught.value.en
    for wrong, reason in ((1, "reviews/0: must be an object"), ({}, "reviews/0: must have exactly commit, id")):
        with pytest.raises(SetupError) as caught:
            read_reviews(changed(reviews=[wrong]))
        assert reason in caught.value.en


def test_what_was_reviewed_is_told_by_its_first_digits() -> None:
    stale = weigh(reviews(review(commit=OLD)), HEAD, POLICY)[1][0].params
    assert (stale["reviewed"], stale["head"]) == ("c" * 12, "a" * 12)


def test_the_file_is_readable() -> None:
    assert GOOD.decode().splitlines()[:3] == ["{", '  "forge": "github.com",', '  "pull": 12,']


@pytest.mark.parametrize(("more", "fits"), [(-1, True), (0, True), (1, False)])
def test_the_limits(more: int, fits: bool) -> None:
    padded = GOOD + b" " * (LIMIT - len(GOOD) + more)
    one = json.loads(GOOD)["reviews"][0]
    many = changed(reviews=[one | {"id": id} for id in range(1, MOST + more + 1)])
    for data in (padded, many):
        if fits:
            read_reviews(data)
        else:
            with pytest.raises(SetupError):
                read_reviews(data)
