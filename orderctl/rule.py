"""What a plugin file declares: a rule, fact, paper, page, evidence source. Each is a constant beside a function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pluggy

from orderctl.model import Document, Finding, Mend, Scalar, Severity

hookimpl = pluggy.HookimplMarker("orderctl")
"""Marks the one function of a plugin file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A business rule. The file's name is its id with underscores; the docstring is its page.

    ``on`` is the document kind that the rule runs for, or a tuple of kinds. ``zh``/``en`` are the sentences, with
    ``{param}`` places; ``hint_zh``/``hint_en`` say what to do or type instead. ``covers`` names the requirements it
    fulfils. ``waivable`` is False for rules that no waiver may let pass: those about approvals themselves.
    """

    id: str
    on: str | tuple[str, ...]
    severity: Severity
    since: str
    zh: str
    en: str
    hint_zh: str
    hint_en: str
    covers: tuple[str, ...] = ()
    waivable: bool = True

    def at(self, doc: Document, pointer: str, *, mend: Mend | None = None, **params: Scalar) -> Finding:
        """Return a finding at ``pointer`` of ``doc``. Params: str, int, bool, None, Decimal (shown as is)."""
        return Finding(self.id, self.severity, doc.path, pointer, params, mend=mend)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A value computed per document, stored and found again like a field.

    ``derive(doc, book)`` returns a record (dict of scalars and plain lists), a list of records, or None.
    ``index`` names the record fields that ``book.where(id, field=value)`` may ask for.
    ``needs`` names every fact that it reads, so that facts form a DAG; reading another one is an error.
    """

    id: str
    on: str
    since: str
    index: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A PDF paper for documents of kind ``on``: ``view(doc, book)`` gives a plain dict, or None for no paper.

    The template is ``templates/papers/<id with underscores>.html.j2``. ``file`` is the output name below
    ``papers/``, with ``{id}`` and ``{case}``. ``audience`` is "staff" or "customer".
    """

    id: str
    on: str
    since: str
    zh: str
    en: str
    file: str
    audience: str = "customer"
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the site: ``view(doc, book)`` gives a plain dict, or None for no page.

    ``on`` is a kind (one page for each document) or "" (one page in all; ``doc`` is None).
    The template is ``templates/site/<id with underscores>.html.j2``; ``file`` the output path with ``{id}``/``{case}``.
    """

    id: str
    on: str
    since: str
    zh: str
    en: str
    file: str
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A forge whose reviews count as evidence: ``reviews(request)`` gives the facts of one pull request.

    ``host`` is the forge's own host ("" if everybody runs their own) and ``api`` the address of its API; ``path`` is
    where the API lies on any other host. The token comes from the environment variable ``token`` and is sent as
    ``Authorization: <scheme> <token>``.
    """

    id: str
    since: str
    zh: str
    en: str
    token: str
    path: str
    host: str = ""
    api: str = ""
    scheme: str = "Bearer"
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A machine stage's finding (dotted id). ``why_zh``/``why_en`` is its page; the rest as for a rule."""

    id: str
    severity: Severity
    since: str
    zh: str
    en: str
    hint_zh: str
    hint_en: str
    why_zh: str
    why_en: str

    def at(
        self,
        path: str,
        pointer: str = "",
        *,
        line: int = 0,
        column: int = 0,
        mend: Mend | None = None,
        **params: Scalar,
    ) -> Finding:
        """Return a finding in the file ``path``; line and column (from 1) only when no pointer can tell."""
        return Finding(self.id, self.severity, path, pointer, params, line, column, mend)


def layers_of(facts: Sequence[Fact]) -> tuple[list[list[str]], list[str]]:
    """Return fact ids in layers, each needing only earlier ones, and the ids left over in a cycle or lacking a need."""
    left = {fact.id: set(fact.needs) for fact in facts}
    layers: list[list[str]] = []
    done: set[str] = set()
    while ready := sorted(id for id, needs in left.items() if needs <= done):
        layers.append(ready)
        done.update(ready)
        left = {id: needs for id, needs in left.items() if id not in done}
    return layers, sorted(left)
