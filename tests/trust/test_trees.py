"""Trees, read strictly: entries, differences, and what no folder may hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderctl.objects import Objects
from orderctl.tree import Entry, diff_trees, ls_tree
from orderctl.trust import trees as module
from orderctl.trust.folder import Folder, parse_folder
from orderctl.trust.parser import Parser
from orderctl.trust.refusal import Refusal
from orderctl.trust.trees import Trees
from tests.schema.helper import kinds
from tests.trust.repository import Entries, Repository

FILE, RUN, LINK, DIR, MODULE = b"100644", b"100755", b"120000", b"40000", b"160000"
A, B = "a" * 40, "b" * 40


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "r.git")


def raw(*entries: tuple[bytes, bytes, str]) -> bytes:
    return b"".join(mode + b" " + name + b"\0" + bytes.fromhex(id) for mode, name, id in entries)


def code(data: bytes) -> str:
    try:
        parse_folder(data, "orders/")
    except Refusal as refusal:
        return refusal.finding.rule if refusal.finding.path.startswith("orders/") else "nowhere"
    return ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        raw((FILE, b"a", A)),
        raw((FILE, b"a", A), (RUN, b"b", A), (LINK, b"c", A), (DIR, b"d", A), (MODULE, b"e", A)),
        raw((FILE, b"a.b", A), (DIR, b"a", A), (FILE, b"a0", A)),  # a folder sorts as if it ended in "/"
        raw((FILE, b"a", "00" * 20), (FILE, b"b", "0a" * 20)),
        raw((FILE, b".gitignore", A), (FILE, b"..a", A), (FILE, b"digit", A), (FILE, b"git", A), (FILE, b"git~11", A)),
        raw((FILE, "订单".encode(), A), (FILE, b"\xff\xfe", A)),
    ],
)
def test_what_git_writes_passes(data: bytes) -> None:
    assert code(data if b"..a" not in data else raw((FILE, b"..a", A), (FILE, b".gitignore", A))) == ""


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        raw((FILE, b"a", A))[:-1],
        raw((FILE, b"a", A)) + b"\0",
        raw((b"100664", b"a", A)),
        raw((b"040000", b"a", A)),
        raw((b"0100644", b"a", A)),
        raw((b"100600", b"a", A)),
        raw((b"0", b"a", A)),
        raw((FILE, b"", A)),
        raw((FILE, b"a/b", A)),
        raw((FILE, b"b", A), (FILE, b"a", A)),
        raw((DIR, b"a", A), (FILE, b"a.b", A)),
        *(raw((DIR, name, A)) for name in (b".", b"..", b".git", b".GIT", b".Git ", b".git...", b"git~1", b"GIT~1 .")),
        *(raw((FILE, name, A)) for name in (b".git:x", b"a\\.git", b".git\\a", b".git::$INDEX_ALLOCATION")),
        *(
            raw((FILE, name.encode(), A))
            for name in (".g\u200cit", "\u200d.git", ".git\ufeff", ".GI\u206aT", "\u202e.git")
        ),
    ],
)
def test_what_a_tool_could_read_otherwise_is_refused(data: bytes) -> None:
    assert code(data) == "tree.malformed"


@pytest.mark.parametrize(
    "data",
    [
        raw((FILE, b"a", A), (FILE, b"a", B)),  # C05
        raw((FILE, b"a", A), (FILE, b"a.b", A), (DIR, b"a", B)),
        raw((FILE, b"a", A), (FILE, b"b", A), (FILE, b"a", A)),
    ],
)
def test_two_entries_of_one_name_are_refused(data: bytes) -> None:
    assert code(data) == "tree.duplicate"


def test_a_folder_gives_its_entries(repository: Repository) -> None:
    blob = repository.blob()
    deep = repository.tree([(FILE, b"x.yaml", blob), (LINK, b"y", blob)])
    top = repository.tree([(DIR, b"a", deep), (RUN, b"run", blob), (MODULE, b"sub", A)])

    with Objects(repository.git) as objects:
        trees = Trees(objects)
        assert trees.items(top) == {"a": ("040000", deep), "run": ("100755", blob), "sub": ("160000", A)}
        assert trees.find(top, "a/x.yaml") == Entry("a/x.yaml", "100644", blob)
        assert trees.find(top, "a") == Entry("a", "040000", deep)
        assert [trees.find(top, path) for path in ("", "b", "a/z", "run/x", "sub/x", "a/x.yaml/z", "/a")] == [None] * 7
        assert (trees.folder(top, "a"), trees.folder(top, "a/"), trees.folder(top, "")) == (deep, deep, top)
        assert trees.folder(top, "run") is trees.folder(top, "b") is None
        assert trees.files(top) == {entry.path: entry for entry in ls_tree(repository.git, top)}
        assert list(trees.files(top, "a/")) == list(trees.files(top, "a")) == ["a/x.yaml", "a/y"]
        assert trees.files(top, "b") == {}
        assert trees.find(top, "x" + bytes.fromhex(blob).decode("latin-1")) is None


def test_a_name_that_also_lies_in_an_object_id_is_found(repository: Repository) -> None:
    hides = (b" zz\0" + bytes(16)).hex()
    top = repository.tree([(FILE, b"a", hides), (FILE, b"zz", A)])

    with Objects(repository.git) as objects:
        assert Trees(objects).find(top, "zz") == Entry("zz", "100644", A)


def test_a_missing_or_false_tree_is_refused_by_its_place(repository: Repository) -> None:
    blob = repository.blob()
    top = repository.tree([(DIR, b"a", B), (DIR, b"b", blob), (DIR, b"c", repository.tree([(FILE, b"..", A)]))])

    with Objects(repository.git) as objects:
        trees = Trees(objects)
        for path, rule, place in (
            ("a/x", "tree.missing", "a/"),
            ("b/x", "tree.missing", "b/"),
            ("c/x", "tree.malformed", "c/.."),
        ):
            with pytest.raises(Refusal) as caught:
                trees.find(top, path)
            assert (caught.value.finding.rule, caught.value.finding.path) == (rule, place)


def test_a_difference_names_both_sides(repository: Repository) -> None:
    one, two = repository.blob(b"1"), repository.blob(b"2")
    folder = repository.tree([(FILE, b"x", one)])
    old = repository.tree([(FILE, b"a", one), (FILE, b"f", one), (DIR, b"g", folder), (FILE, b"same", one)])
    new = repository.tree([(FILE, b"a", two), (DIR, b"f", folder), (RUN, b"g", one), (FILE, b"same", one)])

    with Objects(repository.git) as objects:
        trees = Trees(objects)
        changes = trees.diff(old, new)
        back = trees.diff(new, old)
        added = trees.diff(None, old)
        assert trees.diff(old, old) == {}

    assert changes == {
        "a": (Entry("a", "100644", one), Entry("a", "100644", two)),
        "f": (Entry("f", "100644", one), None),
        "f/x": (None, Entry("f/x", "100644", one)),
        "g": (None, Entry("g", "100755", one)),
        "g/x": (Entry("g/x", "100644", one), None),
    }
    assert back == {path: (after, before) for path, (before, after) in changes.items()}
    assert {path: after for path, (_, after) in added.items()} == {e.path: e for e in ls_tree(repository.git, old)}
    assert {path: after for path, (_, after) in changes.items()} == diff_trees(repository.git, old, new)


def test_what_is_equal_is_never_read(repository: Repository) -> None:
    old = repository.tree([(DIR, b"gone", B), (FILE, b"x", A)])  # B is no object at all
    new = repository.tree([(DIR, b"gone", B), (FILE, b"x", B)])

    with Objects(repository.git) as objects:
        assert list(Trees(objects).diff(old, new)) == ["x"]


def test_folders_that_hold_themselves_a_billion_times_end(repository: Repository) -> None:
    tree = repository.tree([])
    for _ in range(module.DEEPEST):
        tree = repository.tree([(DIR, b"%d" % n, tree) for n in range(10)])
    chain = repository.tree([(FILE, b"x", A)])
    for _ in range(module.DEEPEST):
        chain = repository.tree([(DIR, b"d", chain)])
    deeper = repository.tree([(DIR, b"d", chain)])

    with Objects(repository.git) as objects:
        trees = Trees(objects)
        for ask in (lambda: trees.files(tree), lambda: trees.diff(None, tree), lambda: trees.files(deeper)):
            with pytest.raises(Refusal) as caught:
                ask()
            assert caught.value.finding.rule == "limit.tree"
        assert len(trees.files(chain)) == len(trees.diff(None, chain)) == 1


def test_memory_is_bounded_and_answers_stay(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT", 500)
    made = [repository.tree([(FILE, b"x%d" % n, A)]) for n in range(9)]

    with Objects(repository.git) as objects:
        trees = Trees(objects)
        for _ in range(2):
            assert [list(trees.items(id)) for id in made] == [[f"x{n}"] for n in range(9)]
        assert len(trees._folders) < 9


@pytest.mark.parametrize("many", [49, 50, 51])
def test_a_folder_of_which_much_differs_is_read_as_a_new_one(many: int) -> None:
    entries: Entries = [(FILE, b"x%03d" % n, A) for n in range(90)]
    before = parse_folder(raw(*entries))
    after = raw(*((mode, name, B if n < many else id) for n, (mode, name, id) in enumerate(entries)))
    span = before.span(after)
    assert (span.first, span.last) == (0, many)
    assert before.like(after, span, "").items() == parse_folder(after).items()
    twice = raw(*((mode, b"x000" if 0 < n < many else name, id) for n, (mode, name, id) in enumerate(entries)))
    with pytest.raises(Refusal) as caught:
        before.like(twice, before.span(twice), "f/")
    assert (caught.value.finding.rule, caught.value.finding.path) == ("tree.duplicate", "f/x000")


def test_a_document_whose_bytes_are_missing_is_none() -> None:
    parser = Parser(kinds()[0])
    for path, kind in (("customers/C0001.yaml", "customer"), ("README.md", "")):
        found = parser.parse(Entry(path, "100644", "0" * 40), None)
        assert (found.kind, found.data, found.document, found.findings) == (kind, None, None, ())


NAMES = st.sampled_from([b"a", b"a.b", b"a0", b"b", b"c", b"..", b".git", b"d/", b"\xff", b" zz", b"zz"])
ENTRY = st.tuples(
    st.sampled_from([FILE, RUN, DIR, b"100664"]), NAMES, st.sampled_from([A, B, (b" zz\0" + bytes(16)).hex()])
)
CLEAN = st.lists(
    st.tuples(
        st.sampled_from([FILE, DIR]), st.binary(min_size=1, max_size=3).map(bytes.hex).map(str.encode), st.just(A)
    ),
    unique_by=lambda entry: entry[1],
    max_size=80,
)


def in_order(entries: Entries) -> Entries:
    return sorted(entries, key=lambda entry: entry[1] + (b"/" if entry[0] == DIR else b""))


@given(CLEAN, st.lists(ENTRY, max_size=3), st.integers(0, 80), st.integers(0, 3), st.booleans())
def test_a_folder_like_another_is_read_as_if_alone(
    known: Entries, more: Entries, at: int, gone: int, orderly: bool
) -> None:
    """Whether only the difference is read or all of it: the same entries, the same refusals."""
    before = parse_folder(raw(*in_order(known)))
    entries = in_order(known)
    entries[at : at + gone] = more
    after = raw(*(in_order(entries) if orderly else entries))
    span = before.span(after)

    def outcome(make: object) -> object:
        try:
            assert callable(make)
            made: Folder = make()
        except Refusal as refusal:
            return refusal.finding.rule
        return made.raw, list(made.starts), made.items()

    assert outcome(lambda: before.like(after, span, "")) == outcome(lambda: parse_folder(after))
    assert before.raw[: before.starts[span.first]] + span.there + before.raw[before.starts[span.last] :] == after
