"""H05: whatever isn't a whole, well-formed answer of the forge that was asked refuses; it names what was asked for."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any
from urllib.request import OpenerDirector

import pytest

from orderctl.model import SetupError
from orderctl.plugins import load_plugins
from orderctl.trust.connection import PAGES, SIZE
from orderctl.trust.forge import load_reviews
from tests.forge.conftest import ROOT, Load
from tests.forge.server import Answer, Forge, running
from tests.forge.shapes import API, LAB, REVIEWER, TEA, gitea, github, github_pull, github_review, gitlab
from tests.workspaces import orderctl

REVIEWS = f"{API}/pulls/12/reviews"


def refused(load: Load, text: str, **limits: float) -> str:
    with pytest.raises(SetupError) as caught:
        load(text, **limits)
    assert (caught.value.code, caught.value.exit_code) == ("setup.reviews", 11)
    assert caught.value.zh.startswith("无法取得评审记录：")
    ours = re.sub(r"（[^）]*）|“[^”]*”", "", caught.value.zh.replace(text, ""))  # what the system says stands behind
    assert not re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", ours), ours
    return caught.value.en


ANSWERS = {
    "401": (Answer({}, 401), "no permission, look at GITHUB_TOKEN"),
    "403": (Answer({}, 403), "no permission, look at GITHUB_TOKEN"),
    "403 overrun": (Answer({}, 403, {"X-RateLimit-Remaining": "0"}), "too many requests"),
    "404": (Answer({}, 404), "it doesn't exist, or the token in GITHUB_TOKEN can't see it"),
    "429": (Answer({}, 429), "too many requests"),
    "429 for long": (Answer({}, 429, {"Retry-After": "3600"}), "too many requests"),
    "429 for ever": (Answer({}, 429, {"Retry-After": "0"}), "it keeps asking to try again later"),
    "429 by date": (Answer({}, 429, {"Retry-After": "Fri, 20 Nov 2026 08:00:00 GMT"}), "too many requests"),
    "500": (Answer({}, 500), "the server failed (HTTP 500)"),
    "502": (Answer({}, 502), "the server failed (HTTP 502)"),
    "503": (Answer({}, 503), "the server failed (HTTP 503)"),
    "cut": (Answer([github_review(1)], cut=5), "it ends too early"),
    "cut but valid": (Answer(raw=b"[]   ", cut=3), "it ends too early"),
    "no JSON": (Answer(raw=b"<html>"), "the answer is unusable"),
    "half JSON": (Answer(raw=b'[{"id": 1'), "the answer is unusable"),
    "empty": (Answer(raw=b""), "the answer is unusable"),
    "no UTF-8": (Answer(raw=b'["\xff"]'), "the answer is unusable"),
    "a name twice": (Answer(raw=b'[{"id": 1, "id": 2}]'), "a name appears twice"),
    "NaN": (Answer(raw=b"[NaN]"), "NaN is no whole number"),
    "deep": (Answer(raw=b"[" * 100_000), "the answer is unusable"),
    "an object for a list": (Answer({"message": "hello"}), "a list was expected"),
    "null for a list": (Answer(None), "a list was expected"),
    "big": (Answer(raw=b" " * (SIZE + 1)), f"more than {SIZE} bytes"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_h05_an_answer_that_cannot_be_used(forge: Forge, load: Load, name: str) -> None:
    text = github(forge)
    answer, reason = ANSWERS[name]
    forge.routes[REVIEWS] = answer
    said = refused(load, text)
    assert reason in said
    assert f"127.0.0.1:{forge.url.rpartition(':')[2]}{REVIEWS}" in said


def test_an_answer_as_big_as_allowed(forge: Forge, load: Load) -> None:
    text = github(forge)
    forge.routes[REVIEWS] = Answer(raw=b"[]" + b" " * (SIZE - 2))
    assert load(text).reviews == ()


PLACES = [f"{API}/pulls/12", REVIEWS, f"{API}/issues/12/timeline"]


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("status", [403, 404, 500])
def test_every_request_must_succeed(forge: Forge, load: Load, path: str, status: int) -> None:
    text = github(forge)
    forge.routes[path] = Answer({}, status)
    assert f"(HTTP {status})" in refused(load, text)


def test_activity_may_be_missing_but_not_fail(forge: Forge, load: Load) -> None:
    text = github(forge)
    forge.routes[f"{API}/activity"] = Answer({}, 500)
    assert "the server failed" in refused(load, text)


def test_429_is_waited_out_for_a_short_while(forge: Forge, load: Load) -> None:
    text = github(forge)
    answers = iter([Answer({}, 429, {"Retry-After": "0"}), Answer({}, 403, {"Retry-After": "0"}), Answer([])])
    forge.routes[REVIEWS] = lambda _query: next(answers)
    assert load(text).reviews == ()


def test_no_answer(forge: Forge, load: Load) -> None:
    text = github(forge)
    forge.routes[REVIEWS] = Answer(hang=True)
    assert "it didn't answer in time" in refused(load, text, timeout=0.2)


def test_no_time_left(forge: Forge, load: Load) -> None:
    assert "it didn't answer in time" in refused(load, github(forge), total=0.0)


def test_no_server(load: Load) -> None:
    assert "the connection failed" in refused(load, "github:http://127.0.0.1:9/shop/orders#12")


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Refused"), "对方没有在这个端口提供服务", "nothing answers"),
        (socket.gaierror(-2, "Unknown"), "找不到这台主机，请检查网址和网络", "no such host is known"),
        (OSError(errno.ENETUNREACH, "Away"), "网络不通", "there is no way to that network"),
        (OSError(errno.EHOSTUNREACH, "Away"), "网络不通", "there is no way to that network"),
        (ssl.SSLCertVerificationError(1, "Self-signed"), "服务器的证书不可信", "the server's certificate"),
        (ssl.SSLError(1, "Wrong version"), "无法建立加密连接", "no encrypted connection"),
        (ConnectionResetError(errno.ECONNRESET, "Reset"), "连接中断", "it broke off"),
        (RemoteDisconnected(""), "连接中断（RemoteDisconnected）", "it broke off (RemoteDisconnected)"),
        (RemoteDisconnected(f"a\nb{'c' * 300}"), f"连接中断（a b{'c' * 197}）", "it broke off"),
    ],
)
def test_why_there_is_no_connection_is_said_in_both_languages(
    load: Load, monkeypatch: pytest.MonkeyPatch, reason: Exception, zh: str, en: str
) -> None:
    """What the network did is played: no test may ask a name server or a strange host."""

    def broken(*_args: object, **_options: object) -> None:
        raise reason

    monkeypatch.setattr(OpenerDirector, "open", broken)
    with pytest.raises(SetupError) as caught:
        load("github:http://127.0.0.1:9/shop/orders#12")
    assert f"：连接失败：{zh}" in caught.value.zh
    assert f": the connection failed: {en}" in caught.value.en


def test_a_server_that_does_not_speak_tls(forge: Forge, load: Load) -> None:
    assert "the connection failed" in refused(load, github(forge).replace("http:", "https:"))


def test_a_server_that_never_shakes_hands(load: Load) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        text = f"github:https://127.0.0.1:{silent.getsockname()[1]}/shop/orders#12"
        assert "it didn't answer in time" in refused(load, text, timeout=0.2)


def test_a_plugin_that_returns_nonsense(forge: Forge) -> None:
    source = (ROOT / "plugins/evidence/github.py").read_text(encoding="utf-8").replace("github", "mine")
    for result in ("{1, 2}", "{'pull': {1}}"):
        own = source.partition("@hookimpl")[0] + f"@hookimpl\ndef reviews(request: Forge):\n    return {result}\n"
        plugins, findings = load_plugins(ROOT / "plugins", {"plugins/evidence/mine.py": own.encode()})
        assert not findings
        with pytest.raises(SetupError) as caught:
            load_reviews(f"mine:{forge.url}/shop/orders#12", plugins)
        assert "what the plugin returns is unusable" in caught.value.en


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host(forge: Forge, load: Load, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    with running() as other:
        other.put("/elsewhere", [])
        text = github(forge)
        forge.routes[REVIEWS] = Answer({}, status, {"Location": f"{other.url}/elsewhere"})
        said = refused(load, text)
        assert "it redirects to another host" in said
        assert other.asked == []
        assert "s3cret" not in said


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://shop.example/x", "//other/x"])
def test_a_redirect_to_something_else(forge: Forge, load: Load, target: str) -> None:
    text = github(forge)
    forge.routes[REVIEWS] = Answer({}, 302, {"Location": target})
    refused(load, text)


def test_a_redirect_on_the_same_host(forge: Forge, load: Load) -> None:
    text = github(forge)
    forge.routes[f"{API}/pulls/12"] = Answer({}, 301, {"Location": "/api/v3/repositories/1/pulls/12"})
    forge.put("/api/v3/repositories/1/pulls/12", github_pull())
    assert load(text).pull == 12


def test_a_redirect_in_a_circle(forge: Forge, load: Load) -> None:
    text = github(forge)
    forge.routes[REVIEWS] = Answer({}, 302, {"Location": REVIEWS})
    assert "HTTP 302" in refused(load, text)


def test_a_list_without_end(forge: Forge, load: Load) -> None:
    text = github(forge)

    def page(query: dict[str, str]) -> Answer:
        number = int(query.get("page", "1"))
        return Answer(
            [github_review(number)], headers={"Link": f'<{forge.url}{REVIEWS}?page={number + 1}>; rel="next"'}
        )

    forge.routes[REVIEWS] = page
    assert "the list has no end" in refused(load, text)
    assert len([path for path in forge.asked if path.startswith(REVIEWS)]) == PAGES


def test_a_list_that_goes_in_a_circle(forge: Forge, load: Load) -> None:
    text = github(forge)
    answers = {"1": ("2", 1), "2": ("1", 2)}

    def page(query: dict[str, str]) -> Answer:
        following, id = answers[query.get("page", "1")]
        return Answer([github_review(id)], headers={"Link": f'<{forge.url}{REVIEWS}?page={following}>; rel="next"'})

    forge.routes[REVIEWS] = page
    said = refused(load, text)
    assert "the same page came twice" in said or "the list has no end" in said


def test_the_same_page_twice(forge: Forge, load: Load) -> None:
    text = github(forge)

    def page(query: dict[str, str]) -> Answer:
        more = {"Link": f'<{forge.url}{REVIEWS}?page=2>; rel="next"'} if query.get("page", "1") == "1" else {}
        return Answer([github_review(1)], headers=more)

    forge.routes[REVIEWS] = page
    assert "the same page came twice" in refused(load, text)


def test_a_review_on_two_pages(forge: Forge, load: Load) -> None:
    assert "an id appears twice" in refused(
        load, github(forge, [github_review(1), github_review(1, state="DISMISSED")])
    )


@pytest.mark.parametrize(
    "where", ["https://evil.example/x", "http://127.0.0.1:1/x", "file:///x", "relative", "https:///x", "https://me@x/y"]
)
def test_a_next_page_elsewhere(forge: Forge, load: Load, where: str) -> None:
    text = github(forge)
    forge.routes[REVIEWS] = Answer([github_review(1)], headers={"Link": f'<{where}>; rel="next"'})
    assert "the next page is on another host" in refused(load, text)


WRONG: dict[str, Any] = {
    "id": ["80", None, 0, -1, True, 1.5, 2**63],
    "user": ["su", 13, [], {"id": "13", "type": "User"}, {"type": "User"}, {"id": 13, "type": None}],
    "state": ["approved", "OK", None, 1, ""],
    "commit_id": ["abc", "A" * 40, 5, "a" * 41],
    "submitted_at": [
        "yesterday",
        None,
        0,
        "2026-11-20",
        "2026-11-20T09:00:00",
        "2026-02-31T09:00:00Z",
        "0001-01-01T00:00:00Z",
    ],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_wrong_types(forge: Forge, load: Load, field: str, value: Any) -> None:
    refused(load, github(forge, [github_review(80) | {field: value}]))


@pytest.mark.parametrize("value", [None, {}, [], {"number": 13}, {"number": 12}, "x"])
def test_a_pull_request_of_another_form(forge: Forge, load: Load, value: Any) -> None:
    text = github(forge)
    forge.put(f"{API}/pulls/12", value)
    assert "127.0.0.1 answers oddly" in refused(load, text)


def test_an_answer_for_another_pull_request(forge: Forge, load: Load) -> None:
    text = github(forge)
    forge.put(f"{API}/pulls/12", github_pull(number=13))
    assert "127.0.0.1 answers for another pull request" in refused(load, text)


def test_gitlab_without_times_or_kinds_of_user(forge: Forge, load: Load) -> None:
    text = gitlab(forge)
    forge.put(f"{LAB}/merge_requests/12/approvals", {"approved_by": [{"user": {"id": REVIEWER}}]})
    assert "approved_at" in refused(load, text)
    text = gitlab(forge)
    forge.put(f"/api/v4/users/{REVIEWER}", {"id": REVIEWER})
    assert "bot" in refused(load, text)


def test_gitea_with_an_unknown_state(forge: Forge, load: Load) -> None:
    text = gitea(forge)
    forge.put(f"{TEA}/pulls/12/reviews", [{"id": 1, "state": "LGTM", "user": {"id": 5}, "dismissed": False}])
    assert "answers oddly" in refused(load, text)


NAMES = {
    "github:owner#12": "should read github:owner/name#12",
    "github:owner/name": "should read",
    "github:owner/name#0": "should read",
    "github:owner/name#12x": "should read",
    "github:owner/name@abc": "should read",
    "github:http://shop.example/owner/name#12": "http is not https",
    "github:https://me@shop.example/owner/name#12": "should read",
    "github:ftp://shop.example/owner/name#12": "should read",
    "gitea:owner/name#12": "gitea needs an address",
    "svn:owner/name#12": "it should be a file, or gitea:owner/name#12 github:owner/name#12 gitlab:owner/name#12",
    "nowhere.json": "No such file or directory",
    "/": "Is a directory",
    "a\0b": "ValueError",
}


@pytest.mark.parametrize("text", NAMES)
def test_names_that_lead_nowhere(load: Load, text: str) -> None:
    assert NAMES[text] in refused(load, text)


def test_a_part_of_a_path_cannot_climb(forge: Forge, load: Load) -> None:
    github(forge)
    assert "an empty part of a path" in refused(load, f"github:{forge.url}/shop/..#12")


@pytest.mark.parametrize("token", ["s3 cret", "s3\ncret", "s3cr\u00e9t"])
def test_a_token_that_is_none(forge: Forge, load: Load, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", token)
    said = refused(load, github(forge))
    assert "GITHUB_TOKEN in the environment is no token" in said
    assert token not in said
    assert forge.asked == []


def test_the_token_is_never_printed(forge: Forge, tmp_path: Path) -> None:
    text = github(forge)
    forge.routes[REVIEWS] = Answer({}, 403)
    done = orderctl(tmp_path, "evidence", "fetch", text, "--debug", GITHUB_TOKEN="s3cret")
    assert done.returncode == 11
    assert done.stdout == ""
    assert done.stderr.startswith("Error: the reviews can't be had: 127.0.0.1:")
    assert "s3cret" not in done.stderr
    done = orderctl(tmp_path, "evidence", "fetch", text, "--lang", "zh")
    assert done.stderr.startswith("错误：无法取得评审记录：127.0.0.1:")
