"""A phone number can't be dialled.

电话号码拨不通：位数或号段不对。

## Why is this bad?

The driver stands at the gate, the number has a digit too few, and the goods go back to the depot.

司机到了门口，电话少一位，货只能拉回仓库。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
delivery:
  phone: "1390000000"  # warning: phone-invalid
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
delivery:
  phone: "13900000003"
  backup_phone: "+49 30 901820"
```

## How to fix

Mobile numbers have 11 digits (13900000003), landlines an area code (010-65000001, 0755-28880000-802), numbers abroad
a country code (+49 30 901820).

手机号 11 位（13900000003），固定电话带区号（010-65000001、0755-28880000-802），境外号码带国家代码（+49 30 901820）。
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.walk import values

PHONES = {
    "workspace": (("company", "phone"),),
    "people": (("people", "*", "phone"),),
    "customer": (("contacts", "*", "phone"), ("delivery_addresses", "*", "phone")),
    "requirement": (("where", "phone"), ("invoice", "phone")),
    "order": (("delivery", "phone"), ("delivery", "backup_phone"), ("invoice", "phone")),
}
"""Where each kind has phone numbers; * stands for every entry of a list."""

RULE = Rule(
    id="phone-invalid",
    on=tuple(PHONES),
    severity=Severity.WARNING,
    since="0.1",
    zh="电话号码 {phone} 的位数或号段不对",
    en="{phone} is not a possible phone number",
    hint_zh="手机号 11 位，固定电话加区号，境外号码加 + 和国家代码",
    hint_en="mobiles have 11 digits, landlines an area code, numbers abroad + and a country code",
    covers=("CUS-2", "ORD-1"),
)

CHINESE = re.compile(r"1[3-9]\d{9}|(?:010|02\d)-?\d{8}(?:-\d{1,5})?|0[3-9]\d{2}-?\d{7,8}(?:-\d{1,5})?", re.ASCII)
"""Mobiles and landlines by shape: the library knows them too, but takes forty times as long."""


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each number that neither has the shape of a Chinese one nor is valid by its country code."""
    for path in PHONES[doc.kind]:
        for pointer, phone in values(doc.data, path):
            if not CHINESE.fullmatch(phone) and not _valid(phone):
                yield RULE.at(doc, pointer, phone=phone)


def _valid(phone: str) -> bool:
    """Tell whether the number is valid in China (service numbers such as 400-820-8820) or in its own country."""
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(phone, "CN"))
    except phonenumbers.NumberParseException:
        return False
