"""An order names a standing requirement that the customer doesn't have.

订单引用了客户档案中没有的长期要求。

## Why is this bad?

Standing requirements are printed on the packing list and the label. One that nobody can look up is not carried out.

长期要求会打印在装箱单和标签上。查不到内容的要求，没有人会去执行。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
standing_requirements:
  - invoice
  - packaging  # error: unknown-standing-requirement
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
standing_requirements:
  - invoice
  - packing
```

## How to fix

Use an id from `standing_requirements` in the customer's file, or add the requirement there.

使用客户档案 `standing_requirements` 中的编号，或先在档案中补充该要求。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="unknown-standing-requirement",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="客户 {customer} 没有长期要求 {requirement}",
    en="customer {customer} has no standing requirement {requirement}",
    hint_zh="最接近的是 {nearest}",
    hint_en="the nearest is {nearest}",
    covers=("CUS-8",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each id that isn't among the customer's standing requirements."""
    named = doc.get("standing_requirements")
    customer = book.doc("customer", doc["customer"]) if named else None
    if customer is None:
        return
    known = [entry["id"] for entry in customer.get("standing_requirements", ())]
    for at, id in enumerate(named):
        if id not in known:
            from difflib import get_close_matches

            nearest = get_close_matches(id, known, 1, 0)[0] if known else "–"
            yield RULE.at(doc, f"/standing_requirements/{at}", customer=customer.id, requirement=id, nearest=nearest)
