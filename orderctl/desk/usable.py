"""A key of the policy in; nothing out, or a refusal that says why it can't sign now and who helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderctl.model import SetupError
from orderctl.terminal import visible

if TYPE_CHECKING:
    from orderctl.trust.keys import Key
    from orderctl.trust.policy import Policy

NAMESPACE = "orderctl-approval@v1"
"""What a statement is signed for; a signature for anything else is worth nothing as an approval."""


def administrators(policy: Policy, now: int) -> str:
    """Return the persons who can change the policy, or "" when it names none."""
    return ", ".join(sorted(p for p in policy.people if "policy-admin" in policy.roles(p, now)))


def unknown_key(public: str, fingerprint: str, policy: Policy) -> SetupError:
    """Return the refusal of a key that the policy doesn't know: what to give to whom."""
    line = visible(" ".join(public.split()[:3]))
    if not fingerprint:
        return SetupError(
            "desk.key_weak",
            f"这把密钥不能用：{line[:80]}。可用的有 ed25519、ecdsa 和 3072 位以上的 rsa；新建：ssh-keygen -t ed25519",
            f"this key can't be used: {line[:80]}. Usable are ed25519, ecdsa, and rsa from 3072 bits on; "
            "make one: ssh-keygen -t ed25519",
        )
    admins = administrators(policy, 0) or "policy-admin"
    return SetupError(
        "desk.unknown_key",
        f"政策不认识这把密钥（{fingerprint}）。请把下面的公钥交给政策管理员（{admins.replace(', ', '、')}），"
        f"由其写到 policy/people.yaml 中您名下的 keys：{line}",
        f"the policy doesn't know this key ({fingerprint}). Give it to a policy administrator ({admins}), "
        f"who adds it to your keys in policy/people.yaml: {line}",
    )


def check_usable(key: Key, policy: Policy, now: int) -> None:
    """Raise SetupError when the key can't sign a statement and its commit at ``now`` (seconds since 1970)."""
    who, admins = key.person, administrators(policy, now) or "policy-admin"
    ask_zh = f"请换用有效的密钥（--key），或请政策管理员（{admins.replace(', ', '、')}）登记新密钥"
    ask_en = f"Use a key that is valid (--key), or have a policy administrator ({admins}) enter a new one"

    def refusal(code: str, zh: str, en: str) -> SetupError:
        return SetupError(
            code, f"{who} 的密钥 {key.fingerprint} {zh}。{ask_zh}", f"{who}'s key {key.fingerprint} {en}. {ask_en}"
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
    if not policy.active(who, now):
        raise SetupError(
            "desk.left",
            f"{who} 在 policy/people.yaml 中已离职，不能再签名",
            f"{who} has left according to policy/people.yaml and can't sign any more",
        )
