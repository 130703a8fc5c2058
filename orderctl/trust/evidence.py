"""Evidence: what proves that a person made a statement. A detached signature, their signed commit, or their review."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256

from orderctl.codes.approval import APPROVAL_EVIDENCE, APPROVAL_SIGNER, PERSON_LEFT
from orderctl.model import Document
from orderctl.trust.context import STATEMENT, Context
from orderctl.trust.keys import signer
from orderctl.trust.refusal import Refusal
from orderctl.trust.state import State, seconds


def detached(context: Context, state: State, path: str, person: str, issued: int) -> bool:
    """Tell whether ``path`` has a detached signature by ``person``; False if it has none.

    Raises Refusal for a signature that is there but isn't theirs: whoever puts one there stakes the statement on it.
    """
    armor, data = state.read(path + ".sig"), state.read(path) or b""
    if armor is None:
        return False
    key = signer(
        context.policy.ring, armor, data, STATEMENT, issued, context.observed, path=path, commit=context.after_id
    )
    if key.person != person:
        raise Refusal(APPROVAL_SIGNER.at(path, commit=context.after_id, person=person, signer=key.person, who=person))
    if not context.policy.active(person, context.observed):
        raise Refusal(PERSON_LEFT.at(path, commit=context.after_id, person=person, who=person))
    return True


_WORDS = {"signature": "签名文件", "commit": "本人签名的提交", "review": "平台评审"}


def prove(context: Context, statement: Document, accepted: Collection[str], committers: Collection[str]) -> None:
    """Raise Refusal unless some evidence that is accepted (signature, commit, review) proves a statement.

    ``committers``: the persons whose signed commits added the file as it is.
    """
    person = str(statement["person"])
    issued = seconds(statement["issued"], context.policy.zone)
    if detached(context, context.after, statement.path, person, issued) and "signature" in accepted:
        return
    if "commit" in accepted and person in committers:
        return
    data = context.after.read(statement.path) or b""
    if "review" in accepted and context.reviewed(sha256(data).hexdigest(), person):
        return
    shown, words = ", ".join(accepted), "、".join(_WORDS[kind] for kind in accepted)
    raise Refusal(
        APPROVAL_EVIDENCE.at(
            statement.path,
            "/person",
            commit=context.after_id,
            person=person,
            who=person,
            accepted=shown,
            accepted_zh=words,
        )
    )
