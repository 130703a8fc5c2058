"""``orderctl hook install``: puts the hooks in place; the other actions are what the hooks call."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from orderctl.session import ERRORS, FAILED, Command, Session, on_disk, session
from orderctl.terminal import emit, visible

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from orderctl.git import Git
    from orderctl.hooks.supervise import Answer
    from orderctl.model import Finding
    from orderctl.trust.server import Server
    from orderctl.workspace import Workspace

DENIED = 11
_ACTIONS = ("install", "pre-commit", "pre-push", "pre-receive", "post-receive", "catch-up")


@click.command(
    "hook", cls=Command, help="Install the Git hooks, here or in a bare repository; the hooks call the other actions."
)
@click.argument("action", type=click.Choice(_ACTIONS))
@click.argument("ignored", nargs=-1, metavar="")
@click.option("--protect", multiple=True, metavar="REF", help="Server: a branch to protect; repeatable. Default: main.")
@click.option("--root", metavar="COMMIT", help="Server: the commit that trust begins with. Default: the branch's tip.")
@click.option("--pre-push", is_flag=True, help="Client: judge before a push too, as the server will.")
@click.option("--push-options", is_flag=True, help="Server: accept push options.")
@click.option("--signed-push", is_flag=True, help="Server: offer signed pushes (permissions.yaml may ask for them).")
@click.option(
    "--ci", type=click.Choice(["github", "gitlab", "gitea"]), help="Client: write the workflow for this forge."
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]),
    metavar="TIME",
    help="Server, in the hook's own text: judge as at that time (RFC 3339).",
)
@click.option("--force", is_flag=True, help="Replace hooks that somebody else wrote; theirs are kept beside.")
def command(
    action: str,
    ignored: tuple[str, ...],
    protect: tuple[str, ...],
    root: str | None,
    pre_push: bool,
    push_options: bool,
    signed_push: bool,
    ci: str | None,
    as_of: datetime | None,
    force: bool,
) -> int:
    """Exit 0: done, or nothing to say against it; 10 or 11: refused."""
    s = session()
    if action == "pre-receive":
        return _pre_receive(s, as_of)
    if action == "post-receive":
        return _post_receive(s)
    if action == "catch-up":
        from orderctl.hooks.landed import catch_up

        catch_up(_server())
        return 0
    if action == "pre-commit":
        return _pre_commit(s)
    if action == "pre-push":
        return _pre_push(s)
    from orderctl.pipeline import find_workspace

    workspace = find_workspace()
    if ci is not None:
        return _write_workflow(s, workspace, ci, force)
    if workspace.git is None:
        raise click.UsageError(s.texts.gettext("Hooks belong to a Git repository, and there is none here: git init"))
    if workspace.root is not None:
        if protect or root or push_options or signed_push:
            message = s.texts.gettext("--protect, --root, --push-options and --signed-push are for a bare repository.")
            raise click.UsageError(message)
        return _install_client(s, workspace, workspace.git, pre_push, force)
    return _install_server(s, workspace.git, protect, root, push_options, signed_push, force)


def _write_workflow(s: Session, workspace: Workspace, forge: str, force: bool) -> int:
    from orderctl.ci import PLACES, write_workflow

    _ = s.texts.gettext
    root = on_disk(workspace)
    try:
        path = write_workflow(root, forge, force=force)
    except FileExistsError:
        message = _("{path} is already there; nothing was written. Use --force to replace it.")
        raise click.UsageError(message.format(path=PLACES[forge])) from None
    s.say(_("Written: {path}").format(path=path))
    return 0


def _install_client(s: Session, workspace: Workspace, git: Git, pre_push: bool, force: bool) -> int:
    from orderctl.hooks.install import hooks_folder, install

    folder = hooks_folder(git, force=force)
    actions = ["pre-commit", *(["pre-push"] if pre_push else [])]
    _tell_hooks(s, install(folder, actions, prefix=workspace.prefix, force=force))
    return 0


def _install_server(
    s: Session,
    git: Git,
    protect: tuple[str, ...],
    root: str | None,
    push_options: bool,
    signed_push: bool,
    force: bool,
) -> int:
    import secrets

    from orderctl.hooks.install import configure, hooks_folder, install, pin
    from orderctl.trust.server import SERVER_HOOKS

    _ = s.texts.gettext
    pinned = pin(git, protect, root)
    _tell_hooks(s, install(hooks_folder(git, force=force), SERVER_HOOKS, force=force))
    seed = secrets.token_hex(20) if signed_push else ""
    for name, value in configure(git, pinned, options=push_options, certificates=seed):
        s.say(f"  {name} = {visible(value) if name != 'receive.certNonceSeed' else '…'}")
    s.say(_("Trust begins with commit {root}.").format(root=pinned.root))
    if pinned.policy:
        s.say(_("SHA-256 of its policy/policy.yaml: {digest}").format(digest=pinned.policy))
        s.say(_("Write both down somewhere else: they tell later whether this server still begins where it did."))
    else:
        s.say(_("That commit isn't here yet: the first push must bring it."))
        s.say(_("Write the commit down somewhere else: it tells later whether this server still begins where it did."))
    return 0


def _tell_hooks(s: Session, files: list[Path]) -> None:
    for file in files:
        s.say(s.texts.gettext("Installed: {path}").format(path=visible(str(file))))


def _server() -> Workspace:
    """Return the repository that git runs this hook for: the current folder."""
    from pathlib import Path

    from orderctl.git import Git
    from orderctl.workspace import Workspace

    return Workspace(None, Git(Path.cwd(), None))


def _pre_receive(s: Session, as_of: datetime | None) -> int:
    from orderctl.hooks import receive
    from orderctl.hooks.say import sentence
    from orderctl.hooks.supervise import supervised
    from orderctl.trust.server import read_server

    observed = receive.now() if as_of is None else int(as_of.timestamp())
    data, variables, process = sys.stdin.buffer.read(), dict(os.environ), os.getppid()
    workspace = _server()
    assert workspace.git is not None
    server = read_server(workspace.git)

    def work() -> tuple[bool, list[str]]:
        return _judged(workspace, server, data, variables, observed, process)

    answer = supervised(work, server.time_limit)
    for line in answer.lines:
        emit(line + "\n", sys.stderr)
    if answer.problem:
        emit(sentence(_problem(answer, server.time_limit), s.language) + "\n", sys.stderr)
    return 0 if answer.allowed and not answer.problem else DENIED


def _judged(
    workspace: Workspace, server: Server, data: bytes, variables: dict[str, str], observed: int, process: int
) -> tuple[bool, list[str]]:
    from orderctl.hooks import receive, say
    from orderctl.model import Again, SetupError

    git = workspace.git
    assert git is not None
    try:
        try:
            denials = receive.judge(workspace, server, data, variables, observed, process)
        except Again:  # a damaged book was thrown away: once more with a new one
            denials = receive.judge(workspace, server, data, variables, observed, process)
    except SetupError as error:
        return False, [say.refused(error, say.language_of(git, server, variables))]
    if not denials:
        return True, []
    return False, say.lines(git, server, denials, say.language_of(git, server, variables))


def _problem(answer: Answer, limit: float) -> Finding:
    from orderctl.codes.server import HOOK_FAILED, HOOK_TIMEOUT

    if answer.problem == "time":
        return HOOK_TIMEOUT.at("", commit="", person="", seconds=f"{limit:g}")
    return HOOK_FAILED.at("", commit="", person="", problem=answer.problem)


def _post_receive(s: Session) -> int:
    from orderctl.hooks.landed import record
    from orderctl.hooks.say import sentence
    from orderctl.trust.refusal import Refusal

    workspace = _server()
    assert workspace.git is not None
    try:
        moved = record(workspace.git, sys.stdin.buffer.read())
    except Refusal as refusal:
        emit(sentence(refusal.finding, s.language) + "\n", sys.stderr)
        return FAILED
    if moved:  # in a process of its own: the client has its answer and doesn't wait
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        subprocess.Popen(
            [sys.executable, "-I", "-m", "orderctl", "hook", "catch-up"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=environment,
        )
    return 0


def _pre_commit(s: Session) -> int:
    from orderctl.hooks.commit import judge_index, warnings
    from orderctl.model import Report, Severity
    from orderctl.pipeline import find_workspace
    from orderctl.report import text
    from orderctl.shown import show

    _ = s.texts.gettext
    workspace = find_workspace()
    if workspace.git is None or workspace.root is None:
        return 0
    outcome = judge_index(workspace)
    shown = show(outcome.findings, outcome.read, outcome.catalogue.sentence, s.language)
    report = Report(shown, outcome.documents, s.language)
    if shown:
        emit(text.render(report, colour=sys.stderr.isatty() and not os.environ.get("NO_COLOR")), sys.stderr)
    for line in warnings(workspace, s.language):
        s.say(_("Note: {message}").format(message=line))
    if report.count(Severity.ERROR):
        s.say(
            _(
                "Not committed. Mend the errors, git add the files, commit again. "
                "(git commit --no-verify skips this check; the gate won't.)"
            )
        )
        return ERRORS
    return 0


def _pre_push(s: Session) -> int:
    from orderctl.hooks.commit import judge_outgoing
    from orderctl.hooks.push import Denial
    from orderctl.hooks.say import lines
    from orderctl.pipeline import find_workspace
    from orderctl.trust.server import MAIN, read_server, user_setting

    workspace = find_workspace()
    if workspace.git is None or workspace.root is None:
        return 0
    protected = user_setting(workspace.root, "orderctl.protected") or MAIN
    denied = False
    for ref, verdict in judge_outgoing(workspace, sys.stdin.buffer.read(), {"orderctl.protected": protected}):
        if not verdict.allow:
            denied = True
            denials = [Denial(ref, finding) for finding in verdict.findings if finding.severity == "error"]
            for line in lines(workspace.git, read_server(workspace.git), denials, s.language):
                s.say(line)
    if denied:
        s.say(s.texts.gettext("Not pushed: the server would refuse it. (git push --no-verify skips this check.)"))
    return DENIED if denied else 0
