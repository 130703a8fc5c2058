"""Where reviews come from: a file, or a forge that an evidence plugin knows how to ask.

``FILE`` · ``github:owner/name#12`` · ``github:owner/name@<commit>`` (the pull request that brought this commit) ·
``gitea:https://git.example/owner/name#12`` (a forge of one's own).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orderctl.check import problem_of
from orderctl.model import SetupError
from orderctl.rule import Source
from orderctl.terminal import trouble
from orderctl.trust.connection import Connection, origin
from orderctl.trust.reviews import LIMIT, Reviews, failed, read_reviews

if TYPE_CHECKING:
    from orderctl.plugins import Plugin

_TEXT = re.compile(
    r"(?:(?P<base>https?://[^/@\s#?]+)/)?(?P<project>[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+)"
    r"(?:[#!](?P<pull>[1-9][0-9]{0,8})|@(?P<commit>[0-9a-f]{40}))"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an evidence plugin is asked: one pull request of one project, and the connection to ask with.

    ``pull`` 0: the pull request that brought ``commit``. See ``orderctl.hookspecs.Forge``.
    """

    host: str
    project: str
    pull: int
    commit: str
    connection: Connection

    def get(self, *parts: str | int, missing: bool = False, **query: str | int) -> Any:
        """Return the JSON at a path of the API, None for 404 if ``missing`` is allowed."""
        return self.connection.get(*parts, missing=missing, **query)

    def pages(self, *parts: str | int, **query: str | int) -> list[Any]:
        """Return a whole list of the API."""
        return self.connection.pages(*parts, **query)


def load_reviews(text: str, plugins: Iterable[Plugin], *, timeout: float = 10.0, total: float = 60.0) -> Reviews:
    """Return the reviews that ``text`` names; SetupError ``setup.reviews`` (exit code 11) when they can't be had.

    ``plugins`` are the loaded plugins, of which the evidence sources are used. ``timeout`` seconds for one answer of a
    forge, ``total`` for all of them.
    """
    sources = {plugin.what.id: plugin for plugin in plugins if isinstance(plugin.what, Source)}
    id, colon, rest = text.partition(":")
    if not colon or id not in sources:
        return _file(text, sources)
    plugin = sources[id]
    assert isinstance(plugin.what, Source)
    asked = _asked(plugin.what, rest, timeout, total)
    try:
        found = plugin.run(request=asked)
    except SetupError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  an answer of another form than the documented one
        reason = problem_of(error, plugin.run)
        raise failed(f"{asked.host} 的回答不合约定（{reason}）", f"{asked.host} answers oddly ({reason})") from None
    if found is None:
        return Reviews(asked.host, 0, "", asked.commit, 0, 0, 0, ())
    reviews = _strict(found, asked.host)
    if asked.pull and reviews.pull != asked.pull:
        raise failed(f"{asked.host} 回答的是另一个合并请求", f"{asked.host} answers for another pull request")
    return reviews


def _strict(found: Any, host: str) -> Reviews:
    """Return what a plugin found, read as strictly as a file."""
    try:
        data = json.dumps({**found, "forge": host}).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise failed(f"插件的结果不能用（{error}）", f"what the plugin returns is unusable ({error})") from None
    return read_reviews(data)


def _asked(source: Source, rest: str, timeout: float, total: float) -> Asked:
    """Return the request that the text after ``github:`` stands for."""
    match = _TEXT.fullmatch(rest)
    if not match:
        raise failed(
            f"“{source.id}:{rest}” 应写成 {source.id}:owner/name#12",
            f"“{source.id}:{rest}” should read {source.id}:owner/name#12",
        )
    base = match["base"] or (f"https://{source.host}" if source.host else "")
    if not base:
        raise failed(
            f"{source.id} 要写明地址：{source.id}:https://git.example/owner/name#12",
            f"{source.id} needs an address: {source.id}:https://git.example/owner/name#12",
        )
    try:
        _, host, _ = origin(base)
    except ValueError as error:
        raise failed(f"{base}：只用 https", f"{base}: {error}") from None
    api = source.api if host == source.host and source.api else base + source.path
    token = os.environ.get(source.token, "").strip()
    connection = Connection(api, token, source.scheme, source.token, timeout, total)
    return Asked(host, match["project"], int(match["pull"] or 0), match["commit"] or "", connection)


def _file(text: str, sources: Iterable[str]) -> Reviews:
    """Return the reviews of a file, read up to the limit."""
    try:
        with Path(text).open("rb") as file:
            data = file.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        said = trouble(error, "zh") if isinstance(error, OSError) else reason
        known = " ".join(f"{id}:owner/name#12" for id in sorted(sources))
        raise failed(
            f"{text}：{said}（应是文件，或 {known}）", f"{text}: {reason} (it should be a file, or {known})"
        ) from None
    return read_reviews(data)
