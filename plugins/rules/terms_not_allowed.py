"""An order or quotation offers payment terms that the customer hasn't been granted.

付款方式超出客户获准的信用条件。

## Why is this bad?

Goods before money is credit. Who may have it is decided once, in the customer's file, by finance – not anew in each
order by sales.

先货后款就是授信。给谁授信由财务在客户档案中统一决定，不由业务员在每张订单上各自决定。

## Fails

```yaml
# customers/C0001.yaml
credit:
  terms: [prepaid, split, monthly]
---
# orders/2024/05/OD2024050012/order.yaml
payment:
  terms: on-delivery  # error: terms-not-allowed
```

## Passes

Prepaid is always allowed.

预付全款总是允许的。

```yaml
# customers/C0001.yaml
credit:
  terms: [monthly]
---
# orders/2024/05/OD2024050012/quotation-1.yaml
payment: {terms: prepaid}
---
# orders/2024/05/OD2024050012/order.yaml
payment: {terms: prepaid}
```

## How to fix

Agree on terms that the finding names, or have finance grade the customer and extend `credit.terms`.

改用提示中允许的付款方式，或请财务评定信用等级、放宽 `credit.terms`。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="terms-not-allowed",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="客户 {customer} 不能使用付款方式“{terms_zh}”",
    en="customer {customer} may not pay by “{terms_en}”",
    hint_zh="可用：{allowed_zh}",
    hint_en="allowed: {allowed_en}",
    covers=("ORD-5", "CUS-6", "FIN-1"),
)

NAMES = {
    "prepaid": ("预付全款", "prepaid"),
    "split": ("部分预付", "part prepaid"),
    "on-delivery": ("货到付款", "on delivery"),
    "monthly": ("月结", "monthly account"),
}


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the terms aren't among the customer's; without a credit grade only prepaid is."""
    terms = doc.get("/payment/terms")
    if terms is None or terms == "prepaid":
        return
    customer = book.doc("customer", doc["customer"])
    if customer is None:
        return
    granted = customer.get("/credit/terms", ())
    if terms in granted:
        return
    allowed = [NAMES.get(t, (t, t)) for t in dict.fromkeys(("prepaid", *granted))]
    own = NAMES.get(terms, (terms, terms))
    yield RULE.at(
        doc,
        "/payment/terms",
        customer=customer.id,
        terms_zh=own[0],
        terms_en=own[1],
        allowed_zh="、".join(zh for zh, _ in allowed),
        allowed_en=", ".join(en for _, en in allowed),
    )
