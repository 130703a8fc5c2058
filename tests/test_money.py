"""Rounding, line amounts, tax, and amounts in capitals against the central bank's own rules."""

from __future__ import annotations

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderctl.money import LARGEST, capitals, cents, line_amount, line_tax


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0.004", "0.00"),
        ("0.005", "0.01"),
        ("0.006", "0.01"),
        ("1.995", "2.00"),
        ("1.999", "2.00"),
        ("2.675", "2.68"),
        ("-0.005", "-0.01"),
        ("-0.004", "0.00"),
        ("12345678901234567890123456789012345678.005", "12345678901234567890123456789012345678.01"),
    ],
)
def test_cents_round_half_away_from_zero(exact: str, rounded: str) -> None:
    assert str(cents(Decimal(exact))) == rounded


def test_cents_of_a_whole_number_have_two_decimals() -> None:
    assert str(cents(7)) == "7.00"


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "amount"),
    [
        ("10", "820.00", "0.00", "8200.00"),
        ("10", "820.00", "100.00", "8100.00"),
        ("3", "0.335", "0", "1.01"),
        ("0.5", "0.01", "0", "0.01"),
        ("1.5", "9.99", "0.005", "14.98"),
    ],
)
def test_a_line_amount_is_rounded_once_at_the_end(quantity: str, price: str, discount: str, amount: str) -> None:
    assert str(line_amount(Decimal(quantity), Decimal(price), Decimal(discount))) == amount


@pytest.mark.parametrize(
    ("amount", "rate", "included", "tax"),
    [
        ("8200.00", "13", True, "943.36"),
        ("3500.00", "13", True, "402.65"),
        ("113.00", "13", True, "13.00"),
        ("100.00", "13", False, "13.00"),
        ("100.00", "0", True, "0.00"),
        ("0.50", "1", False, "0.01"),  # 0.005, just half a cent
        ("0.49", "1", False, "0.00"),
        ("109.00", "9", True, "9.00"),
        ("106.00", "6", True, "6.00"),
    ],
)
def test_line_tax(amount: str, rate: str, included: bool, tax: str) -> None:
    assert str(line_tax(Decimal(amount), Decimal(rate), included)) == tax


CENTRAL_BANK = [
    # 支付结算办法 附一 四: its own examples, with the writing chosen where it allows two
    ("1409.50", "壹仟肆佰零玖元伍角"),
    ("6007.14", "陆仟零柒元壹角肆分"),
    ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
    ("107000.53", "壹拾万柒仟元零伍角叁分"),
    ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
    ("325.04", "叁佰贰拾伍元零肆分"),
]
OTHERS = [
    ("0", "零元整"),
    ("0.01", "壹分"),
    ("0.05", "伍分"),
    ("0.50", "伍角"),
    ("0.55", "伍角伍分"),
    ("1", "壹元整"),
    ("10", "壹拾元整"),  # never bare 拾
    ("10.50", "壹拾元零伍角"),
    ("11.50", "壹拾壹元伍角"),
    ("1.999", "贰元整"),  # to the cent first
    ("11700.00", "壹万壹仟柒佰元整"),
    ("100000", "壹拾万元整"),
    ("1000500", "壹佰万零伍佰元整"),
    ("10100010", "壹仟零壹拾万零壹拾元整"),
    ("100000000", "壹亿元整"),
    ("100001000", "壹亿零壹仟元整"),
    ("100010000", "壹亿零壹万元整"),
    ("3000000005.05", "叁拾亿零伍元零伍分"),
    ("9999999999.99", "玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ("10000000000.00", "壹佰亿元整"),
    ("500000000000.50", "伍仟亿元零伍角"),
    ("100000000001.00", "壹仟亿零壹元整"),
    ("999999999999.99", "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ("1000000000000.00", "壹万亿元整"),
]


@pytest.mark.parametrize(("amount", "words"), CENTRAL_BANK + OTHERS)
def test_capitals(amount: str, words: str) -> None:
    assert capitals(Decimal(amount)) == words


@pytest.mark.parametrize("amount", ["-0.01", "-1", "1000000000000.01", "1000000000000.005"])
def test_capitals_refuse_what_no_cheque_can_say(amount: str) -> None:
    with pytest.raises(ValueError, match=r"0 to 1000000000000,"):
        capitals(Decimal(amount))


@given(st.integers(0, int(LARGEST)))
def test_whole_yuan_read_back_as_the_same_amount(yuan: int) -> None:
    """The words for whole yuan go back to the same number through another library."""
    plain = str.maketrans("零壹贰叁肆伍陆柒捌玖拾佰仟", "零一二三四五六七八九十百千")
    spoken = capitals(yuan).removesuffix("元整").translate(plain)
    assert cn2an.cn2an(spoken, "smart") == yuan


@given(st.integers(1, 99_999_999), st.integers(1, 9), st.integers(1, 9))
def test_capitals_equal_the_library_where_it_is_right(yuan: int, jiao: int, fen: int) -> None:
    """cn2an agrees where no zero stands before the yuan place: there it omits the 零 that the rules allow."""
    if yuan % 10 == 0 or "000" in str(yuan) or str(yuan)[-5:-4] == "0":
        return
    amount = Decimal(yuan) + Decimal(jiao * 10 + fen) / 100
    assert capitals(amount) == cn2an.an2cn(str(amount), "rmb")


@given(st.decimals(0, LARGEST, places=2))
def test_no_two_zeros_meet_and_none_ends_the_yuan(amount: Decimal) -> None:
    words = capitals(amount)
    assert "零零" not in words
    assert words == "零元整" or not any(bad in words for bad in ("零元", "零万", "零亿", "零整"))
