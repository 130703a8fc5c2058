"""Findings about commits, trees and what they point at: is this history written as Git writes it?"""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_WHY_ZH = "写法有两种读法的提交，会让一个工具看到一份内容、另一个工具看到另一份；这里只接受各个工具读法一致的提交。"
_WHY_EN = (
    "A commit that can be read in two ways shows one content to one tool and another to the next; "
    "only what every tool reads alike is accepted."
)

_code = writer(_WHY_ZH, _WHY_EN)

COMMIT_MALFORMED = _code(
    "commit.malformed",
    "提交 {commit} 的写法不合规范（{what}）",
    "commit {commit} isn't written as commits are ({what})",
    "用普通的 git commit 重新做这个提交，再推送",
    "make this commit again with plain git commit, then push",
)
COMMIT_MISSING = _code(
    "commit.missing",
    "仓库里没有提交 {commit}，或者它已损坏",
    "commit {commit} isn't in the repository, or is damaged",
    "取得完整的仓库（git fetch --unshallow），用 git fsck 检查，再运行一次",
    "fetch the whole repository (git fetch --unshallow), look with git fsck, and run again",
    "缺了一个提交，就没人知道它改了什么，所以它之后的内容都不能接受。",
    "Where a commit is missing nobody knows what it changed, so nothing after it can be accepted.",
)
LIMIT_COMMIT = _code(
    "limit.commit",
    "提交 {commit} 太大（{what} {size} 字节，上限 {limit} 字节）",
    "commit {commit} is too large ({what} {size} bytes, limit {limit})",
    "把说明写短；长的内容放进文件里",
    "write a shorter message; put long content into a file",
    "过大的提交说明没人会读，却能拖垮每一个检查它的程序。",
    "Nobody reads a message that long, yet it holds up every program that checks it.",
)
TREE_MISSING = _code(
    "tree.missing",
    "仓库里没有文件夹对象 {tree}，或者它已损坏",
    "the folder object {tree} isn't in the repository, or is damaged",
    "取得完整的仓库，用 git fsck 检查，再运行一次",
    "fetch the whole repository, look with git fsck, and run again",
    "读不到的文件夹谁也没检查过，所以不能算通过。",
    "Nobody has checked a folder that can't be read, so it doesn't pass.",
)
TREE_DUPLICATE = _code(
    "tree.duplicate",
    "同一个文件夹里有两个名为 {name} 的条目",
    "one folder has two entries named {name}",
    "用普通的 git add 和 git commit 重新做这个提交，再推送",
    "make this commit again with plain git add and git commit, then push",
    "同名的两个条目，一个工具读到第一个，另一个读到最后一个：批准的不是交付的。",
    "Of two entries with one name one tool reads the first, another the last: what is approved isn't what comes.",
)
TREE_MALFORMED = _code(
    "tree.malformed",
    "文件夹对象的写法不合规范（{what}）",
    "a folder object isn't written as Git writes it ({what})",
    "用普通的 git add 和 git commit 重新做这个提交，再推送",
    "make this commit again with plain git add and git commit, then push",
)
LIMIT_TREE = _code(
    "limit.tree",
    "文件夹太深或文件太多（{what}，上限 {limit}）",
    "folders are too deep or files too many ({what}, limit {limit})",
    "把文件分到合适的文件夹里",
    "spread the files over fitting folders",
    "没有上限的文件夹会用尽检查它的机器。",
    "Folders without a limit exhaust the machine that checks them.",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
