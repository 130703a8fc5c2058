"""Tags and signed pushes: signed by a colleague, named as they are, made for this push."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.hall import MAIN, ZERO, Done, Hall, codes, environment, object_id
from tests.trust.company import ADMINS, Company, make_key

TAG = "refs/tags/v1"


def tag(firm: Company, name: str, person: str = "gao-yuan", *, key: Path | None = None, target: str = "main") -> None:
    """Make a signed tag."""
    settings = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={key or firm.key(person)}"]
    who = ["-c", f"user.name={person}", "-c", f"user.email={person}@muyan.example"]
    firm.git(*settings, *who, "tag", "-s", name, "-m", "release", target)


class TestTags:
    """M15."""

    def test_a_signed_tag(self, hall: Hall, firm: Company) -> None:
        tag(firm, "v1")
        assert hall.push(firm.root, "v1").returncode == 0
        assert hall.tip(TAG) != ""

    def test_lightweight(self, hall: Hall, firm: Company) -> None:
        assert codes(hall.push(firm.root, f"main:{TAG}")) == ["tag.unsigned"]

    def test_annotated_but_unsigned(self, hall: Hall, firm: Company) -> None:
        firm.git("-c", "user.name=x", "-c", "user.email=x@example.com", "tag", "-a", "v1", "-m", "x", "main")
        assert codes(hall.push(firm.root, "v1")) == ["tag.unsigned"]

    def test_under_another_name(self, hall: Hall, firm: Company) -> None:
        tag(firm, "v1")
        assert codes(hall.push(firm.root, f"{TAG}:refs/tags/v2")) == ["tag.name"]

    def test_moved(self, hall: Hall, firm: Company) -> None:
        tag(firm, "v1")
        assert hall.push(firm.root, "v1").returncode == 0
        before = hall.tip(TAG)
        firm.git("tag", "-d", "v1")
        tag(firm, "v1", target="HEAD")
        assert codes(hall.push(firm.root, "--force", "v1")) == ["tag.moved"]
        assert codes(hall.push(firm.root, f":{TAG}")) == ["tag.moved"]
        assert hall.tip(TAG) == before

    def test_by_a_stranger(self, hall: Hall, firm: Company, tmp_path: Path) -> None:
        make_key(tmp_path / "stranger")
        tag(firm, "v1", key=tmp_path / "stranger")
        assert codes(hall.push(firm.root, "v1")) == ["sig.unknown_key"]

    def test_altered_after_signing(self, hall: Hall, firm: Company) -> None:
        tag(firm, "v1")
        data = firm.git("cat-file", "tag", "v1").encode() + b"\n"
        evil = data.replace(b"release", b"releas3")
        told = hall.send([(ZERO, object_id("tag", evil), TAG)], [("tag", evil)])
        assert "[sig.bad]" in told
        assert f"ok {TAG}" in hall.send([(ZERO, object_id("tag", data), TAG)], [("tag", data)])

    def test_signed_twice_over(self, hall: Hall, firm: Company, tmp_path: Path) -> None:
        """A good signature with a stranger's behind it: the last one is what git reads, and it covers all before."""
        make_key(tmp_path / "stranger")
        tag(firm, "v1")
        data = firm.git("cat-file", "tag", "v1").encode() + b"\n"
        (tmp_path / "tag").write_bytes(data)
        sign = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(tmp_path / "stranger"), str(tmp_path / "tag")]
        subprocess.run(sign, check=True, capture_output=True)
        evil = data + (tmp_path / "tag.sig").read_bytes()
        told = hall.send([(ZERO, object_id("tag", evil), TAG)], [("tag", evil)])
        assert "[sig.unknown_key]" in told


@pytest.fixture(scope="module")
def strict_once(made: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Hall, Company]:
    """A server whose policy asks for signed pushes, and a clone."""
    folder = tmp_path_factory.mktemp("strict")
    firm = made.copy(folder / "work")
    firm.git("checkout", "-q", "main")
    text = firm.read("policy/permissions.yaml")
    firm.write("policy/permissions.yaml", text + "signed_push: true\n")
    firm.raise_policy()
    firm.approve_policy(*ADMINS[:2])
    firm.commit("gao-yuan", "signed pushes")
    hall = Hall.of(firm.root, folder / "strict.git", "--signed-push")
    firm.git("checkout", "-q", "-b", "work")
    firm.edit("customers/C0001.yaml", "limit: ", "limit: 1")
    firm.commit("su-cai", "more credit")
    return hall, firm


@pytest.fixture
def strict(strict_once: tuple[Hall, Company], tmp_path: Path) -> tuple[Hall, Company]:
    hall, firm = strict_once
    return hall.copy(tmp_path / "strict.git"), firm.copy(tmp_path / "work")


def signed(hall: Hall, firm: Company, *what: str, key: Path | None = None, way: Path | None = None) -> Done:
    """Push with su-cai's push certificate (or ``key``'s), by ``way`` of another program."""
    settings = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={key or firm.key('su-cai')}"]
    by = [f"--receive-pack={way}"] if way else []
    return hall.push(firm.root, "--signed", *by, *what, options=settings)


class TestSignedPush:
    """M17."""

    def test_a_signed_push_lands_and_the_ledger_says_whose(self, strict: tuple[Hall, Company]) -> None:
        hall, firm = strict
        done = signed(hall, firm, "HEAD:main")
        assert done.returncode == 0, done.stderr
        assert hall.ledger()[-1]["pusher"]["person"] == "su-cai"
        assert hall.ledger()[-1]["pusher"]["key"].startswith("SHA256:")

    def test_unsigned(self, strict: tuple[Hall, Company]) -> None:
        hall, firm = strict
        assert codes(hall.push(firm.root, "HEAD:main")) == ["push.unsigned"]
        assert codes(hall.push(firm.root, "HEAD:refs/heads/work")) == ["push.unsigned"]

    def test_a_policy_that_does_not_ask_takes_both(self, hall: Hall, firm: Company) -> None:
        assert signed(hall, firm, "HEAD~1:main").returncode == 0
        assert hall.push(firm.root, "HEAD:main").returncode == 0

    def test_by_a_stranger(self, strict: tuple[Hall, Company], tmp_path: Path) -> None:
        hall, firm = strict
        make_key(tmp_path / "stranger")
        assert codes(signed(hall, firm, "HEAD:main", key=tmp_path / "stranger")) == ["sig.unknown_key"]

    def test_played_again(self, strict: tuple[Hall, Company], tmp_path: Path) -> None:
        """Somebody caught the bytes of a push and sends them again, after the server's nonce has changed."""
        hall, firm = strict
        caught = capture(hall, firm, tmp_path)
        hall.config("receive.certNonceSeed", "another")
        told = replay(hall, caught)
        assert "[push.nonce]" in told
        assert hall.tip() == firm.git("rev-parse", "main")

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ("nonce [^\n]*", "nonce 1-2", "push.nonce"),
            ("pusher [^\n]* ([0-9])", r"pusher boss \1", "sig.bad"),
            ("certificate version 0[.]1", "certificate version 0.2", "push.certificate"),
            (f"[0-9a-f]{{40}} ([0-9a-f]{{40}}) {MAIN}", f"{ZERO} \\1 refs/heads/mine", "sig.bad"),
        ],
        ids=["nonce", "pusher", "version", "refs"],
    )
    def test_altered_on_the_way(
        self, strict: tuple[Hall, Company], tmp_path: Path, old: str, new: str, code: str
    ) -> None:
        hall, firm = strict
        before = hall.refs()
        done = signed(hall, firm, "HEAD:main", way=between(tmp_path, old, new))
        assert codes(done) == [code]
        assert hall.refs() == before

    def test_the_unaltered_twin(self, strict: tuple[Hall, Company], tmp_path: Path) -> None:
        hall, firm = strict
        done = signed(hall, firm, "HEAD:main", way=between(tmp_path, "nothing like this", ""))
        assert done.returncode == 0, done.stderr


BETWEEN = """
import re, sys
source, sink = sys.stdin.buffer, sys.stdout.buffer
while (size := source.read(4)) not in (b"0000", b""):
    line = source.read(int(size, 16) - 4)
    line = re.sub(sys.argv[1].encode(), sys.argv[2].encode(), line)
    sink.write(b"%04x" % (len(line) + 4) + line)
sink.write(size)
sink.flush()
while data := source.read1(65536):
    sink.write(data)
    sink.flush()
"""


def between(folder: Path, old: str, new: str) -> Path:
    """Return a program that stands between client and server and alters the lines of the certificate."""
    program, words = folder / "between.py", [shlex.quote(w) for w in (old, new)]
    program.write_text(BETWEEN)
    script = folder / "between.sh"
    script.write_text(f'#!/bin/sh\n{sys.executable} {program} {" ".join(words)} | git receive-pack "$1"\n')
    script.chmod(0o755)
    return script


def capture(hall: Hall, firm: Company, folder: Path) -> bytes:
    """Return the bytes that a signed push sends, by a receiver that writes them down and answers nothing."""
    spy = folder / "spy"
    spy.write_text(f"#!/bin/sh\ngit receive-pack --advertise-refs {hall.path}\ncat > {folder}/caught\n")
    spy.chmod(0o755)
    signed(hall, firm, "HEAD:main", way=spy)
    return (folder / "caught").read_bytes()


def replay(hall: Hall, caught: bytes) -> str:
    """Send caught bytes again."""
    assert b"push-cert\0" in caught
    done = subprocess.run(
        ["git", "receive-pack", str(hall.path)], input=caught, env=environment(), capture_output=True, check=False
    )
    told = (done.stdout + done.stderr).decode(errors="replace")
    assert "Traceback" not in told
    return told
