"""Objects of a repository, true to their ids: what is damaged, missing or false is None and spoils nothing else."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

import pytest

from orderctl import objects as module
from orderctl.objects import Objects
from tests.trust.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "r.git")


def test_what_is_there_is_given_with_its_type(repository: Repository) -> None:
    blob, tree = repository.blob(b"a\n\0b"), repository.tree([])
    commit = repository.commit(tree=tree)

    with Objects(repository.git) as objects:
        assert objects.get(blob) == objects.get(blob) == ("blob", b"a\n\0b")
        assert objects.get(tree) == ("tree", b"")
        assert objects.get(commit) is not None
        assert objects.blob(blob) == b"a\n\0b" and objects.blob(tree) is None


@pytest.mark.parametrize("id", ["", "main", "HEAD", "a" * 39, "A" * 40, "a" * 64, "a" * 39 + "\n", "-" * 40, "a" * 40])
def test_what_is_no_id_or_not_there_is_none(repository: Repository, id: str) -> None:
    blob = repository.blob()

    with Objects(repository.git) as objects:
        assert objects.get(id) is None and objects.get(id) is None and objects.blob(id) is None
        objects.prefetch([id, blob])
        assert objects.get(blob)


def false_objects(repository: Repository) -> list[str]:
    """Return ids under which lie: other content, another type, no zlib, half of it, nothing, a wrong length."""
    other = zlib.compress(b"blob 5\0other")
    whole = zlib.compress(b"blob 100000\0" + bytes(100000), 0)
    wrong = zlib.compress(b"blob 9999\0x")
    ids = []
    for n, data in enumerate((other, zlib.compress(b"tree 1\0x"), b"garbage", whole[:5000], b"", wrong, other[:-3])):
        ids.append(f"{n:02}" + hashlib.sha1(data, usedforsecurity=False).hexdigest()[2:])
        repository.write(ids[-1], data)
    return ids


@pytest.mark.parametrize("count", [20, 60])  # through the standing git, and through one of its own
def test_damaged_and_false_objects_spoil_no_other(repository: Repository, count: int) -> None:
    good = [repository.blob(b"%d" % n) for n in range(count)]
    bad = false_objects(repository)

    with Objects(repository.git) as objects:
        for id in bad:
            assert objects.get(id) is None and objects.get(id) is None
            assert objects.get(good[bad.index(id)])
        assert [objects.blob(id) for id in good] == [b"%d" % n for n in range(count)]
    with Objects(repository.git) as objects:
        objects.prefetch([x for pair in zip(bad, good, strict=False) for x in pair] + good)
        assert [objects.blob(id) for id in good] == [b"%d" % n for n in range(count)]
        assert [objects.get(id) for id in bad] == [None] * len(bad)


def test_many_large_objects_block_no_pipe(repository: Repository) -> None:
    data = [bytes([n]) * 300_000 for n in range(250)]
    ids = [repository.blob(each) for each in data]

    with Objects(repository.git) as objects:
        objects.prefetch(ids)  # more than is kept in memory
        assert [objects.blob(id) for id in ids] == data


def test_an_object_above_the_limit_is_passed_over(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 3_000_000)
    at, above, small = repository.blob(bytes(3_000_000)), repository.blob(bytes(3_000_001)), repository.blob()

    with Objects(repository.git) as objects:
        objects.prefetch([above, small])
        assert objects.get(above) is None
        assert objects.blob(small) and objects.blob(at) == bytes(3_000_000)


def test_a_cut_object_above_the_limit_is_passed_over(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 1000)
    cut, small = "ab" * 20, repository.blob()
    repository.write(cut, zlib.compress(b"blob 9000000\0" + bytes(9_000_000), 0)[:5_000_000])

    with Objects(repository.git) as objects:
        assert objects.get(cut) is None and objects.blob(small)


def test_replacements_are_not_followed(repository: Repository) -> None:
    real, fake = repository.blob(b"real"), repository.blob(b"fake")
    repository.run("replace", real, fake)

    with Objects(repository.git) as objects:
        assert objects.blob(real) == b"real"
