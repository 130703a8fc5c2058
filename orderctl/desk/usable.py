"""A key of the policy in; nothing out, or a refusal that says why it can't sign now and who helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderctl.model import SetupError
from orderctl.terminal import visible

if TYPE_CHECKING:
    from orderctl.desk.matter import Desk
    from orderctl.trust.keys import Key

NAMESPACE = "orderctl-approval@v1"
"""What a statement is signed for; a signature for anything else is worth nothing as an approval."""


def _administrators(at: Desk, language: str) -> str:
    """Return the persons who can change the policy; the role where it names none."""
    found = sorted(p for p in at.policy.people if "policy-admin" in at.policy.roles(p, at.now))
    return at.names.listed("person", found, language) or at.names.role("policy-admin", language)


def unknown_key(at: Desk, public: str, fingerprint: str) -> SetupError:
    """Return the refusal of a key that the policy doesn't know: what to give to whom."""
    line = visible(" ".join(public.split()[:3]))
    if not fingerprint:
        return SetupError(
            "desk.key_weak",
            f"这把密钥不能用：{line[:80]}。可用的有 ed25519、ecdsa 和 3072 位以上的 rsa；新建：ssh-keygen -t ed25519",
            f"this key can't be used: {line[:80]}. Usable are ed25519, ecdsa, and rsa from 3072 bits on; "
            "make one: ssh-keygen -t ed25519",
        )
    return SetupError(
        "desk.unknown_key",
        f"政策不认识这把密钥（{fingerprint}）。请把下面的公钥交给政策管理员：{_administrators(at, 'zh')}。"
        f"由其写到 policy/people.yaml 中您名下的 keys：{line}",
        f"the policy doesn't know this key ({fingerprint}). "
        f"Give it to one of the policy administrators: {_administrators(at, 'en')}. "
        f"They add it to your keys in policy/people.yaml: {line}",
    )


def check_usable(at: Desk, key: Key) -> None:
    """Raise SetupError when the key can't sign a statement and its commit now."""
    now, zh, en = at.now, at.names.person(key.person, "zh"), at.names.person(key.person, "en")

    def refusal(code: str, why_zh: str, why_en: str) -> SetupError:
        return SetupError(
            code,
            f"{zh}的密钥 {key.fingerprint} {why_zh}。请换用有效的密钥（--key），"
            f"或请政策管理员登记新密钥：{_administrators(at, 'zh')}",
            f"the key {key.fingerprint} of {en} {why_en}. Use a key that is valid (--key), "
            f"or have a policy administrator enter a new one: {_administrators(at, 'en')}",
        )

    if key.revoked_since is not None and now >= key.revoked_since:
        raise refusal("desk.key_revoked", "已被吊销", "is revoked")
    if key.compromised_since is not None and now >= key.compromised_since:
        raise refusal("desk.key_compromised", "已泄露停用", "is marked as compromised")
    if key.retired_at is not None and now >= key.retired_at:
        raise refusal("desk.key_retired", "已经退役", "is retired")
    if key.active_from is not None and now < key.active_from:
        raise refusal("desk.key_early", "尚未启用", "isn't active yet")
    if missing := {"git", NAMESPACE} - key.namespaces:
        names = ", ".join(sorted(missing))
        raise refusal("desk.key_namespace", f"不可用于 {names}", f"may not be used for {names}")
    if not at.policy.active(key.person, now):
        raise SetupError(
            "desk.left",
            f"{zh}在 policy/people.yaml 中已离职，不能再签名",
            f"{en} has left according to policy/people.yaml and can't sign any more",
        )
