"""H07, H08: what doctor finds in workflows, with lines; what is shipped is sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from orderctl.ci import PLACES, workflow
from orderctl.doctor._nodes import LIMIT
from orderctl.doctor.workflows import check
from tests.forge.examine import context
from tests.workspaces import git, orderctl


def examined(root: Path, path: str, text: str | bytes) -> list[tuple[str, int]]:
    """Return code and line of what is found in one file of a repository."""
    (root / "orderctl.yaml").write_text("schema: config/1\n")
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = list(check(context(root)))
    assert {f.path for f in found} <= {path}
    return [(f.rule, f.line) for f in found]


@pytest.mark.parametrize("name", PLACES)
def test_what_is_shipped_is_sound(tmp_path: Path, name: str) -> None:
    path = PLACES[name] if name != "gitea" else ".gitea/workflows/gate.yml"
    assert examined(tmp_path, path, workflow(name)) == []


GATE = workflow("github")


def line(text: str, needle: str) -> int:
    return next(number for number, each in enumerate(text.splitlines(), 1) if needle in each)


CHANGES: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "H07 exit 0": ('gate --base "$BASE" --head "$HEAD" "$@"', "--version; exit 0", [("ci.gate_absent", "# The gate")]),
    "H07 exit 0 first": (
        "          set --\n",
        "          exit 0\n          set --\n",
        [("ci.result_ignored", "          exit 0")],
    ),
    "H07 or true": (
        '--output markdown:"$GITHUB_STEP_SUMMARY"',
        '--output markdown:"$GITHUB_STEP_SUMMARY" || true',
        [("ci.result_ignored", "|| true")],
    ),
    "H08 pull_request_target and a checkout of the head": (
        "    steps:\n",
        "    steps:\n      - uses: actions/checkout@" + "a" * 40 + "\n        with:\n"
        "          ref: ${{ github.event.pull_request.head.sha }}\n",
        [("ci.head_executed", "head.sha")],
    ),
    "H08 git checkout": (
        "          set --\n",
        '          git checkout "$HEAD"\n          set --\n',
        [("ci.head_executed", "git checkout")],
    ),
    "H08 an action of a tag": (
        "    steps:\n",
        "    steps:\n      - uses: actions/cache@v4\n",
        [("ci.unpinned", "actions/cache")],
    ),
    "H08 a token that writes": ("contents: read", "contents: write", [("ci.write_token", "contents: write")]),
    "H08 all rights": (
        "permissions:\n  contents: read\n  pull-requests: read\n",
        "permissions: write-all\n",
        [("ci.write_token", "write-all")],
    ),
    "H08 rights not said": (
        "permissions:\n  contents: read\n  pull-requests: read\n",
        "",
        [("ci.write_token", "    name: gate")],
    ),
    "H08 if on the gate": (
        "    name: gate\n    runs-on",
        "    name: gate\n    if: github.actor != 'x'\n    runs-on",
        [("ci.gate_skipped", "if: github.actor")],
    ),
    "H08 if on a step": (
        "      - name: Judge\n",
        "      - name: Judge\n        if: success()\n",
        [("ci.gate_skipped", "if: success()")],
    ),
    "H08 continue-on-error": (
        "    timeout-minutes: 15\n",
        "    continue-on-error: true\n",
        [("ci.gate_skipped", "continue-on-error")],
    ),
    "H08 a path filter": (
        "  pull_request:\n",
        "  pull_request:\n    paths: [orders/**]\n",
        [("ci.gate_filter", "paths")],
    ),
    "H08 branches left out": (
        "  push:\n    branches: [main]\n",
        "  push:\n    branches-ignore: [x]\n",
        [("ci.gate_filter", "branches-ignore")],
    ),
    "no merge queue": ("  merge_group:\n", "", [("ci.gate_trigger", "  pull_request:")]),
    "a title in a script": (
        "          set --\n",
        '          echo "${{ github.event.pull_request.title }}"\n          set --\n',
        [("ci.injection", "title }}")],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_h08_a_slip_is_found_in_its_line(tmp_path: Path, name: str) -> None:
    old, new, expected = CHANGES[name]
    assert GATE.count(old) >= 1
    text = GATE.replace(old, new, 1)
    found = examined(tmp_path, ".github/workflows/gate.yml", text)
    assert found == [(code, line(text, needle)) for code, needle in expected]


OTHER = """on:
  pull_request_target:
permissions: {}
jobs:
  build:
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789
        with:
          ref: refs/pull/1/merge
      - run: |
          pip install .
          gh pr checkout 1
"""


AFTER = """on:
  workflow_run:
    workflows: [build]
permissions:
  pull-requests: write
jobs:
  report:
    steps:
      - uses: actions/download-artifact@0123456789012345678901234567890123456789
"""


def test_h08_other_workflows(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert examined(tmp_path / "a", ".github/workflows/x.yml", OTHER) == [
        ("ci.head_executed", 9),
        ("ci.head_executed", 12),
        ("ci.gate_absent", 1),
    ]
    assert examined(tmp_path / "b", ".github/workflows/x.yaml", AFTER) == [
        ("ci.artifact", 9),
        ("ci.write_token", 5),
        ("ci.gate_absent", 1),
    ]


LAB: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "may fail": ("  image:", "  allow_failure: true\n  image:", [("ci.gate_skipped", "allow_failure")]),
    "by hand": ("  image:", "  when: manual\n  image:", [("ci.gate_skipped", "when: manual")]),
    "checked out": ("    GIT_STRATEGY: none\n", "    GIT_STRATEGY: fetch\n", [("ci.head_executed", "  image:")]),
    "only for some files": (
        'if: $CI_PIPELINE_SOURCE == "merge_request_event"\n',
        'if: $CI_PIPELINE_SOURCE == "merge_request_event"\n      changes: [orders/*]\n',
        [("ci.gate_filter", "changes:")],
    ),
}


@pytest.mark.parametrize("name", LAB)
def test_slips_on_gitlab(tmp_path: Path, name: str) -> None:
    old, new, expected = LAB[name]
    text = workflow("gitlab").replace(old, new, 1)
    found = examined(tmp_path, ".gitlab-ci.yml", text)
    assert found == [(code, line(text, needle)) for code, needle in expected]


BROKEN = {
    "no YAML": b"on: [",
    "no UTF-8": b"\xff\xfe",
    "an anchor": b"on: &a push\njobs: *a\n",
    "deep": b"[" * 100_000,
    "big": b"#" * (LIMIT + 1),
    "a key twice": b"on: push\non: pull_request\n",
    "a tag": b"on: !!python/object/apply:os.system [id]\n&x y: 1\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_workflow_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    found = examined(tmp_path, ".github/workflows/gate.yml", BROKEN[name])
    assert [code for code, _ in found] == ["ci.unreadable", "ci.gate_absent"]


@pytest.mark.parametrize("text", [b"", b"[]", b"on: push\njobs: x\n", b"jobs: {a: {steps: {b: c}}}", b"x"])
def test_a_workflow_of_another_form(tmp_path: Path, text: bytes) -> None:
    assert examined(tmp_path, ".github/workflows/gate.yml", text) == [("ci.gate_absent", 1)]


def test_doctor_says_where(tmp_path: Path) -> None:
    root = tmp_path / "w"
    (root / ".github/workflows").mkdir(parents=True)
    (root / "orderctl.yaml").write_text("schema: config/1\n")
    (root / ".github/workflows/gate.yml").write_text(GATE.replace("    timeout-minutes: 15\n", "    if: false\n"))
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")
    done = orderctl(root, "doctor")
    assert done.returncode == 10
    assert ".github/workflows/gate.yml:18: error [ci.gate_skipped] the gate has if" not in done.stdout
    (root / ".github/workflows/gate.yml").write_text(GATE.replace("    timeout-minutes: 15\n", "    if: always()\n"))
    done = orderctl(root, "doctor")
    number = line((root / ".github/workflows/gate.yml").read_text(), "if: always()")
    assert f".github/workflows/gate.yml:{number}: error [ci.gate_skipped] the gate has if" in done.stdout


def test_hook_install_writes_the_workflow(tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir()
    (root / "orderctl.yaml").write_text("schema: config/1\n")
    for name in ("gitlab", "github"):
        done = orderctl(root, "hook", "install", "--ci", name)
        assert (done.returncode, done.stderr) == (0, f"Written: {PLACES[name]}\n")
        assert (root / PLACES[name]).read_text(encoding="utf-8") == workflow(name)
    assert not (root / ".git/hooks").exists()
    done = orderctl(root, "hook", "install", "--ci", "gitea")
    assert (done.returncode, "is already there; nothing was written" in done.stderr) == (2, True)
