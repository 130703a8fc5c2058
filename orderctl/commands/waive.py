"""``orderctl waive RULE``: asks that a finding be put up with for a while; it counts once the waiver flow approves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from orderctl.commands._decision import confirm, show_findings, tell_next, tell_written
from orderctl.session import Command, inside, on_disk, session

if TYPE_CHECKING:
    from orderctl.approvals import StageState
    from orderctl.desk.matter import Desk


@click.command("waive", cls=Command, help="Ask that a rule's finding be put up with: writes a waiver for approval.")
@click.argument("rule")
@click.option("--path", "place", required=True, metavar="FILE", help="The document that the finding is in.")
@click.option("--pointer", default="", metavar="POINTER", help="Only at that field, such as /credit/limit.")
@click.option("--reason", required=True, metavar="TEXT", help="Why it can be put up with.")
@click.option("--until", required=True, metavar="DATE", help="The last day on which it counts.")
@click.option("--key", default="", metavar="FILE", help="The SSH key to sign with, private or public half.")
@click.option("--person", default="", metavar="PERSON", help="Sign as this person only.")
@click.option("--yes", is_flag=True, help="Sign without asking.")
@click.option("--no-commit", is_flag=True, help="Write and sign the files; leave the commit to you.")
@click.option("--as-of", metavar="TIME", help="Ask at that time (RFC 3339) instead of now.")
def command(
    rule: str,
    place: str,
    pointer: str,
    reason: str,
    until: str,
    key: str,
    person: str,
    yes: bool,
    no_commit: bool,
    as_of: str | None,
) -> int:
    """Exit 2 for a waiver that could never apply, 11 for what may not be waived."""
    from orderctl.desk.matter import Unsound, desk
    from orderctl.desk.repository import check_ready, repository
    from orderctl.desk.send import push_command
    from orderctl.desk.signer import signer
    from orderctl.desk.statements import instant
    from orderctl.desk.summary import waiver_summary
    from orderctl.desk.waive import finish, waiver
    from orderctl.pipeline import find_workspace
    from orderctl.trust.policy import PolicyError

    s = session()
    _ = s.texts.gettext
    workspace = find_workspace()
    root = on_disk(workspace)
    repository(workspace)
    if not no_commit:
        check_ready(workspace)
    (path,) = inside(root, [place])
    try:
        with desk(workspace, as_of) as at, signer(at, key, person) as who:
            id, file, data = waiver(at, rule, path, pointer, reason, until, who.person)
            confirm(s, waiver_summary(at, id, data, s.texts, s.language), yes)
            stamp = instant(at.now, at.policy.zone) if as_of else ""
            commit, files = finish(at, id, file, data, who, commits=not no_commit, as_of=stamp)
            tell_written(s, workspace, commit, files, push_command(workspace))
            s.say(_("It counts once it is approved: orderctl approve {id} --opinion …").format(id=id))
            tell_next(s, at.names, id, _stages(at, id, file, data))
    except (PolicyError, Unsound) as error:
        return show_findings(error.findings, s)
    return 0


def _stages(at: Desk, id: str, path: str, data: bytes) -> Sequence[StageState]:
    from orderctl.approvals import stand
    from orderctl.load import load
    from orderctl.model import Document, freeze

    asked = Document("waiver", id, path, "", path, freeze(load(path, data)[0] or {}))
    return stand(asked, (), None, at.rules)
