"""Findings about how a computer or a server is set up: what would let a check be skipped and nobody notice."""

from __future__ import annotations

from dataclasses import replace

from orderctl.codes import writer
from orderctl.model import Severity
from orderctl.rule import Code

_WHY_ZH = "没有装好的门禁不会报错，只会什么也不拦；所以要定期体检。"
_WHY_EN = "A gate that is set up wrongly gives no error, it just lets everything through; so its set-up is examined."

_code = writer(_WHY_ZH, _WHY_EN)


def _warning(*texts: str) -> Code:
    return replace(_code(*texts), severity=Severity.WARNING)


DOCTOR_FAILED = _code(
    "doctor.failed",
    "检查项 {name} 出错：{problem}",
    "the check {name} failed: {problem}",
    "这是 orderctl 的缺陷或环境问题，请连同此行报告",
    "this is a bug or something of this computer: report it with this line",
)
DOCTOR_SETTING = _code(
    "doctor.setting",
    "{name} 是 {value}，应为 {wanted}",
    "{name} is {value}, it should be {wanted}",
    "git config {name} {wanted}，或重新运行 orderctl hook install",
    "git config {name} {wanted}, or run orderctl hook install again",
)
DOCTOR_HOOK_MISSING = _code(
    "doctor.hook_missing",
    "没有 {hook} 钩子（{file}）",
    "there is no {hook} hook ({file})",
    "运行 orderctl hook install",
    "run orderctl hook install",
)
DOCTOR_HOOK_OFF = _code(
    "doctor.hook_off",
    "{hook} 钩子不可执行，Git 会悄悄跳过它（{file}）",
    "the {hook} hook is not executable, so git skips it without a word ({file})",
    "chmod 755 {file}",
    "chmod 755 {file}",
)
DOCTOR_HOOK_FOREIGN = _code(
    "doctor.hook_foreign",
    "{hook} 钩子不是 orderctl 写的，或被改过（{file}）",
    "the {hook} hook is not the one that orderctl wrote ({file})",
    "看清它做什么，再运行 orderctl hook install --force",
    "see what it does, then run orderctl hook install --force",
)
DOCTOR_HOOK_PROGRAM = _code(
    "doctor.hook_program",
    "{hook} 钩子调用的程序不存在或无法运行：{program}",
    "the {hook} hook calls a program that isn't there or doesn't run: {program}",
    "重新安装 orderctl，再运行 orderctl hook install",
    "install orderctl again, then run orderctl hook install",
)
DOCTOR_HOOKS_PATH = _code(
    "doctor.hooks_path",
    "core.hooksPath 指向 {place}，Git 不看 {own} 里的钩子",
    "core.hooksPath leads to {place}: git doesn't look at the hooks in {own}",
    "git config --unset core.hooksPath，或在那里安装：orderctl hook install",
    "git config --unset core.hooksPath, or install them there: orderctl hook install",
)
DOCTOR_LEFTOVER = _warning(
    "doctor.leftover",
    "{folder} 是中断的推送留下的（{hours} 小时前），引用没有变动",
    "{folder} was left by a push that broke off {hours} hours ago; no ref was moved",
    "确认没有推送在进行后删除它",
    "delete it when no push is going on",
    "推送中断时引用不变，重推即可；留下的文件只占空间。",
    "A push that breaks off moves nothing and can be repeated; what it leaves only takes space.",
)
DOCTOR_ALTERNATES = _warning(
    "doctor.alternates",
    "仓库的部分对象在别处：{place}",
    "part of the repository's objects lies elsewhere: {place}",
    "git repack -a -d，然后删除 objects/info/alternates",
    "git repack -a -d, then delete objects/info/alternates",
    "别处的对象若被清理，这里的历史就缺了。",
    "When the objects there are tidied away, the history here has holes.",
)
DOCTOR_REPLACE = _code(
    "doctor.replace",
    "替换引用 {ref} 让人看到与实际不同的历史",
    "the replace ref {ref} shows people another history than there is",
    "git replace -d {id}",
    "git replace -d {id}",
)
DOCTOR_BRANCH_MISSING = _warning(
    "doctor.branch_missing",
    "受保护的分支 {ref} 不存在",
    "the protected branch {ref} isn't there",
    "从备份恢复，或第一次推送它",
    "bring it back from a backup, or push it for the first time",
)
DOCTOR_LEDGER_BEHIND = _code(
    "doctor.ledger_behind",
    "{ref} 在 {tip}，账本记到 {last}：有改动没有经过门禁，或账本没写完",
    "{ref} is at {tip}, the ledger ends at {last}: something went past the gate, or an entry was lost",
    "下一次推送会重新判断其间的改动；想现在知道，运行 orderctl audit",
    "the next push judges what lies between; to know now, run orderctl audit",
)
DOCTOR_LEDGER_TORN = _warning(
    "doctor.ledger_torn",
    "账本最后一行没有写完",
    "the last line of the ledger is torn",
    "不用做什么：下一次推送会补上",
    "nothing needs doing: the next push mends it",
)
DOCTOR_CANARY = _code(
    "doctor.canary",
    "试推的坏提交没有被钩子拒绝：{what}",
    "a known-bad commit was not refused by the hook: {what}",
    "现在就看：钩子是否存在、可执行、没有被换掉",
    "look now: is the hook there, executable, and ours",
    "钩子不可执行时 Git 会悄悄跳过；只有真推一次才知道门禁是否还在。",
    "Git skips a hook that isn't executable without a word; only a real push tells whether the gate still stands.",
)
DOCTOR_GIT_VERSION = _code(
    "doctor.git_version",
    "Git 的版本是 {version}，至少要 {wanted}",
    "git is {version}; {wanted} is the oldest that signs with SSH keys",
    "升级 Git",
    "install a newer git",
)
DOCTOR_SIGNING = _code(
    "doctor.signing",
    "提交没有设成自动签名：{name} 是 {value}",
    "commits are not signed by themselves: {name} is {value}",
    "git config {name} {wanted}",
    "git config {name} {wanted}",
)
DOCTOR_KEY_MISSING = _code(
    "doctor.key_missing",
    "签名的公钥读不到：{key}",
    "the public key to sign with can't be read: {key}",
    "git config user.signingKey 指向公钥文件，例如 ~/.ssh/id_ed25519.pub",
    "point git config user.signingKey to the public key's file, such as ~/.ssh/id_ed25519.pub",
)
DOCTOR_KEY_UNKNOWN = _code(
    "doctor.key_unknown",
    "签名的公钥（{fingerprint}）不在 policy/people.yaml 里，门禁不认识它",
    "the key that signs here ({fingerprint}) is not in policy/people.yaml: the gate doesn't know it",
    "请政策管理员把公钥加到你的名下",
    "ask a policy admin to add the public key to your entry",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
