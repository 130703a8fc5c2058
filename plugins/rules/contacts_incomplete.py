"""A customer lacks a second contact, a main or backup contact, or one who decides.

客户联系人不齐：缺第二联系人、主要联系人、备用联系人或决策人。

## Why is this bad?

When the one contact is ill or leaves, the order stands still. And whoever negotiates for weeks with somebody who
can't decide starts again with the one who can.

唯一的联系人生病或离职，订单就停了。和没有决定权的人谈上几周，最后还得和决策人从头谈起。

## Fails

```yaml
# customers/C0001.yaml
contacts:  # error: contacts-incomplete
  - {id: wang-fang, name: 王芳, title: 采购经理, phone: "13900000001", email: w@yf.example, part: user, main: true}
  - {id: li-qiang, name: 李强, title: 技术主管, phone: "13900000002", email: l@yf.example, part: user, backup: true}
```

## Passes

```yaml
# customers/C0001.yaml
contacts:
  - {id: wang-fang, name: 王芳, title: 采购经理, phone: "13900000001", email: w@yf.example, part: decider, main: true}
  - {id: li-qiang, name: 李强, title: 技术主管, phone: "13900000002", email: l@yf.example, part: user, backup: true}
```

## How to fix

Ask the customer for another contact, and mark one contact `main: true`, another one `backup: true` and at least one
`part: decider`. An individual customer needs one main contact only.

向客户再要一位联系人；一位标 `main: true`，另一位标 `backup: true`，至少一位标 `part: decider`。个人客户只需一位主要
联系人。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="contacts-incomplete",
    on="customer",
    severity=Severity.ERROR,
    since="0.1",
    zh="{customer_zh} 的联系人不齐：缺少{missing_zh}",
    en="the contacts of {customer_en} lack {missing_en}",
    hint_zh="补充{missing_zh}",
    hint_en="add {missing_en}",
    covers=("CUS-2",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield one finding that names all that the contacts lack. The backup is another person than the main contact."""
    contacts = doc["contacts"]
    missing = []
    if not any(contact.get("main") for contact in contacts):
        missing.append(("主要联系人", "a main contact"))
    if doc["kind"] != "individual":
        if len(contacts) < 2:
            missing.append(("第二位联系人", "a second contact"))
        if not any(contact.get("backup") and not contact.get("main") for contact in contacts):
            missing.append(("备用联系人", "a backup contact"))
        if not any(contact.get("part") == "decider" for contact in contacts):
            missing.append(("决策人", "a decider"))
    if missing:
        zh, en = zip(*missing, strict=True)
        yield RULE.at(
            doc,
            "/contacts",
            customer_zh=doc["name"],
            customer_en=doc.get("name_en", doc["name"]),
            missing_zh="、".join(zh),
            missing_en=", ".join(en),
        )
