"""A quotation was sent before finance reviewed it.

报价单未经财务复核就发给了客户。

## Why is this bad?

A quotation that has been sent binds. A price below cost or terms without credit can't be taken back afterwards.

报价一经发出就有约束力。低于成本的价格、没有授信的付款条件，事后都收不回来。

## Fails

```yaml
# orders/2024/05/OD2024050012/quotation-1.yaml
sent:  # warning: quotation-sent-unreviewed
  on: 2024-05-03
```

## Passes

```yaml
# orders/2024/05/OD2024050012/quotation-1.yaml
reviewed:
  on: 2024-05-04
sent:
  on: 2024-05-04
```

## How to fix

Have finance review it now, and send a corrected quotation if something is wrong.

请财务立即补充复核；有误的，重新发送更正后的报价单。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="quotation-sent-unreviewed",
    on="quotation",
    severity=Severity.WARNING,
    since="0.1",
    zh="报价单于 {sent} 发出，当时财务尚未复核",
    en="the quotation was sent on {sent}, before finance had reviewed it",
    hint_zh="请财务复核并填写 reviewed",
    hint_en="have finance review it and fill in reviewed",
    covers=("REQ-5",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if there is no review on or before the day of sending."""
    sent = doc.get("/sent/on")
    if sent is not None and (doc.get("/reviewed/on") or "9999") > sent:
        yield RULE.at(doc, "/sent", sent=sent)
