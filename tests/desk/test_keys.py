"""Whose key signs: file, git's setting, agent, passphrase; keys that are missing, unknown, retired or ambiguous."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.conftest import Refused
from tests.desk.office import LATER, NUMBER, Office, make_key, said, write_manifest
from tests.workspaces import CASE, edit

ARGS = ["approve", NUMBER, "--stage", "sales-supervisor", "--opinion", "价格符合折扣政策", "--as-of", LATER]
FIRST = f"{CASE}/approvals/order-1-sales-supervisor.chen-jie.yaml"
BARE = {"GIT_CONFIG_GLOBAL": os.devnull}
"""A computer whose git knows nobody."""


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[str]:
    """A running ssh-agent without keys: its socket."""
    socket = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        while not socket.exists():
            select.select([], [], [], 0.01)
        yield str(socket)
    finally:
        process.terminate()
        process.wait()


def add(socket: str, key: Path) -> None:
    environment = os.environ | {"SSH_AUTH_SOCK": socket}
    subprocess.run(["ssh-add", "-q", str(key)], env=environment, check=True, capture_output=True)


def signed(at: Office) -> bool:
    return (at.root / f"{FIRST}.sig").is_file() and "approve" in at.git("lin-xiao", "log", "-1", "--format=%s")


@pytest.mark.parametrize("half", ["id", "id.pub"])
def test_key_file_without_any_git_settings(submitted: Office, half: str) -> None:
    key = submitted.key("chen-jie").with_name(half)
    done = submitted.run("chen-jie", *ARGS, "--yes", "--key", str(key), **BARE)
    assert done.returncode == 0, said(done)
    assert signed(submitted)
    assert submitted.git("lin-xiao", "log", "-1", "--format=%an <%ae>").strip() == "陈洁 <chen.jie@muyan.example>"


def test_the_only_known_key_of_the_agent(submitted: Office, agent: str, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger" / "id"
    make_key(stranger)
    add(agent, stranger)
    add(agent, submitted.key("chen-jie"))
    done = submitted.run("chen-jie", *ARGS, "--yes", **BARE, SSH_AUTH_SOCK=agent)
    assert done.returncode == 0, said(done)
    assert signed(submitted)


def test_a_public_key_in_git_and_its_private_half_in_the_agent(submitted: Office, agent: str, tmp_path: Path) -> None:
    add(agent, submitted.key("chen-jie"))
    public = tmp_path / "far" / "key.pub"
    public.parent.mkdir()
    public.write_text(submitted.key("chen-jie").with_name("id.pub").read_text())
    for number, value in enumerate((str(public), "key::" + public.read_text().strip())):
        settings = tmp_path / f"config{number}"
        settings.write_text(f'[user]\n\tsigningKey = "{value}"\n[gpg]\n\tformat = ssh\n')
        place = submitted.copy(tmp_path / f"again{number}")
        done = place.run("chen-jie", *ARGS, "--yes", GIT_CONFIG_GLOBAL=str(settings), SSH_AUTH_SOCK=agent)
        assert done.returncode == 0, said(done)
        assert signed(place)


def test_several_known_keys_in_the_agent_need_a_choice(submitted: Office, agent: str, refused: Refused) -> None:
    add(agent, submitted.key("chen-jie"))
    add(agent, submitted.key("su-cai"))
    told = refused(submitted, "chen-jie", *ARGS, "--yes", code=2, **BARE, SSH_AUTH_SOCK=agent)
    assert "several keys that the policy knows" in told
    assert "--key FILE.pub" in told
    done = submitted.run("chen-jie", *ARGS, "--yes", "--person", "chen-jie", **BARE, SSH_AUTH_SOCK=agent)
    assert done.returncode == 0, said(done)


def test_no_key_at_all_says_how_to_make_one(submitted: Office, refused: Refused) -> None:
    told = refused(submitted, "chen-jie", *ARGS, "--yes", code=2, **BARE)
    assert "ssh-keygen -t ed25519" in told
    assert "git config --global user.signingKey" in told
    zh = refused(submitted, "chen-jie", *ARGS, "--yes", code=2, **BARE, ORDERCTL_LANG="zh")
    assert "没有找到签名密钥" in zh


def test_a_key_file_that_is_not_there(submitted: Office, refused: Refused, tmp_path: Path) -> None:
    told = refused(submitted, "chen-jie", *ARGS, "--yes", "--key", "nowhere/id", code=2)
    assert "nowhere/id can't be read (No such file or directory; named by --key)" in told
    settings = tmp_path / "config"
    settings.write_text("[user]\n\tsigningKey = ~/gone.pub\n[gpg]\n\tformat = ssh\n")
    told = refused(submitted, "chen-jie", *ARGS, "--yes", code=2, GIT_CONFIG_GLOBAL=str(settings))
    assert "gone.pub can't be read" in told
    assert "git config user.signingKey" in told


def test_a_public_half_alone_cannot_sign(submitted: Office, refused: Refused, tmp_path: Path) -> None:
    alone = tmp_path / "alone.pub"
    alone.write_text(submitted.key("chen-jie").with_name("id.pub").read_text())
    told = refused(submitted, "chen-jie", *ARGS, "--yes", "--key", str(alone), code=2)
    assert f"the private half of {alone} isn't there" in told
    assert "Nothing was left behind" in told


def test_a_pub_file_of_another_key_is_noticed(submitted: Office, refused: Refused, tmp_path: Path) -> None:
    odd = tmp_path / "odd" / "id"
    make_key(odd)
    odd.with_name("id.pub").write_text(submitted.key("chen-jie").with_name("id.pub").read_text())
    told = refused(submitted, "chen-jie", *ARGS, "--yes", "--key", str(odd.with_name("id.pub")), code=2)
    assert "didn't sign" in told or "belong together" in told


def test_an_unknown_key_is_told_what_to_give_to_whom(submitted: Office, refused: Refused, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger" / "id"
    public = make_key(stranger)
    told = refused(submitted, "chen-jie", *ARGS, "--yes", "--key", str(stranger), code=2)
    assert public.split()[1] in told
    assert "administrators: Gao Yuan (gao-yuan), Jiang Ming (jiang-ming). " in told
    assert "policy/people.yaml" in told


def test_a_weak_key_is_refused_by_name(submitted: Office, refused: Refused, tmp_path: Path) -> None:
    weak = tmp_path / "weak" / "id"
    make_key(weak, "-t", "rsa", "-b", "2048")
    told = refused(submitted, "chen-jie", *ARGS, "--yes", "--key", str(weak), code=2)
    assert "rsa from 3072 bits on" in told


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("retired_at: 2024-05-07T14:00:00+08:00", "is retired"),
        ("active_from: 2024-05-07T14:00:01+08:00", "isn't active yet"),
        ("compromised_since: 2024-05-07T14:00:00+08:00", "is marked as compromised"),
        ("namespaces: [git]", "may not be used for orderctl-approval@v1"),
        ("retired_at: 2024-05-07T14:00:01+08:00", ""),
        ("active_from: 2024-05-07T14:00:00+08:00", ""),
    ],
)
def test_the_life_of_a_key(submitted: Office, refused: Refused, line: str, sentence: str) -> None:
    public = submitted.key("su-cai").with_name("id.pub").read_text().strip()
    spare = make_key(submitted.root.parent / "spare" / "id")
    edit(
        submitted.root,
        "policy/people.yaml",
        f"[{{key: {public}}}]",
        f"[{{key: {public}, {line}}}, {{key: {spare}}}]",
    )
    write_manifest(submitted.root)
    submitted.commit("gao-yuan", "keys", "2024-05-07T11:00:00+08:00")
    args = ["reject", NUMBER, "--stage", "finance", "--opinion", "预付比例请改为 50%", "--as-of", LATER, "--yes"]
    told = refused(submitted, "su-cai", *args, code=2 if sentence else 11)
    assert (sentence or "isn't the turn of stage Finance (finance)") in told


def test_a_revoked_key(submitted: Office, refused: Refused) -> None:
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(submitted.key("su-cai"))], check=True, capture_output=True, text=True
    )
    fingerprint = shown.stdout.split()[1]
    spare = make_key(submitted.root.parent / "spare" / "id")
    public = submitted.key("su-cai").with_name("id.pub").read_text().strip()
    edit(submitted.root, "policy/people.yaml", f"[{{key: {public}}}]", f"[{{key: {public}}}, {{key: {spare}}}]")
    (submitted.root / "policy/revoked.yaml").write_text(
        f'schema: revoked/1\nrevoked:\n  - {{fingerprint: "{fingerprint}", reason: 丢失, on: 2024-05-07}}\n'
    )
    write_manifest(submitted.root)
    submitted.commit("gao-yuan", "a lost key", "2024-05-07T11:00:00+08:00")
    told = refused(submitted, "su-cai", *ARGS, "--yes", code=2)
    assert "is revoked" in told
    assert "--key" in told


def test_somebody_who_left(submitted: Office, refused: Refused) -> None:
    edit(submitted.root, "policy/people.yaml", "email: luo.yun", "left_on: 2024-05-06\n    email: luo.yun")
    write_manifest(submitted.root)
    submitted.commit("gao-yuan", "a leaver", "2024-05-07T11:00:00+08:00")
    told = refused(submitted, "luo-yun", *ARGS, "--yes", code=2)
    assert "Luo Yun (luo-yun) has left" in told


def typed(at: Office, answers: list[tuple[str, str]], *args: str, **variables: str) -> tuple[int, str]:
    """Run orderctl on a terminal of its own and answer what it asks; return exit code and all that was shown."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "LC_", "ORDERCTL_", "SSH_"))}
    environment |= {"ORDERCTL_LANG": "en", "NO_COLOR": "1", "XDG_DATA_HOME": str(at.root.parent / "data")} | variables
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(at.root)
        os.execve(sys.executable, [sys.executable, "-m", "orderctl", *args], environment)
    shown, left = "", list(answers)
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the other side is closed
            break
        if not data:
            break
        shown += data.decode(errors="replace")
        if left and left[0][0] in shown.rpartition("\n")[2]:
            os.write(terminal, left.pop(0)[1].encode() + b"\n")
            shown += "\n"
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown


def test_on_a_terminal_it_asks_and_no_means_no(submitted: Office) -> None:
    before = submitted.state()
    code, shown = typed(submitted, [("Sign this?", "n")], *ARGS, **submitted.environment("chen-jie"))
    assert code == 0, shown
    assert "Nothing was signed" in shown
    assert submitted.state() == before
    code, shown = typed(submitted, [("Sign this?", "y")], *ARGS, **submitted.environment("chen-jie"))
    assert code == 0, shown
    assert signed(submitted)


def test_a_key_with_a_passphrase_asks_for_it_on_the_terminal(
    submitted: Office, refused: Refused, tmp_path: Path
) -> None:
    locked = tmp_path / "locked" / "id"
    locked.parent.mkdir()
    locked.write_bytes(submitted.key("chen-jie").read_bytes())
    locked.chmod(0o600)
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", str(locked)], check=True)
    key = ["--key", str(locked)]
    told = refused(submitted, "chen-jie", *ARGS, "--yes", *key, code=2, DISPLAY="")
    assert "ssh-add" in told
    before = submitted.state()
    asked = [("Sign this?", "y"), ("passphrase", "wrong")]
    code, shown = typed(submitted, asked, *ARGS, *key, **submitted.environment("chen-jie"))
    assert code == 2, shown
    assert submitted.state() == before
    asked = [("Sign this?", "y"), ("passphrase", "secret"), ("passphrase", "secret")]
    code, shown = typed(submitted, asked, *ARGS, *key, **submitted.environment("chen-jie"))
    assert code == 0, shown
    assert signed(submitted)


def test_without_a_terminal_yes_must_be_said(submitted: Office, refused: Refused) -> None:
    told = refused(submitted, "chen-jie", *ARGS, code=2)
    assert "run it with --yes" in told


def test_the_program_that_git_signs_with_signs_statements_too(submitted: Office, tmp_path: Path) -> None:
    """Password managers bring a program of their own in place of ssh-keygen."""
    program = tmp_path / "op-ssh-sign"
    program.write_text(f'#!/bin/sh\necho "$4" >> {tmp_path}/used\nexec ssh-keygen "$@"\n')
    program.chmod(0o755)
    submitted.git("chen-jie", "config", "gpg.ssh.program", str(program))
    done = submitted.run("chen-jie", *ARGS, "--yes")
    assert done.returncode == 0, said(done)
    assert (tmp_path / "used").read_text().split() == ["orderctl-approval@v1", "git"]
    assert signed(submitted)
