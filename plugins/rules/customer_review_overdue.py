"""A customer's data has not been reviewed for a quarter.

客户资料超过一个季度没有复核。

## Why is this bad?

Contacts leave, companies move, qualifications run out. Goods go to the old address, and nobody knows whom to call.

联系人会离职，公司会搬迁，资质会到期。资料不更新，货就送到旧地址，出了事也不知道找谁。

## Fails

```yaml
# orderctl.yaml
sample: true
clock: 2024-08-10
```

```yaml
# customers/C0001.yaml
reviews:  # warning: customer-review-overdue
  - {on: 2024-05-10, by: lin-xiao}
```

## Passes

```yaml
# orderctl.yaml
sample: true
clock: 2024-08-09
```

```yaml
# customers/C0001.yaml
reviews:
  - {on: 2024-05-10, by: lin-xiao}
```

## How to fix

Go through contacts, addresses, licence and credit with the customer, then add a line to `reviews`: day, person, what
changed. A customer that was never reviewed counts from `filed_on`.

与客户核对联系人、地址、证照与信用，然后在 `reviews` 中加一行：日期、复核人、变更内容。
从未复核过的客户从 `filed_on`（建档日期）起算。
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="customer-review-overdue",
    on="customer",
    severity=Severity.WARNING,
    since="0.1",
    zh="{name_zh} 上次复核是 {last}，最迟应在 {due} 再次复核",
    en="{name_en} was last reviewed on {last}, the next review was due by {due}",
    hint_zh="核对资料后，在 reviews 中记录复核日期和复核人",
    hint_en="go through the data, then add day and person to reviews",
    covers=("CUS-4",),
)

MONTHS = 3


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding when three months have passed since the last review, or since filing."""
    last = max((review["on"] for review in doc.get("reviews", ())), default=doc.get("filed_on"))
    if last is None:
        return
    due = _months_later(last)
    if book.passed(due):
        english = doc.get("name_en", doc["name"])
        yield RULE.at(doc, "/reviews", name_zh=doc["name"], name_en=english, last=last, due=due)


def _months_later(day: str) -> str:
    """Return the same day three months on, or the last day of a month that is shorter."""
    year, month, of_month = (int(part) for part in day.split("-"))
    years, month0 = divmod(month - 1 + MONTHS, 12)
    year += years
    return f"{year:04}-{month0 + 1:02}-{min(of_month, monthrange(year, month0 + 1)[1]):02}"
