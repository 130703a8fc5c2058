"""PDFs from memory: what reaches outside fails the paper and sends nothing; what is allowed prints."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from orderctl.render.errors import RenderError
from orderctl.render.fonts import find_fonts
from orderctl.render.pdf import write_pdf

STYLE = (f"html {{ font-family: {find_fonts().css} }}",)
PAGE = '<!DOCTYPE html><html lang="zh-CN"><head><title>订单</title>{head}</head><body><p>订单</p>{body}</body></html>'


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\1\2\3")) + chunk(b"IEND", b"")
    )


ASSETS = {
    "logo.png": _png(),
    "logo.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    "more.css": b"p { color: #123456 }",
}


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A real server on loopback: its address, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/again")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}", asked
    listening.shutdown()
    thread.join()
    listening.server_close()


# R08, R09: every way in which HTML can ask for something; {u} is the address
HEADS = [
    '<link rel="stylesheet" href="{u}">',
    '<link rel="attachment" href="{u}">',
    '<style>@import "{u}";</style>',
    "<style>@import url({u});</style>",
    "<style>p {{ background: url({u}) }}</style>",
    "<style>p::before {{ content: url({u}) }}</style>",
    "<style>li {{ list-style-image: url({u}) }}</style>",
    "<style>@page {{ background: url({u}) }}</style>",
    "<style>@font-face {{ font-family: x; src: url({u}) }} p {{ font-family: x }}</style>",
    "<style>@color-profile --x {{ src: url({u}) }}</style>",
]
BODIES = [
    '<img src="{u}">',
    '<img srcset="{u} 2x" src="{u}">',
    '<object data="{u}"></object>',
    '<embed src="{u}">',
    '<p style="background: url({u})">x</p>',
    '<svg width="9" height="9"><image href="{u}" width="9" height="9"/></svg>',
    '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{u}" width="9" height="9"/></svg>',
    '<svg width="9" height="9"><use href="{u}#a"/></svg>',
    '<a rel="attachment" href="{u}">x</a>',
    '<ul><li style="list-style-image: url({u})">x</li></ul>',
]
IGNORED = {
    '<svg width="9" height="9"><use href="{u}#a"/></svg>',
    "<style>li {{ list-style-image: url({u}) }}</style>",
    "<style>@color-profile --x {{ src: url({u}) }}</style>",
}
"""Asked for by WeasyPrint only where used, so nothing to refuse; they must still send nothing."""


@pytest.mark.parametrize(
    ("way", "address"),
    [(way, address) for way in HEADS + BODIES for address in ("{server}/x.png", "file:///etc/hostname")]
    + [('<img src="{u}">', address) for address in ("x.png", "//127.0.0.1/x.png", "ftp://127.0.0.1/x")],
)
def test_reaching_outside_fails_and_sends_nothing(way: str, address: str, server: tuple[str, list[str]]) -> None:
    url = address.format(server=server[0])
    part = way.format(u=url)
    page = PAGE.format(head=part if way in HEADS else "", body=part if way in BODIES else "")
    if way in IGNORED:
        with suppress(RenderError):
            write_pdf(page, STYLE, find_fonts(), ASSETS)
    else:
        with pytest.raises(RenderError) as error:
            write_pdf(page, STYLE, find_fonts(), ASSETS)
        assert error.value.code == "render.fetch"
        assert url.lstrip("/") in str(error.value.params["url"])
    assert server[1] == []


@pytest.mark.parametrize(
    "part",
    [
        '<img alt="x" src="orderctl-asset:logo.png">',
        '<img alt="x" src="orderctl-asset:logo.svg">',
        '<p style="background: url(orderctl-asset:logo.png)">x</p>',
        '<object data="orderctl-asset:logo.svg"></object>',
        '<svg width="9" height="9"><rect width="9" height="9"/></svg>',
        '<a href="https://example.com/">a link is not fetched</a>',
        "<style>@import 'orderctl-asset:more.css';</style>",
    ],
)
def test_the_harmless_twin_prints(part: str) -> None:
    assert write_pdf(PAGE.format(head="", body=part), STYLE, find_fonts(), ASSETS).startswith(b"%PDF-")


def test_an_asset_that_is_not_there_fails() -> None:
    with pytest.raises(RenderError) as error:
        write_pdf(PAGE.format(head="", body='<img src="orderctl-asset:none.png">'), STYLE, find_fonts(), ASSETS)
    assert error.value.params == {"url": "orderctl-asset:none.png"}


@pytest.mark.parametrize(
    "rule", ['@import "{u}";', "@font-face {{ font-family: x; src: url({u}) }}", "p {{ background: url({u}) }}"]
)
def test_a_style_sheet_reaches_outside_no_more_than_html(rule: str, server: tuple[str, list[str]]) -> None:
    """R10: WeasyPrint's CSS(string=…) would use the network unless given the same fetcher."""
    for address in (server[0] + "/x.css", "file:///etc/hostname"):
        with pytest.raises(RenderError) as error:
            write_pdf(PAGE.format(head="", body=""), (*STYLE, rule.format(u=address)), find_fonts())
        assert (error.value.code, server[1]) == ("render.fetch", [])
    assert write_pdf(PAGE.format(head="", body=""), (*STYLE, "p { background: #eee }"), find_fonts())


def test_a_refused_paper_leaves_the_next_one_alone() -> None:
    good = PAGE.format(head="", body='<img alt="x" src="orderctl-asset:logo.png">')
    before = write_pdf(good, STYLE, find_fonts(), ASSETS)
    for body in ('<img src="http://127.0.0.1:9/">', "<p>😀</p>"):
        with pytest.raises(RenderError):
            write_pdf(PAGE.format(head="", body=body), STYLE, find_fonts(), ASSETS)
    assert write_pdf(good, STYLE, find_fonts(), ASSETS) == before
    with pytest.raises(RenderError):
        write_pdf(good, STYLE, find_fonts(), {})


def test_threads_share_a_press_and_print_the_same() -> None:
    pages = [PAGE.format(head="", body=f"<h1>订单 {n}</h1>" * 30) for n in range(4)]
    alone = [write_pdf(page, STYLE, find_fonts()) for page in pages]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda page: write_pdf(page, STYLE, find_fonts()), pages * 2)) == alone * 2


def test_the_environment_is_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("FONTCONFIG_PATH", "/nowhere")
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    write_pdf(PAGE.format(head="", body=""), (*STYLE, "p { margin: 1px }"), find_fonts())
    assert os.environ["FONTCONFIG_PATH"] == "/nowhere"
    assert "FONTCONFIG_FILE" not in os.environ


@pytest.mark.parametrize(
    "failure", [ImportError("No module named 'weasyprint'"), OSError("cannot load library 'pango'\nx")]
)
def test_without_the_engine_there_is_a_clear_word(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    real = builtins.__import__

    def fail(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "weasyprint":
            raise failure
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fail)
    with pytest.raises(RenderError) as error:
        write_pdf(PAGE.format(head="", body=""), STYLE, find_fonts())
    assert (error.value.code, error.value.params) == ("render.engine", {"problem": str(failure).split("\n")[0]})


def test_errors_cross_processes() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(RenderError("render.fetch", url="http://x")))
    assert (error.code, error.params, str(error)) == ("render.fetch", {"url": "http://x"}, "render.fetch: url=http://x")


def test_every_code_that_is_raised_is_documented() -> None:
    import re

    from orderctl.codes.render import CODES

    folder = Path(__file__).parent.parent.parent / "orderctl" / "render"
    raised = {
        code for file in folder.glob("*.py") for code in re.findall(r'"(render\.[a-z_]+)"', file.read_text("utf-8"))
    }
    assert raised == {code.id for code in CODES if code.id != "render.view"}
