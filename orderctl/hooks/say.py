"""Denials in, lines for whoever pushed out: escaped, in one language, at most 40."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from orderctl.catalogue import load_catalogue
from orderctl.codes.server import CODES
from orderctl.git import EMPTY_TREE, Git, GitError
from orderctl.hooks.push import Denial
from orderctl.language import LANGUAGES, texts
from orderctl.model import Finding, SetupError
from orderctl.names import names_at
from orderctl.shown import show
from orderctl.terminal import visible
from orderctl.tree import Tree, commit_tree
from orderctl.trust.server import Server
from orderctl.workspace import read_config

MOST = 40
"""Lines of one answer."""
_WIDEST = 400


def language_of(git: Git, server: Server, variables: Mapping[str, str]) -> str:
    """Return the language of the answer: ORDERCTL_LANG, else the first one that the workspace speaks, else English."""
    wanted = variables.get("ORDERCTL_LANG", "").strip().lower()
    if wanted in LANGUAGES:
        return wanted
    config = read_config(_trusted(git, server))
    return config.languages[0] if config.data else "en"


def lines(git: Git, server: Server, denials: Sequence[Denial], language: str) -> list[str]:
    """Return what is said about a refused push, one line a denial: ref, commit, code, sentence, hint."""
    _ = texts(language).gettext
    said = list(_said(git, server, denials[: MOST - 1], language))
    if len(denials) > len(said):
        said.append(_("… and {n} more").format(n=len(denials) - len(said)))
    return said


def _said(git: Git, server: Server, denials: Sequence[Denial], language: str) -> Iterator[str]:
    tree = _trusted(git, server)
    known = load_catalogue(tree, trusted=True)
    names = names_at(tree, known.kinds, known.validator)
    for denial in denials:
        finding = denial.finding
        commit = str(finding.params.get("commit") or "")
        (shown,) = show([finding], partial(_read, git, commit), known.sentence, language, names=names)
        place = f"{shown.path}:{shown.line}:" if shown.path and shown.line else f"{shown.path}:" if shown.path else ""
        parts = (denial.ref, commit[:10], f"[{finding.rule}]", place, shown.message)
        yield _cut(" ".join(part for part in parts if part)) + (_cut(f" → {shown.hint}") if shown.hint else "")


def refused(error: SetupError, language: str) -> str:
    """Return the line for a server on which nothing can be judged."""
    return _cut(f"[{error.code}] {error.zh if language == 'zh' else error.en}")


def sentence(finding: Finding, language: str) -> str:
    """Return one line for a finding of the hooks themselves; nothing but their own words is needed for it."""
    words = {code.id: code for code in CODES}
    (shown,) = show([finding], lambda _path: None, words.get, language)
    return _cut(f"[{finding.rule}] {shown.message} → {shown.hint}")


def _trusted(git: Git, server: Server) -> Tree:
    for name in (server.protected[0], server.root):
        commit = git.resolve(name) if name else None
        if commit:
            return commit_tree(git, None, commit)
    return Tree(None, None, EMPTY_TREE)


def _read(git: Git, commit: str, path: str) -> bytes | None:
    try:
        return commit_tree(git, None, commit).read(path) if commit and path else None
    except GitError:
        return None


def _cut(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
