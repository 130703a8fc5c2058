"""Findings of a server that receives pushes: names, tags, certificates, its pin, its clock and its ledger."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_WHY_ZH = "服务器是最后一道关：受保护的分支只能按规则向前，说不清来历的一律不收。"
_WHY_EN = (
    "The server is the last door: a protected branch only moves forward and by the rules, and what can't be accounted "
    "for stays out."
)
_ADMIN_ZH = "请告诉管理员：在服务器上运行 orderctl doctor"
_ADMIN_EN = "tell whoever keeps the server: orderctl doctor shows what to mend there"

_code = writer(_WHY_ZH, _WHY_EN)

REF_COUNT = _code(
    "ref.count",
    "一次推送 {count} 个引用，最多 {limit} 个",
    "pushes {count} refs at once; {limit} are the most",
    "分几次推送",
    "push them in several parts",
)
REF_FORBIDDEN = _code(
    "ref.forbidden",
    "只能推送分支和标签（refs/heads/、refs/tags/），不能推送 {ref}",
    "is no branch or tag: only refs/heads/ and refs/tags/ are taken, not {ref}",
    "推送到分支：git push origin HEAD:refs/heads/名字",
    "push to a branch: git push origin HEAD:refs/heads/name",
    "替换引用和内部引用会让人看到与实际不同的历史，所以不收。",
    "Replace refs and internal refs show people another history than there is, so none are taken.",
)
REF_NAME = _code(
    "ref.name",
    "名字 {ref} 不符合规定",
    "has a name that is not allowed: {ref}",
    "用拉丁字母、数字、. _ / -，以字母或数字开头，不与已有的名字只差大小写",
    "use Latin letters, digits and . _ / -, start with a letter or digit, and don't differ from a branch by case only",
)
REF_SHADOW = _code(
    "ref.shadow",
    "标签 {ref} 会盖住受保护的分支 {other}：Git 遇到同名时取标签",
    "would stand before the protected branch {other}: where both have one name, git takes the tag {ref}",
    "换一个标签名",
    "give the tag another name",
    "谁写下分支名（main、origin/main），得到的就会是标签所指的提交，包括拿它作判断依据的人。",
    "Whoever writes the branch's name (main, origin/main) would get the tag's commit, those who judge by it included.",
)
REF_CONFLICT = _code(
    "ref.conflict",
    "{ref} 与 {other} 不能并存：一个名字是另一个的文件夹",
    "{ref} can't stand beside {other}: one name is the other's folder",
    "换一个名字",
    "choose another name",
)
REF_SYMBOLIC = _code(
    "ref.symbolic",
    "{ref} 是指向别处的符号引用，不能推送",
    "{ref} is a symbolic ref that leads elsewhere: nothing is pushed to it",
    "推送到它所指的分支；" + _ADMIN_ZH,
    "push to the branch that it points to; " + _ADMIN_EN,
    "否则可以借别名绕过受保护的分支。",
    "Else a second name would be a way around the protection of the first.",
)
REF_TYPE = _code(
    "ref.type",
    "分支必须指向提交，这里是 {type}",
    "is a branch and must point to a commit, not to a {type}",
    "推送提交",
    "push a commit",
)
REF_DELETE = _code(
    "ref.delete",
    "{ref} 受保护，不能删除",
    "{ref} is protected and can't be deleted",
    "不要删除；要撤销改动，请提交一次新的改动",
    "leave it; to take a change back, commit another one",
)
REF_MOVED = _code(
    "ref.moved",
    "同事刚刚先推送了 {ref}",
    "a colleague has just pushed to {ref} before you",
    "git pull --rebase 后再推送；若编号已被占用，改用下一个空号并重新提交审批（orderctl submit）",
    "git pull --rebase, then push again; if a number is taken now, take the next free one and run orderctl submit",
    "同时推送时只有一个能先到，其余的要在新的状态上重新判断。",
    "Of several pushes at once one comes first; the others are judged again on what it left.",
)
TAG_NAME = _code(
    "tag.name",
    "标签对象名为 {name}，不是 {ref}",
    "holds a tag object that is named {name}, not {ref}",
    "按引用的名字重新打标签：git tag -s 名字",
    "make the tag anew under its own name: git tag -s name",
    "标签对象换个名字推送，签名仍然有效，却说的是另一个版本。",
    "A tag object under another name still has a good signature, but of another release.",
)
TAG_MOVED = _code(
    "tag.moved",
    "标签 {ref} 已经发布，不能改动或删除",
    "{ref} is published already: a tag is never moved or deleted",
    "打一个新名字的标签",
    "make a tag with a new name",
)
TAG_UNSIGNED = _code(
    "tag.unsigned",
    "标签没有签名（或不是附注标签）",
    "is not a signed, annotated tag",
    "git tag -s 名字 -m 说明，再推送",
    "git tag -s name -m why, then push again",
)
PUSH_UNSIGNED = _code(
    "push.unsigned",
    "政策要求签名推送，这次推送没有签名",
    "comes without the signature on the push itself that the policy asks for",
    "git push --signed；或 git config push.gpgSign true",
    "git push --signed, or git config push.gpgSign true",
    "推送证书证明是谁把哪个提交推到了哪个分支。",
    "A push certificate proves who moved which branch to which commit.",
)
PUSH_NONCE = _code(
    "push.nonce",
    "推送证书不是为这次推送签的（{status}）",
    "carries a push certificate that was not made for this push ({status})",
    "再推送一次：git push --signed",
    "push once more: git push --signed",
    "旧的推送证书可以被别人截获后重放。",
    "An old push certificate could be caught and played again by somebody else.",
)
PUSH_CERTIFICATE = _code(
    "push.certificate",
    "推送证书与这次推送不符：{what}",
    "carries a push certificate that doesn't fit this push: {what}",
    "再推送一次：git push --signed",
    "push once more: git push --signed",
)
TIME_CLOCK = _code(
    "time.clock",
    "服务器时钟 {now} 早于账本的最后一条记录 {newest}",
    "the server's clock says {now}, earlier than the ledger's newest entry, {newest}",
    "请管理员校正服务器时钟",
    "whoever keeps the server sets its clock right",
    "时钟倒退会让已过期或吊销的密钥重新生效。",
    "A clock that runs back would bring expired and revoked keys to life again.",
)
HOOK_TIMEOUT = _code(
    "hook.timeout",
    "{seconds} 秒内没有判断完",
    "couldn't be judged within {seconds} seconds",
    "分几次推送；" + _ADMIN_ZH,
    "push it in several parts; " + _ADMIN_EN,
)
HOOK_FAILED = _code(
    "hook.failed",
    "判断时出错，因此不收：{problem}",
    "couldn't be judged, so it is refused: {problem}",
    _ADMIN_ZH,
    _ADMIN_EN,
)
HOOK_INPUT = _code(
    "hook.input",
    "Git 交来的不是引用的变动：{text}",
    "git handed over something that is no change of a ref: {text}",
    _ADMIN_ZH,
    _ADMIN_EN,
)
SETUP_PIN = _code(
    "setup.pin",
    "服务器固定的信任起点不成立：{what}",
    "the server's pinned root of trust doesn't hold: {what}",
    _ADMIN_ZH,
    _ADMIN_EN,
    "信任起点写在仓库之外；与仓库不符时，谁也不知道该相信哪个。",
    "The root of trust is written down outside the history; when they disagree, nobody knows which one to believe.",
)
REPO_SHALLOW = _code(
    "repo.shallow",
    "服务器上的仓库只有部分历史（{file}）",
    "the server's repository holds only part of the history ({file})",
    _ADMIN_ZH,
    _ADMIN_EN,
    "缺了历史就无从判断改动从哪里来。",
    "Without the whole history nobody can tell where a change comes from.",
)
REPO_GRAFTS = _code(
    "repo.grafts",
    "服务器上的仓库改写了提交的来历（{file}）",
    "the server's repository pretends other parents than the commits have ({file})",
    _ADMIN_ZH,
    _ADMIN_EN,
    "嫁接会隐藏提交，使它们不受检查。",
    "Grafts hide commits from every check.",
)
LEDGER_BROKEN = _code(
    "ledger.broken",
    "账本第 {entry} 条与前面的记录不符：{what}",
    "the ledger's entry {entry} doesn't follow from the ones before it: {what}",
    "请管理员用备份核对账本与各提交，再恢复账本；在此之前不收推送",
    "whoever keeps the server compares it with a backup and restores it; until then nothing is taken",
    "账本记录每次改动何时被接受；它若被改过，就不能再作证。",
    "The ledger says when each change was accepted; once altered it proves nothing.",
)
LEDGER_GAP = _code(
    "ledger.gap",
    "{ref} 在 {tip}，账本记到 {last}，而其间的改动通不过",
    "{ref} is at {tip}, the ledger ends at {last}, and what lies between doesn't pass",
    "请管理员查明谁绕过了门禁；把分支退回账本所记的提交，或补齐批准",
    "whoever keeps the server finds out who went past the gate, then moves the branch back to the ledger's commit",
    "绕过门禁的改动不能因为已经在分支上就变得有效。",
    "What went past the gate isn't right just because it is there.",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
