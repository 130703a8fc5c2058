"""The two commands of README, on machines that lack things. What would change the machine is replaced by recorders."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("bash", "env", "dirname", "grep", "mkdir", "cat", "find", "wc", "git", "ssh-keygen", "fc-list", "pdftotext")


@dataclass
class Machine:
    """A copy of the two commands in a folder with spaces, and a PATH that holds only what a test puts there."""

    root: Path
    bin: Path
    log: Path

    def program(self, name: str, body: str = "") -> None:
        """Put a shell program on the PATH that records its call, then runs ``body``."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f'#!/bin/bash\necho "{name} $*" >> "{self.log}"\n{body}\n', encoding="utf-8")
        path.chmod(0o755)

    def venv_program(self, name: str, body: str = "") -> None:
        """Put a program into the virtual environment that records its call and its leftover settings."""
        folder = self.root / ".venv/bin"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_text(f'#!/bin/bash\necho "venv {name} $*" >> "{self.log}"\n{body}\n', encoding="utf-8")
        path.chmod(0o755)

    def run(self, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``try`` or ``test`` from another folder, without a terminal."""
        return subprocess.run(
            [str(self.root / command)],
            cwd="/",
            env={"PATH": str(self.bin), "HOME": str(self.root), "LANG": "C", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    def calls(self) -> list[str]:
        """Return what was called, in order."""
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with everything installed, and nothing allowed to change it."""
    root, binaries = tmp_path / "a shop 商店", tmp_path / "bin"
    binaries.mkdir()
    shutil.copytree(ROOT / "scripts", root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("try", "test", "pyproject.toml", "hatch_build.py"):
        shutil.copy(ROOT / name, root / name)
    for name in TOOLS:
        found = shutil.which(name)
        assert found, f"{name} is missing on this machine: run ./test once"
        (binaries / name).symlink_to(found)
    (binaries / "python3").symlink_to(sys.executable)
    made = Machine(root, binaries, tmp_path / "calls")
    made.program("chromium")
    made.program("gpg")
    made.program("id", "echo 1000")
    made.program("apt-get", "exit 1")
    made.venv_program("python")
    made.venv_program("orderctl", f'mkdir -p "{root}/site/staff/papers"; : > "{root}/site/staff/papers/a.pdf"')
    return made


def changing(calls: list[str]) -> list[str]:
    """Return the calls that would have changed the machine."""
    return [call for call in calls if call.split()[0] in {"apt-get", "sudo"} or " install " in call]


def test_try_runs_the_main_job_and_says_where_things_lie(machine: Machine) -> None:
    done = machine.run("try")
    assert done.returncode == 0, done.stderr
    site = machine.root / "site/staff"
    assert done.stdout == (
        f"Installing Python packages (pdf) into {machine.root}/.venv (a minute or two, once)\n"
        "1/2 Checking the sample data: orderctl check\n"
        "2/2 Building papers and site: orderctl build --all\n"
        f"Site:   {site}/index.html\n"
        f"Papers: 1 PDF files under {site}/papers\n"
        f"Open:   xdg-open '{site}/index.html'   (from another machine: python3 -m http.server -d '{site}' 8000)\n"
    )
    assert [call for call in machine.calls() if "orderctl" in call and "pip" not in call] == [
        "venv orderctl check",
        "venv orderctl build --all",
    ]


def test_errors_in_the_data_are_published_and_decide_the_exit_code(machine: Machine) -> None:
    machine.venv_program("orderctl", f'mkdir -p "{machine.root}/site/staff/papers"; exit 10')
    done = machine.run("try")
    assert done.returncode == 10
    assert f"Papers: 0 PDF files under {machine.root}/site/staff/papers\n" in done.stdout


def test_a_build_that_fails_claims_no_site(machine: Machine) -> None:
    machine.venv_program("orderctl", "exit 1")
    done = machine.run("try")
    assert done.returncode == 1
    assert "Site:" not in done.stdout


def test_second_run_installs_nothing(machine: Machine) -> None:
    assert machine.run("try").returncode == 0
    machine.log.unlink()
    assert machine.run("try").returncode == 0
    assert changing(machine.calls()) == []


def test_dependencies_that_changed_are_installed_again_but_tool_settings_are_not(machine: Machine) -> None:
    assert machine.run("try").returncode == 0
    project = machine.root / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    for change, expected in (("line-length = 100", 0), ("click>=8.3", 1)):
        machine.log.unlink()
        old = "line-length = 120" if "line" in change else "click>=8.2"
        assert old in text
        project.write_text(text.replace(old, change), encoding="utf-8")
        assert machine.run("try").returncode == 0
        assert len(changing(machine.calls())) == expected, change


def test_an_install_for_tests_serves_the_main_job_without_network(machine: Machine) -> None:
    for name in ("ruff", "mypy", "lint-imports"):
        machine.venv_program(name)
    assert machine.run("test").returncode == 0
    machine.log.unlink()
    assert machine.run("try").returncode == 0
    assert changing(machine.calls()) == []


def test_neither_root_nor_sudo_says_what_to_ask_for(machine: Machine) -> None:
    (machine.bin / "pdftotext").unlink()
    done = machine.run("try")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "Lacking: poppler-utils. Ask for: apt-get install poppler-utils (neither root nor sudo here)\n"
    )
    assert changing(machine.calls()) == []


def test_neither_root_nor_sudo_in_chinese(machine: Machine) -> None:
    (machine.bin / "pdftotext").unlink()
    done = machine.run("try", LANG="zh_CN.UTF-8")
    assert done.stderr == (
        "缺少：poppler-utils。请让管理员执行：apt-get install poppler-utils（当前不是 root，也没有 sudo）\n"
    )


def test_tests_need_more_than_the_main_job(machine: Machine) -> None:
    (machine.bin / "chromium").unlink()
    assert "Lacking" not in machine.run("try").stderr
    assert machine.run("test").stderr == (
        "Lacking: chromium. Ask for: apt-get install chromium (neither root nor sudo here)\n"
    )


def test_sudo_that_wants_a_password_without_a_terminal(machine: Machine) -> None:
    (machine.bin / "pdftotext").unlink()
    machine.program("sudo", "exit 1")
    done = machine.run("try")
    assert done.returncode == 1
    assert done.stderr == (
        "Lacking: poppler-utils. Ask for: apt-get install poppler-utils "
        "(sudo wants a password and there is no terminal to ask)\n"
    )
    assert changing(machine.calls()) == ["sudo -n true"]


def test_sudo_installs_what_is_missing_and_refreshes_stale_lists_once(machine: Machine) -> None:
    (machine.bin / "pdftotext").unlink()
    real = shutil.which("pdftotext")
    machine.program("sudo", '[ "$1" = -n ] && shift; exec "$@"')
    (machine.bin / "true").symlink_to("/bin/true")
    (machine.bin / "ln").symlink_to("/bin/ln")
    machine.program(
        "apt-get",
        f'case "$*" in *update*) : > "{machine.log}.fresh";; '
        f'*) [ -e "{machine.log}.fresh" ] && ln -s {real} "{machine.bin}/pdftotext";; esac',
    )
    done = machine.run("try")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "Installing Debian packages with sudo (it may ask for your password): poppler-utils\n"
    )
    apt = [call for call in machine.calls() if call.startswith("apt-get")]
    install = "apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends poppler-utils"
    assert apt == [install, "apt-get -qq -o DPkg::Lock::Timeout=120 update", install]


def test_root_uses_no_sudo_and_a_failing_apt_is_named(machine: Machine) -> None:
    (machine.bin / "pdftotext").unlink()
    machine.program("id", "echo 0")
    machine.program("sudo")
    done = machine.run("try")
    assert done.returncode == 1
    assert done.stderr.endswith("Lacking: poppler-utils. Ask for: apt-get install poppler-utils (apt-get failed)\n")
    assert not [call for call in machine.calls() if call.startswith("sudo")]


def test_old_python_is_named(machine: Machine) -> None:
    (machine.bin / "python3").unlink()
    machine.program("python3", "exit 1")
    done = machine.run("try", ORDERCTL_PYTHON="/nonexistent/python")
    assert done.returncode == 1
    assert done.stderr.startswith("Lacking: Python 3.11 or newer. Install it")


def test_settings_of_pip_that_would_install_elsewhere_do_not_leak(machine: Machine) -> None:
    machine.venv_program("python", f'env | grep -E "^(PIP|PYTHON)" >> "{machine.log}"; true')
    done = machine.run(
        "try", PIP_USER="1", PIP_TARGET="/nowhere", PIP_INDEX_URL="https://mirror.example/simple", PYTHONPATH="/nowhere"
    )
    assert done.returncode == 0, done.stderr
    settings = {call for call in machine.calls() if call.startswith(("PIP", "PYTHON"))}
    assert settings == {"PIP_INDEX_URL=https://mirror.example/simple", "PYTHONUTF8=1"}


def test_test_runs_everything_and_sums_up(machine: Machine) -> None:
    for name in ("ruff", "mypy", "lint-imports"):
        machine.venv_program(name, "exit 1" if name == "mypy" else "")
    done = machine.run("test")
    assert done.returncode == 1
    closing = done.stdout.splitlines()[-6:]
    assert [line.split()[:2] for line in closing[:-1]] == [
        ["format", "passed"],
        ["lint", "passed"],
        ["types", "FAILED"],
        ["imports", "passed"],
        ["tests", "passed"],
    ]
    assert closing[-1] == "Failed: see above."


@pytest.mark.parametrize("name", ["try", "test", ".ci/run"])
def test_commands_are_executable_and_parse(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
    subprocess.run(["bash", "-n", str(ROOT / name)], check=True)


def test_continuous_integration_runs_what_readme_names() -> None:
    body = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert [line for line in body if line and not line.startswith("#")] == [
        'exec "$(dirname -- "${BASH_SOURCE[0]}")/../test"'
    ]
