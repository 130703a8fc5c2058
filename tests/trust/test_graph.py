"""Ranges, ancestry and merge bases against what git says, over histories with merges, roots and false dates."""

from __future__ import annotations

import random
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from orderctl.objects import Objects
from orderctl.trust.graph import Graph
from orderctl.trust.refusal import Refusal
from tests.trust.repository import Repository, commit_bytes

NOW = 1_700_000_000


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "r.git")


def history(repository: Repository, links: list[list[int]], dates: list[int]) -> list[str]:
    """Make commit n with the parents ``links[n]`` (numbers below n); return the ids."""
    lines = []
    for n, parents in enumerate(links):
        lines.append(
            f"reset refs/heads/c{n}\ncommit refs/heads/c{n}\n"
            f"mark :{n + 1}\ncommitter a <a@b> {dates[n]} +0000\ndata <<E\n{n}\nE\n"
        )
        lines += [f"{'merge' if k else 'from'} :{parent + 1}\n" for k, parent in enumerate(parents)]
    marks = repository.folder / "marks"
    command = ["git", f"--git-dir={repository.folder}", "fast-import", "--quiet", f"--export-marks={marks}"]
    subprocess.run(command, input="".join(lines).encode(), check=True)
    found = dict(line.split() for line in marks.read_text("utf-8").splitlines())
    return [found[f":{n + 1}"] for n in range(len(links))]


def shapes() -> Iterator[tuple[str, list[list[int]], list[int]]]:
    """Yield (name, links, dates) of histories."""
    for seed in range(6):
        chosen = random.Random(seed)
        size = (8, 20, 60, 60, 150, 150)[seed]
        wide = (2, 4, 6, 60, 10, 150)[seed]
        links: list[list[int]] = [[]]
        for n in range(1, size):
            count = chosen.choice((0, 1, 1, 1, 1, 2, 2)) if chosen.random() < 0.5 else chosen.choice((1, 2))
            links.append(sorted({chosen.randrange(max(0, n - wide), n) for _ in range(count)}, reverse=True))
        honest = [NOW + n * 60 for n in range(size)]
        lying = [date if chosen.random() < 0.7 else chosen.randrange(1, 3 * NOW) for date in honest]
        yield f"{seed}", links, honest
        yield f"{seed} lying", links, lying
        yield f"{seed} backwards", links, [NOW - date % NOW for date in honest]


@pytest.mark.parametrize(("links", "dates"), [pytest.param(*rest, id=name) for name, *rest in shapes()])
def test_git_says_the_same(repository: Repository, links: list[list[int]], dates: list[int]) -> None:
    ids = history(repository, links, dates)
    number = {id: n for n, id in enumerate(ids)}
    below: list[set[int]] = []
    for parents in links:  # each commit with all that it descends from
        below.append({len(below), *(n for parent in parents for n in below[parent])})
    chosen = random.Random(7)

    with Objects(repository.git) as objects:
        known = Graph(objects)
        for _ in range(60):
            a, b = chosen.randrange(len(ids)), chosen.randrange(len(ids))
            graph = Graph(objects) if chosen.random() < 0.5 else known
            found = [number[id] for id in graph.range(ids[a], ids[b])]
            assert sorted(found) == sorted(below[b] - below[a])
            assert all(found.index(p) < k for k, n in enumerate(found) for p in links[n] if p in found)
            assert graph.is_ancestor(ids[a], ids[b]) == (a in below[b])
            common = below[a] & below[b]
            best = common - {parent for n in common for parent in links[n]}
            assert graph.merge_bases(ids[a], ids[b]) == sorted(ids[n] for n in best)
            chain = [b]
            while chain[-1] != a and links[chain[-1]]:
                chain.append(links[chain[-1]][0])
            expected = [ids[n] for n in chain[-2::-1]] if chain[-1] == a else None
            assert graph.first_parents(ids[a], ids[b]) == expected
        assert len(known.range(None, ids[-1])) == len(below[-1])


def test_git_itself_agrees(repository: Repository) -> None:
    _, links, dates = list(shapes())[10]
    ids = history(repository, links, dates)

    with Objects(repository.git) as objects:
        graph = Graph(objects)
        for a, b in zip(ids[::7], reversed(ids[::9]), strict=False):
            assert set(graph.range(a, b)) == set(repository.run("rev-list", b, f"^{a}").split())
            bases = repository.git.try_run("merge-base", "--all", a, b).stdout.decode().split()
            assert graph.merge_bases(a, b) == sorted(bases)


class Counting(Objects):
    """Counts what is asked for."""

    asked = 0

    def get(self, id: str) -> tuple[str, bytes] | None:
        """Count and return."""
        self.asked += 1
        return super().get(id)


@pytest.mark.parametrize("dates", ["honest", "all the same", "head in 1970", "head in the future"])
def test_a_small_change_on_a_long_history_reads_little(repository: Repository, dates: str) -> None:
    size, fork = 3000, 2900
    links = [[n - 1] if n else [] for n in range(size)]
    at = [NOW + n for n in range(size)]
    links += [[fork], [size], [size - 1, size + 1]]  # a side branch of two commits, and its merge
    at += {"honest": [NOW + 2901, NOW + 2902, NOW + 4000], "all the same": [NOW] * 3}.get(
        dates, [1] * 3 if "1970" in dates else [10**11] * 3
    )
    ids = history(repository, links, [NOW] * len(at) if dates == "all the same" else at)

    with Counting(repository.git) as objects:
        assert Graph(objects).range(ids[size - 1], ids[-1]) == [ids[size], ids[size + 1], ids[-1]]
        assert objects.asked < 1000
        objects.asked = 0
        assert len(Graph(objects).range(ids[size - 6], ids[size - 1])) == 5
        assert objects.asked < 50
        objects.asked = 0
        assert Graph(objects).merge_bases(ids[size - 6], ids[size - 1]) == [ids[size - 6]]
        assert Graph(objects).is_ancestor(ids[size - 6], ids[size - 1])
        assert Graph(objects).first_parents(ids[size - 6], ids[size - 1]) == ids[size - 5 : size]
        assert objects.asked < 150
        assert Graph(objects).merge_bases(ids[size - 1], ids[size + 1]) == [ids[fork]]


def rule(graph: Graph, base: str, head: str) -> tuple[str, object]:
    with pytest.raises(Refusal) as caught:
        graph.range(base, head)
    return caught.value.finding.rule, caught.value.finding.params["commit"]


def test_what_is_missing_or_no_commit_is_named(repository: Repository) -> None:
    base = repository.commit()
    blob = repository.blob()
    odd = repository.put("commit", b"parent " + base.encode() + b"\n\nx")

    with Objects(repository.git) as objects:
        graph = Graph(objects)
        assert rule(graph, base, repository.commit("d" * 40)) == ("commit.missing", "d" * 40)  # C10
        assert rule(graph, base, repository.commit(base, blob)) == ("commit.missing", blob)
        assert rule(graph, base, odd) == ("commit.malformed", odd)
        assert rule(graph, "e" * 40, base) == ("commit.missing", "e" * 40)
        with pytest.raises(Refusal):
            graph.commit("main")


def test_what_is_missing_far_below_is_named(repository: Repository) -> None:
    ids = history(repository, [[n - 1] if n else [] for n in range(400)], [NOW] * 400)
    gap = repository.commit("d" * 40)
    above = [repository.commit(gap)]
    for n in range(300):
        above.append(repository.commit(above[-1], message=f"{n}\n"))
    false = "ab" * 20
    on_false = [repository.commit(false)]
    repository.write(false, zlib.compress(b"commit 1\0x"))
    for n in range(60):
        on_false.append(repository.commit(on_false[-1], message=f"{n}\n"))

    with Objects(repository.git) as objects:
        assert Graph(objects).range(None, ids[-1]) == ids
        assert rule(Graph(objects), ids[0], above[-1]) == ("commit.missing", "d" * 40)
        assert rule(Graph(objects), ids[0], on_false[-1]) == ("commit.missing", false)


def test_a_malformed_commit_stays_in_the_range_to_be_refused_there(repository: Repository) -> None:
    base = repository.commit()
    raw = commit_bytes(base, tree=repository.tree([])).replace(b"committer", b"encoding x\ncommitter")
    odd = repository.put("commit", raw)
    undated = repository.put("commit", raw.replace(b"committer", b"commuter"))
    head = repository.commit(odd, undated)

    with Objects(repository.git) as objects:
        graph = Graph(objects)
        assert sorted(graph.range(base, head)) == sorted([odd, undated, head])
        assert graph.commit(head).parents == (odd, undated)
        with pytest.raises(Refusal) as caught:
            graph.commit(odd)
    assert caught.value.finding.rule == "commit.malformed" and caught.value.finding.params["commit"] == odd


def test_two_roots_have_nothing_in_common(repository: Repository) -> None:
    a, b = repository.commit(message="a"), repository.commit(message="b")

    with Objects(repository.git) as objects:
        graph = Graph(objects)
        assert graph.merge_bases(a, b) == [] and graph.first_parents(a, b) is None
        assert not graph.is_ancestor(a, b) and graph.range(a, b) == [b] and graph.range(a, a) == []


def test_what_was_forgotten_is_read_again(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many commits are kept in memory as are set, those asked for last."""
    monkeypatch.setattr("orderctl.trust.graph._KEPT", 2)
    ids = history(repository, [[], [0], [1]], [NOW, NOW + 1, NOW + 2])
    with Objects(repository.git) as objects:
        graph = Graph(objects)
        for id in (*ids, ids[0], ids[2], ids[0], ids[1], ids[0]):
            assert graph.commit(id).id == id
        assert list(graph._commits) == [ids[1], ids[0]]
