"""Findings about submissions: what is submitted, by whom, and the revision that it is of."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.codes.approval import WHY
from orderctl.rule import Code

_code = writer(*WHY)

SOD_AUTHOR_MISSING = _code(
    "sod.author_missing",
    "提交说明没有列出经办人 {missing}，而其签署的提交改了关键字段",
    "leaves out {missing}, whose commits changed material fields",
    "在 authors 里加上，或重新运行 orderctl submit",
    "add them to authors, or run orderctl submit again",
)
SOD_AUTHOR_ADDED = _code(
    "sod.author_added",
    "修订 {revision} 入库之后才把 {who} 写成录入人",
    "names {who} as who entered revision {revision}, which landed without them",
    "改回原来的录入人；{who} 若确实改了内容，请升一个修订号重新提交",
    "put back who entered it; if {who} did change the content, raise the revision and submit it anew",
    "录入人不能审批；事后把审批人写成录入人，就能让其意见作废。",
    "Whoever entered an order doesn't approve it: naming an approver afterwards would void what they said.",
)
SUBMISSION_MISSING = _code(
    "submission.missing",
    "订单修订 {revision} 没有提交说明，草稿不能入库",
    "has no submission of revision {revision}: drafts don't land",
    "运行 orderctl submit {number}；分几次提交的，用 git merge --no-ff（或合并请求）作为一步入库",
    "run orderctl submit {number}; work of several commits lands as one step: git merge --no-ff, or a pull request",
)
SUBMISSION_DIGEST = _code(
    "submission.digest",
    "提交说明与订单内容不符：提交后又改了关键字段",
    "doesn't fit the order: material fields were changed after it was submitted",
    "再次运行 orderctl submit；分几次提交的，用 git merge --no-ff（或合并请求）作为一步入库",
    "run orderctl submit again; work of several commits lands as one step: git merge --no-ff, or a pull request",
)
SUBMISSION_REVISION = _code(
    "submission.revision",
    "提交说明是修订 {found} 的，订单是修订 {expected}",
    "is of revision {found}, the order of revision {expected}",
    "恢复原来的提交说明，或为现在的修订重新运行 orderctl submit",
    "put back the submission that was there, or run orderctl submit for the present revision",
    "旧的提交说明不记得后来的经办人；换回去，他们就能批准自己的订单。",
    "An older submission forgets later authors, who could then approve their own order.",
)
SUBMISSION_SIGNER = _code(
    "submission.signer",
    "提交人写的是 {who}，但没有其签名",
    "says that {who} submitted, but nothing is signed by them",
    "由提交人本人运行 orderctl submit",
    "the submitter runs orderctl submit themselves",
)
SUBMISSION_CONTEXT = _code(
    "submission.context",
    "提交说明写的是 {named}，这里却是 {expected}",
    "is about {named}, but lies at {expected}",
    "在本仓库中为这张订单运行 orderctl submit",
    "run orderctl submit for this order, in this repository",
    "提交说明只对一个仓库里的一张订单有效，否则别人可以把它搬到别处。",
    "A submission holds for one order in one repository; else others could carry it elsewhere.",
)
SUBMISSION_AGAIN = _code(
    "submission.again",
    "修订 {revision} 已由 {who} 提交并入库，不能再提交一次",
    "submits revision {revision} again, which landed as submitted by {who}",
    "恢复原来的提交说明；内容要改就升一个修订号再运行 orderctl submit，被驳回的请驳回人重新决定",
    "put back the submission that was there; for other content raise the revision and run orderctl submit; whoever "
    "rejected decides anew",
    "重新提交会让正在进行的审批作废，也能抹掉驳回。",
    "To submit the same once more would void approvals that are being given, and wipe out a rejection.",
)
SUBMISSION_POLICY = _code(
    "submission.policy",
    "提交说明依据的政策版本 {named} 不是现行政策（{expected}）或更早的版本",
    "names policy version {named}, which is neither the one in force ({expected}) nor an earlier one",
    "再次运行 orderctl submit",
    "run orderctl submit again",
)
SUBMISSION_NONCE = _code(
    "submission.nonce",
    "提交说明没有自己的随机数（{other} 已经用过，或根本没有）",
    "has no nonce of its own: {other} has it",
    "再次运行 orderctl submit；每份文件的随机数只用一次",
    "run orderctl submit again: each paper has a nonce of its own",
)
SUBMISSION_AHEAD = _code(
    "submission.ahead",
    "提交时间 {submitted} 晚于现在",
    "is dated {submitted}, later than now",
    "核对电脑的时钟，再次运行 orderctl submit",
    "set the clock right and run orderctl submit again",
)
REVISION_NOT_RAISED = _code(
    "revision.not_raised",
    "关键字段改了，修订号应为 {expected}，现为 {revision}",
    "has other material content, so its revision must be {expected}, not {revision}",
    "把 revision 改为 {expected} 并重新提交审批；分几次提交的，用 git merge --no-ff（或合并请求）作为一步入库",
    "write revision: {expected} and submit it anew; work of several commits lands as one step: git merge --no-ff, or a "
    "pull request",
)
REVISION_WITHOUT_CHANGE = _code(
    "revision.without_change",
    "修订号改了，关键字段却没有变",
    "has another revision number, but the same material content",
    "改回 revision: {expected}",
    "put revision: {expected} back",
)
ORDER_BACKDATED = _code(
    "order.backdated",
    "日期写为 {date}，因此适用审批流程“{flow}”；今天入库的订单应适用“{other}”",
    "is dated {date} and so falls under the flow {flow}; an order that lands today falls under {other}",
    "写实际下单日期；确属早先的订单，由政策管理员处理",
    "write the day on which it was placed; an order that is really that old is for the policy admins to settle",
    "日期由制单人自己填写，不能用来挑选更宽松的审批流程。",
    "Whoever writes an order writes its date: it can't be used to choose a milder flow.",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
