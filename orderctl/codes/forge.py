"""Findings about a forge's own settings: rulesets and CODEOWNERS."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_code = writer(
    "门禁只给出结论，挡住合并的是平台的规则；规则松一处，结论就拦不住任何人。",
    "The gate only says; the forge's rules are what stops a merge. Where they are loose, the verdict stops nobody.",
)

FORGE_RULE_MISSING = _code(
    "forge.rule_missing",
    "{repository} 的默认分支没有规则 {rule}",
    "{repository} has no rule {rule} for its default branch",
    "在 Settings → Rules → Rulesets 里加上 {rule}，见 docs/ci.md",
    "add {rule} in Settings → Rules → Rulesets, see docs/ci.md",
)
FORGE_RULE_LOOSE = _code(
    "forge.rule_loose",
    "{repository} 的规则 {rule}：{name} 是 {value}，应为 {wanted}",
    "{repository}'s rule {rule}: {name} is {value}, should be {wanted}",
    "在 Settings → Rules → Rulesets 里改过来",
    "change it in Settings → Rules → Rulesets",
)
FORGE_CHECK_MISSING = _code(
    "forge.check_missing",
    "{repository} 不要求检查 {check} 通过",
    "{repository} doesn't require the check {check}",
    "把 {check} 加进必需的状态检查",
    "add {check} to the required status checks",
)
FORGE_CHECK_FORGEABLE = _code(
    "forge.check_forgeable",
    "检查 {check} 的来源是 {value}，谁都能冒充它报告通过",
    "the check {check} may come from {value}: others can report it as passed",
    "把来源指定为 GitHub Actions（integration_id {wanted}）",
    "name GitHub Actions as its source (integration_id {wanted})",
    "有写权限的人都能写一个同名的状态；只有指定来源才分得清。",
    "Whoever may write can set a status of that name; only a named source tells them apart.",
)
FORGE_SILENT = _code(
    "forge.silent",
    "无法取得平台的规则：{problem}",
    "the forge's rules can't be had: {problem}",
    "检查地址和令牌（GITHUB_TOKEN），再运行一次",
    "look at the address and the token (GITHUB_TOKEN), and run again",
)
FORGE_BYPASS = _code(
    "forge.bypass",
    "规则集 {ruleset} 允许 {count} 个角色或应用绕过",
    "the ruleset {ruleset} lets {count} roles or apps go around it",
    "清空绕过名单",
    "empty the bypass list",
    "能绕过的人在任何一分钟都能绕过，包括自动合并。",
    "Whoever may go around can do so in any minute, and so can an automatic merge.",
)
FORGE_BYPASS_UNKNOWN = _code(
    "forge.bypass_unknown",
    "看不到规则集 {ruleset} 的绕过名单",
    "the bypass list of the ruleset {ruleset} can't be seen",
    "换一个能读取仓库管理设置的令牌（GITHUB_TOKEN）",
    "use a token that may read the repository's administration (GITHUB_TOKEN)",
)
CODEOWNERS_HIDDEN = _code(
    "codeowners.hidden",
    "平台只读 {other}，这个文件不起作用",
    "the forge reads {other} only; this file has no effect",
    "合成一个文件",
    "make them one file",
)
CODEOWNERS_SIZE = _code(
    "codeowners.size",
    "超过 3 MB，平台会忽略整个文件",
    "has more than 3 MB: the forge ignores it all",
    "用更少、更宽的规则",
    "use fewer, wider rules",
)
CODEOWNERS_LINE = _code(
    "codeowners.line",
    "这一行写法不支持（{problem}），平台会跳过它",
    "this line isn't supported ({problem}): the forge skips it",
    "只用 路径 @用户 或 @组织/团队；不要用 ! 和 [ ]",
    "write path @user or @org/team; no ! and no [ ]",
)
CODEOWNERS_UNOWNED = _code(
    "codeowners.unowned",
    "{guarded} 最后匹配的是第 {number} 行，那里没有负责人",
    "{guarded} is matched last by line {number}, which names no owner",
    "把受信任路径的规则放在文件末尾并写明负责人",
    "put the rules of trusted paths last, with owners",
    "最后一条匹配的规则说了算，前面写的都不算数。",
    "The last rule that matches decides; what stands before it doesn't count.",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
