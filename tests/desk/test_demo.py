"""The demo: keys, a history that holds, a policy that grew, an order by each kind of evidence, a forgery."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from pathlib import Path

import pytest

from tests.desk.playground import DAY, PENDING, UNIT, Playground, environment, playground
from tests.workspaces import orderctl

SQUASHED, COMMITTED, REVIEWED = "OD2024120002", "OD2024120007", "OD2024120005"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Playground:
    return playground(tmp_path_factory.mktemp("demo") / "shop")


def test_everybody_has_a_key_that_only_its_owner_reads_and_git_never_sees(demo: Playground) -> None:
    folder = demo.root / ".orderctl/keys"
    people = re.findall(r"(?m)^  - id: (\S+)", (demo.root / "policy/people.yaml").read_text("utf-8"))

    assert {"lin-xiao", "chen-jie", "gate-robot", "zhou-min"} <= set(people)
    assert sorted(p.name for p in folder.iterdir()) == sorted(n for p in people for n in (p, f"{p}.pub"))
    assert {stat.S_IMODE((folder / person).stat().st_mode) for person in people} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert demo.git("status", "--porcelain") == ""
    assert demo.git("ls-files", ".orderctl") == ""


def test_keys_are_made_anew_each_time(demo: Playground, tmp_path: Path) -> None:
    other = playground(tmp_path / "other")

    assert other.key("chen-jie").read_bytes() != demo.key("chen-jie").read_bytes()
    assert other.git("rev-list", "--max-parents=0", "main") != demo.git("rev-list", "--max-parents=0", "main")


def test_git_signs_as_the_salesperson_and_main_follows_origin(demo: Playground) -> None:
    assert demo.git("config", "user.name") == "Lin Xiao"
    assert demo.git("config", "gpg.format") == "ssh"
    assert demo.git("config", "commit.gpgSign") == "true"
    assert demo.git("config", "user.signingKey") == str(demo.key("lin-xiao"))
    assert demo.git("rev-parse", "main@{upstream}", "main").split()[0] == demo.git("rev-parse", "main")


def test_the_whole_history_holds_in_the_clone_and_in_origin(demo: Playground) -> None:
    for place, *more in ((demo.root, "--rules"), (demo.origin,)):
        done = orderctl(place, "audit", *more, "--output", "json", GIT_CONFIG_GLOBAL="/dev/null")
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["findings"] == []


def test_the_origin_is_guarded_as_the_doctor_wants(demo: Playground) -> None:
    root = demo.git("rev-list", "--max-parents=0", "main")

    assert demo.git("config", "orderctl.root", folder=demo.origin) == root
    assert demo.git("config", "orderctl.protected", folder=demo.origin) == "refs/heads/main"
    demo.run("doctor", folder=demo.origin)


def test_git_and_ssh_keygen_believe_the_signatures(demo: Playground) -> None:
    newest = demo.git("rev-list", "--first-parent", "-n", "3", "main").split()
    for commit in [*newest, demo.git("rev-list", "--max-parents=0", "main")]:
        assert 'Good "git" signature' in demo.try_git("verify-commit", commit).stderr
    signed = demo.root / f"{UNIT}/submission.yaml"
    told = subprocess.run(
        ["ssh-keygen", "-Y", "check-novalidate", "-n", "orderctl-approval@v1", "-s", f"{signed}.sig"],
        input=signed.read_bytes(),
        capture_output=True,
        check=True,
    )
    own = subprocess.run(["ssh-keygen", "-lf", demo.key("lin-xiao")], capture_output=True, check=True)
    assert own.stdout.split()[1] in told.stdout


def test_the_story_checks_clean_on_its_last_day(demo: Playground) -> None:
    found = demo.json("check", "--as-of", DAY)["findings"]

    assert [f for f in found if f["severity"] == "error"] == []


def test_something_waits_for_the_supervisor(demo: Playground) -> None:
    told = demo.run("next", "--for", "chen-jie", "--as-of", DAY)

    assert PENDING in told
    assert PENDING not in demo.run("next", "--for", "su-cai", "--as-of", DAY)


def test_the_policy_grew_by_two_administrators(demo: Playground) -> None:
    text = (demo.root / "policy/policy.yaml").read_text("utf-8")
    approvals = sorted(p.name for p in (demo.root / "policy/approvals").glob("*.yaml"))

    assert "version: 2\n" in text
    assert "previous: " in text
    assert approvals == [f"policy-2-policy-admin.{p}.yaml" for p in ("bai-lu", "su-cai")]
    commit = demo.git("log", "-1", "--format=%H", "--", "policy/policy.yaml")
    assert demo.gate(f"{commit}^", commit, "--as-of", DAY) == []
    assert "zhou-min" not in demo.git("show", f"{commit}^:policy/people.yaml")


def test_an_order_was_approved_by_detached_signatures_alone(demo: Playground) -> None:
    unit = f"orders/2024/12/{SQUASHED}"
    commit = demo.git("log", "-1", "--format=%H", "--", f"{unit}/order.yaml")

    assert "gpgsig" not in demo.git("cat-file", "commit", commit)
    assert all(Path(f"{p}.sig").exists() for p in (demo.root / unit / "approvals").glob("*.yaml"))
    assert demo.gate(f"{commit}^", commit, "--as-of", DAY) == []


def test_an_order_was_approved_by_signed_commits_alone(demo: Playground) -> None:
    unit = f"orders/2024/12/{COMMITTED}"

    assert list((demo.root / unit).rglob("*.sig")) == []
    for commit in demo.git("log", "--format=%H", "--", f"{unit}/approvals").split():
        assert "gpgsig" in demo.git("cat-file", "commit", commit)
        assert demo.gate(f"{commit}^", commit, "--as-of", DAY) == []


def test_an_order_was_approved_by_reviews_and_has_receipts(demo: Playground) -> None:
    unit = demo.root / f"orders/2024/12/{REVIEWED}"
    receipts = sorted(p.name.removesuffix(".receipt.yaml") for p in (unit / "receipts").iterdir())

    assert receipts == sorted(p.stem for p in (unit / "approvals").iterdir())
    pulls = sorted((demo.root / ".orderctl/reviews").glob("*.json"))
    assert len(pulls) == len(receipts) == 3
    for pull in pulls:
        merge = demo.git("log", "-1", "--format=%H", "--merges", f"--grep=#{pull.stem}:")
        assert demo.gate(f"{merge}^1", merge, "--as-of", DAY) == ["approval.evidence"]
        assert demo.gate(f"{merge}^1", merge, "--as-of", DAY, "--reviews", str(pull)) == []


def test_the_forgery_can_be_looked_at(demo: Playground) -> None:
    verdict = demo.json("gate", "--base", "main", "--head", "forgery")

    assert verdict["verdict"] == "deny"
    assert [(f["code"], f["person"]) for f in verdict["findings"]] == [("approval.signer", "chen-jie")]
    assert demo.git("rev-parse", "forgery") == demo.git("rev-parse", "forgery", folder=demo.origin)


def test_an_own_sample_with_an_order_of_days(demo: Playground) -> None:
    times = [int(t) for t in demo.git("log", "--first-parent", "--reverse", "--format=%ct", "main").split()]

    assert times == sorted(times)
    assert demo.git("fsck", "--strict") == ""


def test_the_users_own_hooks_folder_is_left_alone_and_origin_guarded_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "hooks").mkdir()
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\thooksPath = {tmp_path / 'hooks'}\n", encoding="utf-8")

    done = orderctl(tmp_path, "demo", "shop", GIT_CONFIG_GLOBAL=str(settings))

    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "hooks").iterdir()) == []
    push = ["git", "push", "-q", "origin", "forgery:main"]
    told = subprocess.run(
        push,
        cwd=tmp_path / "shop",
        env=environment() | {"GIT_CONFIG_GLOBAL": str(settings)},
        capture_output=True,
        check=False,
    )
    assert told.returncode != 0
    assert b"[approval.signer]" in told.stderr


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/note.txt").write_text("mine", encoding="utf-8")

    done = orderctl(tmp_path, "demo", "mine")

    assert done.returncode == 2
    assert "is not empty; nothing was written" in done.stderr
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["note.txt"]
