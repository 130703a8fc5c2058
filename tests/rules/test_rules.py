"""Every rule's page and cases: each example is a workspace, and exactly its marked lines are findings of that rule.

An example is a list of blocks (``examples.py``). They come from a rule's docstring, or from
``cases/<rule-id>/<name>.yaml``, several in one text with ``---`` between them: dropping in a file adds a test.
A case may start with ``# as-of: <date or instant>`` and end with ``# en: <sentence>``, ``# zh: <sentence>`` or
``# mend: <pointer> <value>`` (``# offer:`` for one that isn't safe), one for each finding.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import string
from pathlib import Path
from types import ModuleType

import pytest

from orderctl import docpage, pipeline, revisions
from orderctl.catalogue import Catalogue
from orderctl.model import Finding, Severity
from tests.rules.examples import BASE, FENCED, Block, blocks_of, merged, sections, split, value_of, written

CASES = Path(__file__).parent / "cases"
RULES = Path(__file__).parent.parent.parent / "plugins" / "rules"
AS_OF = "2024-05-24"
"""The day after the base's story ends; an example that needs another day sets ``sample`` and ``clock``."""

SECTIONS = ["Why is this bad?", "Fails", "Passes", "How to fix"]
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")

FILES = sorted(RULES.glob("[!_]*.py"))
CASE_FILES = sorted(CASES.glob("*/*.yaml"))


def findings_in(blocks: list[Block], root: Path, as_of: str = AS_OF) -> list[Finding]:
    """Merge ``blocks`` over the base in ``root``, check it, and return all findings."""
    for block in blocks:
        file = root / block.path
        if block.value is None:
            file.unlink()
            continue
        old = value_of(file) if file.exists() else {}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(merged(old, block.value)) + "\n", "utf-8")
    at = None if "clock" in value_of(root / "orderctl.yaml") else as_of
    return list(pipeline.check(pipeline.find_workspace(root), as_of=at, jobs=1).findings)


def assert_marked(blocks: list[Block], rule: str, root: Path, as_of: str = AS_OF) -> list[Finding]:
    """Assert that the findings of ``rule`` are on exactly the marked lines; return them. No document may be broken."""
    everything = findings_in(blocks, root, as_of)
    broken = [f for f in everything if f.rule.startswith(("yaml.", "text.", "schema.", "tree.", "path.", "plugin."))]
    assert not broken, f"the example is not a set of valid documents: {broken}"
    found = [f for f in everything if f.rule == rule]
    places = {block.path: block for block in blocks}
    assert {f.path for f in found} <= set(places), f"a finding outside of the example: {found}"
    wanted = {(b.path, line, severity) for b in blocks for line, name, severity in b.marks if name == rule}
    assert {(f.path, places[f.path].line(f.pointer), str(f.severity)) for f in found} == wanted, found
    return found


def load(file: Path) -> ModuleType:
    """Import a rule's file under a private name."""
    spec = importlib.util.spec_from_file_location(f"rule_under_test_{file.stem}", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def places_in(sentence: str, language: str) -> set[str]:
    """Return the names of a sentence's ``{param}`` places, without the language that some end with."""
    return {name.removesuffix(language) for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Catalogue]:
    """Give the base with a current book, so that an example costs what it changes, and one catalogue for all."""
    root = tmp_path_factory.mktemp("base")
    shutil.copytree(BASE, root, dirs_exist_ok=True)
    workspace = pipeline.find_workspace(root)
    pipeline.check(workspace, as_of=AS_OF, jobs=1)
    return root, revisions.catalogue(workspace)


@pytest.fixture
def root(checked: tuple[Path, Catalogue], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of the base, with its book."""
    base, catalogue = checked
    monkeypatch.setattr(pipeline, "load_catalogue", lambda *_, **__: catalogue)
    return Path(shutil.copytree(base, tmp_path / "workspace"))


@pytest.fixture(params=FILES, ids=[f.stem for f in FILES])
def file(request: pytest.FixtureRequest) -> Path:
    """Give each rule's file."""
    assert isinstance(request.param, Path)
    return request.param


@pytest.fixture
def page(file: Path) -> dict[str, str]:
    """Give the sections of the rule's page."""
    return sections(load(file).__doc__ or "")


def test_the_file_the_id_and_the_sentences_agree(file: Path) -> None:
    module = load(file)
    rule = module.RULE
    assert rule.id == file.stem.replace("_", "-")
    assert isinstance(rule.severity, Severity)
    assert rule.on and callable(module.check)
    assert places_in(rule.zh + rule.hint_zh, "_zh") == places_in(rule.en + rule.hint_en, "_en")
    for sentence in (rule.zh, rule.hint_zh):
        assert HAN.search(sentence), sentence
    for sentence in (rule.en, rule.hint_en):
        assert LATIN.search(sentence) and not HAN.search(sentence), sentence


def test_the_page_has_all_sections_in_both_languages(page: dict[str, str]) -> None:
    assert list(page) == ["", *SECTIONS]
    for name in ("", "Why is this bad?", "How to fix"):
        assert HAN.search(page[name]) and LATIN.search(page[name]), f"section {name!r} lacks a language"
    assert blocks_of(page["Fails"]) and blocks_of(page["Passes"])


def test_the_page_reads_in_one_language_at_a_time(file: Path) -> None:
    text = load(file).__doc__ or ""
    for part in FENCED.sub("", docpage.page(text, "en")).split("\n\n"):
        assert "。" not in part, part
    for part in FENCED.sub("", docpage.page(text, "zh")).split("\n\n"):
        assert HAN.search(part) or not part.strip(), part


def test_fails_is_found_on_the_marked_lines(file: Path, page: dict[str, str], root: Path) -> None:
    rule = load(file).RULE
    blocks = blocks_of(page["Fails"])
    assert any(b.marks for b in blocks), "no line is marked"
    for finding in assert_marked(blocks, rule.id, root):
        for sentence in (rule.zh, rule.en, rule.hint_zh, rule.hint_en):
            assert sentence.format(**finding.params)


def test_passes_is_clean(file: Path, page: dict[str, str], root: Path) -> None:
    blocks = blocks_of(page["Passes"])
    assert not any(b.marks for b in blocks)
    assert_marked(blocks, load(file).RULE.id, root)


@pytest.mark.parametrize("case", CASE_FILES, ids=[f"{f.parent.name}-{f.stem}" for f in CASE_FILES])
def test_case(case: Path, root: Path) -> None:
    file = RULES / f"{case.parent.name.replace('-', '_')}.py"
    assert file.is_file(), "the folder is named as the rule's id"
    text = case.read_text("utf-8")
    as_of = AS_OF
    if text.startswith("# as-of: "):
        first, text = text.split("\n", 1)
        as_of = first.removeprefix("# as-of: ")
    found = sorted(assert_marked(split(text), case.parent.name, root, as_of), key=Finding.sort_key)
    rule = load(file).RULE
    for language in ("en", "zh"):
        wanted = re.findall(rf"^# {language}: (.+)$", text, flags=re.MULTILINE)
        both = getattr(rule, language) + " | " + getattr(rule, f"hint_{language}")
        said = [both.format(**f.params) for f in found]
        assert not wanted or said == wanted
    for word, safe in (("mend", True), ("offer", False)):
        wanted = re.findall(rf"^# {word}: (.+)$", text, flags=re.MULTILINE)
        mends = [f"{f.mend.pointer} {f.mend.value}" for f in found if f.mend and f.mend.safe is safe]
        assert not wanted or mends == wanted


@pytest.mark.parametrize("claim", ["line_amount", "total", "tax", "capitals"])
@pytest.mark.parametrize(("offence", "safe"), [("missing", True), ("wrong", False)])
def test_only_what_is_missing_is_mended_safely(claim: str, offence: str, safe: bool, root: Path) -> None:
    """A missing claim is filled in by ``--fix``; a wrong one may be what the customer agreed to."""
    rule = load(RULES / f"{claim}_{offence}.py")
    found = assert_marked(blocks_of(sections(rule.__doc__ or "")["Fails"]), rule.RULE.id, root)
    assert [(f.mend.action, f.mend.safe) for f in found if f.mend] == [("set", safe)] * len(found)


def test_the_base_is_clean(root: Path) -> None:
    assert [f for f in findings_in([], root) if f.severity is Severity.ERROR] == []
