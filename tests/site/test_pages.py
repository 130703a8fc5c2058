"""What every page of a built site keeps: links that lead somewhere, nothing from outside, no code in the page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.site.hostile import CANARY, SHORT

LINKS = {"href", "src", "data", "action", "poster", "srcset", "formaction", "xlink:href"}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
TAGS = (
    "a aside b body br button code dd details div dl dt footer form h1 h2 h3 h4 head header html input label li link "
    "main mark meta nav noscript ol option p path pre rect script section select small span strong summary svg table "
    "tbody td template tfoot th thead time title tr ul"
)
ATTRIBUTES = (
    "autocomplete charset class colspan content d datetime defer focusable height hidden href http-equiv id lang name "
    "open placeholder preserveaspectratio rel role scope spellcheck src tabindex type value viewbox width x y"
)


class Page(HTMLParser):
    """Elements, attributes, ids, links, text outside scripts."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(file.read_text("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def ids(self) -> set[str]:
        return {str(attrs["id"]) for _, attrs in self.elements if "id" in attrs}

    def links(self) -> Iterator[str]:
        for _, attrs in self.elements:
            yield from (str(value) for name, value in attrs.items() if name in LINKS)


@pytest.fixture(params=["base_site", "sample_site", "hostile_site"])
def site(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.getfixturevalue(request.param)
    return folder


def pages(site: Path) -> dict[str, Page]:
    return {f.relative_to(site).as_posix(): Page(f) for f in sorted(site.rglob("*.html"))}


def test_every_link_leads_to_a_file_and_anchor_of_the_site(site: Path) -> None:
    found = pages(site)
    dangling = []
    for name, page in found.items():
        for link in page.links():
            url = urlsplit(link)
            if url.scheme in ("tel", "mailto"):
                continue
            target = (site / name).parent / unquote(url.path) if url.path else site / name
            place = target.resolve()
            anchor = unquote(url.fragment)
            inside = not url.scheme and not url.netloc and place.is_relative_to(site.resolve()) and place.is_file()
            known = not anchor or "=" in anchor or anchor in found[str(place.relative_to(site.resolve()))].ids()
            if not (inside and known):
                dangling.append((name, link))
    assert dangling == []


def test_a_page_holds_no_code_and_nothing_unexpected(site: Path) -> None:
    for name, page in pages(site).items():
        policies = [a["content"] for t, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
        assert policies == [POLICY], name
        assert {t for t, _ in page.elements} <= set(TAGS.split()), name
        used = {a for _, attrs in page.elements for a in attrs}
        assert {a for a in used if not a.startswith(("data-", "aria-"))} <= set(ATTRIBUTES.split()), name
        assert all("src" in attrs for tag, attrs in page.elements if tag == "script"), name


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for file in [*site.rglob("*.css"), *site.rglob("*.js"), *site.rglob("*.svg")]:
        if file.parent.name == "data":
            continue
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]|@import|url\(", text.replace("/*", "").replace("*/", "")), file.name


def test_every_page_speaks_both_languages_and_starts_in_chinese(site: Path) -> None:
    for name, page in pages(site).items():
        [(_, root)] = [e for e in page.elements if e[0] == "html"]
        assert (root["lang"], root["data-lang"]) == ("zh-CN", "zh"), name
        [title] = [attrs for tag, attrs in page.elements if tag == "title"]
        assert title["data-en"], name
        spoken = [attrs["lang"] for tag, attrs in page.elements if tag in ("span", "div") and "lang" in attrs]
        assert spoken.count("zh") == spoken.count("en") > 10, name
        for tag, attrs in page.elements:
            assert "aria-label" not in attrs or "data-label-en" in attrs, (name, tag, attrs)
            assert "placeholder" not in attrs or "data-placeholder-en" in attrs, (name, tag, attrs)
            assert tag != "option" or "data-en" in attrs, (name, tag, attrs)


def test_markup_in_documents_reaches_every_page_as_text(hostile_site: Path) -> None:
    """Its benign twin is every other test here: the same pages, held to the same tags, from honest documents."""
    texts = {name: "".join(page.text) for name, page in pages(hostile_site).items()}
    assert [name for name, text in texts.items() if CANARY not in text] == []
    told = {name: texts[name].count(CANARY) + texts[name].count(SHORT) for name in texts}
    assert told["orders/OD2024050012.html"] > 40 and told["customers/C0001.html"] > 30, told
    assert all(text.count("7*7") == text.count("{{7*7}}{% raise %}") for text in texts.values())


STORY = (
    "OD2024050012 已完结", "11,700.00", "壹万壹仟柒佰元整", "北京云帆科技有限公司", "收到需求", "KH2024050012",
    "报价 1", "客户确认需求", "录入订单", "提交审批", "销售主管：同意", "未核验", "价格符合折扣政策", "财务：同意",
    "生产/仓库：同意", "包装", "发货", "客户签收", "逾期", "客户回访", "4 / 5", "售后工单", "SH202405001", "工单结案",
)  # fmt: skip
"""In the order in which the page tells it."""


def test_the_order_page_tells_the_story_in_order(base_site: Path) -> None:
    text = " ".join("".join(Page(base_site / "orders" / "OD2024050012.html").text).split())
    at = 0
    for words in STORY:
        assert words in text[at:], (words, text[at : at + 200])
        at = text.index(words, at)


def test_no_page_names_the_time_or_the_commit_of_its_build(base_site: Path) -> None:
    """Else every page would change with every commit. The foot takes both from data/build.js."""
    build = json.loads((base_site / "data" / "build.js").read_text("utf-8").partition(",")[2].removesuffix(");\n"))
    for file in base_site.rglob("*.html"):
        text = file.read_text("utf-8")
        assert build["at"] not in text and (not build["commit"] or build["commit"][:10] not in text), file.name
