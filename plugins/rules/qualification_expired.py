"""A customer's licence or qualification has expired.

客户的营业执照或资质已过期。

## Why is this bad?

Some goods and services may only be sold to firms that hold a valid qualification, and a contract with one that no
longer does may be void.

有些商品和服务只能卖给资质有效的企业，资质失效后签的合同可能无效。

## Fails

```yaml
# orderctl.yaml
sample: true
clock: 2024-06-01
---
# customers/C0001.yaml
qualifications:
  - name: 增值电信业务经营许可证
    expires_on: 2024-05-31  # warning: qualification-expired
```

## Passes

It is valid to the end of the day.

到期当天仍然有效。

```yaml
# orderctl.yaml
sample: true
clock: 2024-05-30
---
# customers/C0001.yaml
qualifications:
  - name: 增值电信业务经营许可证
    expires_on: 2024-05-31
```

## How to fix

Ask the customer for the renewed document, file it and update `expires_on`.

请客户提供续期后的证件，存档并更新 `expires_on`。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="qualification-expired",
    on="customer",
    severity=Severity.WARNING,
    since="0.1",
    zh="客户 {customer_zh} 的{name_zh}已于 {expired} 到期",
    en="{name_en} of {customer_en} expired on {expired}",
    hint_zh="请客户提供续期后的证件并更新 expires_on",
    hint_en="ask for the renewed document and update expires_on",
    covers=("CUS-3",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each document whose last day has passed."""
    dated = [("/licence", doc.get("licence") or {}, ("营业执照", "the business licence"))]
    for at, entry in enumerate(doc.get("qualifications", ())):
        dated.append((f"/qualifications/{at}", entry, (f"“{entry['name']}”", f"qualification {entry['name']}")))
    for pointer, entry, (zh, en) in dated:
        expires = entry.get("expires_on")
        if expires is not None and book.passed(expires):
            yield RULE.at(
                doc,
                f"{pointer}/expires_on",
                customer_zh=doc["name"],
                customer_en=doc.get("name_en", doc["name"]),
                name_zh=zh,
                name_en=en,
                expired=expires,
            )
