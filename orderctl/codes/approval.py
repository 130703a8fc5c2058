"""Findings about statements: approvals, rejections, withdrawals, and who may make them."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

WHY = (
    "一份审批意见只对一份内容、一个修订、一个环节有效，而且只算一个人的；否则它可以被挪用或伪造。",
    (
        "An approval holds for one content, one revision, one stage and counts for one person; else it could be moved "
        "to something else, or made up."
    ),
)
_code = writer(*WHY)

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
    "{who} 已在环节 {stage} 审批过，一个人不能占两个环节",
    "is given by {who}, who already decided at stage {stage}: one person, one stage",
    "请该角色的另一人审批",
    "somebody else with that role decides",
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


CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
