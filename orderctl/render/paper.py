"""A paper's view and its templates in, PDF bytes out. A pure function: the same input gives the same bytes.

Templates are a mapping of the files of ``templates/papers/``: ``<id with underscores>.html.j2``, the layout they
extend, ``paper.css``, and pictures, which ``orderctl-asset:<file name>`` shows. Safe to call in worker processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orderctl.render.enums import Names, namer
from orderctl.render.errors import RenderError
from orderctl.render.fonts import FontSet, find_fonts
from orderctl.rule import Paper

STYLE = "paper.css"
SHOWN = 12
"""Digits of a digest or commit that a paper prints: enough to find it, short enough to read out."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The first-parent commit that brought the newest document a paper read: its full id, and its date as written."""

    commit: str
    date: str


def render_paper(
    paper: Paper,
    view: Mapping[str, Any],
    origin: Origin | None,
    digest: str,
    templates: Mapping[str, bytes],
    *,
    names: Names | None = None,
    fonts: FontSet | None = None,
) -> bytes:
    """Return the PDF of ``paper`` filled with ``view``.

    ``origin`` None means uncommitted input: a draft, marked so, without QR symbol or dates. ``digest`` is the
    document's material digest (hex, "" if it has none), ``names`` are the names of enum values.
    Raises RenderError when the paper would come out wrong.
    """
    from orderctl.render.pdf import write_pdf

    style = templates.get(STYLE)
    if style is None:
        raise RenderError("render.template", template=STYLE, problem="not found")
    family = fonts or find_fonts()
    css = f":root {{ --family: {family.css} }}\nhtml {{ font-family: {family.css} }}\n{style.decode()}"
    pictures = {name: data for name, data in templates.items() if not name.endswith((".j2", ".css"))}
    html = paper_html(paper, view, origin, digest, templates, names=names)
    return write_pdf(html, (css,), family, pictures)


def paper_html(
    paper: Paper,
    view: Mapping[str, Any],
    origin: Origin | None,
    digest: str,
    templates: Mapping[str, bytes],
    *,
    names: Names | None = None,
) -> str:
    """Return the HTML that the PDF is made from."""
    from orderctl.render.qr import svg
    from orderctl.render.templates import render, speaker

    languages = tuple(view.get("languages") or ("zh", "en"))
    url = str(view.get("url") or "") if origin else ""
    sources = {name: data for name, data in templates.items() if name.endswith(".j2")}
    return render(
        sources,
        paper.id.replace("-", "_") + ".html.j2",
        {
            "view": view,
            "paper": {
                "id": paper.id,
                "zh": paper.zh,
                "en": paper.en,
                "audience": paper.audience,
                "languages": languages,
                "revision": view.get("revision"),
                "digest": digest[:SHOWN],
                "origin": {"commit": origin.commit[:SHOWN], "date": origin.date} if origin else None,
                "url": url,
                "qr": svg(url, "QR") if url else "",
            },
            "t": speaker(languages),
            "enum": namer(names or {}),
        },
    )
