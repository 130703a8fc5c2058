"""A new workspace with a key has a policy that loads; its digest is told, to be kept elsewhere."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from orderctl.starter import person_id
from orderctl.trust.policy import MANIFEST, load_policy
from tests.trust.policies import KINDS
from tests.workspaces import found, orderctl

IDENTITY = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"} | {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Lin Xiao"), ("EMAIL", "lin.xiao@muyan.example"))
}


def make(folder: Path, *options: str) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-C", "lin", "-f", folder / "key", *options], check=True)
    return folder / "key"


@pytest.mark.parametrize("suffix", ["", ".pub"])
def test_a_workspace_of_one_person_can_change_its_policy(tmp_path: Path, suffix: str) -> None:
    key = make(tmp_path, "-t", "ed25519")

    done = orderctl(tmp_path, "init", "shop", "--key", f"{key}{suffix}", **IDENTITY)

    assert done.returncode == 0
    shop = tmp_path / "shop"
    files = {p.relative_to(shop).as_posix(): p.read_bytes() for p in shop.rglob("*") if p.is_file()}
    policy = load_policy(lambda path: ("100644", files[path]) if path in files else None, KINDS)
    assert policy.version == 1
    assert "policy-admin" in policy.people["lin-xiao"].roles
    assert [k.algorithm for k in policy.people["lin-xiao"].keys] == ["ssh-ed25519"]
    assert set(policy.people["lin-xiao"].roles) >= {"sales-director", "technical"}, "who else enters products"
    assert sha256(files[MANIFEST]).hexdigest() in done.stderr
    assert "3. orderctl submit policy" in done.stderr
    assert orderctl(shop, "check").stdout == "7 documents checked: no findings\n"
    assert orderctl(shop, "fmt", "--check").returncode == 0
    setting = subprocess.run(["git", "config", "user.signingKey"], cwd=shop, capture_output=True, text=True, check=True)
    assert setting.stdout == f"{key}.pub\n"


@pytest.mark.parametrize(
    ("name", "email", "id"),
    [
        ("Lin Xiao", "", "lin-xiao"),
        ("林晓", "lin.xiao@muyan.example", "lin-xiao"),
        ("林晓", "1234+linxiao@users.noreply.github.com", "linxiao"),
        ("林晓", "林@muyan.example", "first-user"),
        ("007", "007@muyan.example", "first-user"),
        ("x" * 40, "", "x" * 32),
    ],
)
def test_who_starts_is_called_as_git_knows_them(name: str, email: str, id: str) -> None:
    assert person_id(name, email) == id


def test_without_a_key_nothing_is_pinned(tmp_path: Path) -> None:
    done = orderctl(tmp_path, "init", "shop", **IDENTITY)

    assert done.returncode == 0
    assert "--key FILE" in done.stderr
    assert not (tmp_path / "shop" / MANIFEST).exists()


@pytest.mark.parametrize(
    ("options", "said"), [(("-t", "rsa", "-b", "1024"), "is no public key that is accepted"), ((), "can't be read")]
)
def test_a_key_that_does_not_do_is_told_before_anything_is_written(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    key = make(tmp_path, *options) if options else tmp_path / "none"

    done = orderctl(tmp_path, "init", "shop", "--key", str(key), **IDENTITY)

    assert (done.returncode, said in done.stderr) == (2, True)
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("policy/flows.yaml", "role: policy-admin,", "role: policy-admin, needs: 2,", "policy.unsatisfiable"),
        ("policy/flows.yaml", "kind: shipment", "kind: shipmnet", "policy.invalid"),
        ("policy/people.yaml", "      - policy-admin\n", "", "policy.unsatisfiable"),
        ("policy/permissions.yaml", "kinds: [hold]", "kinds: [holds]", "policy.invalid"),
        ("policy/people.yaml", "key: ssh-ed25519 AAAA", "key: ssh-ed25519 BBBB", "key.malformed"),
    ],
)
def test_whoever_edits_the_policy_is_told_before_it_is_submitted(
    tmp_path: Path, path: str, old: str, new: str, said: str
) -> None:
    orderctl(tmp_path, "init", "shop", "--key", str(make(tmp_path, "-t", "ed25519")), **IDENTITY)
    file = tmp_path / "shop" / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")

    findings = found(tmp_path / "shop")

    assert [f["rule"] for f in findings] == [said]
    assert findings[0]["line"] > 1
    assert findings[0]["hint"]
