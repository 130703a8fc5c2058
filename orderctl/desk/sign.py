"""Bytes and a key in; a detached SSH signature out, proved by the same code that the gate proves it with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from orderctl.desk.repository import reason
from orderctl.desk.usable import NAMESPACE
from orderctl.model import SetupError

if TYPE_CHECKING:
    from orderctl.desk.signer import Signer


def sign(data: bytes, signer: Signer) -> bytes:
    """Return the signature (the bytes of a ``.sig`` file) over ``data``; ssh-keygen may ask for a passphrase.

    Raises SetupError when the key doesn't sign, or when what it signed doesn't verify as this signer's.
    """
    with TemporaryDirectory(prefix="orderctl-") as folder:
        file = Path(folder) / "statement.yaml"
        file.write_bytes(data)
        command = [signer.program, "-Y", "sign", "-n", NAMESPACE, "-f", str(signer.file), str(file)]
        try:
            done = subprocess.run(command, stdin=_terminal(), capture_output=True, check=False)
        except OSError as error:
            raise _failed(f"{signer.program}: {error.strerror}", signer) from None
        made = file.with_name(file.name + ".sig")
        if done.returncode or not made.is_file():
            said = reason(done.stderr.replace(bytes(file), b"statement") + b"\n" + done.stdout)
            raise _failed(said, signer)
        armor = made.read_bytes()
    proved(armor, data, NAMESPACE, signer)
    return armor


def proved(armor: bytes | None, data: bytes, namespace: str, signer: Signer) -> None:
    """Raise SetupError unless ``armor`` is this signer's signature over exactly these bytes."""
    from orderctl.trust.refusal import Refusal
    from orderctl.trust.sshsig import verify

    try:
        found = verify(armor or b"", data, namespace)
    except Refusal as refusal:
        found = refusal.finding.rule
    if found != signer.fingerprint:
        raise SetupError(
            "desk.not_proved",
            f"签名与密钥 {signer.fingerprint} 不符（{found}）。请检查私钥与 .pub 文件是否成对。没有留下任何改动",
            f"the signature isn't by the key {signer.fingerprint} ({found}). "
            "See whether private key and .pub file belong together. Nothing was left behind",
        )


def _terminal() -> int | None:
    """Return what ssh-keygen reads from: the terminal, so that it can ask for a passphrase, else nothing."""
    return None if sys.stdin is not None and sys.stdin.isatty() else subprocess.DEVNULL


def _failed(said: str, signer: Signer) -> SetupError:
    if "No private key" in said:
        return SetupError(
            "desk.sign",
            f"找不到 {signer.file} 的私钥：它不在公钥旁边，也不在 ssh-agent 里。"
            "请用 --key 指明私钥文件，或先执行 ssh-add。没有留下任何改动",
            f"the private half of {signer.file} isn't there: not beside it and not in the ssh-agent. "
            "Name the private key with --key, or ssh-add it first. Nothing was left behind",
        )
    if "passphrase" in said:
        return SetupError(
            "desk.sign",
            f"密钥 {signer.file} 没能签名：口令不对，或这里没有终端可以输入口令。"
            "请在终端里运行，或先执行 ssh-add。没有留下任何改动",
            f"the key {signer.file} didn't sign: the passphrase is wrong, or there is no terminal to ask for it. "
            "Run it on a terminal, or ssh-add first. Nothing was left behind",
        )
    return SetupError(
        "desk.sign",
        f"密钥 {signer.file} 没能签名（{said}）。有口令的密钥请在终端里运行，或先执行 ssh-add。没有留下任何改动",
        f"the key {signer.file} didn't sign ({said}). A key with a passphrase needs a terminal, or ssh-add first. "
        "Nothing was left behind",
    )
