"""The ledger: appended, chained, mended after a crash, refused once altered."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderctl.trust.ledger import FIRST, Record, append, ledger_path, locked, parse_ledger, read_ledger
from orderctl.trust.refusal import Refusal
from tests.server.hall import MAIN, ZERO, Hall, codes


def record(n: int, ref: str = MAIN, *, observed: int = 1_716_600_000) -> Record:
    ids = [f"{i:040x}" for i in (n, n + 1, n + 100)]
    old = ZERO if n == 0 else ids[0]
    return Record(
        observed=observed + n,
        ref=ref,
        old=old,
        new=ids[1],
        tree=ids[2],
        policy_version=1,
        policy_sha256="a" * 64,
        pusher={"user": "林晓", "key": "SHA256:x"},
        verdict="b" * 64,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with locked(tmp_path):
        append(tmp_path / "ledger.jsonl", [record(0), record(1)])
        append(tmp_path / "ledger.jsonl", [record(2)])
    return tmp_path / "ledger.jsonl"


def test_entries_are_chained(path: Path) -> None:
    ledger = read_ledger(path)
    assert [(e.seq, e.old, e.new) for e in ledger.entries] == [(n + 1, record(n).old, record(n).new) for n in range(3)]
    assert [e.prev for e in ledger.entries] == [FIRST, *(e.digest for e in ledger.entries[:-1])]
    last = ledger.last(MAIN)
    assert last is not None
    assert last.new == record(2).new
    assert ledger.last("refs/heads/other") is None
    assert ledger.newest == record(2).observed


def test_what_was_written_is_returned(path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    made = append(path, [record(3), record(4)])
    assert made == read_ledger(path).entries[3:]
    assert [e.digest for e in made] == [e.digest for e in read_ledger(path).entries[3:]]
    assert [e.recovered for e in made] == [False, False]
    assert append(path, []) == ()
    assert len(os.listdir("/proc/self/fd")) == before


def test_one_writes_at_a_time(tmp_path: Path) -> None:
    """Whoever holds the lock keeps others out, until the end of the block or of the process."""

    def free() -> bool:
        descriptor = os.open(tmp_path / "state/x.lock", os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    with locked(tmp_path / "state", "x.lock"):
        assert not free()
    assert free()
    with pytest.raises(RuntimeError), locked(tmp_path / "state", "x.lock"):
        raise RuntimeError
    assert free()
    with locked(tmp_path / "a/b/c"):
        assert (tmp_path / "a/b/c/ledger.lock").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a/b/c").stat().st_mode & 0o777 == 0o700


def test_only_its_owner_reads_it(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_ledger_is_an_empty_one(tmp_path: Path) -> None:
    assert read_ledger(tmp_path / "ledger.jsonl").entries == ()
    assert read_ledger(tmp_path / "ledger.jsonl").newest == 0
    assert read_ledger(tmp_path / "ledger.jsonl").last(MAIN) is None


@given(st.integers(min_value=1, max_value=400))
def test_whatever_a_crash_leaves_of_the_last_line_is_mended(kept: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        append(path, [record(0), record(1)])
        whole = path.read_bytes()
        append(path, [record(2)])
        last = path.read_bytes()[len(whole) :]
        path.write_bytes(whole + last[: min(kept, len(last) - 1)])
        assert len(read_ledger(path).entries) == 2
        assert read_ledger(path).torn
        append(path, [record(2)])
        assert path.read_bytes() == whole + last


def test_a_disk_that_is_full_leaves_half_a_line_which_the_next_one_cuts_off(path: Path) -> None:
    """A limit of this size on files stands for the disk; a process of its own has it."""
    whole = path.read_bytes()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 50, len(whole) + 50))
            append(path, [record(3)])
        except OSError:
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert path.read_bytes() == whole + read_ledger(path).torn
    assert len(read_ledger(path).torn) == 50
    append(path, [record(3), record(4)])
    assert [e.new for e in read_ledger(path).entries] == [record(n).new for n in range(5)]
    assert read_ledger(path).torn == b""


def _altered(line: int, change: Callable[[dict[str, object]], object]) -> Callable[[bytes], bytes]:
    def alter(data: bytes) -> bytes:
        rows = [json.loads(row) for row in data.splitlines()]
        change(rows[line])
        return b"".join(
            json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" for row in rows
        )

    return alter


def _without(line: int) -> Callable[[bytes], bytes]:
    return lambda data: b"".join(row for n, row in enumerate(data.splitlines(keepends=True)) if n != line)


@pytest.mark.parametrize(
    ("alter", "entry"),
    [
        (_altered(0, lambda row: row.update(observed=5)), 2),
        (_altered(1, lambda row: row.update(new="f" * 40)), 3),
        (_altered(1, lambda row: row.update(seq=7)), 2),
        (_altered(2, lambda row: row.update(prev="0" * 64)), 3),
        (_altered(2, lambda row: row.update(more=1)), 3),
        (_altered(2, lambda row: row.update(observed="5")), 3),
        (_altered(2, lambda row: row.pop("tree")), 3),
        (_without(0), 1),
        (_without(1), 2),
        (lambda data: data.replace(b'"seq":3', b'"seq": 3'), 3),
        (lambda data: data + data.splitlines(keepends=True)[0], 4),
        (lambda data: b"\n" + data, 1),
        (lambda data: data.replace(b"{", b"\xff", 1), 1),
        (lambda data: b"[]\n" + data, 1),
    ],
    ids=[
        "time",
        "commit",
        "number",
        "link",
        "field more",
        "type",
        "field less",
        "first gone",
        "one gone",
        "spelling",
        "one twice",
        "empty line",
        "no text",
        "no object",
    ],
)
def test_a_chain_that_does_not_hold_is_named(path: Path, alter: Callable[[bytes], bytes], entry: int) -> None:
    path.write_bytes(alter(path.read_bytes()))
    with pytest.raises(Refusal) as refused:
        read_ledger(path)
    assert refused.value.finding.rule == "ledger.broken"
    assert refused.value.finding.params["entry"] == entry
    with pytest.raises(Refusal):
        append(path, [record(3)])


def test_the_unaltered_twin_passes(path: Path) -> None:
    same = _altered(0, lambda row: row.update(observed=row["observed"]))
    assert same(path.read_bytes()) == path.read_bytes()
    assert len(parse_ledger(same(path.read_bytes())).entries) == 3


def test_a_link_is_no_ledger(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.jsonl").symlink_to(path)
    with pytest.raises(OSError, match="symbolic"):
        read_ledger(tmp_path / "elsewhere.jsonl")


def test_a_server_with_a_broken_ledger_takes_nothing(plain: Hall, client: Path) -> None:
    ledger = ledger_path(plain.path)
    ledger.parent.mkdir(exist_ok=True)
    ledger.write_text('{"seq":1}\n')
    assert codes(plain.push(client, "HEAD:refs/heads/x")) == ["ledger.broken"]
    ledger.unlink()
    assert plain.push(client, "HEAD:refs/heads/x").returncode == 0


@pytest.mark.parametrize(("ahead", "refused"), [(500, False), (700, True)])
def test_s2_the_clock_runs_back(plain: Hall, client: Path, ahead: int, refused: bool) -> None:
    ledger = ledger_path(plain.path)
    with locked(ledger.parent):
        append(ledger, [record(0, "refs/heads/other", observed=int(time.time()) + ahead)])
    done = plain.push(client, "HEAD:refs/heads/x")
    assert codes(done) == (["time.clock"] if refused else [])
    assert (done.returncode != 0) is refused
