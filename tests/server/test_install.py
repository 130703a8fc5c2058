"""``orderctl hook install``: what it writes, what it pins, and what it leaves alone."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.server.hall import MAIN, Hall, environment, git
from tests.trust.company import CASE, Company
from tests.workspaces import edit, orderctl, workspace


@pytest.fixture(scope="module")
def shop_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = workspace(tmp_path_factory.mktemp("shop") / "work")
    git(root, "checkout", "-q", "-b", "new")
    return root


@pytest.fixture
def shop(shop_once: Path, tmp_path: Path) -> Path:
    root = tmp_path / "work"
    git(tmp_path, "clone", "-q", str(shop_once), str(root))
    return root


def bare(source: Path, folder: Path) -> Path:
    git(folder, "clone", "-q", "--bare", str(source), "server.git")
    return folder / "server.git"


def test_a_server_gets_hooks_settings_and_a_pin(plain_source: Path, tmp_path: Path) -> None:
    path = bare(plain_source, tmp_path)
    tip = git(path, "rev-parse", "main")
    done = orderctl(path, "hook", "install")
    assert done.returncode == 0, done.stderr
    for hook in ("pre-receive", "post-receive"):
        file = path / "hooks" / hook
        assert stat.S_IMODE(file.stat().st_mode) == 0o755
        first, _mark, run = file.read_text().splitlines()
        assert first == "#!/bin/sh"
        assert run.startswith("exec /")
        assert run.endswith(f" -I -m orderctl hook {hook}")
    settings = dict(row.split("=", 1) for row in git(path, "config", "--local", "--list").splitlines())
    wanted = {
        "receive.fsckobjects": "true",
        "receive.denynonfastforwards": "true",
        "receive.denydeletes": "true",
        "receive.maxinputsize": "50m",
        "core.logallrefupdates": "always",
        "orderctl.root": tip,
        "orderctl.protected": MAIN,
    }
    assert {name: settings[name] for name in wanted} == wanted
    assert "receive.advertisepushoptions" not in settings
    assert "receive.certnonceseed" not in settings
    assert tip in done.stderr
    assert settings["orderctl.policy"] in done.stderr


def test_only_branches_are_protected(plain_source: Path, tmp_path: Path) -> None:
    path = bare(plain_source, tmp_path)
    done = orderctl(path, "hook", "install", "--protect", "main", "--protect", "refs/tags/v1")
    assert done.returncode == 2
    assert "refs/tags/v1 is no branch" in done.stderr
    assert not (path / "hooks/pre-receive").exists()


def test_what_is_only_there_when_asked_for(plain_source: Path, tmp_path: Path) -> None:
    path = bare(plain_source, tmp_path)
    root = git(path, "rev-parse", "main~2")
    options = (
        "--push-options",
        "--signed-push",
        "--protect",
        "main",
        "--protect",
        "refs/heads/release",
        "--root",
        root,
    )
    done = orderctl(path, "hook", "install", *options)
    assert done.returncode == 0, done.stderr
    assert git(path, "config", "receive.advertisePushOptions") == "true"
    seed = git(path, "config", "receive.certNonceSeed")
    assert len(seed) == 40
    assert seed not in done.stderr
    assert git(path, "config", "--get-all", "orderctl.protected").split() == [MAIN, "refs/heads/release"]
    assert git(path, "config", "orderctl.root") == root
    assert orderctl(path, "hook", "install", "--protect", "trunk", "--root", root).returncode == 0
    assert git(path, "config", "--get-all", "orderctl.protected").split() == ["refs/heads/trunk"]


def test_installing_again_changes_nothing(plain: Hall) -> None:
    before = {f.name: f.read_bytes() for f in plain.path.glob("hooks/*")}
    plain.install()
    assert {f.name: f.read_bytes() for f in plain.path.glob("hooks/*")} == before
    assert plain.doctor() == []


def test_an_empty_server_needs_to_be_told_the_root(plain_source: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "server.git")
    path = tmp_path / "server.git"
    done = orderctl(path, "hook", "install")
    assert done.returncode == 2
    assert "--root" in done.stderr
    assert not (path / "hooks/pre-receive").exists()
    root = git(plain_source, "rev-parse", "HEAD~2")
    done = orderctl(path, "hook", "install", "--root", root)
    assert done.returncode == 0, done.stderr
    assert git(path, "config", "orderctl.root") == root


def test_a_root_without_policy_is_refused(shop_once: Path, tmp_path: Path) -> None:
    root = tmp_path / "nothing"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    git(root, "commit", "-q", "--allow-empty", "-m", "empty")
    done = orderctl(bare(root, tmp_path), "hook", "install")
    assert done.returncode == 2
    assert "policy/policy.yaml" in done.stderr


def test_a_sample_is_refused(plain_source: Path, tmp_path: Path) -> None:
    root = tmp_path / "sample"
    git(tmp_path, "clone", "-q", str(plain_source), str(root))
    (root / "orderctl.yaml").write_text("schema: workspace/1\nsample: true\n")
    git(root, "commit", "-q", "-a", "-m", "sample")
    done = orderctl(bare(root, tmp_path), "hook", "install")
    assert done.returncode == 2
    assert "sample" in done.stderr


@pytest.mark.parametrize("kind", ["file", "link"])
def test_somebody_elses_hook_stays(plain_source: Path, tmp_path: Path, kind: str) -> None:
    path = bare(plain_source, tmp_path)
    theirs = path / "hooks/pre-receive"
    theirs.parent.mkdir(exist_ok=True)
    if kind == "file":
        theirs.write_text("#!/bin/sh\nexit 0\n")
    else:
        theirs.symlink_to("/bin/true")
    done = orderctl(path, "hook", "install")
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert not (path / "hooks/post-receive").exists()
    assert orderctl(path, "hook", "install", "--force").returncode == 0
    kept = path / "hooks/pre-receive.before-orderctl"
    assert kept.is_symlink() or kept.read_text() == "#!/bin/sh\nexit 0\n"
    assert "orderctl hook pre-receive" in theirs.read_text()


def test_options_of_a_server_are_refused_in_a_work_tree(shop: Path) -> None:
    done = orderctl(shop, "hook", "install", "--protect", "main")
    assert done.returncode == 2
    assert not (shop / ".git/hooks/pre-commit").exists()


def test_hooks_path(shop: Path, tmp_path: Path) -> None:
    everyone = tmp_path / "config"
    everyone.write_text(f"[core]\n\thooksPath = {tmp_path}/shared\n")
    done = orderctl(shop, "hook", "install", GIT_CONFIG_GLOBAL=str(everyone))
    assert done.returncode == 2
    assert "core.hooksPath" in done.stderr
    assert not (tmp_path / "shared").exists()
    git(shop, "config", "core.hooksPath", ".hooks")
    assert orderctl(shop, "hook", "install", GIT_CONFIG_GLOBAL=str(everyone)).returncode == 0
    assert (shop / ".hooks/pre-commit").exists()
    assert not (shop / ".git/hooks/pre-commit").exists()


def test_a_linked_work_tree_uses_the_repositorys_hooks(shop: Path, tmp_path: Path) -> None:
    git(shop, "worktree", "add", "-q", str(tmp_path / "linked"), "-b", "linked")
    done = orderctl(tmp_path / "linked", "hook", "install", "--pre-push", GIT_CONFIG_GLOBAL=os.devnull)
    assert done.returncode == 0, done.stderr
    assert (shop / ".git/hooks/pre-commit").exists()
    assert (shop / ".git/hooks/pre-push").exists()


def commit(root: Path, *args: str) -> str:
    """Commit through git and its hooks; return what was said, with the exit code's meaning in front."""
    done = subprocess.run(
        ["git", "-c", "user.name=Test", "-c", "user.email=t@example.com", "commit", "-q", "-m", "x", *args],
        cwd=root, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return f"{'refused' if done.returncode else 'committed'}\n{done.stderr}"


ORDER = "orders/2024/05/OD2024050012/order.yaml"


def test_a_sound_commit_passes_and_a_broken_one_does_not(shop: Path) -> None:
    assert orderctl(shop, "hook", "install").returncode == 0
    edit(shop, ORDER, "channel: phone", "channel: telephone")
    git(shop, "add", "-A")
    head = git(shop, "rev-parse", "HEAD")
    said = commit(shop)
    assert said.startswith("refused")
    assert ORDER in said
    assert "Not committed." in said
    assert git(shop, "rev-parse", "HEAD") == head
    edit(shop, ORDER, "channel: telephone", "channel: web")
    git(shop, "add", "-A")
    assert commit(shop).startswith("committed")


def test_f17_the_index_is_judged_not_the_files(shop: Path) -> None:
    assert orderctl(shop, "hook", "install").returncode == 0
    edit(shop, ORDER, "channel: phone", "channel: telephone")
    git(shop, "add", "-A")
    edit(shop, ORDER, "channel: telephone", "channel: phone")
    before = (shop / ORDER).read_bytes()
    assert commit(shop).startswith("refused"), "staged: broken; on disk: sound"
    git(shop, "reset", "-q")
    edit(shop, ORDER, "channel: phone", "channel: telephone")
    (shop / "customers/C0001.yaml").write_bytes((shop / "customers/C0001.yaml").read_bytes() + b"# note\n")
    git(shop, "add", "customers/C0001.yaml")
    assert commit(shop).startswith("committed"), "staged: sound; on disk: broken"
    edit(shop, ORDER, "channel: telephone", "channel: phone")
    assert (shop / ORDER).read_bytes() == before


def test_f17_a_commit_of_named_paths(shop: Path) -> None:
    assert orderctl(shop, "hook", "install").returncode == 0
    customer = "customers/C0001.yaml"
    edit(shop, ORDER, "channel: phone", "channel: telephone")
    git(shop, "add", "-A")
    (shop / customer).write_bytes((shop / customer).read_bytes() + b"# note\n")
    assert commit(shop, "--", customer).startswith("committed"), "the broken order is staged but not part of it"
    assert commit(shop, "--", ORDER).startswith("refused")


def test_the_first_commit(shop_once: Path, tmp_path: Path) -> None:
    root = tmp_path / "fresh"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    git(root, "pull", "-q", str(shop_once), "new")
    git(root, "update-ref", "-d", "HEAD")
    assert orderctl(root, "hook", "install").returncode == 0
    assert commit(root).startswith("committed")


def test_a_workspace_below_its_repository(shop_once: Path, tmp_path: Path) -> None:
    root = tmp_path / "all"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    git(root, "clone", "-q", str(shop_once), "shop")
    shutil.rmtree(root / "shop/.git")
    assert orderctl(root / "shop", "hook", "install").returncode == 0
    git(root, "add", "-A")
    assert commit(root).startswith("committed")
    edit(root, f"shop/{ORDER}", "channel: phone", "channel: telephone")
    git(root, "add", "-A")
    assert commit(root).startswith("refused")


def test_hints_in_chinese(shop: Path) -> None:
    edit(shop, ORDER, "channel: phone", "channel: telephone")
    git(shop, "add", "-A")
    done = orderctl(shop, "hook", "pre-commit", ORDERCTL_LANG="zh")
    assert done.returncode == 10
    assert "“订单渠道”不能是“telephone”" in done.stderr


def test_what_the_gate_may_refuse_later_is_said_before_the_commit(firm: Company) -> None:
    assert orderctl(firm.root, "hook", "pre-commit").stderr == (
        "Note: Commits are not signed here, and the gate takes signed ones only: git config commit.gpgSign true\n"
    )
    firm.git("config", "commit.gpgSign", "true")
    assert orderctl(firm.root, "hook", "pre-commit").stderr == ""
    firm.write("policy/people.yaml", firm.read("policy/people.yaml") + "# note\n")
    firm.edit(f"{CASE}/order.yaml", "receiver: 赵敏", "receiver: 赵敏敏")
    firm.git("add", "-A")
    told = orderctl(firm.root, "hook", "pre-commit").stderr
    assert f"policy/people.yaml is policy and travels alone: take {CASE}/order.yaml out of this commit" in told
    assert "orderctl submit policy raises its version first" in told
