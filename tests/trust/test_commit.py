"""The grammar of commits: what git writes passes, and whatever two tools could read differently is refused by name."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderctl.objects import Objects
from orderctl.trust.commit import HEADER_LIMIT, MESSAGE_LIMIT, parse_commit
from orderctl.trust.graph import Graph
from orderctl.trust.keys import COMMITS
from orderctl.trust.refusal import Refusal
from orderctl.trust.sshsig import verify
from tests.trust.repository import Repository

ID, TREE, PARENT = "c" * 40, "a" * 40, "b" * 40
WHO = b"Lin Yi <lin@example.com> 1700000000 +0800"
RIGHT = b"tree %s\nparent %s\nauthor %s\ncommitter %s\n\nmessage\n" % (TREE.encode(), PARENT.encode(), WHO, WHO)


def code(raw: bytes) -> str:
    try:
        parse_commit(ID, raw)
    except Refusal as refusal:
        finding = refusal.finding
        return finding.rule if finding.params["commit"] == ID and finding.params["person"] == "" else "nameless"
    return ""


def with_author(value: bytes) -> bytes:
    return RIGHT.replace(b"author " + WHO, b"author " + value)


def test_what_git_signs_is_read_and_verified(tmp_path: Path) -> None:
    key, work = tmp_path / "key", tmp_path / "work"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    git = ["git", "-C", str(work), "-c", "user.name=林 一", "-c", "user.email=lin@example.com", "-c", "gpg.format=ssh"]
    subprocess.run(["git", "init", "-q", "-b", "main", str(work)], check=True)
    signing = ["-c", f"user.signingKey={key}.pub", "commit", "-q", "-S", "--allow-empty"]
    subprocess.run([*git, *signing, "-m", "一\n\n二 <b> \x1b"], check=True)
    subprocess.run([*git, *signing, "--allow-empty-message", "-m", ""], check=True)
    repository = Repository(tmp_path / "bare.git")
    subprocess.run(["git", "-C", str(work), "push", "-q", str(repository.folder), "main"], check=True)
    head, first = repository.run("rev-list", "main").split()

    with Objects(repository.git) as objects:
        graph = Graph(objects)
        commits = [graph.commit(first), graph.commit(head), graph.commit(head)]

    assert commits[0].message == "一\n\n二 <b> \x1b\n" and commits[1].message == ""
    assert commits[0].author.name == "林 一" and commits[0].author.email == "lin@example.com"
    assert commits[1].parents == (first,) and commits[0].parents == ()
    shown = subprocess.run(["ssh-keygen", "-l", "-f", f"{key}.pub"], check=True, capture_output=True, text=True).stdout
    for commit in commits:
        assert commit.armor is not None
        assert verify(commit.armor, commit.payload, COMMITS) in shown


def test_the_parts_of_an_unsigned_commit() -> None:
    commit = parse_commit(ID, RIGHT)

    assert (commit.tree, commit.parents, commit.armor, commit.payload) == (TREE, (PARENT,), None, RIGHT)
    assert commit.committer.at == 1_700_000_000 and commit.message == "message\n"


def test_a_signature_that_is_none_is_kept_for_whoever_verifies_it() -> None:
    signed = RIGHT.replace(b"\n\nmessage", b"\ngpgsig hello\n  world\n \n end\n\nmessage")
    commit = parse_commit(ID, signed)

    assert commit.armor == b"hello\n world\n\nend\n" and commit.payload == RIGHT
    assert parse_commit(ID, RIGHT.replace(b"\n\nmessage", b"\ngpgsig \n\nmessage")).armor == b"\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"x",
        b"\n\nmessage",
        RIGHT.partition(b"\n\n")[0],  # no message
        RIGHT.replace(b"tree " + TREE.encode() + b"\n", b"", 1),
        RIGHT.replace(b"tree ", b"tree " + TREE.encode() + b"\ntree ", 1),  # C01
        RIGHT.replace(b"parent", b"tree " + b"d" * 40 + b"\nparent", 1),
        RIGHT.replace(b"committer " + WHO + b"\n", b""),  # C03
        RIGHT.replace(b"author " + WHO + b"\n", b""),
        RIGHT.replace(b"committer", b"other").replace(b"author", b"committer").replace(b"other", b"author"),  # C04
        RIGHT.replace(b"author ", b"author " + WHO + b"\nauthor ", 1),
        RIGHT.replace(b"\n\nmessage", b"\nencoding GBK\n\nmessage"),
        RIGHT.replace(b"\n\nmessage", b"\nHG:extra x\n\nmessage"),
        RIGHT.replace(b"\n\nmessage", b"\nmergetag object x\n\nmessage"),
        RIGHT.replace(b"\n\nmessage", b"\ngpgsig-sha256 x\n\nmessage"),  # S20
        RIGHT.replace(b"\n\nmessage", b"\ngpgsig x\ngpgsig y\n\nmessage"),
        RIGHT.replace(b"author", b"gpgsig x\nauthor", 1),
        RIGHT.replace(b"\nauthor", b"\r\nauthor"),
        RIGHT.replace(b"\nauthor", b"\n \nauthor"),
        b" x\n" + RIGHT,
        RIGHT.replace(b"tree " + TREE.encode(), b"tree " + TREE.upper().encode()),
        RIGHT.replace(TREE.encode(), b"a" * 39),
        RIGHT.replace(TREE.encode(), b"a" * 64),
        RIGHT.replace(PARENT.encode(), b"b" * 39 + b"g"),
        RIGHT.replace(b"parent " + PARENT.encode() + b"\n", b"".join(b"parent %040d\n" % n for n in range(3))),
        RIGHT.replace(b"author", b"parent " + PARENT.encode() + b"\nauthor", 1),  # the same twice
        RIGHT.replace(b"message", b"mess\0age"),
        RIGHT.replace(b"Lin", b"L\0in"),
        RIGHT.replace(b"message", b"mess\xffage"),
        RIGHT.replace(b"message", b"\xed\xa0\x80"),
        with_author(b"L\xffn <a@b> 1 +0000"),
        with_author(b"Lin <a\xff@b> 1 +0000"),
        with_author(b"Lin <a@b>"),
        with_author(b"Lin a@b 1 +0000"),
        with_author(b"Lin <a@b> 1 +0000 "),
        with_author(b"Lin <a@b>  1 +0000"),
        with_author(b"Lin <a@b> 0 +0000"),
        with_author(b"Lin <a@b> -1 +0000"),
        with_author(b"Lin <a@b> 01 +0000"),
        with_author(b"Lin <a@b> 100000000001 +0000"),
        with_author(b"Lin <a@b> 1000000000000 +0000"),
        with_author(b"Lin <a@b> 1 +1401"),
        with_author(b"Lin <a@b> 1 -1500"),
        with_author(b"Lin <a@b> 1 +0060"),
        with_author(b"Lin <a@b> 1 0000"),
        with_author(b"Lin <a@b> 1 +000"),
        with_author(b"Lin <a@b> x <c@d> 1 +0000"),
        with_author(b"L\x1bin <a@b> 1 +0000"),
        with_author(b"L\x07in <a@b> 1 +0000"),
        with_author(b"Lin\t<a@b> 1 +0000"),
    ],
)
def test_what_two_tools_could_read_differently_is_refused(raw: bytes) -> None:
    assert code(raw) == "commit.malformed"


@pytest.mark.parametrize(
    "raw",
    [
        RIGHT,
        RIGHT.replace(b"message\n", b""),
        RIGHT.replace(b"message", b"\n\nmess\x1b\r\nage"),
        RIGHT.replace(b"author", b"parent " + b"d" * 40 + b"\nauthor", 1),
        RIGHT.replace(b"parent " + PARENT.encode() + b"\n", b""),
        with_author(b" <> 1 +0000"),
        with_author(b"Lin <a@b> 1 -0000"),
        with_author(b"Lin <a@b> 100000000000 +1400"),
        with_author(b"Lin <a@b> 99999999999 -1400"),
        with_author(b"Lin <a@b> 1 +1345"),
    ],
)
def test_what_every_tool_reads_alike_passes(raw: bytes) -> None:
    assert code(raw) == ""


def test_limits_are_exact() -> None:
    head = RIGHT.partition(b"\n\n")[0]
    room = HEADER_LIMIT - len(head) - len(b"\ngpgsig \n")
    for more, expected in ((-1, ""), (0, ""), (1, "limit.commit")):
        assert code(head + b"\n\n" + b"x" * (MESSAGE_LIMIT + more)) == expected  # C11
        assert code(head + b"\ngpgsig " + b"x" * (room + more) + b"\n\nmessage") == expected
    assert code(b"x" * (HEADER_LIMIT + 1)) == "limit.commit"
    assert code(head + b"\ngpgsig x" + b"\n x" * 100_000 + b"\n\n") == "limit.commit"


@given(st.binary(max_size=60), st.integers(0, len(RIGHT)), st.integers(0, 40))
def test_any_bytes_give_a_commit_or_a_refusal(noise: bytes, at: int, length: int) -> None:
    raw = RIGHT[:at] + noise + RIGHT[at + length :]
    try:
        found = parse_commit(ID, raw)
    except Refusal:
        return
    assert found.armor is not None or found.payload == raw


def params(raw: bytes) -> dict[str, object]:
    try:
        parse_commit(ID, raw)
    except Refusal as refusal:
        return dict(refusal.finding.params)
    return {}


def test_a_refusal_says_what_and_how_much() -> None:
    head = RIGHT.partition(b"\n\n")[0]
    assert HEADER_LIMIT == MESSAGE_LIMIT == 65536
    assert code(b"x" * HEADER_LIMIT) == "commit.malformed"
    assert params(b"x" * (HEADER_LIMIT + 1)) == {
        "commit": ID, "person": "", "what": "header", "size": HEADER_LIMIT + 1, "limit": HEADER_LIMIT,
    }  # fmt: skip
    long = head + b"\ngpgsig " + b"x" * HEADER_LIMIT + b"\n\nmessage"
    assert params(long)["size"] == len(head) + len(b"\ngpgsig \n") + HEADER_LIMIT
    assert params(head + b"\n\n" + b"x" * (MESSAGE_LIMIT + 1))["size"] == MESSAGE_LIMIT + 1
    for raw, what in (
        (head, "no message"),
        (RIGHT.replace(b"message", b"\0"), "NUL"),
        (RIGHT.replace(b"\nauthor", b"\r\nauthor"), "CR"),
        (with_author(b"Lin <a@b> 1 +0060"), "author date"),
        (with_author(b"Lin a@b"), "author"),
    ):
        assert params(raw)["what"] == what
    assert code(with_author(b"Lin <a@b> 1 +1359")) == ""
