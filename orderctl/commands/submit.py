"""``orderctl submit ID``: hands an order, or a changed policy, over for approval: signed, in a signed commit."""

from __future__ import annotations

from contextlib import AbstractContextManager
from hashlib import sha256
from typing import TYPE_CHECKING

import click

from orderctl.commands._decision import confirm, known_ids, no_such, show_findings, tell_next, tell_written
from orderctl.session import Command, Session, on_disk, session

if TYPE_CHECKING:
    from orderctl.desk.matter import Desk
    from orderctl.desk.signer import Signer
    from orderctl.workspace import Workspace


@click.command(
    "submit", cls=Command, help="Submit an order for approval, or a changed policy: checked, signed, committed."
)
@click.argument("id")
@click.option("--self-check", default="", metavar="TEXT", help="What you checked yourself.")
@click.option("--reason", default="", metavar="TEXT", help="Why the policy changes.")
@click.option("--key", default="", metavar="FILE", help="The SSH key to sign with, private or public half.")
@click.option("--person", default="", metavar="PERSON", help="Sign as this person only.")
@click.option("--yes", is_flag=True, help="Sign without asking.")
@click.option("--no-commit", is_flag=True, help="Write and sign the files; leave the commit to you.")
@click.option("--as-of", metavar="TIME", help="Submit at that time (RFC 3339) instead of now.")
def command(
    id: str, self_check: str, reason: str, key: str, person: str, yes: bool, no_commit: bool, as_of: str | None
) -> int:
    """Exit 10 when the case has errors, 11 for what the gate would deny, 2 for what can't be signed here."""
    from orderctl.desk.matter import Unsound, is_policy
    from orderctl.desk.repository import check_ready, repository
    from orderctl.desk.signer import signer
    from orderctl.pipeline import find_workspace
    from orderctl.trust.policy import PolicyError

    s = session()
    workspace = find_workspace()
    on_disk(workspace)
    repository(workspace)
    if not no_commit:
        check_ready(workspace)
    try:
        with _desk(workspace, id, as_of) as at, signer(at, key, person) as who:
            if is_policy(id):
                return _policy(s, at, who, reason, yes, not no_commit, as_of)
            return _order(s, at, who, id, self_check, yes, not no_commit, as_of)
    except (PolicyError, Unsound) as error:
        return show_findings(error.findings, s)


def _desk(workspace: Workspace, id: str, as_of: str | None) -> AbstractContextManager[Desk]:
    """Return the desk: for an order with HEAD's policy, for a policy with the one before it, if there is one."""
    from orderctl.desk.base import landed
    from orderctl.desk.matter import POLICY, desk, has_landed, is_policy
    from orderctl.desk.policy_change import first_desk
    from orderctl.desk.repository import in_repository, repository

    if not is_policy(id):
        return desk(workspace, as_of)
    git, _ = repository(workspace)
    head = git.resolve("HEAD") or ""
    base = landed(workspace, head) or head
    if head and git.resolve(f"{base}:{in_repository(workspace, POLICY)}", "") is None:
        return first_desk(workspace, as_of)
    return desk(workspace, as_of, has_landed)


def _order(
    s: Session, at: Desk, who: Signer, id: str, self_check: str, yes: bool, commits: bool, as_of: str | None
) -> int:
    from orderctl.approvals import stand
    from orderctl.desk.matter import matter
    from orderctl.desk.send import landing_command, push_command
    from orderctl.desk.statements import instant
    from orderctl.desk.submit import finish, join, judge, submission
    from orderctl.desk.summary import submission_summary
    from orderctl.load import load
    from orderctl.model import Document, freeze

    _ = s.texts.gettext
    found = matter(at, id)
    if found is None or found.subject.document.kind != "order":
        raise no_such(at.workspace, id, known_ids(at))
    words = ({"zh": self_check} if s.language == "zh" else {"zh": self_check, "en": self_check}) if self_check else {}
    stamp = instant(at.now, at.policy.zone) if as_of else ""
    if commits and (commit := join(at, found, who, as_of=stamp)):
        tell_written(s, at.workspace, commit, {}, push_command(at.workspace))
        return 0
    made = submission(at, found, who.person, words)
    judged = judge(at, found, made, as_of)
    if judged.errors:
        code = show_findings(judged.errors, s, judged.tree.read, judged.catalogue)
        s.say(_("Nothing was submitted. Mend what is listed, commit it, then run this again."))
        return code
    for commit in made.unknown:
        s.say(
            _(
                "Commit {commit} changed the order without a signature that the policy knows; the gate will refuse it."
            ).format(commit=commit[:12])
        )
    confirm(s, submission_summary(at, found, made.data, s.texts, s.language), yes)
    commit, files = finish(at, found, made, who, commits=commits, as_of=stamp)
    tell_written(s, at.workspace, commit, files, push_command(at.workspace), landing_command(at.workspace))
    subject = found.subject.document
    data = freeze(load(made.path, made.data)[0] or {})
    new = Document("submission", made.path, made.path, subject.case, subject.unit, data)
    tell_next(s, at.names, subject.id, stand(subject, found.statements, new, at.rules))
    return 0


def _policy(s: Session, at: Desk, who: Signer, reason: str, yes: bool, commits: bool, as_of: str | None) -> int:
    from orderctl.desk.policy_change import finish, policy_draft
    from orderctl.desk.send import push_command
    from orderctl.desk.statements import instant
    from orderctl.desk.summary import policy_summary

    _ = s.texts.gettext
    if not reason.strip():
        raise click.UsageError(_("Say why the policy changes: --reason TEXT"))
    made = policy_draft(at, who.person, reason.strip())
    if made.findings:
        code = show_findings(made.findings, s)
        s.say(_("Nothing was submitted. Mend what is listed, then run this again."))
        return code
    confirm(s, policy_summary(at, made, s.texts, s.language), yes)
    stamp = instant(at.now, at.policy.zone) if as_of else ""
    commit, files = finish(at, made, who, commits=commits, as_of=stamp)
    push = push_command(at.workspace, f"policy-{made.version}", alone=made.version == 1)
    tell_written(s, at.workspace, commit, files, push)
    if made.version == 1:
        s.say(_("This is the first policy: nobody has to approve it. Whoever sets up a server or a check pins it:"))
        if commit:
            s.say(f"  orderctl.root = {commit}")
        s.say(f"  orderctl.policy = {sha256(made.manifest).hexdigest()}")
        return 0
    for flow in at.policy.flows.get("flows", ()):
        if flow["subject"] == "policy":
            for stage in flow["stages"]:
                name = stage[s.language]
                s.say(
                    _(
                        "The present policy asks for {n} × {name}: orderctl approve policy --stage {stage} --opinion …"
                    ).format(n=stage.get("needs", 1), name=name, stage=stage["id"])
                )
    return 0
