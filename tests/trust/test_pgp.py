"""OpenPGP at the gate: off unless the policy says so; then only pinned, living keys, whatever gpg would trust."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trust.company import AS_OF, Company

GRADE = ("customers/C0001.yaml", "grade: B", "grade: A")


class Ring:
    """A gpg home of the test's own. Its path is short: gpg's agent listens on a socket in it."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def gpg(self, *args: str, stdin: str = "") -> str:
        command = [
            "gpg",
            "--homedir",
            str(self.home),
            "--batch",
            "--no-tty",
            "--pinentry-mode=loopback",
            "--passphrase",
            "",
            *args,
        ]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def make(self, name: str, expires: str = "never") -> str:
        """Make a key as of May 2024; return its fingerprint."""
        self.gpg("--faked-system-time=20240501T000000", "--quick-gen-key", name, "ed25519", "sign", expires)
        listed = self.gpg("--with-colons", "--list-keys", name)
        return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))

    def public(self, fingerprint: str) -> str:
        return self.gpg("--armor", "--export", fingerprint)


@pytest.fixture(scope="module")
def ring() -> Iterator[Ring]:
    with tempfile.TemporaryDirectory(prefix="g", dir="/tmp") as folder:
        os.chmod(folder, 0o700)
        made = Ring(Path(folder))
        yield made
        subprocess.run(["gpgconf", "--homedir", folder, "--kill", "all"], check=False, capture_output=True)


def switch_on(firm: Company, keys: dict[str, tuple[str, str]], *, on: bool = True) -> None:
    """Land a policy with these OpenPGP keys: person → (fingerprint, armored public key)."""
    people = firm.read("policy/people.yaml")
    for person, (fingerprint, public) in keys.items():
        block = "".join(f"          {line}\n" if line else "\n" for line in public.splitlines())
        entry = f"    pgp:\n      - fingerprint: {fingerprint}\n        key: |\n{block}"
        people = people.replace(f"- id: {person}\n", f"- id: {person}\n{entry}", 1)
    firm.write("policy/people.yaml", people)
    if on:
        firm.write("policy/permissions.yaml", firm.read("policy/permissions.yaml") + "gpg: true\n")
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "OpenPGP")
    assert firm.codes("HEAD~1") == []
    firm.land()


def commit(firm: Company, ring: Ring, fingerprint: str, at: str = AS_OF) -> str:
    """Change the customer's grade in a commit signed with OpenPGP."""
    firm.edit(*GRADE)
    wrapper = ring.home / "sign.sh"
    faked = "--faked-system-time=20240525T040000"
    wrapper.write_text(
        f'#!/bin/sh\nexec gpg --homedir {ring.home} --batch --pinentry-mode=loopback --passphrase "" {faked} "$@"\n'
    )
    wrapper.chmod(0o700)
    firm.git("add", "-A")
    firm.git(
        "-c", "user.name=su-cai", "-c", "user.email=su-cai@muyan.example", "-c", "gpg.format=openpgp",
        "-c", f"gpg.program={wrapper}", "-c", f"user.signingkey={fingerprint}", "commit", "-q", "-S", "-m", "grade",
        GIT_AUTHOR_DATE=at, GIT_COMMITTER_DATE=at,
    )  # fmt: skip
    return firm.head()


def test_s17_openpgp_is_off(firm: Company, ring: Ring) -> None:
    mine = ring.make("off@example")
    switch_on(firm, {"su-cai": (mine, ring.public(mine))}, on=False)
    commit(firm, ring, mine)
    assert firm.codes("HEAD~1") == ["sig.backend_disabled"]


def test_s28_s29_a_pinned_key_passes_and_no_other(firm: Company, ring: Ring) -> None:
    mine, other = ring.make("mine@example"), ring.make("other@example")
    switch_on(firm, {"su-cai": (mine, ring.public(mine))})
    start = firm.head()
    commit(firm, ring, mine)
    assert firm.codes(start) == []
    raw = firm.git("cat-file", "commit", "HEAD") + "\n"
    tampered = firm.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.replace("\n\ngrade", "\n\nGrade"))
    assert firm.everywhere(start, tampered) == ["sig.bad"]
    firm.git("reset", "-q", "--hard", start)
    commit(firm, ring, other)
    assert firm.everywhere(start) == ["sig.unknown_key"]
    known = firm.gate(start, GNUPGHOME=str(ring.home))  # gpg of this computer knows it, the policy doesn't
    assert [f["code"] for f in known["findings"]] == ["sig.unknown_key"]
