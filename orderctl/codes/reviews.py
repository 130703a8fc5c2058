"""Why an approving review on the forge doesn't count as an approval."""

from __future__ import annotations

from dataclasses import replace

from orderctl.codes import writer
from orderctl.model import Severity
from orderctl.rule import Code

_writer = writer(
    "评审只有在确实由本人、对确切的这份内容作出时才算审批；不算的评审逐条说明原因，方便补上。",
    "A review counts as an approval only if that very person made it on exactly this content; each one that doesn't "
    "count says why, so that it can be made good.",
)


def _noted(id: str, zh: str, en: str, hint_zh: str, hint_en: str) -> Code:
    """Return a code that explains: what it leaves missing is what denies."""
    return replace(_writer(id, zh, en, hint_zh, hint_en), severity=Severity.INFO)


REVIEW_STALE = _noted(
    "review.stale",
    "{person} 的评审针对的是 {reviewed}，不是现在的提交 {head}",
    "{person}'s review is of {reviewed}, not of the commit {head} as it is now",
    "请 {person} 对最新的提交重新评审",
    "ask {person} to review the latest commit again",
)
REVIEW_EARLY = _noted(
    "review.early",
    "{person} 评审之后，合并请求又有推送或换了目标分支",
    "after {person}'s review the pull request was pushed to or pointed at another branch",
    "请 {person} 重新评审",
    "ask {person} to review again",
)
REVIEW_FUTURE = _noted(
    "review.future",
    "{person} 的评审时间在将来",
    "{person}'s review is dated in the future",
    "核对运行检查的电脑和代码托管平台的时钟",
    "compare the clock of the computer that checks with the forge's",
)
REVIEW_WITHDRAWN = _noted(
    "review.withdrawn",
    "{person} 最后的评审意见是 {state}，不是批准",
    "{person}'s latest review says {state}, which is no approval",
    "问题解决后请 {person} 重新评审并批准",
    "once it is settled, ask {person} to review again and approve",
)
REVIEW_AUTHOR = _noted(
    "review.author",
    "{person} 提出了这个合并请求，不能自己批准",
    "{person} opened this pull request and can't approve it",
    "请有权审批的另一位同事评审",
    "ask another colleague who may decide",
)
REVIEW_PUSHER = _noted(
    "review.pusher",
    "{person} 是最后推送的人，不能批准自己推送的内容",
    "{person} pushed last and can't approve what they pushed",
    "请有权审批的另一位同事评审",
    "ask another colleague who may decide",
)
REVIEW_PUSHER_UNKNOWN = _noted(
    "review.pusher_unknown",
    "查不到最后是谁推送的，{person} 的评审不能算数",
    "nobody can tell who pushed last, so {person}'s review doesn't count",
    "再推送一次后重新评审，或改用签名审批：orderctl approve",
    "push once more and review again, or approve by signature: orderctl approve",
)
REVIEW_BOT = _noted(
    "review.bot",
    "用户 {user} 不是人（{type}），评审不算数",
    "user {user} is no person ({type}): its review doesn't count",
    "请有权审批的同事本人评审",
    "ask a colleague who may decide",
)
REVIEW_UNKNOWN = _noted(
    "review.unknown",
    "{forge} 的用户 {user} 不在 policy/people.yaml 里",
    "user {user} of {forge} is not in policy/people.yaml",
    "是同事的话，请管理员把数字编号 {user} 写进其 forge 一栏",
    "if it is a colleague, have an administrator put the number {user} under their forge",
)
REVIEW_INACTIVE = _noted(
    "review.inactive",
    "{person} 评审时已离职或尚未到任",
    "{person} was not with the company when they reviewed",
    "请有权审批的另一位同事评审",
    "ask another colleague who may decide",
)
REVIEW_BASE = _noted(
    "review.base",
    "评审时的目标是 {reviewed}，与这次检查的起点 {base} 不同",
    "the reviews were made against {reviewed}, this change starts from {base}",
    "更新合并请求后重新评审",
    "update the pull request and review again",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
