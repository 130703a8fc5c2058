"""Findings of the audit: what only all of history can tell."""

from __future__ import annotations

from dataclasses import replace

from orderctl.codes import writer
from orderctl.model import Severity
from orderctl.rule import Code

_WHY_ZH = "审计从一个可信的起点重放全部历史：每一步都按当时的政策再判断一次，绕过门禁的改动藏不住。"
_WHY_EN = (
    "The audit replays all history from a root that is trusted: every step is judged again by the policy of its time, "
    "so nothing that went past the gate stays hidden."
)

_code = writer(_WHY_ZH, _WHY_EN)

AUDIT_UNPINNED = replace(
    _code(
        "audit.unpinned",
        "没有固定的信任起点：本次从第一个含政策的提交 {root} 开始，其政策摘要为 {digest}",
        "no root of trust is pinned; the audit starts at {root}, the first commit with a policy: digest {digest}",
        "与另一途径得到的摘要核对后固定下来：git config orderctl.root {root}，git config orderctl.policy {digest}",
        "compare the digest with one you got another way, then pin it: git config orderctl.root {root} and "
        "git config orderctl.policy {digest}",
        "起点由仓库自己说了算时，伪造整个仓库的人也能伪造起点。",
        "Where the repository itself names its root, whoever forges the repository forges the root.",
    ),
    severity=Severity.WARNING,
)
AUDIT_UNROOTED = _code(
    "audit.unrooted",
    "{tip} 不在信任起点 {root} 之后的主线上",
    "{tip} doesn't continue the line that starts at the root of trust {root}",
    "确认是不是同一个仓库；分支若被改写，请退回到从起点延续的提交",
    "make sure that this is the repository; if the branch was rewritten, move it back to one that continues the root",
)
AUDIT_REOPENED = _code(
    "audit.reopened",
    "{number} 第 {revision} 版在环节 {stage} 的审批（{who}）已失效：作证的密钥后来被宣布泄露或吊销",
    "no longer counts, as the key that proves it was declared compromised or revoked later: {stage} of {subject} "
    "{number}, revision {revision}, by {who} is open again",
    "请有权审批的人重新审批：orderctl approve {number} --stage {stage}",
    "somebody who may decides anew: orderctl approve {number} --stage {stage}",
    "密钥泄露之后，签名不再证明是本人；依赖它的审批要重新作出。",
    "After a key leaked its signatures prove nobody; what rests on them is decided anew.",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
