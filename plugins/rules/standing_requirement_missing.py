"""An order does not take over a standing requirement of its customer.

订单没有带上客户的长期要求。

## Why is this bad?

The customer has said it once and expects it every time: reinforced packing after a damage, a named carrier, a
special VAT invoice. What isn't in the order isn't on the packing list.

客户说过一次，就希望每次都照办：破损后要求加固包装、指定承运商、开专用发票。订单上没有的，装箱单上也不会有。

## Fails

```yaml
# orders/2024/05/OD2024050013/order.yaml
standing_requirements: [invoice]  # warning: standing-requirement-missing
```

## Passes

```yaml
# orders/2024/05/OD2024050013/order.yaml
standing_requirements: [invoice, packing]
```

## How to fix

Add the id to `standing_requirements`. If the customer no longer wants it, take it out of the customer's document.
Orders that were dispatched are left alone: a requirement can't reach them any more.

把该要求的编号加入 `standing_requirements`。客户已不再需要的，从客户档案中删除。已发货的订单不再检查：
新的要求已来不及落实。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl

RULE = Rule(
    id="standing-requirement-missing",
    on="order",
    severity=Severity.WARNING,
    since="0.1",
    zh="缺少客户的长期要求：{name_zh}",
    en="a standing requirement of the customer is missing: {name_en}",
    hint_zh="补上 standing_requirements: [{requirement}]；该行已有则加入 {requirement}",
    hint_en="add standing_requirements: [{requirement}], or {requirement} to the list that is there",
    covers=("CUS-8",),
)

AHEAD = frozenset(("draft", "submitted", "approved", "in-production", "service-scheduled", "ready", "on-hold"))


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for every standing requirement that an order, not yet dispatched, doesn't list."""
    customer = book.doc("customer", doc["customer"])
    if customer is None:
        return
    taken = doc.get("standing_requirements", ())
    missing = [r for r in customer.get("standing_requirements", ()) if r["id"] not in taken]
    if not missing or book.fact("status", doc.id)["status"] not in AHEAD:
        return
    for requirement in missing:
        mend = Mend("set", [*taken, requirement["id"]], "/standing_requirements", safe=False)
        yield RULE.at(
            doc,
            "/standing_requirements",
            mend=mend,
            requirement=requirement["id"],
            name_zh=requirement["zh"],
            name_en=requirement.get("en", requirement["zh"]),
        )
