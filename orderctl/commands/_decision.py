"""What approve, reject and withdraw share: options in, a signed statement in a signed commit out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orderctl.session import ERRORS, Session, on_disk, session, unknown
from orderctl.terminal import clock, emit

if TYPE_CHECKING:
    from orderctl.approvals import StageState
    from orderctl.catalogue import Catalogue
    from orderctl.desk.act import Draft
    from orderctl.desk.matter import Desk, Matter
    from orderctl.desk.signer import Signer
    from orderctl.model import Finding
    from orderctl.names import Names
    from orderctl.trust.policy import Policy
    from orderctl.workspace import Workspace

_OPTIONS = [
    click.option("--stage", default="", metavar="STAGE", help="The stage that you decide at."),
    click.option("--opinion", required=True, metavar="TEXT", help="What you looked at, or what must change."),
    click.option("--for", "for_", default="", metavar="PERSON", help="Whom you stand in for, as their deputy."),
    click.option("--reason", default="", metavar="TEXT", help="Why you decide at a stage that is late."),
    click.option("--key", default="", metavar="FILE", help="The SSH key to sign with, private or public half."),
    click.option("--person", default="", metavar="PERSON", help="Sign as this person only."),
    click.option("--yes", is_flag=True, help="Sign without asking."),
    click.option("--no-commit", is_flag=True, help="Write and sign the files; leave the commit to you."),
    click.option("--as-of", metavar="TIME", help="Decide at that time (RFC 3339) instead of now."),
]


def decision_options(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command that decides its argument ID and the options that all of them have."""
    wrapped: Any = function
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    found: Callable[..., int] = click.argument("id")(wrapped)
    return found


def confirm(s: Session, text: str, yes: bool) -> None:
    """Show what gets signed and ask; raise click.Abort for a no, UsageError where nobody can be asked."""
    emit(text, sys.stdout)
    _ = s.texts.gettext
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(_("Nobody can be asked here: this is no terminal. Look at it, then run it with --yes."))
    if not click.confirm("\n" + _("Sign this?"), err=True):
        s.say(_("Nothing was signed."))
        raise click.exceptions.Exit(0)


def show_findings(
    found: Iterable[Finding],
    s: Session,
    read: Callable[[str], bytes | None] = lambda _path: None,
    known: Catalogue | None = None,
) -> int:
    """Print what is wrong with the policy or the case; return the exit code for data with errors."""
    from orderctl.model import Report
    from orderctl.report import clean
    from orderctl.session import effective
    from orderctl.shown import show

    shown = show(found, read, (known or effective()).sentence, s.language)
    for one in clean(Report(shown, 0, s.language)).shown:
        place = f"{one.path}:{one.line}:{one.column}" if one.line else one.path
        emit(f"{place}: [{one.rule}] {one.message}\n" + (f"  → {one.hint}\n" if one.hint else ""), sys.stderr)
    return ERRORS


def no_such(workspace: Workspace, id: str, names: list[str]) -> Exception:
    """Return the error for an id that names no committed order, waiver or policy: it may lie on disk only."""
    from glob import escape

    from orderctl.model import SetupError
    from orderctl.terminal import visible

    name = escape(id.strip())
    patterns = () if "/" in name or not name or workspace.root is None else (f"orders/**/{name}/order.yaml",)
    for pattern in (*patterns, *(f"waivers/{name}.yaml" for _ in patterns)):
        for file in (workspace.root or Path()).glob(pattern):
            place = visible(file.relative_to(workspace.root or Path()).as_posix())
            add = place.removesuffix("/order.yaml")
            return SetupError(
                "desk.not_committed",
                f"{place} 还没有提交到 Git，而签名针对的是已提交的内容。请先提交：git add {add} && git commit -S",
                f"{place} isn't committed yet, and what is signed is what is committed. "
                f"Commit it first: git add {add} && git commit -S",
            )
    return unknown(id, ["policy", *names])


def decide(decision: str, id: str, given: Mapping[str, Any], prepare: str = "") -> int:
    """Carry out one decision; return the exit code."""
    from orderctl.desk.act import draft, finish
    from orderctl.desk.matter import Unsound, desk, in_force, is_policy, matter
    from orderctl.desk.opinion import check_opinion
    from orderctl.desk.repository import check_ready, repository
    from orderctl.desk.signer import signer
    from orderctl.desk.statements import Decision, instant
    from orderctl.desk.summary import summary
    from orderctl.pipeline import find_workspace
    from orderctl.trust.policy import PolicyError

    s = session()
    workspace = find_workspace()
    on_disk(workspace)
    repository(workspace)
    check_opinion(decision, given["opinion"])
    if not given["no_commit"]:
        check_ready(workspace)
    try:
        with desk(workspace, given["as_of"], in_force if is_policy(id) else None) as at:
            found = matter(at, id)
            if found is None:
                raise no_such(workspace, id, known_ids(at))
            with signer(at, given["key"], given["person"]) as who:
                person = prepare or who.person
                _known(person, at.policy)
                said = Decision(
                    decision, given["stage"], given["opinion"].strip(), person, given["for_"], given["reason"]
                )
                made = draft(at, found, said, review=bool(prepare))
                confirm(s, summary(at, found, made.data, made.looked, s.texts, s.language), given["yes"])
                as_of = instant(at.now, at.policy.zone) if given["as_of"] else ""
                commit, files = finish(
                    at, found, made, who, review=bool(prepare), commits=not given["no_commit"], as_of=as_of
                )
            _report(s, at, found, made, who, commit, files, prepare)
    except (PolicyError, Unsound) as error:
        return show_findings(error.findings, s)
    return 0


def known_ids(at: Desk) -> list[str]:
    """Return the numbers of orders and ids of waivers at HEAD."""
    paths = at.state.world.trees.files(at.state.tree)
    orders = [p.split("/")[-2] for p in paths if p.startswith("orders/") and p.endswith("/order.yaml")]
    waivers = [p.removeprefix("waivers/") for p in paths if p.startswith("waivers/") and p.count("/") == 1]
    return [*orders, *(p.removesuffix(".yaml") for p in waivers if p.endswith(".yaml"))]


def _known(person: str, policy: Policy) -> None:
    if person not in policy.people:
        raise unknown(person, policy.people)


def _report(
    s: Session,
    at: Desk,
    found: Matter,
    made: Draft,
    who: Signer,
    commit: str,
    files: Mapping[str, bytes],
    prepare: str,
) -> None:
    """Say what was written and what comes next."""
    from orderctl.approvals import complete
    from orderctl.desk.act import after
    from orderctl.desk.send import landing_command, push_command

    _ = s.texts.gettext
    stages = after(at, found, made)
    policy = found.subject.document.kind == "policy"
    name = f"{found.subject.number}-{found.subject.revision}"
    alone = complete(stages) if policy else not prepare
    push = push_command(at.workspace, name, alone=alone)
    land = landing_command(at.workspace) if policy and alone else ""
    if not prepare:
        signed = at.names.person(who.person, s.language)
        s.say(_("Signed by {person} with the key {key}.").format(person=signed, key=who.fingerprint))
    tell_written(s, at.workspace, commit, files, push, land)
    if prepare:
        sentence = _("It counts once {person} approves the pull request with exactly this content.")
        s.say(sentence.format(person=at.names.person(prepare, s.language)))
        return
    tell_next(s, at.names, found.subject.number, stages)


def tell_written(
    s: Session, workspace: Workspace, commit: str, files: Mapping[str, bytes], push: str, land: str = ""
) -> None:
    """Say which files were written, in which commit, how they get to the others (``push``), and how they ``land``."""
    from orderctl.desk.repository import repository

    _ = s.texts.gettext
    for path in files:
        s.say(f"  {path}")
    if not commit:
        s.say(_("Written, not committed. Commit these files and nothing else: git commit -S"))
        return
    git, _top = repository(workspace)
    merged = git.resolve(f"{commit}^2") is not None
    said = _("Committed as {commit}, one step with the commits before it.") if merged else _("Committed as {commit}.")
    s.say(said.format(commit=commit[:12]))
    if push:
        s.say(_("Send it to the others: {command}").format(command=push))
    if land:
        s.say(_("It lands as one step, by a pull request or by a merge: {command}").format(command=land))


def tell_next(s: Session, names: Names, number: str, stages: Sequence[StageState]) -> None:
    """Say whose turn it is now."""
    from orderctl.approvals import complete

    _ = s.texts.gettext
    if any(stage.state == "rejected" for stage in stages):
        s.say(_("{number} is rejected. Its maker mends it and submits it anew.").format(number=number))
        return
    if stages and complete(stages):
        s.say(_("{number} is approved.").format(number=number))
    for stage in stages:
        if stage.state == "open":
            name = stage.zh if s.language == "zh" else stage.en
            who = names.listed("person", stage.who, s.language) or _("nobody holds the role")
            due = _(", until {due}").format(due=clock(stage.due)) if stage.due else ""
            s.say(_("Next: {stage} ({id}): {who}{due}").format(stage=name, id=stage.id, who=who, due=due))
