"""A company's own evidence source, in the gate's sandbox: it asks through the gate, which alone has the token."""

from __future__ import annotations

import pytest

from orderctl.catalogue import Catalogue
from orderctl.model import SetupError
from orderctl.trust.forge import load_reviews
from orderctl.trust.reviews import Reviews
from tests.forge.conftest import ROOT, Load
from tests.forge.server import Answer, Forge
from tests.forge.shapes import API, MERGE, github

SOURCE = (ROOT / "plugins/evidence/github.py").read_text(encoding="utf-8").replace('id="github"', 'id="mine"')


def own(text: str, source: str = SOURCE) -> Reviews:
    """Return the reviews that a company's own source finds, run as the gate runs it."""
    kinds = Catalogue({"plugins/evidence/mine.py": source.encode()}, trusted=True)
    assert not kinds.problems
    return load_reviews(text.replace("github:", "mine:", 1), kinds.plugins)


def refused(text: str, body: str) -> str:
    """Return why the reviews can't be had from a source that does this."""
    with pytest.raises(SetupError) as caught:
        own(text, SOURCE.partition("@hookimpl")[0] + f"@hookimpl\ndef reviews(request: Forge):\n    {body}\n")
    assert (caught.value.code, caught.value.exit_code) == ("setup.reviews", 11)
    return caught.value.en


def test_it_finds_what_the_built_in_one_finds(forge: Forge, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    text = github(forge)
    by_commit = text.replace("#12", f"@{MERGE}")
    built_in = load(text), load(by_commit)
    asked = list(forge.asked)
    forge.asked.clear()
    assert (own(text), own(by_commit)) == built_in
    assert forge.asked == asked
    assert set(forge.tokens) == {"Bearer s3cret"}


def test_it_has_no_token_and_no_network(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    text = github(forge)
    assert "KeyError, reviews:" in refused(text, "import os; return {'pull': os.environ['GITHUB_TOKEN']}")
    assert "PermissionError, reviews:" in refused(text, "import socket; socket.socket()")
    assert "plugin.died" in refused(text, "import os; os._exit(0)")
    assert forge.asked == []


def test_what_the_forge_refuses_ends_the_run(forge: Forge) -> None:
    text = github(forge)
    forge.routes[f"{API}/pulls/12"] = Answer({}, 500)
    assert "the server failed (HTTP 500)" in refused(text, "return request.get('repos', 'shop', 'orders', 'pulls', 12)")
