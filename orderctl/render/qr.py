"""A public address in, the QR symbol of it as inline SVG out: one path, no script, nothing fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup


def svg(url: str, title: str = "QR") -> Markup:
    """Return the symbol (error correction M, no micro QR, quiet zone of two modules) scaling to its box.

    Raises ValueError if ``url`` is not https or doesn't fit a symbol.
    """
    import segno
    from markupsafe import Markup, escape

    if not url.startswith("https://"):
        raise ValueError(f"a QR symbol holds https addresses only, not {url!r}")
    rows = [bytes(row) for row in segno.make_qr(url, error="m", boost_error=False).matrix]
    size = len(rows) + 4
    runs = "".join(_runs(row, y + 2) for y, row in enumerate(rows))
    return Markup(  # noqa: S704 - figures and an escaped title
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {size} {size}" role="img" '
        f'aria-label="{escape(title)}"><path d="{runs}" stroke="#000" stroke-width="1" fill="none"/></svg>'
    )


def _runs(row: bytes, y: int) -> str:
    """Return one row's dark modules as horizontal strokes."""
    path, x = "", 0
    while x < len(row):
        end = x
        while end < len(row) and row[end]:
            end += 1
        if end > x:
            path += f"M{x + 2} {y}.5h{end - x}"
        x = max(end, x + 1)
    return path
