"""Findings about statements: approvals, rejections, withdrawals, submissions, and who may make them."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_WHY_ZH = "一份审批意见只对一份内容、一个修订、一个环节有效，而且只算一个人的；否则它可以被挪用或伪造。"
_WHY_EN = (
    "An approval holds for one content, one revision, one stage and counts for one person; else it could be moved "
    "to something else, or made up."
)

_code = writer(_WHY_ZH, _WHY_EN)

APPROVAL_DIGEST = _code(
    "approval.digest",
    "审批的不是现在这份内容：审批后 {subject} 的关键字段又改了",
    "approves other content: material fields of {subject} were changed after it was given",
    "请改回原内容，或升一个修订号、重新提交（orderctl submit）并重新审批",
    "put the old content back, or raise the revision, submit again (orderctl submit) and have it approved anew",
)
APPROVAL_SUBJECT = _code(
    "approval.subject",
    "审批意见写的是 {named}，放在这里却指 {expected}",
    "is about {named}, but lies where statements about {expected} belong",
    "审批文件不能复制或移动；请用 orderctl approve 重新出具",
    "statements can't be copied or moved: make a new one with orderctl approve",
)
APPROVAL_CONTEXT = _code(
    "approval.context",
    "审批意见属于另一个仓库（{named}）",
    "belongs to another repository ({named})",
    "请在本仓库中用 orderctl approve 重新审批",
    "approve again in this repository with orderctl approve",
)
APPROVAL_CONTEXT_DIGEST = _code(
    "approval.context_digest",
    "审批所依据的 {basis} 已经变化，或没有写进审批意见",
    "rests on {basis}, which has changed since or isn't named in it",
    "请审批人查看新的数值后重新审批",
    "the approver looks at the new value and approves again",
)
APPROVAL_IMMATERIAL = _code(
    "approval.immaterial",
    "审批意见把关键字段 {left_out} 排除在外",
    "leaves out {left_out}, which is a material field",
    "请用 orderctl approve 重新出具；哪些字段可以排除由单据结构决定",
    "make it again with orderctl approve; the schema decides what may be left out",
)
APPROVAL_POLICY = _code(
    "approval.policy",
    "审批意见依据的政策版本 {named} 已不适用（现为 {expected}）",
    "was given under policy version {named}, which no longer holds (now {expected})",
    "请在现行政策下重新审批",
    "approve again under the policy in force",
)
APPROVAL_REVISION = _code(
    "approval.revision",
    "审批的是修订 {named}，{subject} 现为修订 {expected}，而该修订的内容无从核对",
    "is about revision {named}; {subject} is at revision {expected}, and nothing here has that revision's content",
    "请对现行修订重新审批",
    "approve the present revision",
)
APPROVAL_EXPIRED = _code(
    "approval.expired",
    "审批意见已于 {expires} 失效",
    "expired on {expires}",
    "请审批人重新审批",
    "the approver approves again",
)
APPROVAL_AHEAD = _code(
    "approval.ahead",
    "审批时间 {issued} 晚于现在",
    "is dated {issued}, later than now",
    "核对签署人电脑的时钟后重新出具",
    "set the signer's clock right and make it again",
)
APPROVAL_EVIDENCE = _code(
    "approval.evidence",
    "没有证据表明这是 {who} 本人的意见；此环节接受：{accepted_zh}",
    "has no proof that {who} made it; this stage accepts: {accepted}",
    "由本人用 orderctl approve 签署，或在合并请求的最新提交上给出批准评审",
    "they sign it themselves with orderctl approve, or approve the exact head of the pull request by a review",
    "文件里写谁的名字都可以；只有签名、签名提交或平台评审能证明是谁。",
    "Anybody can write a name into a file; only a signature, a signed commit or a forge review proves who it was.",
)
APPROVAL_SIGNER = _code(
    "approval.signer",
    "签名是 {signer} 的，意见写的却是 {who}",
    "names {who}, but was signed by {signer}",
    "由 {who} 本人重新出具",
    "{who} makes it again themselves",
)
APPROVAL_IMMUTABLE = _code(
    "approval.immutable",
    "审批意见和签名入库后不得修改、移动或删除",
    "is a statement or signature that landed: it can't be changed, moved or deleted",
    "恢复原文件；要收回请用 orderctl withdraw",
    "restore the file; to take a statement back use orderctl withdraw",
)
APPROVAL_INCOMPLETE = _code(
    "approval.incomplete",
    "审批意见缺少“{field}”，无法证明它指的是什么",
    'lacks "{field}": nothing proves what it is about',
    "请用 orderctl approve 重新出具",
    "make it again with orderctl approve",
)
APPROVAL_STAGE = _code(
    "approval.stage",
    "{subject} 的审批流程里没有环节 {stage}；有：{stages}",
    "names the stage {stage}, which the flow of {subject} doesn't have; it has: {stages}",
    "把环节改为流程中的一个，重新出具",
    "make it again for a stage of the flow",
)
APPROVAL_ORDER = _code(
    "approval.order",
    "环节 {stage} 尚未轮到，或此意见不被计入",
    "doesn't count: the stage {stage} was not open when it was given",
    "等前一环节通过后重新审批",
    "approve again when the stage before has approved",
)
APPROVAL_OPINION = _code(
    "approval.opinion",
    "审批意见“{opinion}”没有说明核对了什么",
    'has the opinion "{opinion}", which doesn\'t say what was looked at',
    "写明核对了什么，例如“价格符合折扣政策”；驳回须写明要改什么",
    'say what you looked at, such as "price follows the discount policy"; a rejection says what must change',
)
APPROVAL_NONCE = _code(
    "approval.nonce",
    "与 {other} 是同一份审批意见的重复使用",
    "is the statement {other} used a second time",
    "每份意见只能用一次；请重新出具",
    "each statement is used once: make a new one",
)
APPROVAL_WITHDRAWS = _code(
    "approval.withdraws",
    "没有什么可撤回：{named} 不是 {who} 在环节 {stage} 给出的、此前的意见",
    "takes nothing back: {named} is no earlier decision of {who} at stage {stage}",
    "只能撤回自己的意见；用 orderctl withdraw 出具",
    "one takes back one's own decision only: make it with orderctl withdraw",
    "落空的撤回看起来像撤回了什么，其实什么也没有变。",
    "A withdrawal without effect looks as if something had been taken back, and nothing has.",
)
APPROVAL_MISSING = _code(
    "approval.missing",
    "{subject} 尚未审批通过，缺少环节：{stages}；{kind} 不能先入库",
    "needs {subject} to be approved first; still missing: {stages}",
    "请缺少的环节先审批（orderctl next 显示轮到谁），再提交 {kind}",
    "have the missing stages decide first (orderctl next shows whose turn it is), then bring the {kind}",
)
SOD_SELF = _code(
    "sod.self",
    "{who} 是 {subject} 的经办人，不能审批自己的内容",
    "is given by {who}, who wrote, changed or submitted {subject}: nobody approves their own work",
    "请该角色的另一人审批",
    "somebody else with that role decides",
)
SOD_SAME_PERSON = _code(
    "sod.same_person",
    "{who} 已在环节 {other} 审批过，一个人不能占两个环节",
    "is given by {who}, who already decided at stage {other}: one person, one stage",
    "请该角色的另一人审批",
    "somebody else with that role decides",
)
SOD_AUTHOR_MISSING = _code(
    "sod.author_missing",
    "提交说明没有列出经办人 {missing}，而其签署的提交改了关键字段",
    "leaves out {missing}, whose commits changed material fields",
    "在 authors 里加上，或重新运行 orderctl submit",
    "add them to authors, or run orderctl submit again",
)
SOD_AUTHOR_ADDED = _code(
    "sod.author_added",
    "修订 {revision} 入库之后才把 {added} 写成录入人",
    "names {added} as who entered revision {revision}, which landed without them",
    "改回原来的录入人；{added} 若确实改了内容，请升一个修订号重新提交",
    "put back who entered it; if {added} did change the content, raise the revision and submit it anew",
    "录入人不能审批；事后把审批人写成录入人，就能让其意见作废。",
    "Whoever entered an order doesn't approve it: naming an approver afterwards would void what they said.",
)
ROLE_INACTIVE = _code(
    "role.inactive",
    "{who} 现在不能在环节 {stage} 作决定（角色 {role}）",
    "is given by {who}, who can't decide at stage {stage} now (role {role})",
    "请有此角色的人或其代理人审批：{able}",
    "somebody with the role, or their deputy, decides: {able}",
)
ROLE_EARLY = _code(
    "role.early",
    "{who} 只有在环节 {stage} 超时后才能代为决定；主分支自 {since} 起才知道轮到该环节，时限到 {due}",
    "is given by {who}, to whom stage {stage} passes on only once it is late: the main branch knows since {since} that "
    "it is its turn, so it is due {due}",
    "等到 {due} 之后再决定，或请有此角色的人审批：{able}",
    "decide after {due}, or have somebody with the role decide: {able}",
    "提交和审批的时间由各人自己填写，不能靠倒填日期让环节一开始就超时。",
    "Everybody writes the times of their own papers: an early date must not make a stage late at once.",
)
PERSON_UNKNOWN = _code(
    "person.unknown",
    "policy/people.yaml 里没有 {who}",
    "names {who}, whom policy/people.yaml doesn't know",
    "写人员编号；新同事须先由政策管理员加入",
    "write a person's id; a new colleague is added by the policy admins first",
)
PERSON_LEFT = _code(
    "person.left",
    "{who} 已离职，其签名不再有效",
    "is by {who}, who has left",
    "由在职人员签署；未完的单据由接手的同事继续",
    "somebody who is still here signs; whoever takes over goes on with open documents",
)
APPROVAL_STRAY = _code(
    "approval.stray",
    "这个签名没有相应的审批意见",
    "is the signature of a statement that isn't there",
    "与审批意见一起提交，或删去",
    "let it come together with its statement, or take it out",
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
