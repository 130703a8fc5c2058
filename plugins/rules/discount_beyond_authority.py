"""A line's discount is larger than the salesperson may grant.

行折扣超出业务员的折扣权限。

## Why is this bad?

Every role may grant a discount up to its limit; beyond it the next role decides. A discount that nobody with the
authority has seen is a loss that shows up at the end of the year.

每个岗位都有折扣权限，超出部分由上一级决定。没有相应权限的人点头，这笔让利到年底才会发现是亏损。

## Fails

5.01 % with an authority of 5 %, and nobody with more has approved it.

权限 5%，折扣 5.01%，且没有更高权限的人批准。

```yaml
# orders/2024/05/OD2024050012/approvals/order-1-sales-supervisor.yaml
null
---
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: DESK-W120
    name: 胡桃木实木办公桌（定制）
    unit: 台
    quantity: 10
    unit_price: 820.00
    discount: 410.82  # warning: discount-beyond-authority
    tax_rate: 13
    amount: 7789.18
```

## Passes

```yaml
# orders/2024/05/OD2024050012/approvals/order-1-sales-supervisor.yaml
null
---
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: DESK-W120
    name: 胡桃木实木办公桌（定制）
    unit: 台
    quantity: 10
    unit_price: 820.00
    discount: 410.00
    tax_rate: 13
    amount: 7790.00
```

## How to fix

Lower the discount, or have somebody approve the order whose `discount_authority` in `policy/people.yaml` covers it.
A standing discount belongs into the customer's file as `discount_percent`.

降低折扣，或请 `policy/people.yaml` 中 `discount_authority` 足够的人审批。长期折扣应写入客户档案的
`discount_percent`。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.money import cents
from orderctl.particulars import named, people
from orderctl.workdays import moment

RULE = Rule(
    id="discount-beyond-authority",
    on=("quotation", "order"),
    severity=Severity.WARNING,
    since="0.1",
    zh="第 {line} 行折扣 {percent}%，超出{person_zh}的权限 {authority}%",
    en="line {line}: a discount of {percent} % is beyond the {authority} % of {person_en}",
    hint_zh="折扣不超过 {most}，或请有权限的人审批",
    hint_en="grant at most {most}, or have somebody with the authority approve it",
    covers=("ORD-4", "CUS-6"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each line whose discount exceeds what salesperson, customer's file and approvers allow.

    Authority and the customer's standing discount are percent of quantity × unit price; the largest counts.
    """
    discounted = [(at, line) for at, line in enumerate(doc["lines"]) if line.get("discount")]
    if not discounted:
        return
    customer = book.doc("customer", doc["customer"])
    standing = customer.get("discount_percent", 0) if customer else 0
    authority = max(standing, _authority(book, {doc["salesperson"], *_approvers(doc, book)}))
    for at, line in discounted:
        gross, discount = line["quantity"] * line["unit_price"], line["discount"]
        most = cents(Decimal(gross) * authority / 100)
        if discount > most:
            seller = named(people(book).get(doc["salesperson"]), doc["salesperson"])
            yield RULE.at(
                doc,
                f"/lines/{at}/discount",
                line=line["line"],
                percent=cents(discount * 100 / Decimal(gross)) if gross else Decimal(100),
                person_zh=seller["zh"],
                person_en=seller["en"],
                authority=authority,
                most=most,
            )


def _approvers(doc: Document, book: Book) -> set[str]:
    """Return who approved this revision of an order, or reviewed a quotation."""
    if doc.kind == "quotation":
        reviewer = doc.get("/reviewed/by")
        return {reviewer} if reviewer else set()
    said = [a for a in book.case(doc, "approval") if a["subject"] == "order" and a["revision"] == doc["revision"]]
    newest = {(a["person"], a["stage"]): a["decision"] for a in sorted(said, key=lambda a: moment(a["issued"]))}
    return {person for (person, _), decision in newest.items() if decision == "approve"}


def _authority(book: Book, ids: set[str]) -> Decimal:
    """Return the largest discount, in percent, that one of these people may grant."""
    known = people(book)
    return max((Decimal(known[id].get("discount_authority", 0)) for id in ids if id in known), default=Decimal(0))
