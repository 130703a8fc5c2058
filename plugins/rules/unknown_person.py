"""A document names a member of staff who isn't in the list of people.

单据引用了人员名单中没有的员工。

## Why is this bad?

Responsibility, deadlines and approvals hang on people. A misspelt id belongs to nobody: nobody is reminded, and
nobody can be asked.

责任、时限和审批都落实到人。写错的人员编号不属于任何人：没人会收到提醒，也找不到人负责。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
handler: lin-xaio  # error: unknown-person
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
handler: lin-xiao
```

## How to fix

Correct the id, or add the person to `policy/people.yaml`. Someone who has left stays in the list, with `left_on`.

改正人员编号，或把该员工加入 `policy/people.yaml`。离职员工保留在名单中，注明 `left_on`。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.walk import values

PEOPLE = {
    "customer": (
        ("licence", "verified_by"),
        ("reviews", "*", "by"),
        ("contact_log", "*", "by"),
        ("confirmation", "by"),
    ),
    "stock-count": (("counted_by",), ("checked_by",)),
    "requirement": (("salesperson",), ("signed_by",)),
    "quotation": (("salesperson",), ("reviewed", "by")),
    "order": (("salesperson",), ("entered_by",), ("handler",), ("service", "person")),
    "submission": (("submitted_by",), ("authors", "*")),
    "approval": (("person",), ("for",)),
    "waiver": (("requested_by",),),
    "shipment": (("dispatched_by",), ("progress", "*", "owner"), ("delay", "told_by")),
    "delivery": (("recorded_by",),),
    "feedback": (("by",),),
    "ticket": (("first_asked",), ("handler",), ("progress", "*", "by"), ("follow_up", "by")),
    "hold": (("by",), ("released_by",)),
    "cancellation": (("by",), ("supervisor",), ("warehouse_told", "by")),
}
"""Where each kind names members of staff; * stands for every entry of a list."""

RULE = Rule(
    id="unknown-person",
    on=tuple(PEOPLE),
    severity=Severity.ERROR,
    since="0.1",
    zh="人员名单中没有 {person}",
    en="{person} is not in the list of people",
    hint_zh="最接近的是 {nearest}",
    hint_en="the nearest is {nearest}",
    covers=("ORD-1",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each place that names nobody in ``policy/people.yaml``."""
    known = set()
    for path in PEOPLE[doc.kind]:
        for pointer, person in values(doc.data, path):
            if person in known:
                continue
            if book.where("people/items", id=person):
                known.add(person)
            else:
                yield RULE.at(doc, pointer, person=person, nearest=_nearest(book, person))


def _nearest(book: Book, wanted: str) -> str:
    """Return id and name of the person whose id or name is most like ``wanted``, "–" if there are none."""
    from difflib import get_close_matches

    known = {}
    for row in book.all("people/items"):
        known[row["id"]] = known[row["name"]] = f"{row['id']} {row['name']}"
    return known[get_close_matches(wanted, known, 1, 0)[0]] if known else "–"
