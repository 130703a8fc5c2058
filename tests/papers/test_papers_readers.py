"""Who reads a paper: marks, languages, symbols; nothing that is not theirs, no markup of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from orderctl.render.errors import RenderError
from orderctl.render.paper import render_paper
from tests.papers.support import (
    CUSTOMER_PAPERS,
    DIGEST,
    FOLDER,
    ORIGIN,
    SUBJECTS,
    Documents,
    change,
    html,
    names,
    pdf,
    plugin,
    remove,
    schemas,
    templates,
    text,
    tool,
    view,
)


@pytest.mark.parametrize(
    ("apply", "mark"),
    [
        (remove("nothing"), None),
        (remove("submission", "approvals", "shipment", "delivery"), "草稿"),
        (remove("approvals/order-1-finance", "shipment", "delivery"), "待批准"),
        (
            lambda d: (remove("shipment", "delivery")(d), change("approvals/order-1-finance", decision="reject")(d)),
            "未通过",
        ),
        (lambda d: d.update({f"{FOLDER}/hold-1.yaml": {"schema": "hold/1", "from": "2024-05-07"}}), "暂缓执行"),
        (
            lambda d: d.update({f"{FOLDER}/cancellation.yaml": {"schema": "cancellation/1", "on": "2024-05-07"}}),
            "已取消",
        ),
    ],
)
def test_an_order_that_may_not_run_says_so(apply: Any, mark: str | None) -> None:
    shown = view("order_confirmation", apply)["mark"]
    assert (shown["zh"] if shown else None) == mark
    if mark:
        assert mark in _letters(pdf("order_confirmation", apply))


@pytest.mark.parametrize(
    ("values", "as_of", "mark"),
    [
        ({"outcome": None}, "2024-06-02", None),
        ({"outcome": None}, "2024-06-03", "已过期"),
        ({"outcome": None, "valid_until": None}, "2024-06-02", None),
        ({"outcome": None, "valid_until": None}, "2024-06-03", "已过期"),
        ({"outcome": None, "reviewed": None}, "2024-05-05", "待审核"),
        ({"outcome": {"result": "expired", "on": "2024-06-04", "reason": "客户未回复"}}, "2024-06-05", "已过期"),
        ({"outcome": {"result": "lost", "on": "2024-05-20", "reason": "同行低价"}}, "2024-05-21", "未成交"),
        ({}, "2024-12-31", None),
    ],
)
def test_an_offer_that_no_longer_holds_says_so(values: dict[str, Any], as_of: str, mark: str | None) -> None:
    shown = view("quotation", change("quotation-1", **values), as_of)["mark"]
    assert (shown["zh"] if shown else None) == mark


def _letters(data: bytes) -> str:
    """Return the text without spaces and line ends, which a slanted mark has between its letters."""
    return "".join(text(data).split())


def test_uncommitted_input_is_marked_and_has_no_dates_commit_or_symbol() -> None:
    configured = change("orderctl.yaml", customer_url="https://my.muyan.example/orders/{case}")
    committed, draft = html("order_confirmation", configured), html("order_confirmation", configured, origin=None)
    assert 'href="https://my.muyan.example/orders/OD2024050012"' in committed
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="qr"' in committed
    assert "草稿" not in committed
    assert "a095d00e12f3" in committed
    assert all(absent not in draft for absent in ("https:", "<svg", "dcterms", "2024-05-08"))
    assert all(said in draft for said in ("草稿", "DRAFT – uncommitted", "未提交"))
    printed = _letters(pdf("order_confirmation", configured, origin=None))
    assert "草稿DRAFT–uncommitted" in printed
    assert "CreationDate" not in tool("pdfinfo", "-", data=pdf("order_confirmation", configured, origin=None))


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_symbol_leads_to_the_readers_own_place_or_nowhere(name: str) -> None:
    staff = plugin(name).PAPER.audience == "staff"
    assert view(name)["url"] == ""
    site = change("orderctl.yaml", site_url="https://orders.muyan.example/")
    assert view(name, site)["url"] == ("https://orders.muyan.example/orders/OD2024050012.html" if staff else "")
    own = change("orderctl.yaml", customer_url="https://my.muyan.example/{customer}/{case}")
    assert view(name, own)["url"] == ("" if staff else "https://my.muyan.example/C0001/OD2024050012")


@pytest.mark.parametrize(
    ("languages", "title", "there", "absent"),
    [
        (["zh", "en"], "订单确认函 Order Confirmation", ["交货 Delivery", "第 1 页，共 1 页"], []),
        (["en", "zh"], "Order Confirmation 订单确认函", ["Delivery 交货", "Page 1 of 1"], []),
        (["zh"], "订单确认函", ["交货", "第 1 页，共 1 页"], ["Delivery", "Page", "Customer", "Total"]),
        (["en"], "Order Confirmation", ["Delivery", "Page 1 of 1"], ["交货", "页", "供方", "合计"]),
    ],
)
def test_languages(languages: list[str], title: str, there: list[str], absent: list[str]) -> None:
    printed = text(pdf("order_confirmation", change("orderctl.yaml", languages=languages)))
    assert f"\n{title}\n" in printed
    assert [t for t in there if t not in printed] == []
    assert [t for t in absent if t in printed] == []


@pytest.mark.parametrize(
    ("languages", "there", "absent"),
    [(["en"], "NOTYETAPPROVED", "待批准"), (["zh"], "待批准", "NOTYETAPPROVED")],
)
def test_the_mark_speaks_the_languages_of_the_company(languages: list[str], there: str, absent: str) -> None:
    def apply(documents: Documents) -> None:
        documents["orderctl.yaml"]["languages"] = languages
        remove("approvals/order-1-finance", "shipment", "delivery", "feedback", "ticket")(documents)

    printed = _letters(pdf("order_confirmation", apply))
    assert there in printed
    assert absent not in printed


def _leaves(data: Any, schema: Mapping[str, Any]) -> Iterator[tuple[Any, Any, Mapping[str, Any]]]:
    """Yield container, key and schema of every scalar that the schema knows."""
    types = schemas()["_types"]["$defs"]
    if "$ref" in schema:
        schema = {**types[schema["$ref"].rpartition("/")[2]], **schema}
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        below = schema.get("properties", {}).get(key, {}) if isinstance(data, dict) else schema.get("items", {})
        if "$ref" in below:
            below = {**types[below["$ref"].rpartition("/")[2]], **below}
        if isinstance(value, dict | list):
            yield from _leaves(value, below)
        else:
            yield data, key, below


@pytest.mark.parametrize("name", CUSTOMER_PAPERS)
def test_customers_never_read_what_is_not_theirs(name: str) -> None:
    planted, shown = [], []

    def plant(documents: Documents) -> None:
        documents[f"{FOLDER}/quotation-1.yaml"]["outcome"] = {"result": "lost", "on": "x", "reason": "x"}
        documents[f"{FOLDER}/order.yaml"]["remarks"] = "CANARY-remarks"
        documents["customers/C0001.yaml"]["remarks"] = "x"
        for path, data in documents.items():
            for holder, key, schema in list(_leaves(data, schemas()[data["schema"].split("/")[0]])):
                audience = schema.get("x-audience", ["staff"])
                if isinstance(holder[key], str) and key not in {
                    "schema",
                    "id",
                    "stage",
                    "decision",
                    "subject",
                    "result",
                }:
                    if "customer" not in audience:
                        holder[key] = f"CANARY-{path}-{key}"
                        planted.append(key)
                    else:
                        shown.append(key)

    try:
        assert "CANARY" not in html(name, plant)
    finally:
        assert len(planted) > 40
        assert len(shown) > 40


INJECTIONS = [
    "<script>x</script>",
    '"><img src=x onerror=x>',
    "</title><b>",
    "]]>",
    "-->",
    "{{7*7}}",
    "{% include 'paper.css' %}",
    "' x='",
]


@pytest.mark.parametrize("name", SUBJECTS)
def test_injected_markup_stays_text(name: str) -> None:
    """R01, R04: the structure of the page is that of the harmless twin, and the attack is there to read."""
    attack = "".join(INJECTIONS)

    def plant(suffix: str) -> Any:
        def apply(documents: Documents) -> None:
            for data in documents.values():
                for holder, key, schema in list(_leaves(data, schemas()[data["schema"].split("/")[0]])):
                    free = isinstance(holder[key], str) and not {"pattern", "enum", "format", "const"} & set(schema)
                    if free and key not in {"id", "customer", "contact", "salesperson", "stage", "zh", "en"}:
                        holder[key] += suffix
                    if key in {"zh", "en"}:
                        holder[key] += suffix

        return apply

    harmless, harmful = html(name, plant("甲")), html(name, plant(attack))
    assert _structure(harmful) == _structure(harmless)
    assert "{{7*7}}" in harmful
    assert "&lt;script&gt;x&lt;/script&gt;" in harmful
    assert "<script" not in harmful


def _structure(page: str) -> list[tuple[str, list[str]]]:
    import tinyhtml5  # type: ignore[import-untyped]

    return [(str(e.tag), sorted(e.attrib)) for e in tinyhtml5.parse(page, namespace_html_elements=False).iter()]


@pytest.mark.parametrize("file", ["order_confirmation.html.j2", "parts.html.j2"])
def test_an_undefined_name_in_a_template_stops_the_paper(file: str) -> None:
    broken = dict(templates())
    broken[file] = broken[file].replace(b"view.", b"view.no_", 1)
    with pytest.raises(RenderError) as error:
        render_paper(
            plugin("order_confirmation").PAPER, view("order_confirmation"), ORIGIN, DIGEST, broken, names=names()
        )
    assert error.value.code == "render.template"
    assert "no_" in str(error.value.params["problem"])
