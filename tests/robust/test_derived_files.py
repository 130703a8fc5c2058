"""The book and the built folder, damaged, in the way or cut short: the answer stays the same, nothing is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.workspaces import AS_OF, edit, found, git, orderctl, places, workspace

ROOT = Path(__file__).parents[2]
WRONG = "total-wrong"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = workspace(tmp_path / "shop")
    edit(folder, "orders/2024/05/OD2024050012/order.yaml", "total: 11700.00", "total: 1.00")
    return folder


def test_a_damaged_book_is_made_anew(shop: Path) -> None:
    right = found(shop)
    assert WRONG in {f["rule"] for f in right}
    book = shop / ".orderctl/book.db"
    sound, chance = book.read_bytes(), random.Random(7)
    assert right == found(shop)
    for size in (0, 4096, len(sound) // 2):
        book.write_bytes(sound[:size])
        assert found(shop) == right
    for start in range(4096, len(sound), len(sound) // 3):  # not the first page: the file still opens
        broken = sound[:start] + chance.randbytes(20_000) + sound[start + 20_000 :]
        book.write_bytes(broken)
        assert found(shop) == right
    # In the middle of showing and building too, which read it while they work.
    book.write_bytes(sound[:4096] + chance.randbytes(len(sound) - 4096))
    assert orderctl(shop, "show", "OD2024050012").returncode == 0
    book.write_bytes(sound[:4096] + chance.randbytes(len(sound) - 4096))
    assert orderctl(shop, "build", "--only", "site", "--as-of", AS_OF).returncode == 10


def test_what_is_in_the_way_of_the_book(shop: Path, tmp_path: Path) -> None:
    right = found(shop)
    state = shop / ".orderctl"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    book = state / "book.db"
    book.unlink()
    (state / "book.db-wal").write_bytes(os.urandom(5000))  # of a killed run, its book deleted by hand
    (state / ".book.db.1.tmp").write_bytes(b"half")
    assert found(shop) == right
    assert sorted(f.name for f in state.iterdir()) == [".gitignore", "book.db", "lock"]
    book.unlink()
    (book / "x").mkdir(parents=True)
    assert found(shop) == right
    assert book.is_file()
    shutil.rmtree(state)
    state.symlink_to(elsewhere)
    assert found(shop) == right
    state.unlink()
    state.write_text("in the way")
    assert found(shop) == right
    assert list(elsewhere.iterdir()) == []


def test_no_build_where_a_link_leads(shop: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (shop / "site").symlink_to(elsewhere)
    for language, words in (("en", "is a link"), ("zh", "是链接")):
        done = orderctl(shop, "build", "--only", "site", ORDERCTL_LANG=language)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
    assert list(elsewhere.iterdir()) == []
    assert orderctl(shop, "build", "--only", "site", "--out", str(elsewhere / "new")).returncode == 10


def test_a_place_that_cannot_be_written(shop: Path) -> None:
    for language, words in (("en", "can't be read or written"), ("zh", "无法读写文件")):
        done = orderctl(shop, "build", "--only", "site", "--out", "orderctl.yaml/new", ORDERCTL_LANG=language)
        assert (done.returncode, done.stdout) == (1, "")
        assert words in done.stderr
        assert "--debug" not in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount")
def test_a_full_disk(shop: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(small)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        shutil.copytree(shop, small / "shop", ignore=shutil.ignore_patterns(".git", ".orderctl"))
        right = places(found(small / "shop"))
        assert (WRONG, "orders/2024/05/OD2024050012/order.yaml", 20) in right
        with (small / "fill").open("wb") as file, pytest.raises(OSError, match="space"):
            file.write(bytes(1_000_000))
        shutil.rmtree(small / "shop/.orderctl", ignore_errors=True)
        with (small / "fill").open("ab") as file, pytest.raises(OSError, match="space"):
            file.write(bytes(1_000_000))
        assert places(found(small / "shop")) == right
        for language, words in (("en", "free space"), ("zh", "剩余空间")):
            done = orderctl(small / "shop", "build", "--only", "site", "--as-of", AS_OF, ORDERCTL_LANG=language)
            assert (done.returncode, done.stdout) == (1, "")
            assert words in done.stderr
            assert "--debug" not in done.stderr
            assert not list((small / "shop").rglob("*.html"))
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough documents that worker processes read them."""
    folder = tmp_path_factory.mktemp("large") / "shop"
    subprocess.run([sys.executable, "-m", "bench.generate", "130", "1", str(folder)], cwd=ROOT, check=True)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    return folder


CHECK = ["check", "--jobs", "2", "--output", "concise", "--lang", "en"]


def test_ended_at_any_time(large: Path) -> None:
    def start() -> subprocess.Popen[str]:
        shutil.rmtree(large / ".orderctl", ignore_errors=True)
        command = [sys.executable, "-m", "orderctl", *CHECK]
        process = subprocess.Popen(
            command, cwd=large, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        while not (large / ".orderctl/lock").exists() and process.poll() is None:
            time.sleep(0.01)  # before that it is Python that starts, not orderctl
        return process

    process = start()
    began = time.monotonic()
    right = process.communicate()
    whole = time.monotonic() - began
    chance = random.Random(5)
    for number, stroke in enumerate([signal.SIGINT, signal.SIGTERM, signal.SIGKILL]):
        process = start()
        time.sleep(chance.random() * whole)
        if stroke is signal.SIGINT:
            os.killpg(process.pid, stroke)  # as a terminal does
        else:
            process.send_signal(stroke)
        _, errors = process.communicate(timeout=60)
        assert "Traceback" not in errors, (number, errors)
        assert process.returncode in (0, 130, -signal.SIGKILL), (number, process.returncode)
        assert _gone(process.pid)
        if process.returncode == 130:
            assert errors.strip() == "Interrupted."
            assert not list((large / ".orderctl").glob(".book.db.*"))
    assert start().communicate() == right
    assert not list((large / ".orderctl").glob(".book.db.*"))


@pytest.mark.parametrize(("stroke", "whom"), [("SIGTERM", "os.getpid()"), ("SIGINT", "0")])
@pytest.mark.parametrize("worker", [1, 2])
def test_ended_while_workers_start(large: Path, stroke: str, whom: str, worker: int) -> None:
    """The one moment that chance seldom meets: a worker is there, and nobody knows of it yet."""
    shutil.rmtree(large / ".orderctl", ignore_errors=True)
    program = f"""
import itertools, os, signal, sys
from orderctl.cli import main
count = itertools.count(1)
def started():
    if next(count) == {worker}:
        os.kill({whom}, signal.{stroke})
os.register_at_fork(after_in_parent=started)
sys.argv[1:] = {CHECK!r}
main()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=large,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    output, errors = process.communicate(timeout=60)
    assert (output, errors.strip(), process.returncode) == ("", "Interrupted.", 130)
    assert _gone(process.pid)
    assert sorted(f.name for f in (large / ".orderctl").iterdir()) == [".gitignore", "lock"]


def _gone(group: int) -> bool:
    """Tell whether no process of the group is left after a moment."""
    for _ in range(40):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_five_at_once_say_the_same(shop: Path) -> None:
    command = [sys.executable, "-m", "orderctl", "check", "--as-of", AS_OF, "--output", "concise", "--lang", "en"]
    runs = [subprocess.Popen(command, cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(5)]
    said = {run.communicate(timeout=60) for run in runs}
    assert len(said) == 1
    assert {run.returncode for run in runs} == {10}
