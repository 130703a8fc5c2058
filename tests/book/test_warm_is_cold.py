"""A book that was changed step by step says the same as one written anew, and nothing ran that wasn't touched."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderctl import pipeline, revisions
from orderctl.book.keys import doc_key
from orderctl.book.store import open_store
from orderctl.book.update import unpack
from orderctl.model import Finding

BASE = Path(__file__).parents[1] / "data" / "base"
CASE = "orders/2024/05/OD2024050012"
INSTANTS = ("2024-04-30", "2024-05-06T10:00:00+08:00", "2024-05-20", "2024-05-25", "2024-08-20", "2026-01-01")


def tables(book: Path) -> dict[str, list[Any]]:
    """Return everything a book says, in an order of its own."""
    store = open_store(book, write=False)
    assert store is not None
    try:
        names = ("file", "line", "cell", "result", "read", "clash")
        return {name: sorted(store.db.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
    finally:
        store.close()


def judge(root: Path, as_of: str) -> tuple[list[Finding], list[tuple[str, str]]]:
    workspace = pipeline.find_workspace(root)
    tree = revisions.tree_of(workspace)
    with pipeline.run(workspace, tree, as_of=as_of, jobs=1) as run:
        return sorted(run.findings(), key=Finding.sort_key), run.log


def git(root: Path, *args: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", *args],
        cwd=root,
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("start") / "shop"
    shutil.copytree(BASE, root)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "start")
    return root


def replace(path: str, old: str, new: str) -> tuple[str, ...]:
    return ("replace", path, old, new)


EDITS = st.sampled_from(
    [
        replace(f"{CASE}/order.yaml", "quantity: 10", "quantity: 11"),
        replace(f"{CASE}/order.yaml", "customer: C0001", "customer: C0009"),
        replace(f"{CASE}/order.yaml", "due: 2024-05-20", "due: 2024-05-18"),
        replace(f"{CASE}/order.yaml", "urgent: false", "urgent: maybe"),
        replace(f"{CASE}/order.yaml", "number: OD2024050012", "number: OD2024050099"),
        replace(f"{CASE}/requirement.yaml", "quantity: 10", "quantity: 12"),
        replace("customers/C0001.yaml", "limit: 200000.00", "limit: 100.00"),
        replace("customers/C0001.yaml", "id: C0001", "id: C0002"),
        replace("catalog/prices/PB2024.yaml", "820.00", "830.00"),
        replace("policy/people.yaml", "id: lin-xiao", "id: lin-xiang"),
        replace("orderctl.yaml", "Asia/Shanghai", "Europe/Berlin"),
        ("delete", "customers/C0001.yaml"),
        ("delete", f"{CASE}/submission.yaml"),
        ("delete", "catalog/prices/PB2024.yaml"),
        ("rename", CASE, "orders/2024/05/OD2024050077"),
        ("rename", f"{CASE}/shipment-1.yaml", f"{CASE}/shipment-2.yaml"),
        ("copy", f"{CASE}/order.yaml", "orders/2024/06/OD2024050012/order.yaml"),
        ("copy", "customers/C0001.yaml", "customers/c0001.yaml"),
        ("write", "customers/C0003.yaml", "schema: customer/1\nid: [\n"),
        ("write", f"{CASE}/ordr.yaml", "schema: order/1\n"),
        ("write", f"{CASE}/evidence/note.txt", "a note\n"),
        ("commit",),
        ("restore",),
    ]
)
STEPS = st.lists(st.tuples(EDITS, st.sampled_from(INSTANTS)), min_size=1, max_size=5)


def apply(root: Path, edit: tuple[str, ...]) -> None:
    match edit:
        case ("replace", path, old, new) if (root / path).is_file():
            file = root / path
            file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
        case ("delete", path):
            (root / path).unlink(missing_ok=True)
        case ("rename", old, new) if (root / old).exists() and not (root / new).exists():
            (root / old).rename(root / new)
        case ("copy", old, new) if (root / old).is_file():
            (root / new).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / old, root / new)
        case ("write", path, text):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        case ("commit",):
            git(root, "add", "-A")
            git(root, "commit", "-q", "--allow-empty", "-m", "step")
        case ("restore",):
            git(root, "reset", "-q", "--hard")
            git(root, "clean", "-qfd")


@settings(
    max_examples=int(os.environ.get("ORDERCTL_EXAMPLES", "15")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_warm_equals_cold(start: Path, tmp_path_factory: pytest.TempPathFactory, steps: Any) -> None:
    root = tmp_path_factory.mktemp("case") / "shop"
    shutil.copytree(start, root)
    judge(root, INSTANTS[3])
    for edit, as_of in steps:
        apply(root, edit)
        warm, _ = judge(root, as_of)
        book = root / ".orderctl" / "book.db"
        kept = tables(book)
        book.rename(root / ".orderctl" / "warm.db")
        cold, _ = judge(root, as_of)
        assert warm == cold
        anew = tables(book)
        for name, rows in anew.items():
            assert kept[name] == rows, name
        book.unlink()
        (root / ".orderctl" / "warm.db").rename(book)
    shutil.rmtree(root)


def test_only_what_is_touched_runs(start: Path, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    shutil.copytree(start, root)
    judge(root, INSTANTS[3])
    before = results(root)
    apply(root, replace(f"{CASE}/order.yaml", "remarks:", "remarks: again"))
    _, log = judge(root, INSTANTS[3])
    touched = {doc_key("order", "OD2024050012")}
    for name, owner in log:
        own = owner.startswith(CASE)
        read = touched.intersection(unpack(before[name, owner][1])) if (name, owner) in before else True
        assert own or read, f"{name} of {owner} read nothing that changed"
    assert ("unit", CASE) in log
    assert not [owner for name, owner in log if name == "unit" and owner.startswith("catalog/")]
    assert results(root).keys() == before.keys()


def test_nothing_changed_nothing_runs(start: Path, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    shutil.copytree(start, root)
    judge(root, INSTANTS[3])
    assert judge(root, INSTANTS[3])[1] == []
    assert judge(root, "2024-05-25T23:30:00+08:00")[1] == [], "no window ends between the two times"
    assert judge(root, "2024-06-10")[1] != [], "a due date has passed"
    assert judge(root, INSTANTS[3])[1] != [], "and is no longer past"


def results(root: Path) -> dict[tuple[str, str], tuple[str, bytes]]:
    store = open_store(root / ".orderctl" / "book.db", write=False)
    assert store is not None
    try:
        rows = store.db.execute("SELECT name, owner, value, reads FROM result")
        return {(name, owner): (value, reads) for name, owner, value, reads in rows}
    finally:
        store.close()
