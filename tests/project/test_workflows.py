"""The workflows fall into none of the known traps; each trap, put into a workflow, is found."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github/workflows"
NAMES = sorted(path.name for path in FOLDER.iterdir())
GATE = "data.yml"


def triggers(workflow: dict[Any, Any]) -> dict[str, Any]:
    """Return the ``on`` mapping (YAML 1.1 reads the key as true)."""
    found: dict[str, Any] = workflow.get(True) or workflow.get("on") or {}
    return found


def keys(value: Any) -> Iterator[str]:
    """Yield every mapping key below ``value``."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield str(key)
            yield from keys(below)
    elif isinstance(value, list):
        for below in value:
            yield from keys(below)


def lint(text: str, *, gate: bool) -> list[str]:
    """Return the traps that a workflow's text falls into; ``gate`` workflows judge untrusted data."""
    workflow = yaml.safe_load(text)
    found = [f"trigger {name}" for name in triggers(workflow) if name in {"pull_request_target", "workflow_run"}]
    if workflow.get("permissions") != {"contents": "read"}:
        found.append("permissions of the workflow are not exactly contents: read")
    for name, job in workflow["jobs"].items():
        found += [f"{name}: {trap}" for trap in job_traps(job)]
        for step in job["steps"]:
            found += [f"{name}: {trap}" for trap in step_traps(step)]
            if gate:
                found += [f"{name}: {trap}" for trap in gate_step_traps(step)]
        if gate:
            found += [f"{name}: {key}" for key in ("if", "needs", "strategy") if key in job]
    if gate:
        for event, settings in triggers(workflow).items():
            found += [f"{event}: {key}" for key in settings or {} if key.startswith("paths") or key == "types"]
        expected = ("pull_request", "merge_group", "push")
        found += [f"no trigger {name}" for name in expected if name not in triggers(workflow)]
    return found


def job_traps(job: dict[str, Any]) -> list[str]:
    """Return the traps of a job as a whole."""
    found = ["own permissions"] if "permissions" in job else []
    if "timeout-minutes" not in job:
        found.append("no time limit")
    return found + [key for key in keys(job) if key in {"continue-on-error", "secrets", "container"}]


def step_traps(step: dict[str, Any]) -> list[str]:
    """Return the traps of any step."""
    uses, found = step.get("uses", ""), []
    if uses and not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", uses):
        found.append(f"{uses} is not pinned to a commit")
    if "actions/checkout" in uses and step.get("with", {}).get("persist-credentials") is not False:
        found.append("checkout keeps its credentials")
    if "cache" in uses or "cache" in step.get("with", {}):
        found.append("cache")
    if "${{" in step.get("run", ""):
        found.append("an expression inside a script")
    if "secrets." in str(step):
        found.append("a secret")
    return found


def gate_step_traps(step: dict[str, Any]) -> list[str]:
    """Return the traps of one step of a gate: what could skip it, or run something of the change."""
    run, found = step.get("run", ""), ["step with if"] if "if" in step else []
    if re.search(r"git [^\n]*\b(checkout|switch|worktree|reset|clone)\b", run) or step.get("uses"):
        found.append("the change is checked out")
    if any(what != '"$BASE"' for what in re.findall(r"archive (\S+)", run)):
        found.append("files of the change are unpacked")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_no_trap(name: str) -> None:
    assert lint((FOLDER / name).read_text(encoding="utf-8"), gate=name == GATE) == []


TRAPS = {
    "  pull_request:\n=>  pull_request_target:\n": ["trigger pull_request_target", "no trigger pull_request"],
    "  pull_request:\n=>  pull_request:\n    paths: [orders/**]\n": ["pull_request: paths"],
    "  merge_group:\n=>": ["no trigger merge_group"],
    "contents: read=>contents: write": ["permissions of the workflow are not exactly contents: read"],
    "    timeout-minutes: 15\n=>": ["check: no time limit"],
    "    name: check\n=>    name: check\n    if: github.actor != 'x'\n": ["check: if"],
    "    name: check\n=>    name: check\n    permissions: write-all\n": ["check: own permissions"],
    "    name: check\n=>    name: check\n    continue-on-error: true\n": ["check: continue-on-error"],
    "      - name: Check the documents\n=>      - name: Check the documents\n        if: always()\n": [
        "check: step with if"
    ],
    '--rev "$HEAD"=>--rev ${{ github.head_ref }}': ["check: an expression inside a script"],
    'archive "$BASE"=>archive "$HEAD"': ["check: files of the change are unpacked"],
    "    steps:\n=>    steps:\n      - uses: actions/checkout@v4\n": [
        "check: actions/checkout@v4 is not pinned to a commit",
        "check: checkout keeps its credentials",
        "check: the change is checked out",
    ],
    "    steps:\n=>    steps:\n      - run: git clone .\n": ["check: the change is checked out"],
}


@pytest.mark.parametrize("change", TRAPS, ids=[str(number) for number in range(len(TRAPS))])
def test_traps_are_found(change: str) -> None:
    text = (FOLDER / GATE).read_text(encoding="utf-8")
    old, new = change.split("=>")
    assert old in text
    assert lint(text.replace(old, new), gate=True) == TRAPS[change]


def test_required_check_names_are_unique() -> None:
    names = [
        (workflow["name"], job.get("name", key))
        for workflow in (yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")) for name in NAMES)
        for key, job in workflow["jobs"].items()
    ]
    assert len(names) == len(set(names))


def test_gate_reports_on_the_lines_and_in_the_summary() -> None:
    text = (FOLDER / GATE).read_text(encoding="utf-8")
    assert 'check --rev "$HEAD" --output github --output markdown:"$GITHUB_STEP_SUMMARY"' in text


def gate(repository: Path, base: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the gate's own scripts on the head of ``repository``, with this environment's orderctl for the base's."""
    steps = yaml.safe_load((FOLDER / GATE).read_text(encoding="utf-8"))["jobs"]["check"]["steps"]
    program = folder / "venv/bin/orderctl"
    program.parent.mkdir(parents=True)
    program.symlink_to(Path(sys.executable).parent / "orderctl")
    head = git(repository, "rev-parse", "HEAD")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "en_US.UTF-8",
        "RUNNER_TEMP": str(folder),
        "REPOSITORY": str(repository),
        "TOKEN": "none",
        "HEAD": head,
        "BASE": base,
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    scripts = [step["run"] for step in steps if "pip" not in step["run"]]
    assert len(scripts) == len(steps) - 1
    for script in scripts:
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            break
    return done


def git(repository: Path, *arguments: str) -> str:
    """Run git in a repository and return what it prints."""
    identity = ["-c", "user.name=test", "-c", "user.email=test@shop.example"]
    done = subprocess.run(
        ["git", "-C", str(repository), *identity, *arguments], capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A workspace whose first commit is clean."""
    shop = tmp_path / "shop"
    shutil.copytree(ROOT / "tests/data/base", shop, ignore=shutil.ignore_patterns(".orderctl"))
    git(tmp_path, "init", "-q", "shop")
    git(shop, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "all")
    return shop


ORDER = "orders/2024/05/OD2024050012/order.yaml"


@pytest.mark.parametrize(("total", "code"), [("11700.00", 0), ("11700.01", 10)])
def test_the_gate_judges_the_change_it_never_checks_out(
    repository: Path, tmp_path: Path, total: str, code: int
) -> None:
    base = git(repository, "rev-parse", "HEAD")
    order = repository / ORDER
    text = order.read_text(encoding="utf-8")
    assert "total: 11700.00\n" in text
    order.write_text(text.replace("total: 11700.00\n", f"total: {total}\n") + "# seen\n", encoding="utf-8")
    git(repository, "commit", "-q", "-a", "-m", "change")
    done = gate(repository, base, tmp_path / "runner")
    assert done.returncode == code, done.stdout + done.stderr
    line = text.splitlines().index("total: 11700.00") + 1
    annotations = [each for each in done.stdout.splitlines() if each.startswith("::error")]
    assert [f"file={ORDER},line={line}," in each for each in annotations] == [True] * (code // 10)
    assert ("total-wrong" in (tmp_path / "runner/summary.md").read_text(encoding="utf-8")) is bool(code)
