"""The parts of the server's hooks, called in process: verdicts on their way, tags, certificates, crashes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from orderctl.git import Git
from orderctl.hooks import pending
from orderctl.hooks.commit import judge_outgoing
from orderctl.hooks.landed import record as landed
from orderctl.hooks.push import Update, judge_refs
from orderctl.hooks.receive import digest_of, judge
from orderctl.hooks.say import lines, refused
from orderctl.hooks.signed import judge_certificate, judge_tag
from orderctl.hooks.supervise import supervised
from orderctl.model import Finding, SetupError, Severity
from orderctl.trust.ledger import Record, append, ledger_path, locked, read_ledger
from orderctl.trust.policy import Policy
from orderctl.trust.refusal import Refusal
from orderctl.trust.server import hooks_folders, is_ours, launcher, read_server
from orderctl.trust.state import State
from orderctl.workspace import Workspace
from tests.server.hall import MAIN, ZERO, Hall, git, raw_commit
from tests.server.test_ledger import record
from tests.trust.histories import DAY, signer, start
from tests.trust.judging import Gate
from tests.trust.repository import Repository
from tests.trust.steps import rewritten

ME = os.getpid()


class Push:
    """A process that moves refs, until it ends."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
        self.id = self.process.pid

    def end(self, *, asked: bool) -> None:
        """End it; not ``asked`` for by its parent it stays as a zombie."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        os.waitid(os.P_PID, self.id, os.WEXITED | os.WNOWAIT)
        if asked:
            self.process.wait()


@pytest.fixture
def other() -> Iterator[Push]:
    made = Push()
    yield made
    made.end(asked=True) if made.process.returncode is None else None


def files(state: Path) -> int:
    return len(list((state / "verdicts").glob("*.json")))


class TestVerdictsOnTheirWay:
    """Whether a push is just moving a branch, and by which verdicts a branch got where it is."""

    def test_another_live_push_moves_it(self, tmp_path: Path) -> None:
        one = record(1)
        pending.reserve(tmp_path, [one], ME)
        assert pending.moving(tmp_path, MAIN, one.old, 1)
        assert not pending.moving(tmp_path, MAIN, one.old, ME)  # that is this push itself
        assert not pending.moving(tmp_path, MAIN, one.new, 1)
        assert not pending.moving(tmp_path, "refs/heads/other", one.old, 1)
        assert pending.pending(tmp_path, MAIN, one.old, one.new) == one
        assert pending.pending(tmp_path, MAIN, one.old, one.old) is None

    @pytest.mark.parametrize("asked", [False, True])
    def test_a_push_that_died_moves_nothing(self, tmp_path: Path, other: Push, asked: bool) -> None:
        pending.reserve(tmp_path, [record(1)], other.id)
        assert pending.moving(tmp_path, MAIN, record(1).old, ME)
        assert files(tmp_path) == 1
        other.end(asked=asked)
        assert not pending.moving(tmp_path, MAIN, record(1).old, ME)
        assert files(tmp_path) == 0

    @pytest.mark.parametrize("process", [0, 1])
    def test_what_no_push_can_be_moves_nothing(self, tmp_path: Path, process: int) -> None:
        pending.reserve(tmp_path, [record(1)], process)
        assert not pending.moving(tmp_path, MAIN, record(1).old, ME)

    def test_another_process_of_the_same_number_is_another(self, tmp_path: Path) -> None:
        pending.reserve(tmp_path, [record(1)], ME)
        (file,) = (tmp_path / "verdicts").iterdir()
        value = json.loads(file.read_text())
        assert value["process"] == [ME, pending.started(ME)]
        for owner in ([ME, "1"], [2**70, pending.started(ME)]):
            file.write_text(json.dumps(value | {"process": owner}))
            assert not pending.moving(tmp_path, MAIN, record(1).old, 1)

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "{}", '{"process": 1}', '{"process": [1, "x"], "more": 1}', "\xff"]
    )
    def test_a_file_that_says_nothing_counts_for_nothing(self, tmp_path: Path, text: str) -> None:
        pending.reserve(tmp_path, [record(1)], ME)
        (file,) = (tmp_path / "verdicts").iterdir()
        file.write_bytes(text.encode("latin-1"))
        assert pending.pending(tmp_path, MAIN, record(1).old, record(1).new) is None
        assert not pending.moving(tmp_path, MAIN, record(1).old, 1)

    def test_nor_does_a_link_or_a_verdict_under_another_name(self, tmp_path: Path) -> None:
        pending.reserve(tmp_path, [record(1)], ME)
        (file,) = (tmp_path / "verdicts").iterdir()
        data = file.read_bytes()
        pending.reserve(tmp_path, [record(2)], ME)
        other = next(f for f in (tmp_path / "verdicts").iterdir() if f != file)
        other.write_bytes(data)
        assert pending.pending(tmp_path, MAIN, record(2).old, record(2).new) is None
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
        assert pending.pending(tmp_path, MAIN, record(1).old, record(1).new) is None

    def test_steps_are_found_one_after_the_other(self, tmp_path: Path, other: Push) -> None:
        """Among others, forks and circles."""
        first, second, third = record(1), record(2), record(3)
        fork = replace(second, new="f" * 40)
        back = replace(third, new=first.new)
        elsewhere = replace(first, ref="refs/heads/other")
        pending.reserve(tmp_path, [first, fork, back, elsewhere], ME)
        pending.reserve(tmp_path, [second], other.id)
        other.end(asked=True)

        def path(old: str, new: str, ref: str = MAIN) -> list[Record]:
            return pending.path_between(tmp_path, ref, old, new)

        assert path(first.old, second.new) == [first, replace(second, recovered=True)]
        assert path(first.old, first.new) == [first]
        assert path(second.old, first.new) == [replace(second, recovered=True), back]
        assert path(first.old, "f" * 40) == [first, fork]
        assert path(first.old, "e" * 40) == path(second.new, second.old, "refs/heads/other") == []
        assert path(first.old, first.new, "refs/heads/other") == [elsewhere]

    def test_what_leads_nowhere_any_more_is_forgotten(self, tmp_path: Path, other: Push) -> None:
        pending.reserve(tmp_path, [record(1), record(5, "refs/heads/new")], other.id)
        pending.reserve(tmp_path, [record(2)], ME)
        other.end(asked=True)
        pending.sweep(tmp_path, {MAIN: record(1).old})
        assert files(tmp_path) == 3
        pending.sweep(tmp_path, {MAIN: record(3).old})
        assert files(tmp_path) == 2  # the live one, and that of a branch that the ledger doesn't know
        pending.drop(tmp_path, [record(2), record(9)])
        assert files(tmp_path) == 1

    def test_no_folder_is_an_empty_one(self, tmp_path: Path) -> None:
        assert not pending.moving(tmp_path, MAIN, ZERO, ME)
        assert pending.path_between(tmp_path, MAIN, ZERO, "1" * 40) == []


class TestLanded:
    """What post-receive writes down."""

    def send(self, where: Repository, *updates: tuple[str, str, str]) -> list[str]:
        return landed(where.git, "".join(f"{old} {new} {ref}\n" for old, new, ref in updates).encode())

    @pytest.fixture
    def where(self, tmp_path: Path) -> Repository:
        made = Repository(tmp_path / "firm.git")
        ledger_path(made.folder).parent.mkdir()
        return made

    def test_a_step_with_its_verdict(self, where: Repository) -> None:
        path = ledger_path(where.folder)
        one, two = record(0), record(1)
        pending.reserve(path.parent, [one, two], ME)
        assert self.send(where, (one.old, one.new, MAIN)) == [MAIN]
        assert self.send(where, (two.old, two.new, MAIN)) == [MAIN]
        assert [(e.old, e.new, e.recovered) for e in read_ledger(path).entries] == [
            (one.old, one.new, False), (two.old, two.new, False),
        ]  # fmt: skip
        assert files(path.parent) == 0

    def test_a_step_without_one_is_left_to_the_next_push(self, where: Repository) -> None:
        assert self.send(where, (record(1).old, record(1).new, MAIN)) == [MAIN]
        assert read_ledger(ledger_path(where.folder)).entries == ()

    def test_a_step_that_the_next_push_has_written_already(self, where: Repository) -> None:
        path = ledger_path(where.folder)
        with locked(path.parent):
            append(path, [replace(record(1), recovered=True), record(2)])
        pending.reserve(path.parent, [record(1)], ME)
        assert self.send(where, (record(1).old, record(1).new, MAIN)) == [MAIN]
        assert len(read_ledger(path).entries) == 2
        assert files(path.parent) == 0

    def test_a_branch_made_anew(self, where: Repository) -> None:
        path = ledger_path(where.folder)
        with locked(path.parent):
            append(path, [record(1)])
        anew = replace(record(7), old=ZERO)
        pending.reserve(path.parent, [anew], ME)
        self.send(where, (ZERO, anew.new, MAIN))
        assert [e.new for e in read_ledger(path).entries] == [record(1).new, anew.new]

    def test_what_nobody_guards_is_not_written_down(self, where: Repository) -> None:
        one = record(1)
        refs = ("refs/heads/work", "refs/tags/v1")
        pending.reserve(ledger_path(where.folder).parent, [replace(one, ref=ref) for ref in refs], ME)
        assert self.send(where, *((one.old, one.new, ref) for ref in refs), (one.old, ZERO, MAIN)) == []
        assert read_ledger(ledger_path(where.folder)).entries == ()


@pytest.fixture(scope="module")
def policies() -> dict[str, Policy]:
    """A policy, and one by which lin-xiao has left."""
    gate, found = Gate(), {}
    people = start()["policy/people.yaml"]
    gone = rewritten(people, r"^  - id: lin-xiao$", "  - id: lin-xiao\n    left_on: 2024-05-21")
    for name, doc in (("all", people), ("left", gone)):
        made = gate.store.commit((), {**start(), "policy/people.yaml": doc}, DAY, "gao-yuan")
        found[name] = State(gate.world, gate.graph.commit(made.id).tree, DAY).policy()
    return found


NOW = DAY + 5 * 86400
BODY = b"object %s\ntype commit\ntag v1\ntagger A <a@example.com> %d +0000\n\nrelease\n"


class TestTags:
    """M15: what signs a release."""

    @pytest.mark.parametrize(
        ("head", "key", "ref", "policy", "code"),
        [
            (BODY, "lin-xiao", "v1", "all", ""),
            (BODY, "lin-xiao", "v1", "left", "person.left"),
            (BODY, "lin-xiao", "v2", "all", "tag.name"),
            (BODY, "", "v1", "all", "tag.unsigned"),
            (BODY, "mallory", "v1", "all", "sig.unknown_key"),
            (BODY.replace(b"tagger", b"taggre"), "lin-xiao", "v1", "all", "tag.unsigned"),
            (BODY.replace(b"%d", b"0%d"), "lin-xiao", "v1", "all", "tag.unsigned"),
        ],
    )
    def test_tags(
        self, tmp_path: Path, policies: dict[str, Policy], head: bytes, key: str, ref: str, policy: str, code: str
    ) -> None:
        where = Repository(tmp_path / "firm.git")
        body = head % (where.commit().encode(), NOW)
        tag = where.put("tag", body + (signer(key).armor(body, b"git") if key else b""))
        update = Update(f"refs/tags/{ref}", ZERO, tag)
        if code:
            with pytest.raises(Refusal) as caught:
                judge_tag(where.git, update, policies[policy], NOW)
            assert caught.value.finding.rule == code
        else:
            assert judge_tag(where.git, update, policies[policy], NOW).person == "lin-xiao"

    def test_a_tag_that_is_none(self, tmp_path: Path, policies: dict[str, Policy]) -> None:
        where = Repository(tmp_path / "firm.git")
        with pytest.raises(Refusal) as caught:
            judge_tag(where.git, Update("refs/tags/v1", ZERO, where.commit()), policies["all"], NOW)
        assert caught.value.finding.rule == "tag.unsigned"


CERTIFICATE = f"certificate version 0.1\npusher A <a@example.com> {NOW} +0000\nnonce n1\n\n"
ROWS = f"{ZERO} {'1' * 40} {MAIN}\n{'2' * 40} {'3' * 40} refs/heads/work\n"
UPDATES = [Update(MAIN, ZERO, "1" * 40), Update("refs/heads/work", "2" * 40, "3" * 40)]


class TestCertificates:
    """M17: what signs a push."""

    def judge(self, tmp_path: Path, policy: Policy, text: str, key: str = "lin-xiao", **variables: str) -> str:
        where = Repository(tmp_path / "firm.git")
        body = text.encode()
        blob = where.blob(body + (signer(key).armor(body, b"git") if key else b""))
        given = {"GIT_PUSH_CERT": blob, "GIT_PUSH_CERT_NONCE_STATUS": "OK", "GIT_PUSH_CERT_NONCE": "n1", **variables}
        try:
            return judge_certificate(where.git, given, UPDATES, policy, NOW).person
        except Refusal as refusal:
            return str(refusal.finding.params.get("what") or refusal.finding.rule)

    @pytest.mark.parametrize("more", ["", "pushee ssh://shop.example/x\n"])
    def test_good(self, tmp_path: Path, policies: dict[str, Policy], more: str) -> None:
        text = CERTIFICATE.replace("nonce", f"{more}nonce") + ROWS
        assert self.judge(tmp_path, policies["all"], text) == "lin-xiao"

    @pytest.mark.parametrize(
        ("text", "variables", "said"),
        [
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT": ""}, "push.unsigned"),
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT": ZERO}, "push.unsigned"),
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT": "HEAD"}, "push.unsigned"),
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT": "9" * 40}, "certificate"),
            (CERTIFICATE, {}, "certificate"),
            ("hello\n", {}, "certificate"),
            (CERTIFICATE.replace("0.1", "0.2") + ROWS, {}, "certificate"),
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT_NONCE_STATUS": "SLOP"}, "push.nonce"),
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT_NONCE_STATUS": "BAD"}, "push.nonce"),
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT_NONCE": "n2"}, "push.nonce"),
            (CERTIFICATE + ROWS.splitlines(keepends=True)[0], {}, "refs"),
            (CERTIFICATE + ROWS.replace("work", "word"), {}, "refs"),
            (CERTIFICATE + ROWS + f"{ZERO} {'4' * 40} refs/heads/x\n", {}, "refs"),
        ],
    )
    def test_not_for_this_push(
        self, tmp_path: Path, policies: dict[str, Policy], text: str, variables: dict[str, str], said: str
    ) -> None:
        assert self.judge(tmp_path, policies["all"], text, **variables) == said

    def test_by_whom(self, tmp_path: Path, policies: dict[str, Policy]) -> None:
        text = CERTIFICATE + ROWS
        assert self.judge(tmp_path / "1", policies["left"], text) == "person.left"
        assert self.judge(tmp_path / "2", policies["all"], text, "mallory") == "sig.unknown_key"
        assert self.judge(tmp_path / "3", policies["all"], text, "") == "sig.none"
        assert (
            self.judge(tmp_path / "4", policies["all"], text.replace("nonce n1", "nonce n2"), "mallory") == "push.nonce"
        )


def refs(where: Hall, *updates: Update) -> list[str]:
    repository = Git(where.path, None)
    return [d.finding.rule for d in judge_refs(repository, read_server(repository), updates)]


def test_what_a_protected_branch_may_not_become(plain: Hall, client: Path) -> None:
    tip, tree = plain.tip(), plain.git("rev-parse", f"{MAIN}^{{tree}}")
    work = Update("refs/heads/work", ZERO, tip)
    assert refs(plain, work) == []
    assert refs(plain, replace(work, new=tree)) == ["ref.type"]
    assert refs(plain, Update(MAIN, tip, ZERO)) == ["ref.delete"]
    assert refs(plain, Update("refs/tags/v1", ZERO, tip)) == []
    assert refs(plain, Update("refs/tags/v1", ZERO, ZERO)) == ["tag.moved"]
    plain.git("branch", "work", MAIN)
    assert refs(plain, Update("refs/heads/work", tip, ZERO)) == []
    plain.git("tag", "v1", MAIN)
    assert refs(plain, Update("refs/tags/v1", tip, ZERO)) == ["tag.moved"]


def test_a_commit_that_git_reads_in_its_own_way_is_named_first(plain: Hall) -> None:
    """Two tree headers: nobody knows what the commit holds, so it isn't said that it fails to go on."""
    tree = plain.git("rev-parse", f"{MAIN}^{{tree}}")
    data = raw_commit(tree, []).replace(b"author", b"tree " + tree.encode() + b"\nauthor", 1)
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        cwd=plain.path, input=data, capture_output=True, check=True,
    )  # fmt: skip
    assert refs(plain, Update(MAIN, plain.tip(), made.stdout.decode().strip())) == ["commit.malformed"]
    sound = plain.git("commit-tree", "-m", "x", tree)
    assert refs(plain, Update(MAIN, plain.tip(), sound)) == ["ref.unrelated"]


def test_a_gap_that_somebody_else_closes_meanwhile(plain: Hall, client: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pushes find the same gap: it is written down once. What the gate says is played: here it allows."""
    from orderctl.gate import Verdict

    repository = Git(plain.path, None)
    server, path = read_server(repository), ledger_path(plain.path)
    first, second = git(client, "rev-parse", "HEAD"), git(client, "commit-tree", "-p", "HEAD", "-m", "x", "HEAD^{tree}")
    assert plain.push(client, f"{second}:refs/heads/work").returncode == 0
    plain.git("config", "orderctl.root", git(client, "rev-parse", "HEAD~2"))
    root = read_server(repository).root
    gap = replace(record(0), ref=MAIN, old=root, new=first, observed=1, recovered=True)

    def allow(_workspace: Workspace, base: str, head: str, *, observed: int) -> Verdict:
        if (base, head) == (root, first):
            with locked(path.parent):
                append(path, [gap])
        return Verdict(base, head, observed, (), (), 1, "")

    monkeypatch.setattr("orderctl.gate.gate", allow)
    data = f"{first} {second} {MAIN}\n".encode()
    assert server.root == first
    server = read_server(repository)
    assert judge(Workspace(None, repository), server, data, {}, int(time.time()), ME) == ()
    assert [e.new for e in read_ledger(path).entries] == [first]
    assert files(path.parent) == 1


def test_what_is_not_an_error_refuses_nothing(plain: Hall, client: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal names the errors only, whatever else was found; a parameter of whatever name changes nothing."""
    from orderctl.gate import Verdict

    repository, path = Git(plain.path, None), ledger_path(plain.path)
    found = (
        Finding("some-rule", Severity.WARNING, "a.yaml", ""),
        Finding("other-rule", Severity.ERROR, "b.yaml", "", {"waived_by": "W1"}),
    )
    said = iter([found[:1], found])
    monkeypatch.setattr(
        "orderctl.gate.gate", lambda _w, base, head, *, observed: Verdict(base, head, observed, next(said), (), 1, "")
    )
    old, new = plain.tip(), git(client, "commit-tree", "-p", "HEAD", "-m", "x", "HEAD^{tree}")
    assert plain.push(client, f"{new}:refs/heads/work").returncode == 0
    for rules in ([], ["other-rule"]):
        denials = judge(
            Workspace(None, repository),
            read_server(repository),
            f"{old} {new} {MAIN}\n".encode(),
            {},
            int(time.time()),
            ME,
        )
        assert [d.finding.rule for d in denials] == rules
        assert files(path.parent) == 1


def test_a_verdict_has_one_digest(plain: Hall) -> None:
    from orderctl.gate import Verdict

    one = Verdict("1" * 40, "2" * 40, 5, (Finding("a", Severity.INFO, "x\udcff", "", {"b": 1, "a": "2"}),), (), 1, "d")
    digests = {digest_of(v) for v in (one, replace(one, observed=6), replace(one, findings=()), replace(one, head="3"))}
    assert len(digests) == 4
    assert digest_of(one) == digest_of(replace(one, findings=(replace(one.findings[0], params={"a": "2", "b": 1}),)))


@pytest.mark.parametrize(
    ("ref", "old", "new", "judged"),
    [
        (MAIN, "base", "head", True),
        ("refs/heads/work", "base", "head", False),
        (MAIN, ZERO, "head", False),
        (MAIN, "base", ZERO, False),
        (MAIN, "9" * 40, "head", False),
    ],
)
def test_before_a_push_only_the_protected_branch_is_judged(
    client: Path, monkeypatch: pytest.MonkeyPatch, ref: str, old: str, new: str, judged: bool
) -> None:
    asked = []
    monkeypatch.setattr("orderctl.gate.gate", lambda _w, base, head: asked.append((base, head)))
    names = {"base": git(client, "rev-parse", "HEAD~1"), "head": git(client, "rev-parse", "HEAD")}
    line = f"refs/heads/x {names.get(new, new)} {ref} {names.get(old, old)}\n"
    place = Workspace(client, Git(client / ".git", client))
    found = list(judge_outgoing(place, f"{line}\n".encode(), {}))
    assert [ref for ref, _ in found] == ([MAIN] if judged else [])
    assert asked == ([(names["base"], names["head"])] if judged else [])


class TestSupervised:
    """Work that ends in whatever way is an answer."""

    def test_it_says_yes_or_no(self) -> None:
        assert supervised(lambda: (True, ["a", "b"]), 20) == supervised(lambda: (True, ["a", "b"]), 20)
        assert supervised(lambda: (True, ["a"]), 20).allowed
        assert supervised(lambda: (False, ["a"]), 20).lines == ("a",)
        assert not supervised(lambda: (1, []), 20).allowed  # type: ignore[arg-type,return-value]

    def test_it_says_more_than_fits_into_a_pipe(self) -> None:
        assert supervised(lambda: (True, ["x" * 1_000_000]), 20).lines == ("x" * 1_000_000,)

    def test_it_crashes(self) -> None:
        def crash() -> tuple[bool, list[str]]:
            raise SystemExit(f"two\nlines {'x' * 400}")

        answer = supervised(crash, 20)
        assert not answer.allowed
        assert re.fullmatch("SystemExit: two lines x{278}", answer.problem)

    def test_it_dies(self) -> None:
        assert supervised(lambda: os.kill(os.getpid(), 9), 20).problem == "signal 9"  # type: ignore[arg-type,return-value]
        assert supervised(lambda: os._exit(0), 20).problem == "no answer"

    def test_it_has_no_time(self) -> None:
        assert supervised(lambda: (True, []), 0.0).problem == "time"
        assert supervised(lambda: signal.pause(), 0.05).problem == "time"  # type: ignore[arg-type,return-value]  # noqa: PLW0108

    def test_it_says_something_else(self) -> None:
        def odd() -> tuple[bool, list[str]]:
            return True, [{1}]  # type: ignore[list-item]

        answer = supervised(odd, 20)
        assert (answer.allowed, answer.problem) == (False, "no answer")


def test_a_denial_is_cut_and_shown_safely(plain: Hall) -> None:
    from orderctl.hooks.push import Denial

    repository = Git(plain.path, None)
    server = read_server(repository)
    finding = Finding(
        "ref.forbidden", Severity.ERROR, "", "", {"ref": "\x1b[31m" + "x" * 500, "commit": "", "person": ""}
    )
    denials = [Denial(f"refs/heads/{n}", finding) for n in range(41)]
    said = lines(repository, server, denials, "en")
    assert len(said) == 40
    assert said[-1] == "… and 2 more"
    assert all("\x1b" not in line for line in said)
    assert len(lines(repository, server, denials[:39], "en")) == 39
    assert len(lines(repository, server, denials[:40], "en")) == 40


def test_what_is_said_of_what_is_not_there(plain: Hall) -> None:
    from orderctl.hooks.push import Denial

    repository = Git(plain.path, None)
    finding = Finding(
        "ref.forbidden", Severity.ERROR, "a.yaml", "", {"ref": "x", "commit": "1" * 40, "person": ""}, 3, 1
    )
    (line,) = lines(repository, read_server(repository), [Denial(MAIN, finding)], "en")
    assert line.startswith(f"{MAIN} 1111111111 [ref.forbidden] a.yaml:3: ")
    error = SetupError("setup.sample", "样例", "a sample" + "x" * 400)
    assert refused(error, "zh") == "[setup.sample] 样例"
    assert re.fullmatch(r"\[setup.sample\] a samplex+…", refused(error, "en"))
    assert len(refused(error, "en")) == 400


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        ("0.5", 0.5),
        ("soon", 120.0),
        ("0", 120.0),
        ("-1", 120.0),
        ("nan", 120.0),
        ("1e6", 120.0),
        ("999999", 999999.0),
    ],
)
def test_how_long_a_push_may_take(tmp_path: Path, value: str, seconds: float) -> None:
    where = Repository(tmp_path / "firm.git")
    assert read_server(where.git).time_limit == 120.0
    where.run("config", "orderctl.timeLimit", value)
    assert read_server(where.git).time_limit == seconds


def test_settings_of_a_server(tmp_path: Path) -> None:
    where = Repository(tmp_path / "firm.git")
    assert (read_server(where.git).protected, read_server(where.git).root) == ((MAIN,), "")
    for ref in (MAIN, "refs/heads/release", MAIN):
        where.run("config", "--add", "orderctl.protected", ref)
    (where.folder / "config").write_text(
        (where.folder / "config").read_text() + "[orderctl]\n\troot = 1\n\troot = 2\n\tbare\n"
    )
    server = read_server(where.git)
    assert (server.protected, server.root, server.settings["orderctl.bare"]) == (
        (MAIN, "refs/heads/release"),
        "2",
        "true",
    )


def test_whose_hook_it_is(tmp_path: Path) -> None:
    file = tmp_path / "pre-receive"
    assert not is_ours(file)
    file.write_text("#!/bin/sh\n")
    assert not is_ours(file)
    file.write_text(launcher("pre-receive"))
    assert is_ours(file)
    (tmp_path / "link").symlink_to(file)
    assert not is_ours(tmp_path / "link")
    assert hooks_folders(Git(tmp_path, None)) == (tmp_path / "hooks", tmp_path / "hooks")


def test_what_a_verdict_holds_is_written(tmp_path: Path) -> None:
    pending.reserve(tmp_path, [record(1)], ME)
    (file,) = (tmp_path / "verdicts").iterdir()
    assert json.loads(file.read_text()) == asdict(record(1)) | {"process": [ME, pending.started(ME)]}
    assert re.fullmatch(r"[0-9a-f]{32}\.json", file.name)
