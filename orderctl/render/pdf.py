"""HTML, style sheets and pictures from memory in, PDF bytes out: WeasyPrint without network, file system or clock.

The same input gives the same bytes. Whatever asks for anything but an ``orderctl-asset:`` name fails the paper.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from orderctl.render.errors import RenderError
from orderctl.render.fonts import FontSet

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration

SCHEME = "orderctl-asset:"
TYPES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "css": "text/css"}
BASE = SCHEME + "///"
"""Relative addresses must reach the fetcher, to be refused there; without a base WeasyPrint passes over them."""


def write_pdf(html: str, css: tuple[str, ...], fonts: FontSet, assets: Mapping[str, bytes] | None = None) -> bytes:
    """Return ``html`` laid out with ``css`` as PDF; its dates, title and author are those that its head states.

    ``assets`` are what ``orderctl-asset:<name>`` may show. Raises RenderError ``render.fetch`` if anything else was
    asked for, ``render.glyph`` for characters that no font has, ``render.layout`` if WeasyPrint reports an error,
    ``render.engine`` if it isn't there.
    """
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:  # OSError: Pango is not installed
        raise RenderError("render.engine", problem=str(error).splitlines()[0]) from error
    return _press(css, fonts).print(html, assets or {})


@lru_cache(maxsize=4)
def _press(css: tuple[str, ...], fonts: FontSet) -> _Press:
    return _Press(css, fonts)


class _Press:
    """Fonts and parsed style sheets, kept for the papers that a process prints one after another."""

    def __init__(self, css: tuple[str, ...], fonts: FontSet) -> None:
        from weasyprint import CSS

        self.fetcher = _fetcher()
        self.lock = threading.Lock()  # neither Pango's font map nor the fetcher's record may be shared
        with self._watched():
            self.fonts = _font_configuration(fonts)
            self.sheets = [
                CSS(string=text, base_url=BASE, url_fetcher=self.fetcher, font_config=self.fonts) for text in css
            ]

    def print(self, html: str, assets: Mapping[str, bytes]) -> bytes:
        """Lay out and write one paper."""
        from weasyprint import HTML

        with self.lock, self._watched():
            self.fetcher.assets = assets
            page = HTML(string=html, base_url=BASE, url_fetcher=self.fetcher, media_type="print")
            document = page.render(font_config=self.fonts, stylesheets=self.sheets, pdf_tags=True)
            data = bytes(document.write_pdf(pdf_tags=True))
            missing = sorted({c for font in document.fonts.values() for c in font.missing})
        if missing:
            shown = " ".join(f"{chr(c)} (U+{c:04X})" for c in missing)
            raise RenderError("render.glyph", characters=shown)
        return data

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Fail if anything outside memory was asked for, even where WeasyPrint swallows the refusal (inline SVG)."""
        from weasyprint.logger import LOGGER
        from weasyprint.urls import FatalURLFetchingError

        self.fetcher.denied.clear()
        with _errors(LOGGER) as broken:
            with suppress(FatalURLFetchingError):  # a BaseException; the fetcher has recorded it
                yield
            if self.fetcher.denied:
                raise RenderError("render.fetch", url=" ".join(dict.fromkeys(self.fetcher.denied)))
        if broken:
            raise RenderError("render.layout", problem="; ".join(broken))


@contextmanager
def _errors(logger: logging.Logger) -> Iterator[list[str]]:
    """Collect the errors that WeasyPrint logs in this thread instead of raising them."""
    found: list[str] = []
    thread = threading.get_ident()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread:
                found.append(record.getMessage())

    listener = Listener(logging.ERROR)
    logger.addHandler(listener)
    try:
        yield found
    finally:
        logger.removeHandler(listener)


def _fetcher() -> Any:
    """Return a fetcher that knows only names in memory and records whatever else is asked for."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
            self.assets: Mapping[str, bytes] = {}
            self.denied: list[str] = []

        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ARG002 - the parent's signature
            name = url.removeprefix(SCHEME)
            if name == url or name not in self.assets:
                self.denied.append(url[:200])
                raise FatalURLFetchingError(url[:200])
            kind = TYPES.get(name.rsplit(".", 1)[-1].lower(), "application/octet-stream")
            return URLFetcherResponse(url, body=self.assets[name], headers={"Content-Type": kind})

    return Fetcher()


_environment = threading.Lock()


def _font_configuration(fonts: FontSet) -> FontConfiguration:
    """Load the fonts. Fontconfig takes its file from the environment only, so that is set for this one call."""
    from weasyprint.text.fonts import FontConfiguration

    if not fonts.config:
        return FontConfiguration()
    wanted = {"FONTCONFIG_FILE": fonts.config, "FONTCONFIG_PATH": None, "FONTCONFIG_SYSROOT": None}
    with _environment:
        before = {name: os.environ.get(name) for name in wanted}
        _set(wanted)
        try:
            return FontConfiguration()
        finally:
            _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
