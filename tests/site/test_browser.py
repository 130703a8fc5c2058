"""The site as people use it, opened from the folder in Chromium: search, filters, links, languages, themes, a phone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from orderctl.render.shards import shard

PAGES = (
    "index.html", "orders.html", "inquiries.html", "customers.html", "products.html", "findings.html", "rules.html",
    "orders/OD2024050012.html", "orders/OD2024120003.html", "customers/C0001.html",
)  # fmt: skip
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 780}


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A page that fails the test for anything its console says."""
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    yield page
    context.close()
    assert said == []


def show(tab: Any, site: Path, page: str) -> None:
    tab.goto("about:blank")
    tab.goto(f"file://{site}/{page}")


def records(site: Path) -> list[dict[str, Any]]:
    """Every order of the site's shards, newest first: what the list must agree with."""
    found = []
    for file in (site / "data").glob("orders-*.js"):
        value = json.loads(file.read_text("utf-8").partition(",")[2].removesuffix(");\n"))
        found += [dict(zip(value["columns"], row, strict=True)) for row in value["rows"]]
    return sorted(found, key=lambda order: (order["date"], order["id"]), reverse=True)


def numbers(tab: Any) -> list[str]:
    found: list[str] = tab.locator("[data-rows] tr .c-id a").all_inner_texts()
    return found


def test_search_finds_orders_by_number_customer_and_the_customers_own_number(tab: Any, sample_site: Path) -> None:
    show(tab, sample_site, "orders.html")
    everything = [order["id"] for order in records(sample_site)]
    assert numbers(tab) == everything
    for words, expected in (
        ("od2024050012", ["OD2024050012"]),
        ("云帆 0512", ["OD2024050012"]),
        ("ＹＦ－ＰＯ－0512", ["OD2024050012"]),
        ("Hangzhou Qinghe 2024050015", ["OD2024050015"]),
        ("没有这样的订单", []),
        ("", everything),
    ):
        tab.fill("[data-search]", words)
        assert numbers(tab) == expected, words
        assert tab.locator("[data-shown]").inner_text() == str(len(expected))
        assert tab.locator("[data-none]").is_visible() == (not expected)


def test_filters_narrow_together_and_stand_in_the_address(tab: Any, sample_site: Path) -> None:
    show(tab, sample_site, "orders.html")
    waiting = [order for order in records(sample_site) if order["status"] == "submitted"]
    tab.select_option('[data-filter="status"]', "submitted")
    assert numbers(tab) == [order["id"] for order in waiting] != []
    tab.check('[data-filter="urgent"]', force=True)
    assert numbers(tab) == [order["id"] for order in waiting if order["urgent"]] != []
    assert tab.evaluate("location.hash") == "#status=submitted&urgent=1"
    tab.click("[data-reset]")
    assert len(numbers(tab)) == len(records(sample_site))
    assert tab.evaluate("location.hash") == ""


ENDED = ("closed", "cancelled", "rejected")
LINKS: dict[str, Callable[[dict[str, Any]], object]] = {
    "#late=1": lambda order: order["late"],
    "#status=late": lambda order: order["late"],
    "#status=open": lambda order: order["status"] not in ENDED,
    "#waiting=general-manager": lambda order: order["waiting"] == "general-manager",
    "#customer=C0009&salesperson=gu-nan": lambda order: (
        (order["customer"], order["salesperson"]) == ("C0009", "gu-nan")
    ),
    "#status=no-such-status&q=C0009": lambda order: order["customer"] == "C0009",
    "#q=%3Cimg%20src%3Dx%20onerror%3Dboom()%3E": lambda _order: False,
}


@pytest.mark.parametrize("address", LINKS)
def test_a_deep_link_opens_the_list_as_it_was(tab: Any, sample_site: Path, address: str) -> None:
    show(tab, sample_site, f"orders.html{address}")
    assert numbers(tab) == [order["id"] for order in records(sample_site) if LINKS[address](order)]


def test_columns_sort_up_down_and_back(tab: Any, sample_site: Path) -> None:
    show(tab, sample_site, "orders.html#customer=C0001")
    own = [order for order in records(sample_site) if order["customer"] == "C0001"]
    up = [order["id"] for order in sorted(own, key=lambda order: float(order["total"]))]
    for expected, said in ((up, "ascending"), (up[::-1], "descending"), ([o["id"] for o in own], None)):
        tab.click('[data-sort="total"] button')
        assert numbers(tab) == expected
        assert tab.get_attribute('[data-sort="total"]', "aria-sort") == said


def test_numbers_of_the_overview_are_those_of_the_list_behind_them(tab: Any, sample_site: Path) -> None:
    show(tab, sample_site, "index.html")
    read = "all => all.map(tile => [tile.getAttribute('href'), tile.querySelector('strong').textContent])"
    for href, number in tab.eval_on_selector_all(".tile", read):
        if href.startswith("orders.html"):
            show(tab, sample_site, href)
            assert tab.locator("[data-shown]").inner_text() == number, href


def test_ten_thousand_orders_stay_usable(tab: Any, sample_site: Path, tmp_path: Path) -> None:
    """Shards of a year of 10,000 orders: all are counted, paged, and found by a keystroke."""
    site = tmp_path / "site"
    shutil.copytree(sample_site, site)
    files = sorted((site / "data").glob("orders-*.js"))
    for file in files:
        value = json.loads(file.read_text("utf-8").partition(",")[2].removesuffix(");\n"))
        month = file.stem[-7:]
        first = value["rows"][0]
        value["rows"] = [[f"OD{month.replace('-', '')}{n:04d}", *first[1:]] for n in range(834, 0, -1)]
        file.write_bytes(shard(file.stem, value))
    show(tab, site, "orders.html")
    assert tab.locator("[data-shown]").inner_text() == str(834 * len(files)) == "10008"
    assert len(numbers(tab)) == 50
    tab.click('[data-step="1"]')
    assert tab.locator("[data-range]").inner_text() == "51–100 / 10008"
    tab.fill("[data-search]", "OD2024050834")
    assert numbers(tab) == ["OD2024050834"]


def test_a_missing_month_is_said(browser: Any, sample_site: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(sample_site, site)
    (site / "data" / "orders-2024-05.js").unlink()
    page = browser.new_page()
    page.goto(f"file://{site}/orders.html")
    assert page.locator("[data-missing-names]").inner_text() == "orders-2024-05"
    page.close()


def test_findings_and_rules_lead_to_each_other(tab: Any, sample_site: Path) -> None:
    show(tab, sample_site, "findings.html#severity=warning&rule=delivery-late")
    rules = tab.locator("[data-rows] tr a.rule").all_inner_texts()
    assert set(rules) == {"delivery-late"}
    tab.click("[data-rows] tr a.rule >> nth=0")
    tab.wait_for_url("**/rules.html#delivery-late")
    assert tab.locator("details.rule[open]").count() == 1
    assert tab.locator("details.rule[open] h3").inner_text() == "delivery-late"
    tab.fill("[data-search]", "yaml.duplicate")
    assert tab.locator("details.rule:visible h3").all_inner_texts() == ["yaml.duplicate_key"]
    tab.goto(f"file://{sample_site}/rules.html#100%")
    assert tab.inner_text("h1") == "规则"


def test_language_and_theme_switch_and_are_remembered(tab: Any, sample_site: Path) -> None:
    show(tab, sample_site, "index.html")
    assert tab.inner_text("h1") == "总览"
    light = tab.evaluate("getComputedStyle(document.body.parentNode).backgroundColor")
    tab.click('[data-switch="lang"]')
    tab.click('[data-switch="theme"]')
    assert tab.inner_text("h1") == "Overview"
    show(tab, sample_site, "orders.html")
    assert tab.inner_text("h1") == "Orders"
    assert tab.title().startswith("Orders · Muyan")
    assert tab.get_attribute("[data-search]", "placeholder").startswith("Order, customer")
    assert tab.inner_text('[data-filter="status"] option:first-child') == "Any status"
    assert tab.evaluate("document.documentElement.lang") == "en"
    assert tab.evaluate("getComputedStyle(document.body.parentNode).backgroundColor") != light
    tab.click('[data-switch="lang"]')
    assert tab.inner_text("h1") == "订单"
    assert tab.inner_text('[data-filter="status"] option:first-child') == "全部状态"


def test_without_scripts_the_pages_are_whole_and_chinese(browser: Any, sample_site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{sample_site}/orders.html")
    assert page.inner_text("h1") == "订单"
    assert page.locator("[data-rows] tr").count() == 30
    assert page.locator(".tools").is_hidden()
    page.goto(f"file://{sample_site}/orders/OD2024050012.html")
    assert "全过程" in page.inner_text("main") and "Timeline" not in page.inner_text("main")
    context.close()


def test_hostile_documents_run_nothing(tab: Any, hostile_site: Path) -> None:
    tab.add_init_script("window.boom = () => console.error('a document ran code')")
    for file in sorted(hostile_site.rglob("*.html")):
        show(tab, hostile_site, file.relative_to(hostile_site).as_posix())
        assert tab.locator("img").count() == 0, file.name
        assert tab.locator("[onerror], [onload]").count() == 0, file.name
    show(tab, hostile_site, "orders.html")
    assert "<img src=x onerror=boom()>" in tab.inner_text("[data-rows]")


def remember(tab: Any, lang: str, theme: str) -> None:
    tab.add_init_script(
        f"if (location.protocol === 'file:') {{ localStorage.setItem('orderctl.lang', '{lang}');"
        f" localStorage.setItem('orderctl.theme', '{theme}'); }}"
    )


@pytest.mark.parametrize("page", ["index.html", "rules.html", "orders/OD2024050012.html"])
def test_errors_in_the_data_raise_a_banner_on_every_page(
    tab: Any, hostile_site: Path, base_site: Path, page: str
) -> None:
    show(tab, hostile_site, page)
    found = tab.locator("[data-errors]")
    assert found.is_visible()
    assert found.inner_text() == "数据中有错误：2 条待改正"
    show(tab, base_site, page)
    assert tab.locator("[data-errors]").is_hidden()
    assert tab.locator("[data-build-at]").inner_text() != ""


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_phone_needs_no_sideways_scrolling(tab: Any, sample_site: Path, page: str, lang: str) -> None:
    tab.set_viewport_size(PHONE)
    remember(tab, lang, "light")
    show(tab, sample_site, page)
    assert tab.evaluate("document.documentElement.lang") == {"zh": "zh-CN", "en": "en"}[lang]
    assert tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("theme", "lang", "size"), [("light", "zh", WIDE), ("dark", "en", PHONE)])
def test_axe_finds_nothing(
    tab: Any, sample_site: Path, page: str, theme: str, lang: str, size: Mapping[str, int]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab.set_viewport_size(size)
    remember(tab, lang, theme)
    show(tab, sample_site, page)
    tab.evaluate("document.querySelectorAll('main details').forEach((part, n) => { part.open = n < 5 })")
    found = Axe().run(tab, options={"preload": False}).response["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found] == []


def test_the_keyboard_reaches_the_search_and_the_first_order(tab: Any, sample_site: Path) -> None:
    show(tab, sample_site, "orders.html")
    tab.bring_to_front()
    for _ in range(100):  # a page can be there before its window has the focus
        if tab.evaluate("document.hasFocus()"):
            break
        tab.wait_for_timeout(50)
    tab.keyboard.press("Tab")
    tab.locator(".skip:focus").wait_for(state="attached")
    tab.keyboard.press("/")
    tab.keyboard.type("0512")
    assert numbers(tab) == ["OD2024050012"]
    tab.focus("[data-rows] a")
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/orders/OD2024050012.html")


def test_print_drops_what_paper_cannot_use(tab: Any, sample_site: Path) -> None:
    show(tab, sample_site, "orders.html")
    tab.emulate_media(media="print")
    for hidden in (".nav", ".switches", ".tools"):
        assert tab.locator(hidden).is_hidden(), hidden
    assert tab.locator("[data-rows] tr").first.is_visible()
    assert tab.pdf()[:5] == b"%PDF-"
