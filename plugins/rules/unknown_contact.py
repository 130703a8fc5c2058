"""A document names a contact that the customer doesn't have.

单据引用了客户档案中没有的联系人。

## Why is this bad?

Phone number and part in the decision are looked up in the customer's file. A confirmation by somebody who isn't
listed there proves nothing.

联系人的电话和决策角色都要到客户档案里查。档案里没有的人作的确认，不能作为凭据。

## Fails

```yaml
# orders/2024/05/OD2024050012/ticket-1.yaml
raised_by: wang-fan  # error: unknown-contact
```

## Passes

```yaml
# orders/2024/05/OD2024050012/ticket-1.yaml
raised_by: wang-fang
```

## How to fix

Correct the contact's id, or add the person to `contacts` in the customer's file.

改正联系人编号，或先把此人加入客户档案的 `contacts`。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.walk import values

CONTACTS = {
    "customer": (("contact_log", "*", "with"), ("confirmation", "with")),
    "requirement": (("contact",), ("confirmation", "by")),
    "quotation": (("contact",), ("sent", "to")),
    "order": (("contact",),),
    "shipment": (("delay", "told"),),
    "feedback": (("with",),),
    "ticket": (("raised_by",), ("confirmation", "by")),
    "cancellation": (("asked_by",),),
}
"""Where each kind names the customer's contacts; * stands for every entry of a list."""

RULE = Rule(
    id="unknown-contact",
    on=tuple(CONTACTS),
    severity=Severity.ERROR,
    since="0.1",
    zh="客户 {customer} 的档案中没有联系人 {contact}",
    en="customer {customer} has no contact {contact}",
    hint_zh="最接近的是 {nearest}",
    hint_en="the nearest is {nearest}",
    covers=("CUS-2", "ORD-1"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each contact that isn't in the file of the document's (or its order's) customer.

    A customer that isn't on file is another rule's finding.
    """
    customer = _customer(doc, book)
    if customer is None:
        return
    known = {contact["id"]: contact["name"] for contact in customer["contacts"]}
    for path in CONTACTS[doc.kind]:
        for pointer, contact in values(doc.data, path):
            if contact not in known:
                nearest = _nearest(known, contact)
                yield RULE.at(doc, pointer, customer=customer.id, contact=contact, nearest=nearest)


def _customer(doc: Document, book: Book) -> Document | None:
    """Return the customer that ``doc`` belongs to."""
    if doc.kind == "customer":
        return doc
    id = doc.get("customer") or next((order["customer"] for order in book.case(doc, "order")), None)
    return book.doc("customer", id) if id else None


def _nearest(contacts: dict[str, str], wanted: str) -> str:
    """Return id and name of the contact whose id or name is most like ``wanted``, "–" if there are none."""
    from difflib import get_close_matches

    known = {}
    for id, name in contacts.items():
        known[id] = known[name] = f"{id} {name}"
    return known[get_close_matches(wanted, known, 1, 0)[0]] if known else "–"
