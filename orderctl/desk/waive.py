"""A finding that is to be put up with in; the waiver that asks for it out. It counts once its flow has approved it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from orderctl.desk.decide import denied
from orderctl.desk.matter import check_sound
from orderctl.desk.record import record
from orderctl.desk.statements import written
from orderctl.rule import Rule
from orderctl.terminal import visible

if TYPE_CHECKING:
    from orderctl.catalogue import Catalogue
    from orderctl.desk.matter import Desk
    from orderctl.desk.signer import Signer


def waiver(
    at: Desk, rule: str, path: str, pointer: str, reason: str, until: str, person: str
) -> tuple[str, str, bytes]:
    """Return a waiver's id, path and bytes. Raises SetupError where it could never be applied."""
    check_rule(rule, at.catalogue)
    day = datetime.fromtimestamp(at.now, ZoneInfo(at.policy.zone)).date()
    _check_until(until, day)
    if at.state.entry(path) is None:
        raise denied(
            "waive_path",
            f"HEAD 中没有文件 {visible(path)}。请写问题所在文档的路径，例如 customers/C0001.yaml",
            f"there is no file {visible(path)} at HEAD. Name the finding's document, such as customers/C0001.yaml",
            2,
        )
    if not reason.strip():
        raise denied(
            "waive_reason",
            "请用 --reason 说明为什么可以放行",
            "say with --reason why this can be put up with",
            2,
        )
    id = _free(at, day)
    data = {
        "schema": "waiver/1",
        "revision": 1,
        "rule": rule,
        "path": path,
        "pointer": pointer,
        "reason": reason.strip(),
        "requested_by": person,
        "from": day.isoformat(),
        "until": until,
    }
    file, made = f"waivers/{id}.yaml", written(data, at.catalogue.kinds["waiver"])
    check_sound(at, file, made)
    return id, file, made


def check_rule(rule: str, catalogue: Catalogue) -> None:
    """Raise SetupError for what can't be waived: machine codes, approval rules, rules that there aren't."""
    if "." in rule:
        raise denied(
            "waive_code",
            f"{visible(rule)} 是文件或签名本身的错误，不能豁免。请改正文件",
            f"{visible(rule)} is an error of the files or signatures themselves and can't be waived. Mend the file",
        )
    words = catalogue.sentence(rule)
    if not isinstance(words, Rule):
        near = get_close_matches(rule, list(catalogue.rules), 3, 0.5)
        zh, en = "、".join(near), ", ".join(near)
        shown = visible(rule)
        raise denied(
            "waive_rule",
            f"没有规则“{shown}”。" + (f"是不是：{zh}？" if near else "orderctl plugins 会列出所有规则"),
            f"there is no rule “{shown}”. " + (f"Did you mean: {en}?" if near else "orderctl plugins lists them"),
            2,
        )
    if not words.waivable:
        raise denied(
            "waive_approval",
            f"审批规则 {rule} 不能豁免：没有审批就不能放行",
            f"{rule} is a rule about approvals and can't be waived: nothing passes without its approval",
        )


def _check_until(until: str, day: date) -> None:
    try:
        end = date.fromisoformat(until) if len(until) == 10 else None
    except ValueError:
        end = None
    if end is None or end < day:
        raise denied(
            "waive_until",
            f"“{visible(until)}”应为今天（{day}）或以后的日期，写成 2024-06-30",
            f"“{visible(until)}” should be a date from today ({day}) on, written as 2024-06-30",
            2,
        )


def _free(at: Desk, day: date) -> str:
    root = at.workspace.root
    assert root is not None
    count = 1
    while True:
        id = f"w{day:%Y%m%d}-{count}"
        path = f"waivers/{id}.yaml"
        if at.state.entry(path) is None and not (root / path).exists():
            return id
        count += 1


def finish(
    at: Desk, id: str, path: str, data: bytes, signer: Signer, *, commits: bool = True, as_of: str = ""
) -> tuple[str, Mapping[str, bytes]]:
    """Commit a waiver; return the commit ("" without) and the files."""
    files = {path: data}
    return record(at, files, f"{id}: ask for it", signer, when=as_of, commits=commits), files
