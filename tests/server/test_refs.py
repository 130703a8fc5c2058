"""What a push may do to refs, whatever the commits hold: each refusal beside a push that passes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.hall import MAIN, ZERO, Hall, codes, environment, git, object_id, raw_commit


def test_a_branch_of_ones_own_passes(plain: Hall, client: Path) -> None:
    git(client, "commit", "-q", "--allow-empty", "-m", "work in progress")
    done = plain.push(client, "HEAD:refs/heads/draft/OD2024050014")
    assert done.returncode == 0, done.stderr
    assert plain.tip("refs/heads/draft/OD2024050014") == git(client, "rev-parse", "HEAD")
    assert plain.ledger() == []


def test_m06_force_push(plain: Hall, client: Path) -> None:
    before = plain.refs()
    git(client, "reset", "-q", "--hard", "HEAD~1")
    git(client, "commit", "-q", "--allow-empty", "-m", "another way")
    done = plain.push(client, "--force", "HEAD:main")
    assert done.returncode != 0
    assert codes(done) == ["ref.non_ff"]
    assert plain.refs() == before


def test_m08_rollback_to_an_old_tip(plain: Hall, client: Path) -> None:
    assert plain.push(client, "HEAD~1:refs/heads/old").returncode == 0  # the old tip under another name: no harm
    done = plain.push(client, "+HEAD~1:main")
    assert codes(done) == ["ref.non_ff"]
    assert plain.tip() == git(client, "rev-parse", "HEAD")


def test_m07_delete_main(plain: Hall, client: Path) -> None:
    done = plain.push(client, ":main")
    assert codes(done) == ["ref.delete"]
    assert plain.tip() != ""


def test_m07_delete_and_make_again_in_one_push(plain: Hall, client: Path) -> None:
    tip, old = plain.tip(), git(client, "rev-parse", "HEAD~1")
    told = plain.send([(tip, ZERO, MAIN), (ZERO, old, MAIN)])
    assert "[ref.delete]" in told
    assert plain.tip() == tip


def test_c09_a_history_of_its_own(plain: Hall, client: Path) -> None:
    git(client, "checkout", "-q", "--orphan", "new")
    git(client, "commit", "-q", "-m", "no ancestors")
    assert codes(plain.push(client, "--force", "new:main")) == ["ref.unrelated"]
    assert plain.push(client, "new:refs/heads/new").returncode == 0


def test_c10_a_commit_whose_parent_is_missing(plain: Hall, client: Path) -> None:
    tree = git(client, "rev-parse", "HEAD^{tree}")
    data = raw_commit(tree, ["1" * 40])
    tip = plain.tip()
    told = plain.send([(tip, object_id("commit", data), MAIN)], [("commit", data)])
    assert f"ng {MAIN}" in told
    assert plain.tip() == tip
    sound = raw_commit(tree, [tip])
    told = plain.send([(ZERO, object_id("commit", sound), "refs/heads/sound")], [("commit", sound)])
    assert "ok refs/heads/sound" in told


@pytest.mark.parametrize(
    "ref", ["refs/replace/" + "1" * 40, "refs/orderctl/x", "refs/notes/commits", "refs/for/main", "refs/pull/1/head"]
)
def test_m12_refs_that_are_no_branch(plain: Hall, client: Path, ref: str) -> None:
    assert codes(plain.push(client, f"HEAD:{ref}")) == ["ref.forbidden"]
    assert plain.tip(ref) == ""


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("HEAD", "head"),
        ("x/HEAD", "x/head"),
        ("-x", "x-"),
        ("--output=x", "output-x"),
        ("MAIN", "mains"),
        ("Main", "not-Main"),
        ("x\u3000y", "x-y"),
        ("x\u202ey", "xy"),
        ("x" * 190, "x" * 189),
        ("refs/heads/main", "refs-heads-main"),
    ],
)
def test_m18_names(plain: Hall, client: Path, name: str, good: str) -> None:
    tip = git(client, "rev-parse", "HEAD")
    told = plain.send([(ZERO, tip, f"refs/heads/{name}")])
    assert "[ref.name]" in told or "funny refname" in told
    assert not any("\u202e" in line for line in told.splitlines() if "[ref.name]" in line and "pre-receive" not in line)
    assert f"ok refs/heads/{good}" in plain.send([(ZERO, tip, f"refs/heads/{good}")])


@pytest.mark.parametrize(
    ("name", "good"), [("main", "main-1"), ("Main", "domain"), ("origin/main", "origin-main"), ("a/b/MAIN", "main/a")]
)
def test_m18_a_tag_that_git_takes_for_the_branch(plain: Hall, client: Path, name: str, good: str) -> None:
    assert codes(plain.push(client, f"HEAD:refs/tags/{name}")) == ["ref.shadow"]
    assert "policy.missing" in codes(plain.push(client, f"HEAD:refs/tags/{good}"))  # on to the next question


def test_m18_a_name_below_a_branch(plain: Hall, client: Path) -> None:
    assert codes(plain.push(client, "HEAD:refs/heads/main/x")) == ["ref.conflict"]
    assert plain.push(client, "HEAD:refs/heads/main-x").returncode == 0
    assert plain.push(client, "HEAD:refs/heads/a/b/c").returncode == 0
    assert codes(plain.push(client, "HEAD:refs/heads/a")) == ["ref.conflict"]
    assert codes(plain.push(client, "HEAD:refs/heads/a/b/c/d")) == ["ref.conflict"]


def test_m18_a_symbolic_ref_on_the_server(plain: Hall, client: Path) -> None:
    plain.git("symbolic-ref", "refs/heads/alias", MAIN)
    git(client, "commit", "-q", "--allow-empty", "-m", "by the back door")
    tip = plain.tip()
    done = plain.push(client, "HEAD:refs/heads/alias")
    assert codes(done) == ["ref.symbolic"]
    assert plain.tip() == tip
    assert plain.push(client, "HEAD:refs/heads/no-alias").returncode == 0


@pytest.mark.parametrize("atomic", [(), ("--atomic",)])
def test_m14_one_bad_ref_of_two(plain: Hall, client: Path, atomic: tuple[str, ...]) -> None:
    git(client, "commit", "-q", "--allow-empty", "-m", "good")
    done = plain.push(client, *atomic, "HEAD:refs/heads/good", "+HEAD~2:main")
    assert codes(done) == ["ref.non_ff"]
    assert plain.tip("refs/heads/good") == ""
    assert plain.push(client, *atomic, "HEAD:refs/heads/good", "HEAD:refs/heads/good-too").returncode == 0


@pytest.mark.parametrize(("count", "taken"), [(49, True), (50, True), (51, False)])
def test_refs_of_one_push(plain: Hall, client: Path, count: int, taken: bool) -> None:
    done = plain.push(client, *(f"HEAD:refs/heads/n{n}" for n in range(count)))
    assert (done.returncode == 0) is taken
    assert codes(done) == ([] if taken else ["ref.count"])


def test_a_branch_is_a_commit(plain: Hall, client: Path) -> None:
    blob = git(client, "rev-parse", "HEAD:orderctl.yaml")
    told = plain.send([(ZERO, blob, "refs/heads/blob")])
    assert "[ref.type]" in told or "cannot update ref" in told
    assert plain.tip("refs/heads/blob") == ""


def test_malformed_commits_stay_out_of_every_branch(plain: Hall, client: Path) -> None:
    tree, tip = git(client, "rev-parse", "HEAD^{tree}"), plain.tip()
    plain.config("receive.fsckObjects", "false")
    bad = raw_commit(tree, [tip], extra="encoding latin-1\n")
    told = plain.send([(ZERO, object_id("commit", bad), "refs/heads/odd")], [("commit", bad)])
    assert "[commit.malformed]" in told
    good = raw_commit(tree, [tip])
    assert "ok refs/heads/even" in plain.send(
        [(ZERO, object_id("commit", good), "refs/heads/even")], [("commit", good)]
    )


def test_z04_a_push_that_is_too_large(plain: Hall, client: Path) -> None:
    plain.config("receive.maxInputSize", "20k")
    (client / "large").write_bytes(os.urandom(40_000))
    git(client, "add", "large")
    git(client, "commit", "-q", "-m", "large")
    assert plain.push(client, "HEAD:refs/heads/large").returncode != 0
    plain.config("receive.maxInputSize", "100k")
    assert plain.push(client, "HEAD:refs/heads/large").returncode == 0


def test_at_most_forty_lines(plain: Hall, client: Path) -> None:
    for n in range(45):
        plain.git("symbolic-ref", f"refs/heads/alias{n}", MAIN)
    done = plain.push(client, *(f"+HEAD~1:refs/heads/alias{n}" for n in range(45)))
    lines = [line for line in done.stderr.splitlines() if line.startswith("remote: ")]
    assert len(lines) == 40
    assert lines[-1].strip() == "remote: … and 6 more"
    plain.git("symbolic-ref", "-d", "refs/heads/alias0")


def test_answers_in_chinese(plain: Hall, client: Path) -> None:
    done = plain.push(client, ":main", ORDERCTL_LANG="zh")
    assert "受保护，不能删除" in done.stderr
    assert "can't" not in done.stderr


def test_answers_in_the_workspaces_language(plain: Hall, client: Path) -> None:
    assert "is protected and can't be deleted" in plain.push(client, ":main", ORDERCTL_LANG="").stderr


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("{zero} {tip} refs/heads/x", True),
        ("{zero} {tip}", False),
        ("{zero} {tip} ", False),
        ("{zero} --output=x refs/heads/x", False),
        ("0000 {tip} refs/heads/x", False),
        ("{tip}", False),
    ],
)
def test_only_changes_of_refs_are_understood(plain: Hall, line: str, taken: bool) -> None:
    command = [sys.executable, "-I", "-m", "orderctl", "hook", "pre-receive"]
    text = line.format(zero=ZERO, tip=plain.tip()) + "\n"
    done = subprocess.run(
        command, cwd=plain.path, env=environment(), input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "hook.input" in done.stderr) == ((0, False) if taken else (11, True))
