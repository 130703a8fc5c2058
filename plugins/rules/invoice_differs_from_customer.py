"""The invoice is made out to another firm than the customer.

开票名称或税号与客户档案不一致。

## Why is this bad?

Goods, contract and invoice must name the same firm. The tax authority reads an invoice to somebody else as a false
one 虚开发票, and the customer can't deduct it.

货物、合同、发票三者必须是同一家企业，否则会被税务机关认定为虚开，客户也不能抵扣。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
invoice:
  tax_number: 91110105MA01YF7X22  # error: invoice-differs-from-customer
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
invoice:
  title: 北京云帆科技有限公司
  tax_number: 91110105MA01YF0A63
```

## How to fix

Copy title and tax number from the customer's file. If another firm of the group pays, register it as a customer and
make it the order's customer.

按客户档案填写名称和税号。确由集团内另一家企业付款的，先为其建档，并以它作为订单客户。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl

RULE = Rule(
    id="invoice-differs-from-customer",
    on=("requirement", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="发票{what_zh} {written} 与客户 {customer} 的 {expected} 不一致",
    en="the invoice's {what_en} is {written}, that of customer {customer} is {expected}",
    hint_zh="{what_zh}应填 {expected}",
    hint_en="the {what_en} is {expected}",
    covers=("ORD-1", "FIN-2"),
)

FIELDS = (("title", "name", "名称", "title"), ("tax_number", "code", "税号", "tax number"))


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for title and tax number of a special VAT invoice, each, if it isn't the customer's."""
    invoice = doc.get("invoice")
    if invoice is None or invoice["kind"] != "special-vat":
        return
    customer = book.doc("customer", doc["customer"])
    if customer is None:
        return
    for key, source, zh, en in FIELDS:
        written, expected = invoice.get(key), customer.get(source)
        if written is not None and expected not in (None, "individual", written):
            pointer = f"/invoice/{key}"
            yield RULE.at(
                doc,
                pointer,
                mend=Mend("set", expected, pointer, safe=False),
                what_zh=zh,
                what_en=en,
                written=written,
                customer=customer.id,
                expected=expected,
            )
