"""A customer's open orders exceed the credit they were given.

客户未结订单占用的金额超过其信用额度。

## Why is this bad?

Goods that leave the house beyond the limit are goods that nobody decided to lend. If the customer doesn't pay, the
loss is larger than the company agreed to bear.

超出额度发出的货，等于没有人批准过的赊销。客户一旦付不了款，损失就超过公司愿意承担的限度。

## Fails

```yaml
# customers/C0001.yaml
credit:
  limit: 6999.99  # error: credit-limit-exceeded
```

## Passes

```yaml
# customers/C0001.yaml
credit:
  limit: 7000.00
```

## How to fix

Ask for a larger prepaid share, wait for a payment before approving the newest order, or have finance review the
limit. What is prepaid doesn't count, nor do drafts and orders that are closed, cancelled or rejected. A customer
without `credit` has a limit of 0.

提高预付比例，或等客户回款后再审批最新的订单，或请财务重新评定额度。预付部分不计入；
草稿以及已关闭、已取消、被驳回的订单也不计入。没有填写 `credit` 的客户额度为 0。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="credit-limit-exceeded",
    on="customer",
    severity=Severity.ERROR,
    since="0.1",
    zh="{name_zh} 未结订单共占用 {owed}，超出信用额度 {limit}",
    en="{name_en} would owe {owed}, the credit limit is {limit}",
    hint_zh="超出 {over}；最新的订单：{orders}。请增加预付、等待回款或调整额度",
    hint_en="{over} too much; newest orders: {orders}. Ask for prepayment, wait for a payment, or review the limit",
    covers=("ORD-5", "CUS-6"),
)

NAMED = 3


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if what the customer would owe is above the limit, to the cent, in the company's currency."""
    exposure = book.fact("exposure", doc.id)
    owed, limit = exposure["owed"], exposure["limit"]
    if owed > limit:
        newest = sorted(exposure["orders"], reverse=True)[:NAMED]
        yield RULE.at(
            doc,
            "/credit/limit",
            name_zh=doc["name"],
            name_en=doc.get("name_en", doc["name"]),
            owed=owed,
            limit=limit,
            over=owed - limit,
            orders=", ".join(newest),
        )
