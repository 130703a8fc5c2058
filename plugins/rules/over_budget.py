"""A quotation or order costs more than the budget that the customer named.

报价或订单总额超出客户的预算。

## Why is this bad?

The customer said what they can spend. A price above it is refused at best; at worst it is accepted by somebody who
may not, and the invoice stays unpaid.

客户说过能花多少钱。超预算的价格轻则被拒，重则由无权的人答应下来，最后收不到款。

## Fails

```yaml
# orders/2024/05/OD2024050012/requirement.yaml
budget: {from: 8000.00, to: 11699.99}
```

```yaml
# orders/2024/05/OD2024050012/quotation-1.yaml
total: 11700.00  # error: over-budget
```

```yaml
# orders/2024/05/OD2024050012/order.yaml
total: 11700.00  # error: over-budget
```

## Passes

```yaml
# orders/2024/05/OD2024050012/requirement.yaml
budget: {from: 8000.00, to: 11700.00}
```

## How to fix

Offer a smaller scope or a better price, or ask the customer for a new budget and write it, confirmed, into the
requirement.

调整方案或价格；客户同意增加预算的，先取得确认，再更新需求确认单中的预算。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="over-budget",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="总额 {total} 超出客户预算上限 {budget}",
    en="the total {total} is above the customer's budget of {budget}",
    hint_zh="超出 {over}。请调整方案，或取得客户确认后更新需求确认单 {requirement} 的预算",
    hint_en="{over} too much. Offer less, or have the customer confirm a new budget in requirement {requirement}",
    covers=("REQ-1",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the total is above the budget; not for quotations that are over, nor across currencies."""
    total = doc.get("total")
    if total is None or doc.get("/outcome/result") in ("lost", "expired"):
        return
    for requirement in book.case(doc, "requirement"):
        budget = requirement.get("/budget/to")
        if budget is not None and total > budget and _in_company_currency(doc, book):
            yield RULE.at(doc, "/total", total=total, budget=budget, over=total - budget, requirement=requirement.id)


def _in_company_currency(doc: Document, book: Book) -> bool:
    """Tell whether the total is in the currency that budgets are stated in."""
    company = book.doc("workspace", "workspace")
    return company is None or doc.get("currency", company["currency"]) == company["currency"]
