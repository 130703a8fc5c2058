"""Papers as their readers see them: whole text, pages, marks, languages, who may read what, the same bytes always."""

from __future__ import annotations

import os
import re
import subprocess
import sys
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
    Documents,
    change,
    names,
    pdf,
    remove,
    sixty_lines,
    templates,
    text,
    tool,
    view,
)

EXPECTED = Path(__file__).parent / "expected"


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
