"""The customer's contact and the receiver of the goods are the same person.

客户联系人与收货人是同一个人。

## Why is this bad?

Often that is right. But often the receiver's name was only copied, and the goods arrive where nobody expects them:
ask once.

有时确实如此，但更多时候只是顺手复制，货到了现场没人知道。值得问一句。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
delivery:
  receiver: 王芳  # info: contact-is-receiver
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
delivery:
  receiver: 赵敏
```

## How to fix

Ask who will be at the door. If it really is the contact, leave it: this is only a hint.

问清谁在现场收货。如果确实是联系人本人，不用改，这只是提醒。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="contact-is-receiver",
    on="order",
    severity=Severity.INFO,
    since="0.1",
    zh="收货人 {receiver} 就是客户联系人",
    en="{receiver} is both the contact and the receiver",
    hint_zh="确认现场由谁收货",
    hint_en="ask who will be there to receive the goods",
    covers=("ORD-1",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the receiver bears the contact's name. Persons as customers receive their own goods."""
    receiver, contact = doc.get("/delivery/receiver"), doc.get("contact")
    customer = book.doc("customer", doc["customer"]) if receiver and contact else None
    if customer is None or customer["kind"] == "individual":
        return
    if any(entry["id"] == contact and entry["name"] == receiver for entry in customer["contacts"]):
        yield RULE.at(doc, "/delivery/receiver", receiver=receiver)
