"""Amounts to the cent: rounding, a line's amount and tax, and Chinese capitals. Exact decimals, standard library only.

Amounts carry no currency: the caller names it. Capitals are for CNY.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

CENT = Decimal("0.01")
LARGEST = Decimal(1_000_000_000_000)
"""What the schemas allow for an amount of money; 壹万亿元整 in capitals."""
DIGITS = "零壹贰叁肆伍陆柒捌玖"
GROUPS = ("", "万", "亿", "万亿")

_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)


def cents(amount: Decimal | int) -> Decimal:
    """Return ``amount`` with two decimals, half a cent rounded away from zero (0.005 → 0.01, -0.005 → -0.01)."""
    return _EXACT.plus(Decimal(amount).quantize(CENT, context=_EXACT))  # plus: -0.00 is 0.00


def line_amount(quantity: Decimal | int, unit_price: Decimal | int, discount: Decimal | int = 0) -> Decimal:
    """Return quantity × unit price − discount to the cent, in the currency of the price."""
    exact = _EXACT.multiply(Decimal(quantity), Decimal(unit_price))
    return cents(_EXACT.subtract(exact, Decimal(discount)))


def line_tax(amount: Decimal | int, rate: Decimal | int, included: bool) -> Decimal:
    """Return the tax of one line to the cent; ``rate`` in percent.

    ``included``: the tax contained in ``amount``, amount × rate ÷ (100 + rate); otherwise the tax to add to it.
    """
    base = 100 + Decimal(rate) if included else Decimal(100)
    return cents(_EXACT.divide(_EXACT.multiply(Decimal(amount), Decimal(rate)), base))


def capitals(amount: Decimal | int) -> str:
    """Return ``amount`` (CNY, 0 to 1,000,000,000,000.00) in Chinese capitals 大写, to the cent.

    Source: 支付结算办法 附一《正确填写票据和结算凭证的基本规定》. Where it leaves a choice: the unit is
    元, 整 closes whole yuan only, and a zero yuan place before jiao is written after 元
    (107000.53 → 壹拾万柒仟元零伍角叁分).
    Raises ValueError outside that range.
    """
    amount = cents(amount)
    if not 0 <= amount <= LARGEST:
        raise ValueError(f"capitals are defined for 0 to {LARGEST}, not {amount}")
    yuan, rest = divmod(int(amount * 100), 100)
    jiao, fen = divmod(rest, 10)
    words = _whole(yuan) + "元" if yuan else ""
    if not rest:
        return (words or "零元") + "整"
    if yuan and (not jiao or yuan % 10 == 0):
        words += "零"
    return words + (DIGITS[jiao] + "角" if jiao else "") + (DIGITS[fen] + "分" if fen else "")


def _whole(number: int) -> str:
    """Return a whole number above 0 in capitals; one 零 for each run of zeros inside it, none at the end of a group."""
    words, gap = "", False
    for group in reversed(range(len(GROUPS))):
        four = number // 10000**group % 10000
        for place, unit in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
            digit = four // place % 10
            if digit:
                words += ("零" if gap and words else "") + DIGITS[digit] + unit
                gap = False
            elif place > 1 or not four:
                gap = True
        # a zero at the end of a group with a digit is not read: 107000 is 壹拾万柒仟, 100001000 is 壹亿零壹仟
        if four:
            words += GROUPS[group]
            gap = False
    return words
