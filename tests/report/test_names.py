"""Ids of persons, stages and roles get their names from policy; whatever has none there stays as it is."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from orderctl.catalogue import load_catalogue
from orderctl.model import Finding, Severity
from orderctl.names import Names, names_at, names_of
from orderctl.rule import Code
from orderctl.shown import show
from orderctl.tree import folder_tree
from orderctl.trust.case import Missing
from orderctl.verdict import verdict_text

ROOT = Path(__file__).parents[2]
PEOPLE = {"people": [{"id": "chen-jie", "name": "陈杰", "name_en": "Chen Jie"}, {"id": "bo", "name": "柏文"}]}
FLOWS = {
    "flows": [
        {"id": "urgent", "stages": [{"id": "finance", "zh": "财务（补签）", "en": "Finance (ratifies)"}]},
        {"id": "large", "stages": [{"id": "finance", "zh": "财务审核", "en": "Finance"}]},
        {"id": "small", "stages": [{"id": "finance", "zh": "财务审核", "en": "Finance"}]},
    ]
}
ROLES = {"finance": {"zh": "财务", "en": "finance"}}
SCHEMA = {
    "properties": {
        "people": {"items": {"properties": {"roles": {"items": {"enum": ["finance"], "x-enum-names": ROLES}}}}}
    }
}
NAMES = names_of(PEOPLE, FLOWS, SCHEMA)


def said(template: str, language: str, params: dict[str, str | int], names: Names | None = NAMES) -> str:
    code = Code(
        id="a.b", severity=Severity.ERROR, since="0.1", zh=template, en=template, hint_zh=template, hint_en=template,
        why_zh="", why_en="",
    )  # fmt: skip
    finding = Finding("a.b", Severity.ERROR, "x.yaml", "", params)
    (shown,) = show([finding], lambda _path: None, lambda _rule: code, language, names=names)
    assert shown.hint == shown.message
    return shown.message


@pytest.mark.parametrize(
    ("params", "zh", "en"),
    [
        ({"who": "chen-jie"}, "陈杰（chen-jie）", "Chen Jie (chen-jie)"),
        ({"who": "bo"}, "柏文（bo）", "柏文 (bo)"),
        ({"who": "nobody-known"}, "nobody-known", "nobody-known"),
        ({"who": "chen-jie, -, bo"}, "陈杰（chen-jie）、-、柏文（bo）", "Chen Jie (chen-jie), -, 柏文 (bo)"),
        ({"stage": "finance"}, "财务审核（finance）", "Finance (finance)"),
        ({"stages": "finance, after"}, "财务审核（finance）、after", "Finance (finance), after"),
        ({"role": "finance"}, "财务（finance）", "finance"),
        ({"stage": "chen-jie"}, "chen-jie", "chen-jie"),
        ({"number": "chen-jie"}, "chen-jie", "chen-jie"),
        ({"who": 7}, "7", "7"),
    ],
)
def test_what_a_sentence_calls_an_id(params: dict[str, str | int], zh: str, en: str) -> None:
    (name,) = params
    assert said(f"{{{name}}}", "zh", params) == zh
    assert said(f"{{{name}}}", "en", params) == en
    assert said(f"{{{name}}}", "zh", params, None) == str(params[name])


def test_no_space_stands_between_chinese_words_and_a_name() -> None:
    assert said("缺少 {who} 的签名", "zh", {"who": "chen-jie"}) == "缺少陈杰（chen-jie）的签名"
    assert said("缺少 {who} 的签名", "zh", {"who": "someone"}) == "缺少 someone 的签名"


@pytest.mark.parametrize("broken", ["", "people: [\n", "schema: people/1\npeople: 3\n", "schema: people/1\n"])
def test_a_list_of_people_that_is_not_valid_names_nobody(tmp_path: Path, broken: str) -> None:
    shutil.copytree(ROOT / "policy", tmp_path / "policy")
    known = load_catalogue(folder_tree(tmp_path))
    whole = names_at(folder_tree(tmp_path), known.kinds, known.validator)
    assert (whole.person("chen-jie", "zh"), whole.stage("finance", "en")) == ("陈杰（chen-jie）", "Finance (finance)")
    (tmp_path / "policy/people.yaml").write_text(broken, encoding="utf-8")
    names = names_at(folder_tree(tmp_path), known.kinds, known.validator)
    assert names == replace(whole, persons={})
    assert names.person("chen-jie", "zh") == "chen-jie"


@pytest.mark.parametrize(
    ("missing", "zh", "en"),
    [
        (
            Missing("OD1", "finance", "finance", ("bo",), "2024-05-08T14:30:00+08:00", open=True),
            "OD1：环节 财务审核（finance）（角色 财务（finance）），可审批的人：柏文（bo），截止 2024-05-08 14:30",
            "OD1: Finance (finance) (finance) by 柏文 (bo), until 2024-05-08 14:30",
        ),
        (
            Missing("policy", "admins", "finance/other", (), "", open=True),
            "policy：环节 admins（角色 财务（finance）、other），可审批的人：目前无人可批",
            "policy: admins (finance, other) by nobody at present",
        ),
        (
            Missing("OD1", "finance", "finance", ("bo",), "", open=False),
            "OD1：环节 财务审核（finance）（角色 财务（finance）），尚未轮到",
            "OD1: Finance (finance) (finance), not its turn yet",
        ),
    ],
)
def test_what_is_missing(missing: Missing, zh: str, en: str) -> None:
    assert f"  {zh}\n" in verdict_text(True, [], [missing], lambda _rule: None, "zh", NAMES)
    assert f"  {en}\n" in verdict_text(True, [], [missing], lambda _rule: None, "en", NAMES)
