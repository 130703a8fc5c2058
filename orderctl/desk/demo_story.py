"""The demo's history, told to a scribe: all signed for, an order by each kind of evidence, a forgery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from orderctl.desk.demo_history import START, Step
from orderctl.desk.demo_policy import ADMINS, FORGE, ROBOT, account, first_policy, people_of, second_policy
from orderctl.desk.demo_scribe import Scribe
from orderctl.desk.statements import written
from orderctl.trust.reviews import Review, Reviews, instant_text

SQUASHED = "OD2024120002"
"""Approved by detached signatures alone: it landed as a squash that nobody signed."""
COMMITTED = "OD2024120007"
"""Approved by signed commits alone: its statements have no signatures beside them."""
REVIEWED = "OD2024120005"
"""Approved by reviews on the forge; the gate's receipts say so."""
PENDING = "OD2024120006"
"""Submitted on the last day: it waits for the sales supervisor."""
DRAFT = f"orders/2024/12/{PENDING}/order.yaml"
FORGED = f"orders/2024/12/{PENDING}/approvals/order-1-sales-supervisor.chen-jie.yaml"
"""The approval that chen-jie never gave."""
SECOND_POLICY = "2024-12-02T09:00:00+08:00"
"""When it was written; its approvals come ten minutes after each other, then it lands."""
_TEN = timedelta(minutes=10)
SUBMITTED = "2024-12-20T17:20:00+08:00"
FORGED_AT = "2024-12-20T17:45:00+08:00"
_PULL = 41
"""The forge's pull requests count on from here."""


@dataclass
class Told:
    """What came of the story besides main: the forged commit, and the reviews by pull request."""

    forgery: str = ""
    reviews: list[Reviews] = field(default_factory=list)


def pending(order: bytes) -> dict[str, bytes]:
    """Return the sample's draft as it is submitted in the demo; what the submission is bound to comes later."""
    text = (
        "schema: submission/1\nrevision: 1\n"
        f"digest: {'f' * 64}\nsubmitted_by: lin-xiao\nsubmitted_at: {SUBMITTED}\n"
        'self_check: {zh: 已核对数量、价格与交期, en: "Quantities, prices and due date checked"}\n'
    )
    order = order.replace("等客户确认台面颜色后提交".encode(), "客户已确认台面颜色".encode())
    return {DRAFT: order, f"orders/2024/12/{PENDING}/submission.yaml": text.encode()}


def tell(scribe: Scribe, steps: Sequence[Step]) -> Told:
    """Let the scribe write all of it, oldest first."""
    told = Told()
    squashed = [step for step in steps if step.case == SQUASHED and step.kind in ("order", "approval")]
    _begin(scribe, steps[0])
    again = False
    for step in steps[1:]:
        if not again and step.at > datetime.fromisoformat(SECOND_POLICY) + 3 * _TEN:
            again = True
            _change_policy(scribe)
        if step in squashed:
            if step is squashed[-1]:
                _squash(scribe, squashed)
        elif step.case == REVIEWED and step.kind == "approval":
            told.reviews.append(_review(scribe, step, _PULL + len(told.reviews)))
        elif step.kind in ("order", "approval"):
            scribe.land(step.person, step.at, step.subject, _bound(scribe, step, step.case != COMMITTED))
        else:
            scribe.land(step.person, step.at, step.subject, step.files)
    told.forgery = _forge(scribe)
    return told


def _begin(scribe: Scribe, step: Step) -> None:
    first = first_policy(step.files, scribe.pairs, START)
    files = {**step.files, **first}
    scribe.names |= people_of(files)
    scribe.land(ADMINS[0], step.at, step.subject, files)


def _change_policy(scribe: Scribe) -> None:
    """Land version 2 of the policy as one merge: written by one admin, approved by two."""
    at = datetime.fromisoformat(SECOND_POLICY)
    files = second_policy(scribe.files.content, scribe.pairs, SECOND_POLICY)
    binder = scribe.binder()
    said: dict[str, bytes] = {}
    for place, person in enumerate(ADMINS):
        issued = (at + _TEN * (place + 1)).isoformat()
        path = f"policy/approvals/policy-2-policy-admin.{person}.yaml"
        opinion = "已核对新同事的角色与公钥，评审只用于普通订单"
        said |= scribe.sign(person, path, binder.policy_approval(files["policy/policy.yaml"], person, opinion, issued))
    scribe.names |= people_of(files)
    scribe.land(ADMINS[0], at + 3 * _TEN, "policy: submit version 2", {**files, **said})


def _bound(scribe: Scribe, step: Step, signed: bool = True, order: bytes | None = None) -> dict[str, bytes]:
    """Return a step's files, its statement bound to what is there, with a detached signature if ``signed``."""
    made: dict[str, bytes] = {}
    for path, data in step.files.items():
        name = path.rpartition("/")[2]
        unit = "/".join(path.split("/")[:4])
        content = {**scribe.files.content, **step.files}
        subject = order if order is not None else content.get(f"{unit}/order.yaml", b"")
        if name == "submission.yaml":
            made |= _maybe(scribe, step.person, path, scribe.binder().submission(data, subject), signed)
        elif step.kind == "approval" and "/approvals/" in path:
            made |= _maybe(scribe, step.person, path, scribe.binder().approval(data, subject), signed)
        else:
            made[path] = data
    return made


def _maybe(scribe: Scribe, person: str, path: str, data: bytes, signed: bool) -> dict[str, bytes]:
    return scribe.sign(person, path, data) if signed else {path: data}


def _squash(scribe: Scribe, steps: Sequence[Step]) -> None:
    """Land an order with all its approvals as one unsigned commit: what it says, it says by its detached signatures."""
    order = next(data for path, data in steps[0].files.items() if path.endswith("/order.yaml"))
    files: dict[str, bytes] = {}
    for step in steps:
        files |= _bound(scribe, step, order=order)
    scribe.squash(steps[0].person, steps[-1].at, f"{SQUASHED}: order and approvals (#{_PULL - 1})", files)


def _review(scribe: Scribe, step: Step, pull: int) -> Reviews:
    """Land a statement that nobody signed: the salesperson prepared it, its person approved the pull request."""
    salesperson = "lin-xiao"
    base, minute = scribe.tip, timedelta(minutes=1)
    message = f"{step.case}: prepare approval for {step.person}"
    branch = scribe.branch(salesperson, step.at, message, _bound(scribe, step, signed=False))
    scribe.merge(branch, salesperson, step.at + 10 * minute, f"Merge pull request #{pull}: {step.case}")
    said, author = step.at + 9 * minute, account(scribe.pairs, salesperson)
    review = Review(
        700_000 + pull, account(scribe.pairs, step.person), "User", "APPROVED", branch.id, int(said.timestamp())
    )
    facts = Reviews(FORGE, pull, base, branch.id, author, author, int((step.at + minute).timestamp()), (review,))
    receipts = {
        path.replace("/approvals/", "/receipts/").removesuffix(".yaml") + ".receipt.yaml": _receipt(
            scribe, path, step, facts, review
        )
        for path in step.files
        if "/approvals/" in path
    }
    scribe.land(ROBOT, step.at + 12 * minute, f"{step.case}: receipt of a review", receipts)
    return facts


def _receipt(scribe: Scribe, path: str, step: Step, facts: Reviews, review: Review) -> bytes:
    from hashlib import sha256

    data = {
        "schema": "receipt/1",
        "statement": sha256(scribe.files.content[path]).hexdigest(),
        "forge": facts.forge,
        "pull": facts.pull,
        "review": review.id,
        "user": review.user,
        "person": step.person,
        "state": "approved",
        "commit": review.commit,
        "submitted_at": instant_text(review.submitted_at),
        "author": facts.author,
        "recorded_at": (step.at + timedelta(minutes=12)).isoformat(),
    }
    return written(data, scribe.kinds["receipt"])


def _forge(scribe: Scribe) -> str:
    """Return a commit by which the salesperson approves the pending order in the supervisor's name."""
    unit = FORGED.partition("/approvals/")[0]
    at = datetime.fromisoformat(FORGED_AT)
    plain = (
        "schema: approval/1\nsubject: order\nrevision: 1\n"
        f"digest: {'f' * 64}\nstage: sales-supervisor\ndecision: approve\n"
        f"opinion: 价格与交期已核对，同意接单\nperson: chen-jie\nissued: {FORGED_AT}\n"
    )
    data = scribe.binder().approval(plain.encode(), scribe.files.content[f"{unit}/order.yaml"])
    forged = scribe.sign("lin-xiao", FORGED, data)
    return scribe.aside("lin-xiao", at, f"{PENDING}: approve sales-supervisor", forged).id
