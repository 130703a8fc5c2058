"""Findings about workflows: what lets a gate be skipped, forged or turned into somebody's shell."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_code = writer(
    "工作流决定门禁是否真的运行、以谁的权限运行；写错一处，门禁就形同虚设。",
    "A workflow decides whether the gate really runs and with whose rights; one slip, and there is no gate.",
)

CI_UNREADABLE = _code(
    "ci.unreadable",
    "工作流读不懂：{problem}",
    "the workflow can't be read: {problem}",
    "改成不含锚点、不超过 256 kB 的普通 YAML",
    "write plain YAML without anchors, at most 256 kB",
)
CI_GATE_ABSENT = _code(
    "ci.gate_absent",
    "没有哪个工作流运行 orderctl gate",
    "no workflow runs orderctl gate",
    "运行 orderctl hook install --ci github（或 gitlab、gitea），见 docs/ci.md",
    "run orderctl hook install --ci github (or gitlab, gitea), see docs/ci.md",
)
CI_GATE_TRIGGER = _code(
    "ci.gate_trigger",
    "门禁缺少触发事件 {event}",
    "the gate isn't triggered by {event}",
    "在 on 下加上 {event}",
    "add {event} below on",
    "每一条进入受保护分支的路都要过门禁，合入之后还要再查一遍，才能发现绕过门禁的改动。",
    "Every way into the protected branch leads through the gate; once more after landing, to find what went around.",
)
CI_GATE_FILTER = _code(
    "ci.gate_filter",
    "门禁的 {event} 带有过滤条件 {filter}，有的改动不会被检查",
    "the gate's {event} has the filter {filter}: some changes are never judged",
    "删去这个过滤条件",
    "take the filter away",
    "按路径或标题跳过的检查，在平台上显示为通过或一直等待。",
    "A check that is skipped for its paths shows as passed, or waits for ever.",
)
CI_GATE_SKIPPED = _code(
    "ci.gate_skipped",
    "门禁带有 {key}，可能被跳过或失败了也算通过",
    "the gate has {key}: it may be skipped, or fail and still pass",
    "删去 {key}",
    "take {key} away",
    "被跳过的任务在平台上显示为成功。",
    "A job that is skipped reports success.",
)
CI_RESULT_IGNORED = _code(
    "ci.result_ignored",
    "脚本里的 {text} 会把门禁的拒绝当作通过",
    "{text} in the script turns the gate's refusal into a pass",
    "让 orderctl gate 的退出码成为这一步的结果",
    "let the exit code of orderctl gate be the step's",
)
CI_HEAD_EXECUTED = _code(
    "ci.head_executed",
    "{text} 会在有权限的任务里运行改动里的代码",
    "{text} runs code of the change in a job that has rights",
    "只取 Git 对象，不检出、不安装、不运行；见 templates/ci/",
    "fetch Git objects only; check nothing out, install and run nothing of it; see templates/ci/",
    "pull_request_target 和 workflow_run 以目标分支的权限运行，改动里的任何脚本都能借此行事。",
    "pull_request_target and workflow_run have the target branch's rights; any script of the change could use them.",
)
CI_ARTIFACT = _code(
    "ci.artifact",
    "workflow_run 使用了另一次运行的产物，那是改动的作者写的",
    "workflow_run uses the artifact of another run, which the change's author wrote",
    "不要下载产物；门禁自己向平台查询所需的事实",
    "download no artifact; the gate asks the forge for the facts it needs",
)
CI_UNPINNED = _code(
    "ci.unpinned",
    "{action} 没有固定到提交",
    "{action} isn't pinned to a commit",
    "写成 {action}@ 加 40 位提交号",
    "write @ and the 40 digits of a commit",
    "标签和分支可以被移走，下一次运行的就是别人的代码。",
    "A tag or branch can be moved, and the next run is somebody else's code.",
)
CI_WRITE_TOKEN = _code(
    "ci.write_token",
    "任务的令牌有写权限：{permission}",
    "the job's token may write: {permission}",
    "写明 permissions: contents: read, pull-requests: read",
    "say permissions: contents: read, pull-requests: read",
    "能写的令牌能改分支、状态和评审。",
    "A token that may write can change branches, statuses and reviews.",
)
CI_INJECTION = _code(
    "ci.injection",
    "脚本里直接写了 {text}，标题或分支名会被当作命令执行",
    "the script contains {text}: a title or branch name would be run as a command",
    '先放进 env，再用 "$名字"',
    'put it into env first, then use "$NAME"',
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
