"""The deliberately wrong workspace: everything it is told, whole, and every code and rule shown somewhere.

``expected.txt`` is what ``orderctl check --lang en --output concise`` says of ``tests/data/wrong`` once its plugins are
trusted. After a change of wording, look at the difference and write it anew: ``python -m tests.sample.test_wrong``.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from orderctl import codes as stages
from orderctl.model import Report
from orderctl.pipeline import check, find_workspace
from orderctl.report import renderer
from orderctl.revisions import catalogue
from orderctl.shown import show
from orderctl.trust_local import trust

DATA = Path(__file__).parent.parent / "data" / "wrong"
EXPECTED = DATA / "expected.txt"

HEAD = "schema: product/1\nid: {id}\nname: 椅\ncategory: chair\nunit: 把\ntax_rate: 13\nspecifications: "
"""Start of a right product; what follows is what is wrong."""

LARGE = {
    "LIMIT-SIZE": ("[a]\n# " + "x" * 1024 * 1024 + "\n", "limit.size"),
    "LIMIT-NODES": ("[" + "a, " * 50_000 + "a]\n", "limit.nodes"),
    "LIMIT-SCALAR": ("[" + "a" * 10_001 + "]\n", "limit.scalar"),
    "LIMIT-FINDINGS": ("[" + "007, " * 5_001 + "a]\n", "limit.findings"),
}
"""Too large to be kept in the repository: made here."""

ELSEWHERE = {
    "commit.malformed": "a commit's, which no check reads: tests/trust",
    "commit.missing": "a commit's, which no check reads: tests/trust",
    "limit.commit": "a commit's, which no check reads: tests/trust",
    "tree.missing": "a commit's, which no check reads: tests/trust",
    "tree.duplicate": "a commit's, which no check reads: tests/trust",
    "tree.malformed": "a commit's, which no check reads: tests/trust",
    "limit.tree": "a commit's, which no check reads: tests/trust",
    "sig.none": "a signature's, which no check reads: tests/trust",
    "sig.malformed": "a signature's, which no check reads: tests/trust",
    "sig.bad": "a signature's, which no check reads: tests/trust",
    "sig.namespace": "a signature's, which no check reads: tests/trust",
    "sig.backend_disabled": "a signature's, which no check reads: tests/trust",
    "sig.unknown_key": "a signature's, which no check reads: tests/trust",
    "key.namespace": "a signature's, which no check reads: tests/trust",
    "key.not_yet_valid": "a signature's, which no check reads: tests/trust",
    "key.expired": "a signature's, which no check reads: tests/trust",
    "key.revoked": "a signature's, which no check reads: tests/trust",
    "key.compromised": "a signature's, which no check reads: tests/trust",
    "key.weak": "a signature's, which no check reads: tests/trust",
    "key.malformed": "a signature's, which no check reads: tests/trust",
    "audit.reopened": "what only all of history can tell: tests/trust",
    "audit.unpinned": "what only all of history can tell: tests/trust",
    "audit.unrooted": "what only all of history can tell: tests/trust",
    "plugin.timeout": "of the sandbox, which a check of one's own files doesn't use: tests/robust",
    "plugin.died": "of the sandbox, which a check of one's own files doesn't use: tests/robust",
    "plugin.answer": "of the sandbox, which a check of one's own files doesn't use: tests/robust",
    "plugin.untrusted": "shown below: nothing else of the plugins is told before they are trusted",
    "tree.unreadable": "a file that its owner alone may read, which is no file to keep here: tests/robust",
    "limit.file": "a file of megabytes, which is no file to keep here: tests/trust",
    "render.engine": "the PDF library's, found while building: tests/render",
    "render.view": "a view's, found while building: tests/robust",
    "schema.expands": "a schema of tens of thousands of fields, which is no file to keep here: tests/schema",
    "render.fetch": "a template's, found while building: tests/render",
    "render.glyph": "a template's, found while building: tests/render",
    "render.layout": "a template's, found while building: tests/render",
    "render.template": "a template's, found while building: tests/render",
}
"""What no check of this workspace can show, and why."""


DOCUMENTS = ("plugin", "render", "schema", "schema_files", "text", "tree")
"""The stages whose codes are about documents; the others judge changes, repositories, forges, policies: tests/trust."""


def of_changes() -> set[str]:
    """Return the codes of the stages that judge no document."""
    names = {m.name for m in pkgutil.iter_modules(stages.__path__)} - set(DOCUMENTS)
    return {code.id for name in names for code in importlib.import_module(f"orderctl.codes.{name}").CODES}


def wrong_workspace(home: Path) -> Path:
    """Return a copy of the wrong workspace with the files that a repository or a file system may not keep."""
    root = home / "wrong"
    shutil.copytree(DATA, root)
    (root / "expected.txt").unlink(missing_ok=True)
    products = root / "catalog" / "products"
    right = (products / "CHAIR-E1.yaml").read_text("utf-8")
    for name in ("PATH-COLLISION", "path-collision"):  # path.collision
        (products / f"{name}.yaml").write_text(right.replace("CHAIR-E1", name), "utf-8")
    (products / "PATH?CHARSET.yaml").write_text(right, "utf-8")  # path.charset
    (products / "NUL.yaml").write_text(right.replace("CHAIR-E1", "NUL"), "utf-8")  # path.reserved
    (root / "orders" / "2024" / "06" / ("OD2024060099" * 10)).mkdir()  # path.limit
    (root / "orders" / "2024" / "06" / ("OD2024060099" * 10) / "order.yaml").write_text(right, "utf-8")
    (products / "TREE-MODE.yaml").symlink_to("CHAIR-E1.yaml")  # tree.mode
    return root


def told(root: Path, language: str = "en") -> str:
    """Return what the check says, in the concise format."""
    outcome = check(find_workspace(root))
    shown = show(outcome.findings, outcome.read, outcome.catalogue.sentence, language)
    return renderer("concise")(Report(shown, outcome.documents, language))


def codes_in(text: str) -> set[str]:
    return set(re.findall(r"^[^\n]*?:[0-9]+:[0-9]+: (?:error|warning|info) (\S+)", text, re.MULTILINE))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wrong_workspace(tmp_path_factory.mktemp("wrong"))


@pytest.fixture
def trusting(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wrong workspace on a machine that trusts its plugins."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    trust(catalogue(find_workspace(root)).plugin_digest, root)
    return root


def test_all_that_is_wrong_is_told(trusting: Path) -> None:
    assert told(trusting) == EXPECTED.read_text("utf-8")


def test_the_same_is_told_in_chinese(trusting: Path) -> None:
    def places(text: str) -> list[str]:
        return sorted(" ".join(row.split(" ", 3)[:3]) for row in text.splitlines())

    chinese = told(trusting, "zh")

    assert places(chinese) == places(EXPECTED.read_text("utf-8"))
    assert [row for row in chinese.splitlines() if not re.search("[\u4e00-\u9fff]", row.split(" ", 3)[3])] == []


def test_until_they_are_trusted_own_plugins_do_not_run(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    text = told(root)

    assert [code for code in sorted(codes_in(text)) if code.startswith("plugin.")] == ["plugin.untrusted"]
    others = {code for code in codes_in(EXPECTED.read_text("utf-8")) if not code.startswith("plugin.")}
    assert codes_in(text) == others | {"plugin.untrusted"}


@pytest.mark.parametrize("name", sorted(LARGE))
def test_what_is_too_large_is_told(name: str, tmp_path: Path) -> None:
    content, code = LARGE[name]
    shutil.copy(DATA / "orderctl.yaml", tmp_path)
    (tmp_path / "catalog" / "products").mkdir(parents=True)
    (tmp_path / "catalog" / "products" / f"{name}.yaml").write_text(HEAD.format(id=name) + content, "utf-8")

    found = Counter(f.rule for f in check(find_workspace(tmp_path)).findings)

    assert found[code] == 1
    assert set(found) - {code} <= {"yaml.type", "time-zone-unknown"}  # those before the limit, and orderctl.yaml's own


def test_every_code_and_rule_is_shown(trusting: Path) -> None:
    known = catalogue(find_workspace(trusting))
    every = set(known.codes) | {id for id, plugin in known.rules.items() if plugin.origin == "built-in"}
    shown = codes_in(EXPECTED.read_text("utf-8")) | {code for _, code in LARGE.values()}

    assert sorted(every - shown - set(ELSEWHERE) - of_changes()) == []
    assert sorted(shown & set(ELSEWHERE)) == [], "shown after all: take it off the list"
    assert sorted((shown | set(ELSEWHERE)) - every) == [], "no such code or rule"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = folder
        copy = wrong_workspace(Path(folder))
        trust(catalogue(find_workspace(copy)).plugin_digest, copy)
        EXPECTED.write_text(told(copy), "utf-8")
