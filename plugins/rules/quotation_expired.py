"""A quotation is past its validity, and nobody wrote down how it ended.

报价单已过有效期，却没有记录结果。

## Why is this bad?

An open quotation counts as business that may still come. Expired ones make the forecast too rosy, and the reason why
the customer didn't buy is forgotten.

未了结的报价会被当作还有希望的生意。过期不记结果，预测就偏乐观，客户为什么没买也没人记得。

## Fails

```yaml
# orderctl.yaml
sample: true
clock: 2024-06-03
```

```yaml
# orders/2024/05/OD2024050012/order.yaml
```

```yaml
# orders/2024/05/OD2024050012/quotation-1.yaml
valid_until: 2024-06-03  # warning: quotation-expired
outcome: null
```

## Passes

The last day of validity isn't over yet:

有效期最后一天尚未结束：

```yaml
# orderctl.yaml
sample: true
clock: 2024-06-02
```

```yaml
# orders/2024/05/OD2024050012/order.yaml
```

```yaml
# orders/2024/05/OD2024050012/quotation-1.yaml
valid_until: 2024-06-03
outcome: null
```

## How to fix

Ask the customer. Then write the `outcome`: accepted, lost or expired, with the reason; or send a new quotation.
Without `valid_until` a quotation is valid for 30 days.

向客户核实，然后填写 `outcome`：accepted（接受）、lost（未成交）或 expired（过期），并写明原因；或重新报价。
没有填写 `valid_until` 的，有效期为 30 天。
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="quotation-expired",
    on="quotation",
    severity=Severity.WARNING,
    since="0.1",
    zh="报价单已于 {valid_until} 到期，没有结果",
    en="the quotation was valid until {valid_until} and has no outcome",
    hint_zh="填写 outcome（接受、未成交或过期，并写明原因），或重新报价",
    hint_en="write the outcome (accepted, lost or expired, with the reason), or send a new quotation",
    covers=("REQ-5",),
)

DAYS = 30


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding once the last day of validity has ended, for the newest quotation of a case without order."""
    if "outcome" in doc or book.case(doc, "quotation")[-1].id != doc.id or book.case(doc, "order"):
        return
    last = doc.get("valid_until") or (date.fromisoformat(doc["date"]) + timedelta(days=DAYS)).isoformat()
    if book.passed(last):
        yield RULE.at(doc, "/valid_until" if "valid_until" in doc else "/date", valid_until=last)
