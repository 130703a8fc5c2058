"""How large a file such as evidence may be: the gate says it of every commit, the check of every state."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orderctl.classify import MAX_FILE_MB
from orderctl.model import Finding
from orderctl.pipeline import check, find_workspace
from orderctl.trust.change import judge_step
from tests.trust.histories import DAY, Commit, Doc, Raw, start, static
from tests.trust.judging import Gate
from tests.trust.steps import CASE, NOW, on
from tests.workspaces import BASE

MB = 1 << 20
SCAN = f"{CASE}/evidence/scan.pdf"


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


def root(gate: Gate, setting: str) -> Commit:
    """Return a company whose permissions end in ``setting``."""
    rights = Raw(static()["policy/permissions.yaml"] + setting.encode())
    return gate.store.commit((), {**start(), "policy/permissions.yaml": rights}, DAY - 3600, "gao-yuan")


def large(findings: tuple[Finding, ...]) -> list[tuple[str, object, object]]:
    found = [f for f in findings if f.rule == "limit.file"]
    return [(f.path, f.params["size"], f.params["limit_mb"]) for f in found]


@pytest.mark.parametrize(("setting", "limit"), [("", MAX_FILE_MB), ("max_evidence_mb: 1\n", 1)])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_gate_and_check_say_the_same(gate: Gate, tmp_path: Path, setting: str, limit: int, more: int) -> None:
    scan = b"x" * (limit * MB + more)
    expected = [(SCAN, len(scan), limit)] if more > 0 else []

    before = root(gate, setting)
    step = judge_step(gate.world, gate.graph, before.id, on(gate, before, {SCAN: Raw(scan)}).id, NOW)
    assert large(step.findings) == expected
    assert {f.rule for f in step.findings} == ({"limit.file"} if expected else set())

    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    rights = static()["policy/permissions.yaml"] + setting.encode()
    for path, data in (("policy/permissions.yaml", rights), (SCAN, scan)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    archived = tmp_path / SCAN.replace("orders/", "archive/")  # landed before there was a limit
    archived.parent.mkdir(parents=True)
    archived.write_bytes(b"x" * (limit * MB + 1))
    assert large(check(find_workspace(tmp_path)).findings) == expected


def test_what_a_later_commit_takes_away_stays_in_git(gate: Gate) -> None:
    before = root(gate, "max_evidence_mb: 1\n")
    for size, found in ((MB, []), (MB + 1, [("docs/plan.pdf", MB + 1, 1)])):
        held = on(gate, before, {"docs/plan.pdf": Raw(b"x" * size)}, "gao-yuan")
        gone = gate.store.commit((held,), before.files, NOW - 60, "gao-yuan")
        assert large(judge_step(gate.world, gate.graph, before.id, gone.id, NOW).findings) == found


def test_a_file_whose_bytes_are_missing_is_refused(gate: Gate) -> None:
    before = root(gate, "")
    files: dict[str, Doc] = {SCAN: Raw(b"a scan that gets lost")}
    after = on(gate, before, files)
    assert gate.codes(before, after, NOW) == set()
    entry = gate.world.trees.find(gate.graph.commit(after.id).tree, SCAN)
    assert entry is not None
    del gate.store.objects[entry.blob]
    assert gate.codes(before, after, NOW) == {"tree.unreadable"}
