"""Findings about plugins: one that is broken, misspelt, unknown or not trusted is named and fails the run."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_WHY_ZH = "悄悄不运行的检查等于没有检查，所以坏的、拼错的、不可信的插件一律报错。"
_WHY_EN = "A check that silently doesn't run is no check, so a broken, misspelt or untrusted plugin is an error."
_ENDED_ZH = "本仓库自带的插件在单独的进程中运行；使该进程中断的插件不再运行，它本应检查的内容等于没有检查。"
_ENDED_EN = (
    "A workspace's own plugins run in a process of their own. One that ends it is run no more, so what it should have "
    "checked is not checked."
)

_code = writer(_WHY_ZH, _WHY_EN)

PLUGIN_BROKEN = _code(
    "plugin.broken",
    "插件无法载入：{problem}",
    "can't be loaded: {problem}",
    "改正该文件，或删除它",
    "mend the file, or delete it",
)
PLUGIN_MISSPELT = _code(
    "plugin.misspelt",
    "插件写得不合约定：{problem}",
    "is not written as plugins are: {problem}",
    "参看 CONTRIBUTING：一个文件、一个常量、一个 @hookimpl 函数",
    "see CONTRIBUTING: one file, one constant, one @hookimpl function",
)
PLUGIN_DUPLICATE = _code(
    "plugin.duplicate",
    "编号 {id} 已被 {other} 使用",
    "uses the id {id}, which {other} has already",
    "换一个文件名和编号",
    "choose another file name and id",
)
PLUGIN_CYCLE = _code(
    "plugin.cycle",
    "事实互相依赖：{cycle}",
    "has facts that need each other: {cycle}",
    "把其中一个拆开",
    "split one of them",
)
PLUGIN_UNTRUSTED = _code(
    "plugin.untrusted",
    "本仓库自带的插件尚未在这台电脑上获准运行（共 {count} 个文件）",
    "brings plugins of its own that were not yet allowed to run on this computer ({count} files)",
    "读过之后运行：orderctl plugins trust",
    "read them, then run: orderctl plugins trust",
    "插件是程序；从别人那里取来的仓库不应自动在您的电脑上运行程序。",
    "Plugins are programs; a repository that comes from someone else must not run programs on your computer by itself.",
)
PLUGIN_CRASHED = _code(
    "plugin.crashed",
    "检查“{rule}”时出错：{problem}",
    "made {rule} fail: {problem}",
    "请把这条信息交给写该插件的人；在此之前不能通过",
    "give this message to the plugin's author; until then nothing passes",
)

PLUGIN_TIMEOUT = _code(
    "plugin.timeout",
    "检查“{rule}”运行超过 {seconds} 秒，已被终止",
    "made {rule} run longer than {seconds} seconds, so it was ended",
    "请把这条信息交给写该插件的人；在此之前不能通过",
    "give this message to the plugin's author; until then nothing passes",
    _ENDED_ZH,
    _ENDED_EN,
)
PLUGIN_DIED = _code(
    "plugin.died",
    "检查“{rule}”使运行它的进程中断（{problem}）",
    "made {rule} end the process that it runs in ({problem})",
    "请把这条信息交给写该插件的人；在此之前不能通过",
    "give this message to the plugin's author; until then nothing passes",
    _ENDED_ZH,
    _ENDED_EN,
)
PLUGIN_ANSWER = _code(
    "plugin.answer",
    "检查“{rule}”的回答不合约定",
    "made {rule} answer something that is no answer",
    "请把这条信息交给写该插件的人；在此之前不能通过",
    "give this message to the plugin's author; until then nothing passes",
    _ENDED_ZH,
    _ENDED_EN,
)

ENDINGS = frozenset(code.id for code in (PLUGIN_TIMEOUT, PLUGIN_DIED, PLUGIN_ANSWER))
"""What is said of a plugin whose process ended: it says nothing of the document, so it holds at no time."""

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
