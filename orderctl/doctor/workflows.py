"""Workflows: is there a gate on every way in, can it be skipped, can a change run anything in it? With line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from orderctl.codes import workflows as codes
from orderctl.doctor._nodes import Node, Unreadable, read_nodes
from orderctl.model import Finding
from orderctl.rule import Code

if TYPE_CHECKING:
    from orderctl.doctor import Context

_FOLDERS = re.compile(r"\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml")
_GATE = re.compile(r"\borderctl[\"']?\s+gate\b")
_ACTION = re.compile(r"[^/@\s]+/orderctl(?:/[^@\s]*)?@")
_PINNED = re.compile(r"[^@\s]+@[0-9a-f]{40}|docker://[^@\s]+@sha256:[0-9a-f]{64}|\./.*")
_HEAD = re.compile(r"head[._](?:sha|ref)|head_ref|refs/pull/|pull_request\.head|workflow_run\.head")
_RUNS_HEAD = re.compile(r"gh\s+pr\s+checkout|git\s[^\n]*\b(?:checkout|switch|worktree\s+add)\b[^\n]*")
_IGNORED = re.compile(r"\|\|\s*(?:true|:|exit\s+0)|(?m:^\s*exit\s+0\b)|\bset\s+\+e\b")
_UNTRUSTED = re.compile(
    r"\$\{\{[^}]*\b(?:github\.event\.(?:issue|pull_request|comment|review|head_commit|commits|workflow_run)[^}]*"
    r"\.(?:title|body|ref|label|message|name|email|default_branch)|github\.head_ref)\b[^}]*\}\}"
)
_TRUSTING = frozenset({"pull_request_target", "workflow_run"})
_NEEDED = {
    "github": ("pull_request", "merge_group", "push"),
    "gitea": ("pull_request", "push"),
    "forgejo": ("pull_request", "push"),
}


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the workflows of the tree that is looked at."""
    gates = 0
    paths = sorted(entry.path for entry in context.tree.entries())
    files = [path for path in paths if _FOLDERS.fullmatch(path) or path == ".gitlab-ci.yml"]
    for path in files:
        try:
            top = read_nodes(context.tree.read(path) or b"")
        except Unreadable as error:
            yield codes.CI_UNREADABLE.at(path, line=error.line, column=1, commit="", person="", problem=str(error))
            continue
        judged = _gitlab(path, top) if path == ".gitlab-ci.yml" else _workflow(path, top)
        for finding in judged:
            if finding is None:
                gates += 1
            else:
                yield finding
    if files and not gates:
        yield codes.CI_GATE_ABSENT.at(files[0], line=1, column=1, commit="", person="")


def _at(code: Code, path: str, node: Node, **params: Any) -> Finding:
    return code.at(path, line=node.line, column=node.column, commit="", person="", **params)


def _workflow(path: str, top: Node) -> Iterator[Finding | None]:
    """Yield a workflow's findings, and None for each job that runs the gate."""
    on = top.get("on")
    events = {name for name, _ in on.items()} or {each.text for each in on.list()} or {on.text}
    trusting = bool(events & _TRUSTING)
    jobs = [job for _, job in top.get("jobs").items()]
    gates = [job for job in jobs if _is_gate(job)]
    yield from [None] * len(gates)
    for job in jobs:
        for step in job.get("steps").list():
            yield from _step(path, step, events, trusting or job in gates)
        if trusting or job in gates:
            yield from _token(path, top, job, gate=job in gates)
    for job in gates:
        yield from _gate(path, job)
    if gates:
        yield from _triggers(path, on, events)


def _is_gate(job: Node) -> bool:
    steps = job.get("steps").list()
    return any(_GATE.search(step.get("run").text) or _ACTION.match(step.get("uses").text) for step in steps)


def _step(path: str, step: Node, events: set[str], guarded: bool) -> Iterator[Finding]:
    """Yield a step's findings; ``guarded``: its job has rights, or is the gate."""
    uses, run = step.get("uses"), step.get("run")
    if uses.text and not _PINNED.fullmatch(uses.text):
        yield _at(codes.CI_UNPINNED, path, uses, action=uses.text)
    if (found := _UNTRUSTED.search(run.text)) is not None:
        yield _at(codes.CI_INJECTION, path, run.at(found.start()), text=found[0])
    if "workflow_run" in events and ("download-artifact" in uses.text or "gh run download" in run.text):
        yield _at(codes.CI_ARTIFACT, path, uses if uses.text else run)
    if not guarded:
        return
    if "actions/checkout" in uses.text:
        ref = step.get("with").get("ref")
        if not (events & _TRUSTING) or _HEAD.search(ref.text):
            yield _at(codes.CI_HEAD_EXECUTED, path, ref if ref.text else uses, text=ref.text or uses.text)
    if (found := _RUNS_HEAD.search(run.text)) is not None:
        yield _at(codes.CI_HEAD_EXECUTED, path, run.at(found.start()), text=found[0])


def _token(path: str, top: Node, job: Node, *, gate: bool) -> Iterator[Finding]:
    """Yield rights to write; a gate must say what its token may, else the repository's default holds."""
    said = job.get("permissions") if job.has("permissions") else top.get("permissions")
    if said.text == "write-all" or (gate and not top.has("permissions") and not job.has("permissions")):
        yield _at(codes.CI_WRITE_TOKEN, path, said if said.text else job, permission=said.text or "default")
    for name, value in said.items():
        if value.text == "write":
            yield _at(codes.CI_WRITE_TOKEN, path, value, permission=f"{name}: write")


def _gate(path: str, job: Node) -> Iterator[Finding]:
    """Yield what may skip a gate or hide its result."""
    for part in (job, *job.get("steps").list()):
        for key in ("if", "continue-on-error", "needs"):
            if part.has(key) and part.get(key).text != "false":
                yield _at(codes.CI_GATE_SKIPPED, path, part.get(key), key=key)
    for step in job.get("steps").list():
        run = step.get("run")
        if _GATE.search(run.text) and (found := _IGNORED.search(run.text)) is not None:
            yield _at(codes.CI_RESULT_IGNORED, path, run.at(found.start()), text=found[0].strip())


def _triggers(path: str, on: Node, events: set[str]) -> Iterator[Finding]:
    for event in _NEEDED[path[1:].partition("/")[0]]:
        if event not in events:
            yield _at(codes.CI_GATE_TRIGGER, path, on, event=event)
    for event, settings in on.items():
        for key, value in settings.items():
            if key.startswith("paths") or key.endswith("-ignore"):
                yield _at(codes.CI_GATE_FILTER, path, value, event=event, filter=key)


def _gitlab(path: str, top: Node) -> Iterator[Finding | None]:
    """Yield the findings of .gitlab-ci.yml, and None for each job that runs the gate."""
    for job in (node for _, node in top.items()):
        script = job.get("script")
        lines = script.list() or [script]
        if not any(_GATE.search(line.text) for line in lines):
            continue
        yield None
        for key in ("allow_failure", "only", "except", "needs"):
            if job.has(key) and job.get(key).text != "false":
                yield _at(codes.CI_GATE_SKIPPED, path, job.get(key), key=key)
        if job.get("when").text in {"manual", "delayed", "never"}:
            yield _at(codes.CI_GATE_SKIPPED, path, job.get("when"), key="when")
        for rule in [*job.get("rules").list(), *top.get("workflow").get("rules").list()]:
            if rule.has("changes"):
                yield _at(codes.CI_GATE_FILTER, path, rule.get("changes"), event="rules", filter="changes")
        if job.get("variables").get("GIT_STRATEGY").text != "none":
            yield _at(codes.CI_HEAD_EXECUTED, path, job, text="GIT_STRATEGY")
        for line in lines:
            if _GATE.search(line.text) and (found := _IGNORED.search(line.text)) is not None:
                yield _at(codes.CI_RESULT_IGNORED, path, line.at(found.start()), text=found[0].strip())
