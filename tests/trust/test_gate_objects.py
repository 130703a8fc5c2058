"""Commits and trees that two tools could read differently, and signatures that are none: refused by name at gate and
server, beside what plain git writes. The server's own fsck is off, so that it is the hook that refuses."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.hall import object_id
from tests.trust.company import Company, make_key

GRADE = ("customers/C0001.yaml", "grade: B", "grade: A")


@pytest.fixture(scope="module")
def changed(original: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A change by su-cai that may land; unsigned, to be signed or not by each test."""
    firm = original.copy(tmp_path_factory.mktemp("changed") / "work")
    firm.git("checkout", "-q", "-b", "work")
    firm.edit(*GRADE)
    firm.commit("su-cai", "grade", sign=False)
    return firm


@pytest.fixture
def firm(changed: Company, tmp_path: Path) -> Company:
    return changed.copy(tmp_path / "work")


def stored(firm: Company, kind: str, data: bytes) -> str:
    """Write an object's bytes as they are; return its id."""
    file = firm.root.parent / "object"
    file.write_bytes(data)
    firm.git("hash-object", "-t", kind, "-w", "--literally", str(file))
    return object_id(kind, data)


def text_of(firm: Company) -> str:
    """Return the unsigned commit."""
    return firm.git("cat-file", "commit", "HEAD") + "\n"


def armor(firm: Company, text: str, key: Path, namespace: str = "git") -> str:
    """Return ssh-keygen's signature over a text."""
    file = firm.root.parent / "payload"
    file.write_text(text)
    command = ["ssh-keygen", "-Y", "sign", "-n", namespace, "-f", str(key)]
    with file.open() as stream:
        done = subprocess.run(command, stdin=stream, capture_output=True, text=True, check=True)
    return done.stdout


def signed(firm: Company, text: str, seal: str = "", header: str = "gpgsig") -> str:
    """Return a commit's text with a signature in its headers; su-cai's own unless another is given."""
    folded = (seal or armor(firm, text, firm.key("su-cai"))).rstrip().replace("\n", "\n ")
    head, _, message = text.partition("\n\n")
    return f"{head}\n{header} {folded}\n\n{message}"


def put(firm: Company, text: str) -> str:
    return stored(firm, "commit", text.encode())


def wrapped(kind: str) -> str:
    return f"-----BEGIN {kind}-----\n\niQEzBAABCAAdFiEE\n=abcd\n-----END {kind}-----\n"


SIGNATURES: dict[str, tuple[Callable[[Company, str], str], list[str]]] = {
    "S01 none": (lambda _, t: t, ["sig.none"]),
    "S13 namespace file": (lambda f, t: signed(f, t, armor(f, t, f.key("su-cai"), "file")), ["sig.namespace"]),
    "S13 namespace of statements": (
        lambda f, t: signed(f, t, armor(f, t, f.key("su-cai"), "orderctl-approval@v1")),
        ["sig.namespace"],
    ),
    "S15 garbage armor": (lambda f, t: signed(f, t, wrapped("SSH SIGNATURE")), ["sig.malformed"]),
    "S16 no armor at all": (lambda f, t: signed(f, t, "hello world"), ["sig.malformed"]),
    "S17 PGP": (lambda f, t: signed(f, t, wrapped("PGP SIGNATURE")), ["sig.backend_disabled"]),
    "S17 X.509": (lambda f, t: signed(f, t, wrapped("SIGNED MESSAGE")), ["sig.backend_disabled"]),
    "its twin": (signed, []),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_s13_s15_s16_s17_signatures_that_are_none(firm: Company, name: str) -> None:
    change, codes = SIGNATURES[name]
    assert firm.everywhere("main", put(firm, change(firm, text_of(firm))), fsck=False) == codes


def test_s03_a_tree_author_or_message_changed_after_signing(firm: Company) -> None:
    good = signed(firm, text_of(firm))
    assert firm.everywhere("main", put(firm, good)) == []
    tree = firm.git("rev-parse", "main^{tree}")
    for old, new in (("\n\ngrade", "\n\nGrade"), ("author su-cai", "author gao-yuan"), (good[:45], f"tree {tree}")):
        assert firm.everywhere("main", put(firm, good.replace(old, new, 1))) == ["sig.bad"]


def lines(text: str) -> list[str]:
    return text.partition("\n\n")[0].split("\n")


def headers(text: str, made: list[str]) -> str:
    return "\n".join(made) + "\n\n" + text.partition("\n\n")[2]


MALFORMED: dict[str, Callable[[Company, str], str]] = {
    "S20 only gpgsig-sha256": lambda f, t: signed(f, t, header="gpgsig-sha256"),
    "C01 tree twice": lambda _, t: headers(t, [lines(t)[0], *lines(t)]),
    "C03 no committer": lambda _, t: headers(t, lines(t)[:-1]),
    "C04 author before parent": lambda _, t: headers(t, [lines(t)[0], lines(t)[2], lines(t)[1], lines(t)[3]]),
    "C04 an unknown header": lambda _, t: headers(t, [*lines(t), "sponsor nobody"]),
    "C04 encoding": lambda _, t: headers(t, [*lines(t), "encoding latin-1"]),
    "C04 CR in a header": lambda _, t: headers(t, [*lines(t)[:3], lines(t)[3] + "\r"]),
    "C04 continued from nothing": lambda _, t: headers(t, [*lines(t), " and more"]),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_s20_c01_c03_c04_commits_that_two_tools_read_differently(firm: Company, name: str) -> None:
    head = put(firm, MALFORMED[name](firm, text_of(firm)))
    assert firm.everywhere("main", head, fsck=False, audit=False) == ["commit.malformed"]


@pytest.mark.parametrize("what", ["message", "headers"])
def test_c11_commits_of_any_size(firm: Company, what: str) -> None:
    text = text_of(firm)
    if what == "message":
        text += "x" * 10_000_000
    else:
        text = headers(text, [*lines(text), *["mergetag x"] * 100_000])
    assert firm.everywhere("main", put(firm, text), fsck=False, audit=False) == ["limit.commit"]
    assert firm.everywhere("main", put(firm, signed(firm, text_of(firm) + "x" * 60_000))) == []


def test_c05_two_entries_of_one_name(firm: Company) -> None:
    """One tool shows the first, another checks out the last."""
    rows = firm.git("ls-tree", "HEAD").splitlines()
    entries = [(r.split()[0].lstrip("0"), r.split("\t")[1], r.split()[2]) for r in rows]
    twice = [e for e in entries for _ in range(1 + (e[1] == "orderctl.yaml"))]
    data = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(id) for mode, name, id in twice)
    tree = stored(firm, "tree", data)
    text = text_of(firm).replace(firm.git("rev-parse", "HEAD^{tree}"), tree)
    head = put(firm, signed(firm, text))
    assert firm.everywhere("main", head, fsck=False) == ["tree.duplicate"]


def test_c07_a_signed_tag_in_a_merge_signs_nothing(firm: Company) -> None:
    text = text_of(firm)
    head = put(firm, signed(firm, text, header="mergetag"))
    assert firm.everywhere("main", head, fsck=False, audit=False) == ["commit.malformed"]
    assert firm.everywhere("main", put(firm, text)) == ["sig.none"]


def test_m02_a_merge_of_three(firm: Company) -> None:
    firm.git("checkout", "-q", "-b", "third", "main")
    firm.write("docs/third.txt", "x\n")
    firm.commit("qin-fu", "third")
    work = put(firm, signed(firm, text_of(firm)))
    firm.git("checkout", "-q", "main")
    firm.git("update-ref", "refs/heads/work", work)
    octopus = firm.merge("lin-xiao", "work", "third")
    assert len(firm.git("log", "-1", "--format=%P", octopus).split()) == 3
    assert firm.everywhere("main~1", octopus, audit=False) == ["commit.malformed"]


def test_c10_a_parent_that_is_not_there(firm: Company) -> None:
    text = text_of(firm).replace(firm.git("rev-parse", "main"), "1" * 40)
    head = put(firm, text)
    assert firm.codes("main", head) == ["commit.missing"]


def test_c12_nothing_that_a_change_says_reaches_the_terminal_raw(firm: Company) -> None:
    from tests.workspaces import orderctl

    firm.write("docs/\x1b[2J\u202e.txt", "x\n")
    firm.commit("su-cai", "evil \x1b]0;title\x07")
    firm.edit(GRADE[0], "grade: A", "grade: \x1b[31mA")
    firm.commit("su-cai", "more")
    assert {"path.charset", "permission.denied"} <= set(firm.everywhere())
    firm.commit("su-cai\x1b[31m", "more", key=firm.key("su-cai"), amend=True)
    assert "commit.malformed" in firm.everywhere()
    for command in (["gate", "--base", "main", "--head", "HEAD"], ["audit", "--from", "main", "--rev", "HEAD"]):
        for output in ("text", "json", "markdown", "github", "sarif"):
            done = orderctl(firm.root, *command, "--output", output)
            assert done.returncode == 11
            assert not any(c in done.stdout + done.stderr for c in "\x1b\x07\u202e")
    hook = orderctl(firm.root, "hook", "pre-commit")
    assert not any(c in hook.stdout + hook.stderr for c in "\x1b\x07\u202e")


def test_s24_s26_what_lies_in_the_change_is_no_list_of_signers(firm: Company, tmp_path: Path) -> None:
    """Git would take both files from the work tree; names of signers and of files decide nothing here."""
    make_key(tmp_path / "mallory")
    public = (tmp_path / "mallory.pub").read_text()
    firm.write("docs/signers.txt", f'* namespaces="git" {public}\n!gao-yuan {public}\nmalformed line\n')
    firm.git("config", "gpg.ssh.allowedSignersFile", "docs/signers.txt")
    firm.git("reset", "-q", "--soft", "main")
    firm.commit("su-cai", "trust me", key=tmp_path / "mallory")
    assert firm.everywhere() == ["sig.unknown_key"]
    firm.git("reset", "-q", "--soft", "main")
    (firm.root / "docs/signers.txt").unlink()
    firm.commit("su-cai", "grade")
    assert firm.everywhere() == []


def test_s25_fake_programs_decide_nothing(firm: Company, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("ssh-keygen", "gpg", "git-upload-pack"):
        (tmp_path / "bin" / name).write_text('#!/bin/sh\necho "Good \\"git\\" signature for gao-yuan"\nexit 0\n')
        (tmp_path / "bin" / name).chmod(0o755)
    firm.git("config", "gpg.ssh.program", str(tmp_path / "bin/ssh-keygen"))
    fake = {
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "gpg.ssh.program",
        "GIT_CONFIG_VALUE_0": str(tmp_path / "bin/ssh-keygen"),
    }
    verdict = firm.gate("main", "HEAD", **fake)
    assert [f["code"] for f in verdict["findings"]] == ["sig.none"]
    verdict = firm.gate("main", put(firm, signed(firm, text_of(firm))), **fake)
    assert verdict["findings"] == []
