"""A company's own fields and values on top of a built-in kind: what it may do works, what it may not is named."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orderctl.schema.walk import at_pointer
from orderctl.validate import Validator
from tests.schema.helper import CASES, kinds, read, shown
from tests.schema.own_kinds import leaf, memo, whole

ORDER = CASES / "order" / "positive" / "story.yaml"


NAMES = {"A": {"zh": "甲", "en": "A"}}


def extension(**more: Any) -> dict[str, Any]:
    return {"x-extends": "order", **more}


def fields(**more: Any) -> dict[str, Any]:
    return extension(properties=more)


def said(own: dict[str, Any], **changes: Any) -> str:
    """Return what is said about the story's order with these changes, under this extension."""
    found, findings = kinds({"order-own": own})
    assert shown(findings) == ""
    return shown(Validator(found).findings("order", "order.yaml", {**read(ORDER), **changes}))


def test_an_own_field() -> None:
    own = fields(cost_centre=leaf(pattern="^[A-Z]{2}[0-9]{3}$", examples=["CC100"], **{"x-title-zh": "成本中心"}))
    assert said(own, cost_centre="CC100") == ""
    assert said(own) == ""
    assert "schema.pattern" in said(own, cost_centre="100")
    assert "改为 cost_centre（成本中心）" in said(own, 成本中心="CC100")
    _, findings = kinds()
    assert findings == []
    assert "/cost_centre  schema.unknown_field" in shown(
        Validator(kinds()[0]).findings("order", "o", {**read(ORDER), "cost_centre": "CC100"})
    )


def test_an_own_field_deep_in_lines_and_delivery() -> None:
    lines = {"items": {"properties": {"batch": leaf()}}}
    own = fields(lines=lines, delivery={"properties": {"dock": whole()}})
    order = read(ORDER)
    lines_with = [{**line, "batch": "B1"} for line in order["lines"]]
    assert said(own, lines=lines_with, delivery={**order["delivery"], "dock": {"a": "x"}}) == ""
    assert "/delivery/dock/b  schema.unknown_field" in said(own, delivery={**order["delivery"], "dock": {"b": "x"}})


def test_an_own_enum_value_with_its_name() -> None:
    own = fields(channel={"enum": ["livestream"], "x-enum-names": {"livestream": {"zh": "直播", "en": "livestream"}}})
    assert said(own, channel="livestream") == ""
    assert said(own, channel="phone") == ""
    assert "livestream（直播）" in said(own, channel="tv")
    assert "改为 livestream（直播）" in said(own, channel="直播")


def test_an_own_enum_value_needs_its_name() -> None:
    _, findings = kinds({"order-own": fields(channel={"enum": ["livestream"]})})
    assert [(f.rule, f.path, f.pointer) for f in findings] == [
        ("schema.undecided", "schemas/order-own.schema.json", "/properties/channel")
    ]


def test_own_columns_and_label() -> None:
    own = extension(
        properties={"cost_centre": leaf(), "customer": {"x-title-zh": "买方"}},
        **{"x-index": ["/cost_centre"]},
    )
    found, findings = kinds({"order": own})
    assert shown(findings) == ""
    assert found["order"].index[-1] == ("cost_centre", "/cost_centre")
    assert found["order"].own and not found["hold"].own
    assert at_pointer(found["order"].schema, "/customer")["x-title-zh"] == "买方"  # type: ignore[index]
    assert "customer（买方）已经写过" in said(own, 买方="C0001")


@pytest.mark.parametrize(
    ("tighter", "change", "rule"),
    [
        ({"remarks": {"maxLength": 3}}, {"remarks": "abcd"}, "schema.too_long"),
        ({"customer_number": {"pattern": "^PO[0-9]+$"}}, {"customer_number": "12"}, "schema.pattern"),
        ({"number": {"pattern": "^OD[0-9]+$"}}, {"number": "XX1"}, "schema.pattern"),
        ({"customer_number": {"enum": ["A"], "x-enum-names": NAMES}}, {"customer_number": "B"}, "schema.enum"),
        ({"total": {"x-decimals": 0}}, {"total": Decimal("1.5")}, "schema.decimals"),
        ({"total": {"maximum": 10}}, {"total": 11}, "schema.too_large"),
        ({"total": {"exclusiveMinimum": 0}}, {"total": 0}, "schema.too_small"),
        ({"lines": {"minItems": 3}}, {}, "schema.too_few"),
        ({"lines": {"maxItems": 1}}, {}, "schema.too_many"),
        ({"currency": {"const": "CNY"}}, {"currency": "USD"}, "schema.const"),
    ],
)
def test_tightening(tighter: dict[str, Any], change: dict[str, Any], rule: str) -> None:
    assert rule in said(fields(**tighter), **change)
    assert shown(Validator(kinds()[0]).findings("order", "o", {**read(ORDER), **change})) == ""


def test_more_required_fields() -> None:
    own = extension(required=["customer_number"])
    order = read(ORDER)
    del order["customer_number"]
    found, findings = kinds({"order-own": own})
    assert findings == []
    assert [f.rule for f in Validator(found).findings("order", "o", order)] == ["schema.required"]
    assert [f.params["name"] for f in Validator(found).findings("order", "o", {})][:3] != []
    required = found["order"].schema["required"]
    assert "number" in required and "customer_number" in required


def test_hiding_an_optional_field() -> None:
    found, findings = kinds({"order-own": fields(merged_from={"x-hidden": True})})
    assert findings == []
    assert at_pointer(found["order"].schema, "/merged_from")["x-hidden"] is True  # type: ignore[index]
    assert "merged_from" not in said(fields(merged_from={"x-hidden": True}), foo=1)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (fields(remarks={"maxLength": 2001}), [("schema.relaxes", "/properties/remarks/maxLength")]),
        (fields(total={"maximum": 10**13}), [("schema.relaxes", "/properties/total/maximum")]),
        (fields(total={"minimum": -1}), [("schema.relaxes", "/properties/total/minimum")]),
        (fields(total={"x-decimals": 3}), [("schema.relaxes", "/properties/total/x-decimals")]),
        (fields(lines={"minItems": 0}), [("schema.relaxes", "/properties/lines/minItems")]),
        (fields(total={"type": ["number", "null"]}), [("schema.relaxes", "/properties/total/type")]),
        (fields(total={"x-material": False}), [("schema.relaxes", "/properties/total/x-material")]),
        (fields(handler={"x-audience": ["staff", "customer"]}), [("schema.relaxes", "/properties/handler/x-audience")]),
        (
            fields(delivery={"properties": {"phone": {"x-pii": False}}}),
            [("schema.relaxes", "/properties/delivery/properties/phone/x-pii")],
        ),
        (
            fields(standing_requirements={"uniqueItems": False}),
            [("schema.relaxes", "/properties/standing_requirements/uniqueItems")],
        ),
        (fields(date={"format": "date-time"}), [("schema.changes", "/properties/date/format")]),
        (extension(**{"x-path": "orders/{id}.yaml"}), [("schema.changes", "/x-path")]),
        (extension(**{"x-key": "/customer_number"}), [("schema.changes", "/x-key")]),
        (extension(**{"x-version": 2}), [("schema.changes", "/x-version")]),
        (fields(remarks={"items": leaf()}), [("schema.changes", "/properties/remarks/items")]),
        (fields(remarks=False), [("schema.removes", "/properties/remarks")]),
        (fields(remarks=None), [("schema.removes", "/properties/remarks")]),
        (fields(lines={"x-hidden": True}), [("schema.hides_required", "/properties/lines/x-hidden")]),
        (extension(additionalProperties=True), [("schema.bad_value", "/additionalProperties")]),
        (extension(required=["nothing"]), [("schema.bad_meta", "/required/0")]),
        ({"x-extends": "ordr"}, [("schema.extends_unknown", "/x-extends")]),
    ],
)
def test_what_an_extension_may_not(own: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    found, findings = kinds({"order-own": own})
    assert [(f.rule, f.pointer) for f in findings] == expected, shown(findings)
    assert shown(Validator(found).findings("order", "o", read(ORDER))) == ""  # the rest of the kind holds on
    assert found["order"].path == "orders/{yyyy}/{mm}/{case}/order.yaml"


def test_an_own_field_decides_everything() -> None:
    _, findings = kinds({"order-own": fields(cost_centre={"type": "string", "maxLength": 5, "x-pii": False})})
    assert {f.pointer for f in findings} == {"/properties/cost_centre"}
    missing = {"x-audience", "x-material", "examples", "title", "x-title-zh", "description", "x-description-zh"}
    assert {f.params["keyword"] for f in findings} == missing


def test_what_is_relaxed_stays_as_it_was() -> None:
    found, _ = kinds({"order-own": fields(total={"x-decimals": 3, "x-material": False})})
    node = at_pointer(found["order"].schema, "/total")
    assert node is not None and (node["x-decimals"], node["x-material"]) == (2, True)


def test_benign_twins_of_the_sticky_ones() -> None:
    """Immaterial may become material, an audience may shrink, what isn't personal may be called personal."""
    own = fields(
        handler={"x-material": True},
        remarks={"x-audience": ["staff"]},
        customer_number={"x-pii": True, "x-material": True},
    )
    _, findings = kinds({"order-own": own})
    assert [(f.rule, f.pointer) for f in findings] == [("schema.personal_material", "/properties/customer_number")]


def test_one_extension_for_each_kind() -> None:
    _, findings = kinds({"order-a": extension(), "order-b": extension()})
    assert [(f.rule, f.path, f.params["other"]) for f in findings] == [
        ("schema.extended_twice", "schemas/order-b.schema.json", "schemas/order-a.schema.json")
    ]


def test_an_own_kind_may_be_extended() -> None:
    found, findings = kinds({"memo": memo(), "memo-more": {"x-extends": "memo", "properties": {"more": leaf()}}})
    assert shown(findings) == ""
    assert Validator(found).findings("memo", "m", {"schema": "memo/1", "id": "a", "more": "b"}) == []


def test_a_condition_between_fields() -> None:
    own = extension(
        allOf=[
            {
                "if": {"properties": {"urgent": {"const": True}}, "required": ["urgent"]},
                "then": {"required": ["handler"]},
            }
        ]
    )
    order = read(ORDER)
    del order["handler"]
    found, findings = kinds({"order-own": own})
    assert shown(findings) == ""
    assert Validator(found).findings("order", "o", order) == []
    missing = Validator(found).findings("order", "o", {**order, "urgent": True})
    assert [(f.rule, f.params["name"]) for f in missing] == [("schema.required", "handler")]


def test_violations_in_words() -> None:
    own = fields(remarks={"maxLength": 9000}, lines={"x-hidden": True}, original=False)
    _, findings = kinds({"order-own": own})
    assert shown(findings) == (
        "/properties/lines/x-hidden  schema.hides_required\n"
        '    必填字段“lines”不能隐藏。删去 "x-hidden"\n'
        '    the required field "lines" can\'t be hidden: delete "x-hidden"\n'
        "/properties/original  schema.removes\n"
        '    字段“original”不能删除。要隐藏它，写 {"x-hidden": true}\n'
        '    the field "original" can\'t be removed: to hide it, write {"x-hidden": true}\n'
        "/properties/remarks/maxLength  schema.relaxes\n"
        "    扩展放宽了“maxLength”：内置为 2000，这里写了 9000。只能写得更严，或删去这一行\n"
        '    the extension relaxes "maxLength": built in 2000, here 9000: make it stricter, or delete it\n'
    )
