"""The program itself: help, languages, exit codes when something else goes wrong, and that it starts quickly."""

from __future__ import annotations

import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

import orderctl.pipeline
from orderctl.cli import run
from orderctl.language import FOLDER, choose
from tests.cli.conftest import BASE, PROGRAM, Run
from tests.cli.messages import ROOT, library, said

HEAVY = (
    "weasyprint",
    "jsonschema",
    "jsonschema_rs",
    "git",
    "rich",
    "ruamel",
    "babel",
    "jinja2",
    "yaml",
    "sqlite3",
    "fontTools",
)


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom orderctl.cli import run\nrun(['--help'])\n"
        f"print(*(m for m in {HEAVY!r} if m in sys.modules), end='', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_command_has_help_in_both_languages(orderctl: Run, tmp_path: Path, language: str) -> None:
    commands = sorted(p.stem for p in (ROOT / "orderctl/commands").glob("[!_]*.py"))
    overview = orderctl("--help", "--lang", language, cwd=tmp_path)
    assert overview.returncode == 0
    for command in commands:
        assert re.search(rf"^  {command} ", overview.stdout, re.MULTILINE)
        page = orderctl(command, "--help", "--lang", language, cwd=tmp_path)
        assert page.returncode == 0
        assert bool(re.search("[\u4e00-\u9fff]", page.stdout)) == (language == "zh")


def test_every_exit_code_is_documented(orderctl: Run, tmp_path: Path) -> None:
    text = " ".join(orderctl("--help", cwd=tmp_path).stdout.split())
    for code in (
        "0 clean",
        "1 orderctl itself failed",
        "2 usage",
        "3 nothing to check",
        "10 the data",
        "11 the gate",
        "130 int",
    ):
        assert code in text


@pytest.mark.parametrize(
    ("option", "environ", "expected"),
    [
        ("zh", {"ORDERCTL_LANG": "en"}, "zh"),
        (None, {"ORDERCTL_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LC_ALL": "en_GB", "LANG": "zh_CN"}, "en"),
        (None, {"LC_ALL": "C", "LANG": "en_GB"}, "zh"),
        (None, {"LANG": "C.UTF-8"}, "zh"),
        (None, {"LANG": "POSIX"}, "zh"),
        (None, {"LANG": "de_DE"}, "zh"),
        (None, {"ORDERCTL_LANG": "fr"}, "zh"),
        (None, {}, "zh"),
    ],
)
def test_language_in_the_chinese_workspace(option: str | None, environ: dict[str, str], expected: str) -> None:
    assert choose(option, environ, BASE / "customers") == expected


def test_language_without_a_workspace_is_english(tmp_path: Path) -> None:
    assert choose(None, {"LANG": "C"}, tmp_path) == "en"
    (tmp_path / "orderctl.yaml").write_bytes(b"\xff\nlanguages:\r\n- en\r\n- zh\r\n")
    assert choose(None, {}, tmp_path) == "en"
    (tmp_path / "orderctl.yaml").write_text("languages: ['zh', en]\n")
    assert choose(None, {}, tmp_path) == "zh"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("words", [["chek"], ["check", "--no"], ["calendar"], ["calendar", "x"], ["--lang", "fr"]])
def test_usage_errors_speak_and_exit_2(capsys: pytest.CaptureFixture[str], language: str, words: list[str]) -> None:
    assert run([f"--lang={language}", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    if words != ["--lang", "fr"]:
        assert err.splitlines()[-1].startswith("错误：" if language == "zh" else "Error: ")


def _raise(error: BaseException) -> object:
    def check(*_args: object, **_kwargs: object) -> None:
        raise error

    return check


def test_a_failure_of_orderctl_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(BASE)
    monkeypatch.setattr(orderctl.pipeline, "check", _raise(RuntimeError("boom \x1b[31m\nhere")))
    assert run(["--lang", "en", "check"]) == 1
    assert capsys.readouterr().err == (
        "orderctl itself failed: RuntimeError: boom \\x1b[31m here, report it with --debug\n"
    )
    assert run(["--lang", "en", "--debug", "check"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert "\x1b" not in err


def test_an_interrupt_exits_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(BASE)
    monkeypatch.setattr(orderctl.pipeline, "check", _raise(KeyboardInterrupt()))
    assert run(["--lang", "zh", "check"]) == 130
    assert "已中断。" in capsys.readouterr().err


# --- the catalogue -------------------------------------------------------------------------------------------------


def _catalogue() -> dict[str, str]:
    """Return message id → Chinese, without contexts."""
    from babel.messages.pofile import read_po

    with (FOLDER / "zh/LC_MESSAGES/orderctl.po").open("rb") as file:
        found = {}
        for message in read_po(file, locale="zh"):
            if message.id and not message.context:
                id = message.id[0] if isinstance(message.id, tuple | list) else message.id
                text = message.string[0] if isinstance(message.string, tuple | list) else message.string
                found[str(id)] = str(text)
        return found


def test_everything_said_is_translated() -> None:
    known = _catalogue()
    assert sorted(m for m in said() if not known.get(m)) == []


def test_nothing_is_translated_that_nobody_says() -> None:
    source = library()
    stale = [
        m for m in _catalogue() if m not in said() and f'"{m}"' not in source.replace("\\n", "\n").replace("\\t", "\t")
    ]
    assert stale == []


def test_translations_have_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    different = {
        m: t
        for m, t in _catalogue().items()
        if not places(t) <= places(m) | {"possibilities", "choices", "number_type"}
    }
    assert different == {}


def test_the_compiled_catalogue_is_current() -> None:
    import gettext

    mo = FOLDER / "zh/LC_MESSAGES/orderctl.mo"
    assert mo.is_file(), "run: pip install -e .  (or python hatch_build.py)"
    compiled = gettext.translation("orderctl", FOLDER, languages=["zh"])
    assert {m: compiled.gettext(m) for m in _catalogue() if compiled.gettext(m) != m} == {
        m: t for m, t in _catalogue().items() if compiled.gettext(m) != m
    }
    assert all(compiled.gettext(m) == t or compiled.ngettext(m, m, 1) == t for m, t in _catalogue().items())


# --- odd ways to start ---------------------------------------------------------------------------------------------


def test_without_a_command_the_help_is_shown(orderctl: Run, tmp_path: Path) -> None:
    done = orderctl(cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, orderctl("--help", cwd=tmp_path).stdout)


def test_a_misspelt_command_names_the_nearest(orderctl: Run, tmp_path: Path) -> None:
    done = orderctl("chekc", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: Nothing is called “chekc”. Did you mean: check")


def test_a_folder_that_is_gone_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    command = f"cd '{tmp_path}/gone' && rmdir '{tmp_path}/gone' && '{PROGRAM}' --lang en check"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "orderctl itself failed" not in done.stderr
