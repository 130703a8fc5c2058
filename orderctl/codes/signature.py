"""Findings about signatures and keys: who signed, and did the key hold at that time?"""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_WHY_ZH = "签名证明是谁做的：姓名和邮箱谁都能随便写，只有自己的密钥别人用不了。"
_WHY_EN = "A signature proves who did it: anyone can write any name and e-mail, but nobody else can use your key."

_code = writer(_WHY_ZH, _WHY_EN)

SIG_NONE = _code(
    "sig.none",
    "没有签名",
    "isn't signed",
    "打开签名：git config gpg.format ssh、git config user.signingKey 公钥文件、git config commit.gpgSign true；"
    "再重新提交：git commit --amend -S",
    "switch signing on: git config gpg.format ssh, git config user.signingKey FILE.pub, "
    "git config commit.gpgSign true; then commit again: git commit --amend -S",
)
SIG_MALFORMED = _code(
    "sig.malformed",
    "签名已损坏，或者根本不是签名",
    "has a signature that is damaged or no signature at all",
    "重新签名",
    "sign it again",
)
SIG_BAD = _code(
    "sig.bad",
    "签名与内容不符：签名之后内容被改过",
    "has a signature that doesn't fit: the content was changed after signing",
    "核对内容，再由本人重新签名",
    "look through the content, then have its author sign it again",
)
SIG_NAMESPACE = _code(
    "sig.namespace",
    "签名是为别的用途做的（{found}），这里要 {namespace}",
    "was signed for another purpose ({found}); this one is {namespace}",
    "提交用 git commit -S 签名，审批用 orderctl approve 签名",
    "sign commits with git commit -S and approvals with orderctl approve",
    "签名带着用途：为一件事签的名，不能搬到另一件事上用。",
    "A signature carries its purpose, so that one given for one thing can't be used for another.",
)
SIG_BACKEND_DISABLED = _code(
    "sig.backend_disabled",
    "用 {backend} 签名，而本公司没有启用它",
    "is signed with {backend}, which the company hasn't switched on",
    "改用 SSH 密钥签名：git config gpg.format ssh",
    "sign with an SSH key: git config gpg.format ssh",
    "每多认一种签名，就多一条冒名的路；只认政策里写明的。",
    "Every further kind of signature is one more way to pose as somebody; only those the policy names count.",
)
SIG_UNKNOWN_KEY = _code(
    "sig.unknown_key",
    "签名的密钥 {fingerprint} 不属于任何人",
    "is signed with the key {fingerprint}, which belongs to nobody here",
    "请政策管理员把您的公钥登记到 policy/people.yaml，或改用已登记的密钥",
    "ask a policy admin to enter your public key in policy/people.yaml, or sign with the key that is there",
)
KEY_NAMESPACE = _code(
    "key.namespace",
    "{person} 的密钥 {fingerprint} 不得用于 {namespace}",
    "is signed with a key of {person} ({fingerprint}) that isn't meant for {namespace}",
    "换用适合此用途的密钥，或请政策管理员修改用途",
    "use the key meant for this, or ask a policy admin to change what it is for",
)
KEY_NOT_YET_VALID = _code(
    "key.not_yet_valid",
    "{person} 的密钥 {fingerprint} 从 {since} 起才有效",
    "is signed with a key of {person} ({fingerprint}) that is valid only from {since} on",
    "换用当前有效的密钥；若时间不对，先校准电脑时钟",
    "sign with a key that is valid now; if the time is wrong, set the computer's clock",
)
KEY_EXPIRED = _code(
    "key.expired",
    "{person} 的密钥 {fingerprint} 已于 {since} 停用",
    "is signed with a key of {person} ({fingerprint}) that was retired at {since}",
    "用现在的密钥重新签名",
    "sign it again with the key in use now",
)
KEY_REVOKED = _code(
    "key.revoked",
    "{person} 的密钥 {fingerprint} 已作废（{since}）",
    "is signed with a key of {person} ({fingerprint}) that was revoked ({since})",
    "用现在的密钥重新签名；作废原因见 policy/revoked.yaml",
    "sign it again with the key in use now; policy/revoked.yaml says why this one was revoked",
)
KEY_COMPROMISED = _code(
    "key.compromised",
    "{person} 的密钥 {fingerprint} 自 {since} 起可能已落入他人之手",
    "is signed with a key of {person} ({fingerprint}) that others may have used since {since}",
    "由本人核对内容，再用新密钥重新签名",
    "have {person} look through the content and sign it again with a new key",
)
KEY_WEAK = _code(
    "key.weak",
    "密钥种类或长度不可接受（{what}）",
    "has a key of a kind or length that isn't accepted ({what})",
    "新建一把：ssh-keygen -t ed25519，再请政策管理员登记",
    "make a new one with ssh-keygen -t ed25519 and ask a policy admin to enter it",
    "弱密钥可以被算出来，之后谁都能冒名签字。",
    "A weak key can be computed, and then anybody signs in its owner's name.",
)
KEY_MALFORMED = _code(
    "key.malformed",
    "不是一把公钥（{what}）",
    "isn't a public key ({what})",
    "完整粘贴 .pub 文件里的那一行，如 ssh-ed25519 AAAA… 姓名",
    "paste the whole line of the .pub file, such as ssh-ed25519 AAAA… name",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
