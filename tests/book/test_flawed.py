"""A document that breaks its schema: all its findings at once, none that only follows from another."""

from __future__ import annotations

from pathlib import Path

from tests.workspaces import CASE, edit, found, places, workspace


def test_everything_wrong_in_one_file_is_said_once(tmp_path: Path) -> None:
    shop = workspace(tmp_path / "shop")
    order = f"{CASE}/order.yaml"
    for old, new in (
        ("customer: C0001", "customer: C0009"),
        ("date: 2024-05-06", "date: 2024/5/6"),
        ("kind: custom", "kind: customs"),
        ("channel: phone", "channnel: phone"),
        ("urgent: false", "urgent: maybe"),
        ("salesperson: lin-xiao", "salesperson: lin-xia"),
        ("total: 11700.00", "total: 11700.005"),
        ("due: 2024-05-20", "due: 2024-05-32"),
        ("壹万壹仟柒佰元整", "一万元整"),
    ):
        edit(shop, order, old, new)
    assert places(found(shop, order)) == [
        ("unknown-customer", order, 4),
        ("schema.format", order, 7),
        ("schema.enum", order, 8),
        ("schema.type", order, 9),
        ("schema.unknown_field", order, 10),
        ("unknown-person", order, 11),
        ("schema.decimals", order, 20),
        ("capitals-wrong", order, 22),
        ("schema.format", order, 24),
    ]
    assert all(finding["hint"] for finding in found(shop, order))


def test_a_name_where_an_id_belongs_is_told_the_id(tmp_path: Path) -> None:
    shop = workspace(tmp_path / "shop")
    order = f"{CASE}/order.yaml"
    edit(shop, order, "salesperson: lin-xiao", "salesperson: 林晓")
    assert places(found(shop, order)) == [("unknown-person", order, 11)]
    edit(shop, "orderctl.yaml", "rules: {}", "rules:\n  unknown-person: {enabled: false}")
    assert places(found(shop, order)) == [("schema.pattern", order, 11)]


def test_another_file_s_flaw_suspends_who_reads_it(tmp_path: Path) -> None:
    shop = workspace(tmp_path / "shop")
    edit(shop, "customers/C0001.yaml", "kind: private", "kind: privat")
    assert places(found(shop)) == [("schema.enum", "customers/C0001.yaml", 5)]
    edit(shop, "customers/C0001.yaml", "kind: privat", "kind: private")
    assert places(found(shop)) == []


def test_a_list_where_an_id_belongs_is_said_once(tmp_path: Path) -> None:
    shop = workspace(tmp_path / "shop")
    order = f"{CASE}/order.yaml"
    edit(shop, order, "customer: C0001", "customer: [C0001]")
    edit(shop, order, "salesperson: lin-xiao", "salesperson: {id: lin-xiao}")
    assert places(found(shop)) == [("schema.type", order, 4), ("schema.type", order, 11)]
