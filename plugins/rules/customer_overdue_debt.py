"""A customer who owes an overdue amount has placed a new order.

客户有逾期未付款，又下了新订单。

## Why is this bad?

Whoever hasn't paid for the last goods may not pay for the next ones. An overdue debt blocks new orders until finance
has decided.

上一批货款还没付清，下一批也可能收不到。有逾期欠款的客户，新订单要先由财务决定。

## Fails

```yaml
# customers/C0001.yaml
overdue:
  - {order: OD2024030005, amount: 1000.00, due_on: 2024-05-19}  # warning: customer-overdue-debt
```

## Passes

Settled, or the order was older than the debt:

已结清，或订单早于逾期日：

```yaml
# customers/C0001.yaml
overdue:
  - {order: OD2024030005, amount: 1000.00, due_on: 2024-05-19, settled_on: 2024-05-22}
  - {order: OD2024030006, amount: 1000.00, due_on: 2024-05-20}
```

## How to fix

Ask the customer to pay. When the money is there, write `settled_on`. Until then hold the new order, or agree on full
prepayment and have finance approve it.

向客户催款；到账后填写 `settled_on`。在此之前暂停新订单，或改为全额预付并由财务审批。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="customer-overdue-debt",
    on="customer",
    severity=Severity.WARNING,
    since="0.1",
    zh="{amount} 自 {due_on} 起逾期未付，之后又有新订单（{count} 个）：{orders}",
    en="{amount} has been overdue since {due_on}; newer orders that are open ({count}): {orders}",
    hint_zh="先催收；到账后填写 settled_on，或暂停新订单",
    hint_en="collect first and write settled_on when it is paid, or put the new orders on hold",
    covers=("ORD-5", "CUS-6"),
)

NAMED = 3


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for every unsettled overdue amount with open orders dated after its due day."""
    unsettled = [(at, debt) for at, debt in enumerate(doc.get("overdue", ())) if "settled_on" not in debt]
    if not unsettled:
        return
    open_orders = book.where("commitment", customer=doc.id)
    for at, debt in unsettled:
        newer = sorted((row["order"] for row in open_orders if row["date"] > debt["due_on"]), reverse=True)
        if newer:
            yield RULE.at(
                doc,
                f"/overdue/{at}",
                amount=debt["amount"],
                due_on=debt["due_on"],
                count=len(newer),
                orders=", ".join(newer[:NAMED]),
            )
