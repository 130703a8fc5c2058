"""An order is late, and the customer was not told a day before.

订单延误，但没有提前 24 小时告知客户。

## Why is this bad?

A delay that is announced can be planned around; one that isn't costs the customer a day and us the customer. The
house rule is 24 hours before the due time, with the reason and a remedy.

提前说，客户还能调整安排；不说，客户白等一天，我们可能失去这个客户。公司规定：至少提前 24 小时告知，
并说明原因和补救办法。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
delivery:
  due: 2024-05-20  # warning: delay-not-told
```

```yaml
# orders/2024/05/OD2024050012/shipment-1.yaml
delay: {told_at: 2024-05-19T18:00:01+08:00, told_by: luo-yun, told: wang-fang, reason: 运输路线拥堵}
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
delivery:
  due: 2024-05-20
```

```yaml
# orders/2024/05/OD2024050012/shipment-1.yaml
delay: {told_at: 2024-05-19T18:00:00+08:00, told_by: luo-yun, told: wang-fang, reason: 运输路线拥堵}
```

## How to fix

If the customer was told in time, file it as `delay` in the shipment: when, by whom, to whom, reason, remedy, new
date. If not, the warning stays, and the return visit should ask about it.

确已及时告知的，在发货记录中补填 `delay`：时间、告知人、对方联系人、原因、补救办法、新日期。确未告知的，警告保留，
回访时应向客户说明。
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.workdays import company_day, due_instant, moment

RULE = Rule(
    id="delay-not-told",
    on="order",
    severity=Severity.WARNING,
    since="0.1",
    zh="没能按期（{due}）交货，也没有在 {deadline} 前告知客户",
    en="late for {due}, and the customer was not told by {deadline}",
    hint_zh="已及时告知的，在发货记录的 delay 中补填；否则请立即告知客户",
    hint_en="if they were told in time, file it as delay in the shipment; else tell them now",
    covers=("SHP-6",),
)

NOTICE = timedelta(hours=24)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for a late order without a notice 24 hours before close of business on the due day."""
    status = book.fact("status", doc.id)
    due, arrived = status["due"], status["delivered_at"]
    if not (status["late"] or (arrived and due and company_day(book, arrived) > due)):
        return
    deadline = moment(due_instant(book, due)) - NOTICE
    told = [moment(at) for s in book.case(doc, "shipment") if (at := s.get("/delay/told_at"))]
    if not told or min(told) > deadline:
        yield RULE.at(doc, "/delivery/due", due=due, deadline=f"{deadline:%Y-%m-%d %H:%M}")
