"""One paper or page to make: its view run over the book, its template filled. Returns values and bytes."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from orderctl.book.keys import key_of
from orderctl.book.reader import Reader
from orderctl.book.store import UNSOUND, decode, encode
from orderctl.book.work import Result
from orderctl.check import FAILURES, plain
from orderctl.digest import material_digest
from orderctl.model import Document
from orderctl.origins import Commit
from orderctl.plugins import Plugin
from orderctl.render.enums import Names, namer
from orderctl.render.errors import RenderError
from orderctl.render.markdown import prose
from orderctl.render.paper import Origin, render_paper
from orderctl.render.shards import shards
from orderctl.render.templates import render
from orderctl.rule import Page, Paper
from orderctl.schema import Kind


@dataclass(frozen=True, slots=True)
class Ground:
    """What all jobs of a build share. ``digests``: "papers" and "site" → digest of templates, names and company;
    ``closed``: make the papers of closed cases too."""

    kinds: Mapping[str, Kind]
    names: Names
    papers: Mapping[str, bytes]
    site: Mapping[str, bytes]
    company: Mapping[str, Any]
    pages: Sequence[Mapping[str, str]]
    origins: Mapping[str, Commit]
    ranks: Mapping[str, int]
    dirty: frozenset[str]
    digests: Mapping[str, str]
    closed: bool


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a job. ``files``: path below the site → bytes (empty: nothing new); ``names`` all its files."""

    name: str
    owner: str
    key: str
    result: Result | None
    files: Mapping[str, bytes]
    names: tuple[str, ...]
    unit: str
    title: Mapping[str, str]
    error: RenderError | None = None


class ViewError(RenderError):
    """A view function failed; names the plugin and the document."""


def job_name(plugin: Plugin) -> str:
    """Return the consumer's name in the book."""
    return f"{'paper' if isinstance(plugin.what, Paper) else 'page'}:{plugin.what.id}"


def make(
    plugin: Plugin,
    owner: str,
    stored: str | None,
    known: str,
    reader: Reader,
    ground: Ground,
    papers: Sequence[Mapping[str, str]],
) -> Made:
    """Return the job's outcome. ``stored`` is the view's summary in the book (None: run it), ``known`` the key that the
    present files were made with; nothing is rendered when it is still the same."""
    what = plugin.what
    name = job_name(plugin)
    doc = None
    if owner:
        found = reader.at_path(owner)
        doc = found[0] if found and found[1] else None  # an invalid document has no page: views rely on its schema
    view, result = None, None
    try:
        if stored is None:
            view, result = _see(plugin, name, owner, doc, reader)
            stored = result.value
        summary = decode(stored)
        if summary is None:
            return Made(name, owner, "", result, {}, (), "", {})
        if not (summary["open"] or ground.closed):
            return Made(name, owner, "", result, {}, (), "", {})
        unit = doc.unit if doc else ""
        title = {"zh": what.zh, "en": what.en, "file": summary["file"]}  # type: ignore[union-attr]
        key = _key(plugin, summary, doc, ground, papers)
        names = tuple(summary["files"])
        if key == known:
            return Made(name, owner, key, result, {}, names, unit, title)
        if view is None:
            view, _ = _see(plugin, name, owner, doc, reader)
        assert view is not None
        if isinstance(what, Paper):
            files = {summary["file"]: _paper(what, doc, view, summary, ground)}
        else:
            assert isinstance(what, Page)
            files = _page(what, view, summary["file"], ground, papers)
        return Made(name, owner, key, result, files, names, unit, title)
    except RenderError as error:
        return Made(name, owner, "", result, {}, (), "", {}, error)


def _see(
    plugin: Plugin, name: str, owner: str, doc: Document | None, reader: Reader
) -> tuple[Mapping[str, Any] | None, Result]:
    """Run the view; return it and its summary as the book stores it."""
    what = plugin.what
    assert isinstance(what, Page | Paper)
    reader.start()
    if owner:
        reader.at_path(owner)
    try:
        view = plugin.run(doc, reader) if doc is not None or not owner else None
        if not (view is None or isinstance(view, Mapping)):
            raise TypeError(f"a view is a dict or None, not a {type(view).__name__}")
        plain(view)
    except UNSOUND:
        raise
    except FAILURES as error:
        raise ViewError(
            "render.view", plugin=name, id=doc.id if doc else "", problem=f"{type(error).__name__}: {error}"[:200]
        ) from error
    summary = None
    if view is not None:
        file = what.file.format(id=doc.id if doc else "", case=doc.case if doc else "")
        file = f"papers/{file}" if isinstance(what, Paper) else file
        shown = {k: v for k, v in view.items() if k != "open" or isinstance(what, Page)}
        digest = sha256(encode(shown).encode()).hexdigest()
        files = [file, *sorted(shards(view))] if isinstance(what, Page) else [file]
        summary = {
            "file": file,
            "files": files,
            "view": digest,
            "open": isinstance(what, Page) or view.get("open", True),
            "paths": sorted(reader.paths),
        }
    reads = array("q", sorted(reader.reads)).tobytes()
    consumer = key_of(name, owner)
    return view, Result(
        consumer, name, owner, doc.id if doc else "", reader.since, reader.until, encode(summary), reads, []
    )


def _key(
    plugin: Plugin,
    summary: Mapping[str, Any],
    doc: Document | None,
    ground: Ground,
    papers: Sequence[Mapping[str, str]],
) -> str:
    """Return the digest of everything that the job's files depend on."""
    is_paper = isinstance(plugin.what, Paper)
    parts: list[Any] = [
        summary["view"],
        summary["file"],
        ground.digests["papers" if is_paper else "site"],
        plugin.digest,
    ]
    if is_paper:
        origin = origin_of(summary["paths"], ground)
        parts += [origin.commit if origin else "", _digest(doc, ground)]
    else:
        parts += [list(papers)]
    return sha256(encode(parts).encode()).hexdigest()


def _digest(doc: Document | None, ground: Ground) -> str:
    return material_digest(ground.kinds[doc.kind].schema, doc.data) if doc else ""


def origin_of(paths: Sequence[str], ground: Ground) -> Origin | None:
    """Return the newest commit that brought one of ``paths``; None while one of them isn't committed."""
    commits = [ground.origins.get(path) for path in paths]
    if not paths or ground.dirty.intersection(paths) or None in commits:
        return None
    id, date = min((c for c in commits if c is not None), key=lambda c: ground.ranks.get(c[0], len(ground.ranks)))
    return Origin(id, date)


def _paper(
    what: Paper, doc: Document | None, view: Mapping[str, Any], summary: Mapping[str, Any], ground: Ground
) -> bytes:
    return render_paper(
        what, view, origin_of(summary["paths"], ground), _digest(doc, ground), ground.papers, names=ground.names
    )


def _page(
    what: Page, view: Mapping[str, Any], file: str, ground: Ground, papers: Sequence[Mapping[str, str]]
) -> dict[str, bytes]:
    values = {
        "view": {k: v for k, v in view.items() if k != "shards"},
        "root": "../" * file.count("/"),
        "page": {"id": what.id, "zh": what.zh, "en": what.en, "file": file},
        "pages": ground.pages,
        "site": ground.company,
        "papers": papers,
        "enum": namer(ground.names),
        "prose": prose,
    }
    text = render(ground.site, f"site/{what.id.replace('-', '_')}.html.j2", values)
    return {file: text.encode(), **shards(view)}
