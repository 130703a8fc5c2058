"""A connection to one forge: JSON of its API, within limits of time, size and count, and from no other host.

Anything but a whole, well-formed answer is a refusal (SetupError ``setup.reviews``) that names what was asked for.
"""

from __future__ import annotations

import errno
import json
import re
import ssl
import time
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPException
from socket import gaierror
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from orderctl.trust.reviews import Odd, failed, no_number, said, unique

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Hosts that may be asked without encryption."""
SIZE = 8 * 1024 * 1024
"""Bytes of one answer."""
PAGES = 50
"""Pages of one list."""
PATIENCE = 10.0
"""Seconds in all that a forge which is overrun may make us wait."""
TRIES = 4
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next\b')


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address that may be asked: https, or http on loopback; else ValueError."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise ValueError(f"{parts.scheme or 'no scheme'} is not https")
    if not host or parts.username is not None:
        raise ValueError("no plain host name")
    return parts.scheme, host, parts.port or (443 if parts.scheme == "https" else 80)


def _same(url: str, wanted: tuple[str, str, int]) -> bool:
    try:
        return origin(url) == wanted
    except ValueError:
        return False


class _SameHost(HTTPRedirectHandler):
    """Follows a few redirects, and only to where the token may go."""

    max_redirections = 3
    max_repeats = 2

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        """Return the request to follow; Odd when it leads to another host."""
        if not _same(newurl, origin(req.full_url)):
            fp.close()
            raise Odd("它转到别的主机", "it redirects to another host")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


class Connection:
    """Asks one API. ``timeout`` seconds for each answer, ``total`` for all of them."""

    def __init__(self, api: str, token: str, scheme: str, variable: str, timeout: float, total: float) -> None:
        self._api = api.rstrip("/")
        self._origin = origin(api)
        self._variable = variable
        self._headers = {"Accept": "application/json", "User-Agent": "orderctl"}
        if token:
            if not token.isascii() or not token.isprintable() or " " in token:
                raise failed(f"环境变量 {variable} 不是一个令牌", f"{variable} in the environment is no token")
            self._headers["Authorization"] = f"{scheme} {token}"
        self._timeout, self._end = timeout, time.monotonic() + total
        self._patience = min(PATIENCE, total)
        self._opener = OpenerDirector()
        handlers = (HTTPHandler(), HTTPSHandler(), _SameHost(), HTTPErrorProcessor(), HTTPDefaultErrorHandler())
        for handler in handlers:
            self._opener.add_handler(handler)
        if self._origin[0] == "https":
            self._opener.add_handler(ProxyHandler())

    def get(self, *parts: str | int, missing: bool = False, **query: str | int) -> Any:
        """Return the JSON at the path of these parts; None when ``missing`` is allowed and there is none (404)."""
        found = self._ask(self._url(parts, query), missing)
        return None if found is None else found[0]

    def pages(self, *parts: str | int, **query: str | int) -> list[Any]:
        """Return a whole list, page by page: as the Link header leads, or until X-Total-Count items are there."""
        first = url = self._url(parts, query)
        items: list[Any] = []
        asked: set[str] = set()
        seen: set[str] = set()
        while True:
            if url in asked or len(asked) == PAGES:
                raise _unusable(first, "列表没有尽头", "the list has no end")
            asked.add(url)
            found = self._ask(url, missing=False)
            assert found is not None
            page, headers = found
            if not isinstance(page, list):
                raise _unusable(first, "应当是列表", "a list was expected")
            items += page
            text = json.dumps(page, sort_keys=True)
            if page and text in seen:
                raise _unusable(first, "同一页出现两次", "the same page came twice")
            seen.add(text)
            following = self._following(headers, url)
            total = headers.get("X-Total-Count", "")
            if following:
                url = following
            elif "Link" not in headers and page and total.isdecimal() and len(items) < int(total[:9]):
                url = self._url(parts, {**query, "page": len(asked) + 1})
            else:
                return items

    def _url(self, parts: tuple[str | int, ...], query: Mapping[str, str | int]) -> str:
        texts = [str(part) for part in parts]
        if any(text in {"", ".", ".."} for text in texts):
            raise ValueError("an empty part of a path")
        path = "/".join(quote(text, safe="") for text in texts)
        return f"{self._api}/{path}" + (f"?{urlencode(query)}" if query else "")

    def _following(self, headers: Message, url: str) -> str:
        """Return where the next page is, "" when there is none."""
        found = _NEXT.search(headers.get("Link", ""))
        if not found:
            return ""
        if not _same(found[1], self._origin):
            raise _unusable(url, "下一页在别的主机上", "the next page is on another host")
        return found[1]

    def _ask(self, url: str, missing: bool) -> tuple[Any, Message] | None:
        """Return the JSON and the headers; try again, for a short while, when the forge says that it is overrun."""
        for _ in range(TRIES):
            try:
                return self._answer(url)
            except HTTPError as error:
                with error:
                    if missing and error.code == 404:
                        return None
                    if not self._pause(error):
                        raise _refused(url, error, self._variable) from None
            except TimeoutError:
                raise _unusable(url, "没有及时回答", "it didn't answer in time") from None
            except (URLError, HTTPException, OSError) as error:
                reason = getattr(error, "reason", error)
                if isinstance(reason, TimeoutError):
                    raise _unusable(url, "没有及时回答", "it didn't answer in time") from None
                zh, en = _trouble(reason)
                raise _unusable(url, f"连接失败：{zh}", f"the connection failed: {en}") from None
            except (ValueError, RecursionError) as error:
                zh, en = said(error)
                raise _unusable(url, f"回答不能用：{zh}", f"the answer is unusable: {en}") from None
        raise _unusable(url, "一再要求稍后再试", "it keeps asking to try again later")

    def _answer(self, url: str) -> tuple[Any, Message]:
        left = self._left()
        with self._opener.open(Request(url, headers=self._headers), timeout=min(self._timeout, left)) as answer:  # noqa: S310  origin() allows https
            length = answer.headers.get("Content-Length", "")
            data = b""
            while chunk := answer.read(65536):
                data += chunk
                if len(data) > SIZE:
                    raise Odd(f"超过 {SIZE} 字节", f"more than {SIZE} bytes")
                self._left()
            if length.isdecimal() and len(data) != int(length):
                raise Odd("没有传完", "it ends too early")
            return json.loads(data.decode(), object_pairs_hook=unique, parse_constant=no_number), answer.headers

    def _left(self) -> float:
        """Return the seconds that are left for everything; TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _pause(self, error: HTTPError) -> bool:
        """Wait as long as the forge asks to, if that is short; tell whether to try again."""
        wanted = error.headers.get("Retry-After", "")
        if error.code not in {403, 429, 503} or not (wanted.isdecimal() and int(wanted[:9]) <= self._patience):
            return False
        self._patience -= int(wanted)
        time.sleep(int(wanted))
        return True


def _trouble(reason: object) -> tuple[str, str]:
    """Return in Chinese and English why there is no connection, with what the system says behind it."""
    number = reason.errno if isinstance(reason, OSError) else None
    if isinstance(reason, ssl.SSLCertVerificationError):
        zh, en = "服务器的证书不可信", "the server's certificate isn't trusted"
    elif isinstance(reason, ssl.SSLError):
        zh, en = "无法建立加密连接", "no encrypted connection can be made"
    elif isinstance(reason, gaierror):
        zh, en = "找不到这台主机，请检查网址和网络", "no such host is known, look at the address and the network"
    elif number == errno.ECONNREFUSED:
        zh, en = "对方没有在这个端口提供服务", "nothing answers on that port"
    elif number in {errno.ENETUNREACH, errno.EHOSTUNREACH}:
        zh, en = "网络不通", "there is no way to that network"
    else:
        zh, en = "连接中断", "it broke off"
    text = " ".join(str(reason).split())[:200] or type(reason).__name__
    return f"{zh}（{text}）", f"{en} ({text})"


def _unusable(url: str, zh: str, en: str) -> Exception:
    return failed(f"{_shown(url)}：{zh}", f"{_shown(url)}: {en}")


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


def _refused(url: str, error: HTTPError, variable: str) -> Exception:
    limited = error.code == 429 or error.headers.get("Retry-After") or error.headers.get("X-RateLimit-Remaining") == "0"
    if limited:
        zh, en = "请求太多，请过一会儿再试", "too many requests, try again in a while"
    elif error.code in {401, 403}:
        zh, en = f"没有权限，请检查环境变量 {variable}", f"no permission, look at {variable} in the environment"
    elif error.code == 404:
        zh, en = (
            f"不存在，或环境变量 {variable} 的令牌看不到它",
            f"it doesn't exist, or the token in {variable} can't see it",
        )
    else:
        zh, en = "服务器出错", "the server failed"
    return _unusable(url, f"{zh}（HTTP {error.code}）", f"{en} (HTTP {error.code})")
