"""An order rests on a quotation that was no longer valid when the customer accepted it.

下单时所依据的报价已过有效期。

## Why is this bad?

After its validity nobody promised these prices any more: material may cost more, and stock may be gone.

过了有效期，报价中的价格不再作数：材料可能涨价，库存也可能已经没有了。

## Fails

```yaml
# orders/2024/05/OD2024050012/quotation-1.yaml
valid_until: 2024-05-05
outcome: null
```

```yaml
# orders/2024/05/OD2024050012/order.yaml
date: 2024-05-06  # error: order-after-quotation-expired
```

## Passes

Accepted on the last day of validity, entered the day after:

有效期最后一天接受，次日录入订单：

```yaml
# orders/2024/05/OD2024050012/quotation-1.yaml
valid_until: 2024-05-05
outcome: {result: accepted, on: 2024-05-05}
```

```yaml
# orders/2024/05/OD2024050012/order.yaml
date: 2024-05-06
```

## How to fix

Send a new quotation at today's prices and have it accepted. If the customer accepted in time, write that day into
the quotation's `outcome`.

按现行价格重新报价并取得客户确认。客户确已在有效期内接受的，把接受日期填入报价单的 `outcome`。
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="order-after-quotation-expired",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="{quotation} 有效期至 {valid_until}，客户 {accepted} 才接受",
    en="{quotation} was valid until {valid_until}, but accepted on {accepted}",
    hint_zh="按现行价格重新报价，或在报价单的 outcome 中补填实际接受日期",
    hint_en="send a new quotation, or write the real day of acceptance into the quotation's outcome",
    covers=("REQ-5",),
)

DAYS = 30


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the accepted (else the newest) quotation had ended before its acceptance (the order date)."""
    quotations = book.case(doc, "quotation")
    if not quotations:
        return
    accepted = [q for q in quotations if q.get("/outcome/result") == "accepted"]
    quotation = (accepted or quotations)[-1]
    last = quotation.get("valid_until") or (date.fromisoformat(quotation["date"]) + timedelta(days=DAYS)).isoformat()
    day = quotation["outcome"]["on"] if accepted else doc["date"]
    if day > last:
        name = quotation.id.rpartition("/")[2]
        yield RULE.at(doc, "/date", quotation=name, valid_until=last, accepted=day)
