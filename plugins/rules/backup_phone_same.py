"""The backup phone is the receiver's phone again.

备用电话与收货电话相同。

## Why is this bad?

A backup is for the moment when the first phone isn't answered. The same number twice is no backup.

备用电话是在第一个电话没人接时用的，两个号码一样就等于没有备用。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
delivery:
  phone: "13900000003"
  backup_phone: "+86 139 0000 0003"  # warning: backup-phone-same
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
delivery:
  phone: "13900000003"
  backup_phone: "13900000001"
```

## How to fix

Give another person's phone, or leave the backup out.

填写另一个人的电话，或不填备用电话。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="backup-phone-same",
    on="order",
    severity=Severity.WARNING,
    since="0.1",
    zh="备用电话 {phone} 与收货电话相同",
    en="the backup phone {phone} is the receiver's phone",
    hint_zh="填写另一个人的电话",
    hint_en="give another person's phone",
    covers=("ORD-1",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if both phones have the same digits; spaces, hyphens and +86 don't count."""
    backup = doc.get("/delivery/backup_phone")
    if backup is not None and _digits(backup) == _digits(doc.get("/delivery/phone", "")):
        yield RULE.at(doc, "/delivery/backup_phone", phone=backup)


def _digits(phone: str) -> str:
    """Return the digits of a number, without the country code of China."""
    return "".join(c for c in phone.removeprefix("+86") if c.isdigit())
