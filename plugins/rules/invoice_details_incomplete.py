"""A special VAT invoice is wanted, but details that it must show are missing.

要求开具增值税专用发票，但开票资料不全。

## Why is this bad?

A special VAT invoice without all six details can't be issued, and one issued with wrong ones has to be red-lettered
and issued again. Until then the customer doesn't pay.

专用发票六项资料缺一不可；资料有误就要红冲重开。发票没开出来，客户就不付款。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
invoice:  # error: invoice-details-incomplete
  bank: null
```

## Passes

An ordinary invoice needs the title only.

普通发票只需抬头。

```yaml
# orders/2024/05/OD2024050012/order.yaml
invoice:
  kind: ordinary
  bank: null
  account: null
```

## How to fix

Ask the customer's accountant for: title, tax number, address, phone, bank, account.

向客户财务索取：名称、税号、地址、电话、开户行、账号。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="invoice-details-incomplete",
    on=("requirement", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="开票资料缺少{missing_zh}",
    en="the invoice details are incomplete: {missing_en} missing",
    hint_zh="向客户财务索取{missing_zh}",
    hint_en="ask the customer's accountant for {missing_en}",
    covers=("ORD-1", "REQ-1", "FIN-2"),
)

DETAILS = (
    ("title", "名称", "title"),
    ("tax_number", "税号", "tax number"),
    ("address", "地址", "address"),
    ("phone", "电话", "phone"),
    ("bank", "开户行", "bank"),
    ("account", "账号", "account"),
)
NEEDED = {"special-vat": DETAILS, "ordinary": DETAILS[:1]}


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield one finding that names every detail that the kind of invoice needs and that is missing."""
    invoice = doc.get("invoice")
    if invoice is None:
        return
    missing = [(zh, en) for key, zh, en in NEEDED.get(invoice["kind"], ()) if not invoice.get(key)]
    if missing:
        zh, en = zip(*missing, strict=True)
        yield RULE.at(doc, "/invoice", missing_zh="、".join(zh), missing_en=", ".join(en))
