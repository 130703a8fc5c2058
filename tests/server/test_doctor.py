"""The doctor: every fault of a server or a computer that would let a check be skipped, beside a sound one."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from orderctl.codes import doctor, server
from orderctl.doctor.computer import too_old
from tests.server.hall import MAIN, Hall, git
from tests.trust.company import make_key
from tests.workspaces import orderctl


def rules(hall: Hall, *options: str) -> list[str]:
    return sorted({f["rule"] for f in hall.doctor(*options)})


def test_a_sound_server(plain: Hall) -> None:
    assert plain.doctor() == []


def _drop_hook(hall: Hall) -> None:
    (hall.path / "hooks/pre-receive").unlink()


def _hook_off(hall: Hall) -> None:
    (hall.path / "hooks/pre-receive").chmod(0o644)


def _hook_changed(hall: Hall) -> None:
    file = hall.path / "hooks/pre-receive"
    file.write_text(file.read_text() + "exit 0\n")


def _hook_other(hall: Hall) -> None:
    (hall.path / "hooks/pre-receive").write_text("#!/bin/sh\nexit 0\n")


def _hooks_path(hall: Hall) -> None:
    (hall.path / "elsewhere").mkdir()
    hall.config("core.hooksPath", "elsewhere")


def _program(hall: Hall) -> None:
    file = hall.path / "hooks/post-receive"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:-1], "exec /nowhere/python -I -m orderctl hook post-receive"]) + "\n")


def _setting(hall: Hall) -> None:
    hall.config("receive.denyNonFastForwards", "false")


def _no_limit(hall: Hall) -> None:
    hall.git("config", "--unset", "receive.maxInputSize")


def _pin(hall: Hall) -> None:
    hall.config("orderctl.policy", "0" * 64)


def _branch(hall: Hall) -> None:
    hall.config("orderctl.protected", "refs/heads/other")


def _behind(hall: Hall) -> None:
    hall.git("update-ref", MAIN, hall.git("commit-tree", "-p", MAIN, "-m", "x", f"{MAIN}^{{tree}}"))


def _grafts(hall: Hall) -> None:
    (hall.path / "info").mkdir(exist_ok=True)
    (hall.path / "info/grafts").write_text(hall.tip() + "\n")


def _shallow(hall: Hall) -> None:
    (hall.path / "shallow").write_text(hall.tip() + "\n")


def _replace(hall: Hall) -> None:
    hall.git("replace", hall.tip(), hall.git("rev-parse", f"{MAIN}~1"))


def _alternates(hall: Hall) -> None:
    other = hall.path.parent / "other.git"
    shutil.copytree(hall.path, other)
    (hall.path / "objects/info/alternates").write_text(f"{other}/objects\n")


def _leftover(hall: Hall) -> None:
    folder = hall.path / "objects/tmp_objdir-incoming-abc123"
    folder.mkdir()
    os.utime(folder, (1_700_000_000, 1_700_000_000))


def _ledger(hall: Hall) -> None:
    (hall.path / "orderctl").mkdir(exist_ok=True)
    (hall.path / "orderctl/ledger.jsonl").write_text("{}\n")


def _torn(hall: Hall) -> None:
    (hall.path / "orderctl").mkdir(exist_ok=True)
    (hall.path / "orderctl/ledger.jsonl").write_text('{"seq"')


def _odd(hall: Hall) -> None:
    (hall.path / "objects/info/alternates").mkdir()


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (_drop_hook, "doctor.hook_missing"),
        (_hook_off, "doctor.hook_off"),
        (_hook_changed, "doctor.hook_foreign"),
        (_hook_other, "doctor.hook_foreign"),
        (_hooks_path, "doctor.hooks_path"),
        (_program, "doctor.hook_program"),
        (_setting, "doctor.setting"),
        (_no_limit, "doctor.setting"),
        (_pin, "setup.pin"),
        (_branch, "doctor.branch_missing"),
        (_behind, "doctor.ledger_behind"),
        (_grafts, "repo.grafts"),
        (_shallow, "repo.shallow"),
        (_replace, "doctor.replace"),
        (_alternates, "doctor.alternates"),
        (_leftover, "doctor.leftover"),
        (_ledger, "ledger.broken"),
        (_torn, "doctor.ledger_torn"),
        (_odd, "doctor.failed"),
    ],
)
def test_p16_d06_what_is_wrong_is_named(plain: Hall, fault: Callable[[Hall], None], rule: str) -> None:
    fault(plain)
    assert rule in rules(plain)


def test_a_push_under_way_is_no_leftover(plain: Hall) -> None:
    (plain.path / "objects/tmp_objdir-incoming-now").mkdir()
    assert plain.doctor() == []


def test_other_signs_of_a_yes_are_fine(plain: Hall) -> None:
    plain.config("receive.denyDeletes", "yes")
    plain.config("receive.maxInputSize", "2g")
    assert plain.doctor() == []


def test_speaks_chinese(plain: Hall) -> None:
    _hook_off(plain)
    done = orderctl(plain.path, "doctor", ORDERCTL_LANG="zh")
    assert done.returncode == 10
    assert "pre-receive 钩子不可执行" in done.stdout


def test_p16_canary_of_a_gate_that_stands_and_of_one_that_fell(plain: Hall) -> None:
    tip = plain.tip()
    assert "doctor.canary" not in rules(plain, "--canary")
    _hook_off(plain)
    assert "doctor.canary" in rules(plain, "--canary")
    assert plain.refs() == {MAIN: tip}, "the canary never lands"
    assert not list((plain.path / "refs/heads").glob("*canary*"))


@pytest.fixture
def computer(plain_source: Path, tmp_path: Path) -> Path:
    """A clone whose owner signs with a key that the policy knows."""
    root = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(plain_source), str(root))
    make_key(tmp_path / "me")
    public = (tmp_path / "me.pub").read_text().strip()
    (root / "policy/people.yaml").write_text(
        f'schema: people/1\npeople:\n  - id: me\n    keys: [{{key: "{public}"}}]\n'
    )
    for name, value in (("commit.gpgSign", "true"), ("gpg.format", "ssh"), ("user.signingKey", str(tmp_path / "me"))):
        git(root, "config", name, value)
    assert orderctl(root, "hook", "install").returncode == 0
    return root


def found(root: Path) -> list[str]:
    done = orderctl(root, "doctor", "--output", "json", GIT_CONFIG_GLOBAL=os.devnull)
    return sorted({f["rule"] for f in json.loads(done.stdout)["findings"]})


def test_a_computer_that_can_commit(computer: Path) -> None:
    assert found(computer) == []


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("commit.gpgSign", "false", "doctor.signing"),
        ("gpg.format", "openpgp", "doctor.signing"),
        ("user.signingKey", "/nowhere/key", "doctor.key_missing"),
        ("user.signingKey", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== nobody", "doctor.key_unknown"),
    ],
)
def test_what_a_computer_lacks(computer: Path, name: str, value: str, rule: str) -> None:
    git(computer, "config", name, value)
    assert found(computer) == [rule]


def test_p16_the_hook_of_a_computer(computer: Path) -> None:
    (computer / ".git/hooks/pre-commit").unlink()
    assert found(computer) == ["doctor.hook_missing"]


@pytest.mark.parametrize(
    ("told", "rule"),
    [("git version 2.34.0", []), ("git version 3.0.1", []), ("git version 2.33.9", ["doctor.git_version"])],
)
def test_the_oldest_git(told: str, rule: list[str]) -> None:
    assert [f.rule for f in too_old(told)] == rule


def test_every_code_of_servers_and_set_ups_is_asserted_here() -> None:
    text = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    assert [code.id for code in (*server.CODES, *doctor.CODES) if not re.search(rf'["[]{code.id}["\]]', text)] == []
