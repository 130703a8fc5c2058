"""Findings of the gate itself: whether a change as a whole may land."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_WHY_ZH = "门禁按改动之前的政策判断每一步；没有规则允许的改动一律拒绝，并说明是哪一条。"
_WHY_EN = (
    "The gate judges every step by the policy in force before it; what no rule allows is refused, and the refusal has "
    "a name."
)

_code = writer(_WHY_ZH, _WHY_EN)

PERMISSION_DENIED = _code(
    "permission.denied",
    "{who}（{roles_zh}）无权{action_zh} {what}{status_zh}",
    "may not be changed so by {who} ({roles}): {action} {what}, status {status}",
    "{advice_zh}；权限见 policy/permissions.yaml",
    "{advice_en}; rights are in policy/permissions.yaml",
)
DOCUMENT_DELETED = _code(
    "document.deleted",
    "已入库的 {kind} 不能删除",
    "has landed and can't be deleted ({kind})",
    "恢复文件；取消订单请写取消单",
    "restore the file; an order is cancelled by a cancellation",
)
DOCUMENT_INVALID = _code(
    "document.invalid",
    "单据无法按其格式读取，所以不能入库",
    "can't be read as its kind of document, so it can't land",
    "运行 orderctl check 查看并修正",
    "run orderctl check, see what is wrong and mend it",
)
MERGE_UNCLEAN = _code(
    "merge.unclean",
    "合并提交改了两边都没有改的内容",
    "was changed by a merge commit in a way that neither side says",
    "重新合并；要改内容请另做一个普通提交",
    "merge again; make the change in an ordinary commit of its own",
    "合并里夹带的改动不会出现在任何一方的评审中。",
    "What a merge brings in by itself appears in nobody's review.",
)
REF_NON_FF = _code(
    "ref.non_ff",
    "{head} 不包含 {base}：受保护的分支只能向前",
    "{head} doesn't contain {base}: a protected branch only moves forward",
    "先取得并合并最新的主分支（git pull --rebase），再提交",
    "bring your work up to date first (git pull --rebase), then push again",
)
REF_SIDEWAYS = _code(
    "ref.sideways",
    "{head} 把 {base} 当作旁支合并进来：受保护的分支会因此改道",
    "{head} merges {base} as a side line: the protected branch would leave its own line",
    "git rebase 到主分支上；或在主分支上合并你的分支：git checkout main && git merge --no-ff …",
    "rebase onto the branch, or merge the other way round: git checkout main && git merge --no-ff …",
    "分支上的每个状态都要经得起复查；改道之后，复查走的就不再是当初判断过的那些状态。",
    "Every state of the branch must stand up to an audit; on another line the audit would meet other states than those "
    "that were judged.",
)
REF_UNRELATED = _code(
    "ref.unrelated",
    "历史中有与本仓库无关的起点",
    "brings a history that starts outside this repository",
    "从主分支新建分支，把改动重新提交上去",
    "start a branch from the main branch and commit the change there",
)
TIME_SKEW = _code(
    "time.skew",
    "提交时间 {at} 比现在晚 10 分钟以上",
    "is dated {at}, more than 10 minutes ahead of now",
    "校正电脑时钟后重新提交（git commit --amend --no-edit --date=now）",
    "set the computer's clock right and commit again (git commit --amend --no-edit --date=now)",
)
TIME_BACKWARDS = _code(
    "time.backwards",
    "提交时间 {at} 早于主分支上的前一个提交 {before}",
    "is dated {at}, earlier than the commit before it on the branch, {before}",
    "校正电脑时钟后重新提交（git commit --amend --no-edit --date=now）",
    "set the computer's clock right and commit again (git commit --amend --no-edit --date=now)",
)
TIME_OLD = _code(
    "time.old",
    "提交时间 {at} 早于政策允许的 {hours} 小时",
    "is dated {at}, longer ago than the {hours} hours that the policy allows",
    "重新提交（git commit --amend --no-edit --date=now）",
    "commit again (git commit --amend --no-edit --date=now)",
)
POLICY_MIXED_CHANGE = _code(
    "policy.mixed_change",
    "政策与订单不能在同一次改动里修改（{other}）",
    "is policy and can't travel with other documents ({other})",
    "分成两次：先单独提交政策改动，通过后再提交其余",
    "make two changes: the policy alone first, the rest when it has landed",
    "否则可以先放宽规则，再在同一次改动里利用它。",
    "Else a change could loosen a rule and use it at once.",
)
POLICY_THRESHOLD_OLD = _code(
    "policy.threshold_old",
    "政策改动须先经现行政策的人批准，还缺：{stages}",
    "changes the policy without the approvals that the present policy asks for; still missing: {stages}",
    "请现任政策管理员批准：orderctl approve policy --stage …；再用 git merge --no-ff（或合并请求）作为一步入库",
    "the present policy admins approve it (orderctl approve policy --stage …); then it lands as one step: "
    "git merge --no-ff, or a pull request",
)
POLICY_STATEMENT_ALONE = _code(
    "policy.statement_alone",
    "对政策改动的批准须与该改动一起入库",
    "approves a change of policy that isn't part of the same step",
    "把政策改动与批准用 git merge --no-ff（或合并请求）作为一步入库",
    "let the change and its approvals land as one step: git merge --no-ff, or a pull request",
)
POLICY_UNDONE = _code(
    "policy.undone",
    "{commit_short} 改过这份政策文件，后来又改了回去：没有人批准过那一版",
    "was changed by {commit_short} and changed back later: nobody approved what it said in between",
    "把分支压成一个提交再推送（git merge --squash，或 git rebase -i）；真要改政策，请单独提交政策改动",
    "make one commit of the branch (git merge --squash, or git rebase -i) and push that; to change the policy, make a "
    "change of its own",
    "中间提交也会被检出、被流水线执行；谁都没有批准过的政策、插件或流水线文件不应出现在主分支的历史里。",
    "Commits in between are checked out and run by pipelines too; a policy, plugin or workflow that nobody approved "
    "has no place in the branch's history.",
)
GATE_CRASHED = _code(
    "gate.crashed",
    "判断这一步时出错，因此拒绝：{problem}",
    "couldn't be judged, so it is refused: {problem}",
    "这是 orderctl 的缺陷，请连同此行报告",
    "this is a bug of orderctl: report it with this line",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
