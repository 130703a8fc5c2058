"""Papers as their readers see them: whole text, pages, marks, languages, who may read what, the same bytes always."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orderctl.particulars import address
from orderctl.render.errors import RenderError
from orderctl.render.paper import render_paper
from tests.fake_book import FakeBook, base_documents
from tests.papers.support import (
    DIGEST,
    FOLDER,
    ORIGIN,
    ROOT,
    SUBJECTS,
    html,
    names,
    pdf,
    plugin,
    schemas,
    sixty_lines,
    templates,
    text,
    tool,
    view,
)

EXPECTED = Path(__file__).parent / "expected"
CUSTOMER_PAPERS = [name for name in SUBJECTS if plugin(name).PAPER.audience == "customer"]
Documents = dict[str, dict[str, Any]]


def change(path: str, **values: Any) -> Any:
    def apply(documents: Documents) -> None:
        documents[path if path.endswith(".yaml") else f"{FOLDER}/{path}.yaml"].update(values)

    return apply


def remove(*stems: str) -> Any:
    def apply(documents: Documents) -> None:
        for path in [p for p in documents if p.startswith(tuple(f"{FOLDER}/{stem}" for stem in stems))]:
            del documents[path]

    return apply


def test_every_paper_is_tested() -> None:
    assert sorted(SUBJECTS) == sorted(f.stem for f in (ROOT / "plugins" / "papers").glob("[!_]*.py"))


@pytest.mark.parametrize("name", SUBJECTS)
def test_whole_text(name: str) -> None:
    printed = text(pdf(name))
    file = EXPECTED / f"{name}.txt"
    if os.environ.get("ORDERCTL_ACCEPT"):
        file.write_text(printed, "utf-8")
    assert printed == file.read_text("utf-8")


@pytest.mark.parametrize("name", SUBJECTS)
def test_one_page_with_embedded_fonts_and_stated_dates(name: str) -> None:
    data = pdf(name)
    about = tool("pdfinfo", "-isodates", "-", data=data)
    assert re.search(r"^Pages:\s+1$", about, re.MULTILINE)
    assert re.search(r"^Page size:.*A4", about, re.MULTILINE)
    assert re.search(r"^Author:\s+木言办公家具（深圳）有限公司$", about, re.MULTILINE)
    assert re.search(r"^CreationDate:\s+2024-05-08T", about, re.MULTILINE)
    assert re.search(r"^Tagged:\s+yes$", about, re.MULTILINE)
    rows = tool("pdffonts", "-", data=data).splitlines()[2:]
    assert rows
    assert all("+Orderctl-Sans-Common" in row and row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows)


def test_rare_characters_of_names_print() -> None:
    data = pdf("order_confirmation", lambda d: d[f"{FOLDER}/order.yaml"]["delivery"].update(receiver="赵喆堃旻赟𠮷"))
    assert "赵喆堃旻赟𠮷" in text(data)
    assert "+Orderctl-Sans-Rare" in tool("pdffonts", "-", data=data)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u2003", "\u3000"])
def test_a_space_after_a_rare_character_prints(space: str) -> None:
    name = f"赵𠮷{space}先生"
    data = pdf("order_confirmation", lambda d: d[f"{FOLDER}/order.yaml"]["delivery"].update(receiver=name))
    assert "赵𠮷 先生" in re.sub(r"\s+", " ", text(data))


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        (
            {"province": "Berlin", "city": "Berlin", "street": "Hauptstraße", "detail": "135", "country": "DE"}
            | {"postcode": "10623"},
            "Hauptstraße 135, 10623 Berlin, DE",
        ),
        (
            {"province": "Bayern", "city": "Fürth", "street": "Am Markt", "work_area": "Gate 2", "country": "DE"},
            "Gate 2, Am Markt, Fürth, Bayern, DE",
        ),
        (
            {"province": "北京市", "city": "北京市", "street": "云帆路", "detail": "18 号", "postcode": "100020"}
            | {"country": "CN"},
            "北京市云帆路 18 号 100020",
        ),
    ],
)
def test_an_address_names_postcode_and_country(written: dict[str, str], printed: str) -> None:
    assert address(written) == printed


def test_a_character_that_no_font_has_is_an_error_that_names_it() -> None:
    with pytest.raises(RenderError) as error:
        pdf("order_confirmation", lambda d: d[f"{FOLDER}/order.yaml"]["delivery"].update(wishes="谢谢😀ไ"))
    assert (error.value.code, error.value.params) == ("render.glyph", {"characters": "ไ (U+0E44) 😀 (U+1F600)"})


def test_sixty_lines_repeat_the_heads_and_count_the_pages() -> None:
    pages = text(pdf("order_confirmation", sixty_lines)).split("\f")[:-1]
    assert len(pages) == 4
    for number, page in enumerate(pages, 1):
        assert f"第 {number} 页，共 4 页" in page
        assert "品名与规格" in page
        assert "税率" in page
        assert ("木言办公家具（深圳）有限公司 订单确认函" in page.replace("\n", " ")) == (number > 1)
    shown = [int(n) for page in pages for n in re.findall(r"^(\d+) (?:胡桃木|人体工学)", page, re.MULTILINE)]
    assert shown == list(range(1, 61))
    assert "价税合计" not in "".join(pages)


def test_tax_that_is_added_shows_net_tax_and_total() -> None:
    values = {"tax_included": False, "total": Decimal("13221.00"), "tax": Decimal("1521.00")}
    printed = text(pdf("order_confirmation", change("order", **values, total_capitals="壹万叁仟贰佰贰拾壹元整")))
    assert re.search(r"货款 Net 11,700.00\n税额 13% VAT 13% 1,521.00\n价税合计 Total ¥13,221.00", printed)


def test_totals_that_the_document_leaves_out_are_computed() -> None:
    def without(documents: Documents) -> None:
        for key in ("total", "tax", "total_capitals"):
            del documents[f"{FOLDER}/order.yaml"][key]

    assert pdf("order_confirmation", without) == pdf("order_confirmation")


def test_another_currency_has_no_chinese_capitals() -> None:
    printed = text(pdf("quotation", change("quotation-1", currency="USD")))
    assert "US$11,700.00" in printed
    assert "大写" not in printed


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


def test_an_english_name_that_is_the_name_prints_once() -> None:
    shown = view("order_confirmation", change("customers/C0001.yaml", name="Acme Corp.", name_en="Acme Corp."))
    assert (shown["customer"]["name"], shown["customer"]["name_en"]) == ("Acme Corp.", "")
    shown = view("order_confirmation", change("customers/C0001.yaml", name="艾克美", name_en="Acme Corp."))
    assert (shown["customer"]["name"], shown["customer"]["name_en"]) == ("艾克美", "Acme Corp.")


def test_a_repeat_order_states_its_differences() -> None:
    values = {
        "kind": "repeat",
        "repeats": "OD2024030005",
        "differences": [{"zh": "木色改为浅胡桃", "en": "lighter walnut"}],
    }
    printed = text(pdf("order_confirmation", change("order", **values)))
    assert "与上次不同 Changes 木色改为浅胡桃 lighter walnut\n上次订单 Repeats OD2024030005\n" in printed


def test_a_service_order_says_what_when_where_and_who() -> None:
    service = {
        "content": "上门安装",
        "hours": 4,
        "appointment": "2024-05-21T09:00:00+08:00",
        "person": "qin-fu",
        "place": "9 层",
    }
    printed = text(pdf("order_confirmation", change("order", kind="service", service=service)))
    assert (
        "服务 Service 上门安装 4 小时 4 hours\n2024年5月21日 09:00 21 May 2024, 09:00 9 层\n秦芙 13800000007\n"
    ) in printed


def test_the_sentence_to_confirm_leaves_out_what_is_not_known() -> None:
    def bare(documents: Documents) -> None:
        requirement = documents[f"{FOLDER}/requirement.yaml"]
        for key in (
            "when",
            "where",
            "budget",
            "payment",
            "invoice",
            "special",
            "why",
            "attachments",
            "confirmation",
            "signed_by",
        ):
            del requirement[key]
        requirement["items"] = [{"line": 1, "what": "办公桌", "quantity": Decimal("2.50"), "unit": "张"}]

    assert view("requirement_confirmation", bare)["sentence"] == {
        "zh": "您需要的是：办公桌 2.5 张，对吗？",
        "en": "You need: 2.5 × 办公桌. Is that right?",
    }
    assert "用途" not in text(pdf("requirement_confirmation", bare))


def test_an_order_nobody_submitted_has_no_approval_form() -> None:
    assert view("approval_form", remove("submission")) is None
    assert view("approval_form", remove("approvals"))["stages"][0]["decision"] == ""


def test_stages_of_a_shipment_under_way() -> None:
    progress = [
        {"stage": "production", "planned_end": "2024-05-18", "started": "2024-05-09", "finished": "2024-05-18"},
        {"stage": "packing", "planned_end": "2024-05-18", "finished": "2024-05-19"},
        {"stage": "boxing", "planned_end": "2024-05-18"},
        {"stage": "loading", "planned_end": "2024-05-25", "started": "2024-05-24"},
    ]

    def under_way(documents: Documents) -> None:
        remove("delivery", "feedback", "ticket")(documents)
        documents[f"{FOLDER}/shipment-1.yaml"]["progress"] = progress

    stages = view("delivery_progress", under_way)["stages"]
    assert [(s["stage"], s["state"], s["late"]) for s in stages] == [
        ("production", "done", False),
        ("packing", "done", True),
        ("boxing", "waiting", True),
        ("loading", "going", False),
        ("transport", "unrecorded", False),
        ("receipt", "unrecorded", False),
    ]


def test_papers_are_the_same_bytes_everywhere(tmp_path: Path) -> None:
    code = "import sys; from tests.papers.support import pdf; sys.stdout.buffer.write(pdf('order_confirmation'))"
    mine = pdf("order_confirmation")
    assert pdf("order_confirmation") == mine
    odd = tmp_path / "fonts.conf"
    odd.write_text("<fontconfig><dir>/usr/share/fonts/truetype</dir></fontconfig>", "ascii")
    elsewhere = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "TZ": "America/New_York", "LC_ALL": "C", "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT),
        "SOURCE_DATE_EPOCH": "1", "FONTCONFIG_FILE": str(odd),
    }  # fmt: skip
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=elsewhere, capture_output=True, check=True)
    assert ran.stdout == mine
    assert ran.stderr == b""


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


def _too_much(documents: Documents) -> None:
    """Fill every place that can grow with more than it is made for."""
    order = documents[f"{FOLDER}/order.yaml"]
    big = {"quantity": Decimal("123456.789"), "unit_price": Decimal("99999.9999"), "amount": Decimal("9999999999.99")}
    long = {"name": "超长产品名称" * 20, "specification": "W" * 120, "colour": "很长的颜色说明" * 8, "unit": "平方米"}
    order["lines"] = [
        order["lines"][0] | big | long | {"discount": Decimal("1234567.89")},
        order["lines"][1] | {"tax_rate": 6},
    ]
    order |= {"total": Decimal("9999999999.99"), "tax": Decimal("1150442477.87"), "customer_number": "PO-" + "X" * 60}
    order["total_capitals"] = "玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"
    order["delivery"]["address"]["detail"] = "非常详细的地址" * 20
    order["delivery"]["wishes"] = "https://example.com/" + "a" * 150
    customer = documents["customers/C0001.yaml"]
    customer |= {"name": "名称非常长的公司（集团）股份有限公司" * 3, "name_en": "A very long company name " * 5}
    customer["contacts"][0]["email"] = "x" * 64 + "@subsidiary.example.com"
    documents["orderctl.yaml"]["company"] |= {
        "name": "系统集成与空间设计服务（深圳）股份有限公司" * 2,
        "address": "木言路 1 号" * 20,
    }


def test_nothing_runs_off_the_page() -> None:
    boxes = tool("pdftotext", "-bbox", "-", "-", data=pdf("order_confirmation", _too_much))
    found = [tuple(map(float, word)) for word in re.findall(r'xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)"', boxes)]
    margin, width = 17 / 25.4 * 72, 210 / 25.4 * 72
    assert len(found) > 200
    assert min(left for left, _ in found) >= margin - 1
    assert max(right for _, right in found) <= width - margin + 1


def test_the_paper_of_the_documentation_prints() -> None:
    page = (ROOT / "docs" / "papers.md").read_text("utf-8")
    code, template = (
        re.findall(rf"^```{kind}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[0] for kind in ("python", "jinja")
    )
    space: dict[str, Any] = {}
    exec(compile(code, "docs/papers.md", "exec"), space)
    book = FakeBook(base_documents())
    shown = space["view"](book.doc("shipment", "OD2024050012/shipment-1"), book)
    own = {**templates(), "delivery_note.html.j2": template.encode()}
    printed = text(render_paper(space["PAPER"], shown, ORIGIN, DIGEST, own, names=names()))
    assert "送货单 Delivery Note" in printed
    assert "胡桃木实木办公桌（定制） 10\n人体工学椅 10\n货物已当面点清。\nGoods counted on receipt.\n" in printed
    assert printed.endswith("第 1 页，共 1 页 Page 1 of 1\n\f")
