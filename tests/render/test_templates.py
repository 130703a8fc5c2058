"""Templates: always escaped, sandboxed, strict, from memory only; the filters that papers and pages share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orderctl import words
from orderctl.render.enums import enum_names, namer
from orderctl.render.errors import RenderError
from orderctl.render.qr import svg
from orderctl.render.templates import render, safe_url, speaker


def fill(source: str, /, name: str = "x.html.j2", **values: Any) -> str:
    return render({name: source}, name, values)


@pytest.mark.parametrize("name", ["x.html.j2", "x.svg", "x.jinja", "x.txt", "x"])
def test_every_template_escapes(name: str) -> None:
    """R02: the extension decides nothing."""
    assert fill("{{ a }}", name, a="<b>&'\"") == "&lt;b&gt;&amp;&#39;&#34;"


@pytest.mark.parametrize("text", ["{{7*7}}", "{% include 'y' %}", "{% raw %}", "{# x #}"])
def test_template_syntax_in_data_is_text(text: str) -> None:
    """R04"""
    assert fill("{{ a }}", a=text) == text.replace("'", "&#39;")


@pytest.mark.parametrize(
    "source",
    [
        "{{ a.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''['__class__'] }}",
        "{{ a.append(1) }}",
        "{{ d.update({'x': 1}) }}",
        "{{ d.clear() }}",
        "{{ '{0.__class__}'.format(a) }}",
        "{{ '%s'|attr('__class__') }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ range(10000000) | list }}",
        "{% include '/etc/passwd' %}",
        "{% import '../secret' as s %}",
        "{% extends 'none' %}",
        "{{ self.__init__ }}",
        "{% for %}",
    ],
)
def test_a_hostile_or_broken_template_stops(source: str) -> None:
    """R05: the sandbox and the mapping are all that a template can see."""
    data = {"x": 0}
    with pytest.raises(RenderError) as error:
        fill(source, a=[1], d=data)
    assert error.value.code == "render.template"
    assert str(error.value.params["template"]).startswith("x.html.j2:")
    assert data == {"x": 0}


@pytest.mark.parametrize(
    ("source", "expected"),
    [("{{ a | length }}", "1"), ("{% include 'y' %}", "Y"), ("{{ range(3) | list }}", "[0, 1, 2]"), ("{{ d.x }}", "0")],
)
def test_the_harmless_twin_works(source: str, expected: str) -> None:
    assert render({"x": source, "y": "Y"}, "x", {"a": [1], "d": {"x": 0}}) == expected


@pytest.mark.parametrize(
    "source", ["{{ none_such }}", "{{ d.none_such }}", "{% if d.none_such %}{% endif %}", "{{ d.x.y.z }}"]
)
def test_what_is_undefined_stops(source: str) -> None:
    """R07"""
    with pytest.raises(RenderError):
        fill(source, d={"x": {}})


def test_a_key_comes_before_a_method() -> None:
    assert (
        fill("{% for i in d.items %}{{ i }}{% endfor %}{{ e.items() | length }}", d={"items": [1, 2]}, e={"x": 1})
        == "121"
    )


def test_the_line_of_a_mistake_is_named() -> None:
    with pytest.raises(RenderError) as error:
        render({"x": "a\n{% include 'y' %}", "y": "1\n2\n{{ none_such }}"}, "x", {})
    assert error.value.params == {"template": "x:3", "problem": "'none_such' is undefined"}


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.com/a?b=c#d", True),
        ("mailto:a@example.com", True),
        ("orders/OD2024050012.html", True),
        ("../index.html#x", True),
        ("#part", True),
        ("?q=a:b", True),
        ("", True),
        ("/site/a:b", True),
        ("http://example.com/", False),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("java\nscript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("\tjavascript:alert(1)", False),
        ("data:text/html,x", False),
        ("vbscript:x", False),
        ("file:///etc/passwd", False),
        ("//evil.example/", False),
        ("/\\evil.example/", False),
        ("\\\\evil.example", False),
        ("https:/\\evil.example", False),
        ("https:evil", False),
        ("a b", False),
        ("a\u202eb", False),
    ],
)
def test_safe_url(url: str, safe: bool) -> None:
    assert safe_url(url) == (url if safe else "#")


def test_speaker_marks_languages_and_escapes() -> None:
    both = speaker(["zh", "en"])
    assert both("订单", "Order") == (
        '<span class="main" lang="zh-CN">订单</span> <span class="sub" lang="en">Order</span>'
    )
    assert both("<b>", "") == '<span class="main" lang="zh-CN">&lt;b&gt;</span>'
    assert both("A", "A") == '<span class="main" lang="zh-CN">A</span>'
    assert speaker(["en", "zh"])("订单", "Order").startswith('<span class="main" lang="en">Order')
    assert speaker(["en"])("订单", "Order") == '<span class="main" lang="en">Order</span>'
    assert speaker(["en"])("订单") == '<span class="main" lang="zh-CN">订单</span>'


@pytest.mark.parametrize(
    ("value", "currency", "expected"),
    [
        (Decimal("11700.00"), "CNY", "¥11,700.00"),
        (820, "", "820.00"),
        (Decimal("0.125"), "", "0.125"),
        (Decimal("1234567.5"), "USD", "US$1,234,567.50"),
        (Decimal("-3.5"), "CNY", "-¥3.50"),
        (Decimal(1000), "JPY", "JP¥1,000"),
        (Decimal("1E+3"), "CHF", "CHF 1,000.00"),
        (0, "CNY", "¥0.00"),
    ],
)
def test_money(value: Any, currency: str, expected: str) -> None:
    assert words.money(value, currency) == expected


@pytest.mark.parametrize("value", [1.5, True, "1", None, Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_exact_number_stops(value: Any) -> None:
    for name in ("money", "number", "percent"):
        with pytest.raises(RenderError):
            fill(f"{{{{ a | {name} }}}}", a=value)


def test_numbers_and_dates() -> None:
    assert [words.number(v) for v in (1200, Decimal("1200.50"), Decimal(100), Decimal("0.0"))] == [
        "1,200",
        "1,200.5",
        "100",
        "0",
    ]
    assert words.percent(Decimal("13.00")) == "13%"
    assert words.date_zh("2024-05-06") == "2024年5月6日"
    assert words.date_en("2024-05-06") == "6 May 2024"
    assert words.date_zh("2024-05-06T09:30:00+08:00") == "2024年5月6日 09:30"
    assert words.instant("2024-05-06T09:30:00Z") == "2024-05-06 09:30"
    for wrong in ("", "2024-13-01", "6 May", "2024-05-06 09:30"):
        with pytest.raises(ValueError, match="not a date"):
            words.date_zh(wrong)


def test_enum_names_follow_references_lists_and_fall_back() -> None:
    types = {"$defs": {"terms": {"x-enum-names": {"split": {"zh": "分期", "en": "split"}}}}}
    packing = {"x-enum-names": {"packing": {"zh": "包装", "en": "packing"}}}
    payment = {"properties": {"terms": {"$ref": "orderctl:types#/$defs/terms"}}}
    schema = {"properties": {"payment": payment, "steps": {"items": {"properties": {"stage": packing}}}}}
    enum = namer(enum_names({"order": schema}, types))
    assert enum("order", "/payment/terms", "split") == {"zh": "分期", "en": "split"}
    assert enum("order", "/steps/*/stage", "packing")["zh"] == "包装"
    assert enum("order", "/payment/terms", "barter") == {"zh": "barter", "en": "barter"}


def test_qr_symbols_read_back() -> None:
    import segno

    url = "https://my.muyan.example/orders/OD2024050012"
    drawn = svg(url, 'a "title" <b>')
    assert 'aria-label="a &#34;title&#34; &lt;b&gt;"' in drawn
    dark = set()
    import re

    for x, y, run in re.findall(r"M(\d+) (\d+)\.5h(\d+)", drawn):
        dark |= {(int(x) - 2 + n, int(y) - 2) for n in range(int(run))}
    matrix = segno.make_qr(url, error="m", boost_error=False).matrix
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
    with pytest.raises(ValueError, match="https"):
        svg("http://example.com")
