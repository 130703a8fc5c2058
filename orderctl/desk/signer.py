"""Whose key signs: --key, git's signing key or the agent's in; the person that the policy knows by its fingerprint out.

Names and mail addresses are never asked: whoever holds the key is who the policy says.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from orderctl.desk.repository import setting
from orderctl.desk.usable import check_usable, unknown_key
from orderctl.model import SetupError
from orderctl.terminal import trouble, visible

if TYPE_CHECKING:
    from orderctl.desk.matter import Desk

_LITERAL = ("key::", "ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-")


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs and with what: ``file`` is a private key, or a public one whose private half the agent has."""

    person: str
    fingerprint: str
    file: Path
    program: str


@contextmanager
def signer(at: Desk, key: str = "", person: str = "") -> Iterator[Signer]:
    """Yield the signer for this run; raise SetupError, saying what to do, when there is none whom the policy knows.

    ``person``: only that person's key will do.
    """
    workspace, policy, names = at.workspace, at.policy, at.names
    program = setting(workspace, "gpg.ssh.program", "path") or "ssh-keygen"
    with TemporaryDirectory(prefix="orderctl-") as folder:
        public, file = _chosen(at, key, person, Path(folder))
        fingerprint = fingerprint_of(public)
        found = policy.ring.get(fingerprint) if fingerprint else None
        if found is None:
            raise unknown_key(at, public, fingerprint)
        if person and found.person != person:
            raise SetupError(
                "desk.other_person",
                f"这把密钥（{fingerprint}）属于{names.person(found.person, 'zh')}，"
                f"不是{names.person(person, 'zh')}的。请用 --key 指明本人的密钥",
                f"that key ({fingerprint}) belongs to {names.person(found.person, 'en')}, "
                f"not to {names.person(person, 'en')}. Name their own key with --key",
            )
        check_usable(at, found)
        yield Signer(found.person, fingerprint, file, program)


def fingerprint_of(public: str) -> str:
    """Return a public key's fingerprint (SHA256:…), or "" for one that is malformed or too weak."""
    from orderctl.trust.keys import parse_public
    from orderctl.trust.refusal import Refusal

    try:
        return parse_public(public)[2]
    except Refusal:
        return ""


def _chosen(at: Desk, key: str, person: str, folder: Path) -> tuple[str, Path]:
    """Return the public key and the file that signs: --key, else git's signing key, else the agent's only match."""
    if key:
        return _of_file(Path(key).absolute(), "--key")
    workspace = at.workspace
    configured = setting(workspace, "user.signingKey")
    if configured.startswith(_LITERAL):
        public = configured.removeprefix("key::")
        return public, _literal(public, folder)
    if configured and setting(workspace, "gpg.format") == "ssh":
        return _of_file(Path(setting(workspace, "user.signingKey", "path")).absolute(), "git config user.signingKey")
    return _of_agent(at, person, folder)


def _literal(public: str, folder: Path) -> Path:
    file = folder / "key.pub"
    file.write_text(public.strip() + "\n", encoding="utf-8")
    return file


def _of_file(file: Path, source: str) -> tuple[str, Path]:
    """Return the public half of a key file and the file itself."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        shown = visible(str(file))
        raise SetupError(
            "desk.key_file",
            f"读不到密钥文件 {shown}（{trouble(error, 'zh')}，来自 {source}）。"
            f"请检查路径；新建密钥：ssh-keygen -t ed25519",
            f"the key file {shown} can't be read ({error.strerror}; named by {source}). "
            "Mend the path; a new key comes from: ssh-keygen -t ed25519",
        ) from None
    if "PRIVATE KEY-----" not in text:
        return text.strip(), file
    if public := _half(text):
        return public, file
    beside = file.with_name(file.name + ".pub")
    if beside.is_file():
        return beside.read_text(encoding="utf-8", errors="replace").strip(), file
    shown = visible(str(file))
    command = f"ssh-keygen -y -f {shlex.quote(str(file))} > {shlex.quote(str(beside))}"
    raise SetupError(
        "desk.key_public",
        f"密钥 {shown} 的公钥文件 {shown}.pub 不在。生成它：{visible(command)}",
        f"the public half of {shown} is missing ({shown}.pub). Make it: {visible(command)}",
    )


def _half(text: str) -> str:
    """Return the public key that an OpenSSH private key file holds in the clear, passphrase or not; "" if it can't."""
    try:
        data = b64decode("".join(line for line in text.splitlines() if "-----" not in line), validate=True)
        rest = data.removeprefix(b"openssh-key-v1\0")
        if rest == data:
            return ""
        for _field in ("cipher", "kdf", "kdf options"):
            rest = rest[4 + int.from_bytes(rest[:4], "big") :]
        blob = rest[8 : 8 + int.from_bytes(rest[4:8], "big")]
        name = blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("ascii")
    except ValueError:
        return ""
    return f"{name} {b64encode(blob).decode()}"


def _of_agent(at: Desk, person: str, folder: Path) -> tuple[str, Path]:
    """Return the only key of the agent that the policy knows (of ``person``, if given)."""
    held, ring = agent_keys(), at.policy.ring
    known = [line for line in held if (found := ring.get(fingerprint_of(line))) and person in ("", found.person)]
    if len(known) == 1:
        return known[0], _literal(known[0], folder)
    if known:
        names = ", ".join(sorted(fingerprint_of(line) for line in known))
        raise SetupError(
            "desk.key_choice",
            f"ssh-agent 中有多把政策认识的密钥（{names}）。请用 --key 公钥文件 指明一把，"
            "或运行 git config user.signingKey 公钥文件",
            f"the ssh-agent holds several keys that the policy knows ({names}). Name one with --key FILE.pub, "
            "or set git config user.signingKey FILE.pub",
        )
    if len(held) == 1:
        raise unknown_key(at, held[0], fingerprint_of(held[0]))
    raise SetupError(
        "desk.no_key",
        "没有找到签名密钥。新建一把：ssh-keygen -t ed25519；告诉 Git："
        "git config --global gpg.format ssh 和 git config --global user.signingKey ~/.ssh/id_ed25519.pub；"
        "再把公钥（.pub 文件的内容）交给政策管理员",
        "no signing key was found. Make one: ssh-keygen -t ed25519; tell git: "
        "git config --global gpg.format ssh and git config --global user.signingKey ~/.ssh/id_ed25519.pub; "
        "then give the public key (what the .pub file says) to a policy administrator",
    )


def agent_keys() -> list[str]:
    """Return the public keys that the running ssh-agent holds; none when there is no agent."""
    if not os.environ.get("SSH_AUTH_SOCK"):
        return []
    try:
        done = subprocess.run(["ssh-add", "-L"], capture_output=True, check=False)
    except FileNotFoundError:
        return []
    return [line for line in done.stdout.decode(errors="replace").splitlines() if done.returncode == 0 and line.strip()]
