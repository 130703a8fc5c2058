"""A forge on loopback: answers by path, in the documented shapes, over real sockets; it can also misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Answer:
    """What the server says. ``cut``: bytes left out at the end of the announced length; ``hang``: never answers."""

    data: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    cut: int = 0
    hang: bool = False

    @property
    def body(self) -> bytes:
        return json.dumps(self.data).encode() if self.raw is None else self.raw


Route = Answer | Callable[[dict[str, str]], Answer]


@dataclass
class Forge:
    """The running server: ``routes`` path → answer, ``asked`` the paths with their queries, ``tokens`` as received."""

    url: str = ""
    routes: dict[str, Route] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def put(self, path: str, data: Any) -> None:
        self.routes[path] = Answer(data)

    def paged(self, path: str, items: list[Any], size: int, *, link: bool = True) -> None:
        """Serve a list in pages of ``size``: with Link headers as GitHub and GitLab do, or a total as Gitea does."""

        def page(query: dict[str, str]) -> Answer:
            number = int(query.get("page", "1"))
            part = items[(number - 1) * size : number * size]
            headers = {} if link else {"X-Total-Count": str(len(items))}
            if link and number * size < len(items):
                more = "&".join(f"{k}={v}" for k, v in {**query, "page": str(number + 1)}.items())
                last = -(-len(items) // size)
                headers["Link"] = (
                    f'<{self.url}{path}?page=1>; rel="first", <{self.url}{path}?{more}>; rel="next", '
                    f'<{self.url}{path}?page={last}>; rel="last"'
                )
            return Answer(part, headers=headers)

        self.routes[path] = page


@contextmanager
def running() -> Iterator[Forge]:
    """Run the server until the block ends."""
    forge = Forge()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            forge.asked.append(self.path)
            forge.tokens.append(self.headers.get("Authorization", ""))
            route = forge.routes.get(parts.path, Answer({"message": "Not Found"}, 404))
            answer = route(dict(parse_qsl(parts.query))) if callable(route) else route
            if answer.hang:
                forge.done.wait()
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in answer.headers:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) - answer.cut])

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    forge.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield forge
    finally:
        forge.done.set()
        server.shutdown()
        server.server_close()
        thread.join()
