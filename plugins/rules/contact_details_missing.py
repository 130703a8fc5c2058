"""A contact lacks job title, phone, e-mail or part in the decision.

联系人缺少职务、电话、邮箱或决策角色。

## Why is this bad?

The one missing phone number is the one that the driver needs at the gate. And without the part in the decision
nobody knows whom to convince.

缺的那个电话，往往就是司机到门口时要打的那个。不写决策角色，就不知道该说服谁。

## Fails

```yaml
# customers/C0001.yaml
contacts:
  - {id: wang-fang, name: 王芳, title: 采购经理, phone: "13900000001", email: w@yf.example, part: decider, main: true}
  - {id: li-qiang, name: 李强, phone: "13900000002", part: user, backup: true}  # warning: contact-details-missing
```

## Passes

```yaml
# customers/C0001.yaml
contacts:
  - {id: wang-fang, name: 王芳, title: 采购经理, phone: "13900000001", email: w@yf.example, part: decider, main: true}
  - {id: li-qiang, name: 李强, title: 技术主管, phone: "13900000002", email: l@yf.example, part: user, backup: true}
```

## How to fix

Ask the contact and fill in what is missing. `part` is decider 决策人, influencer 影响人 or user 使用者. An
individual customer needs a phone only.

向联系人问清并补全。`part` 填 decider（决策人）、influencer（影响人）或 user（使用者）。个人客户只需电话。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="contact-details-missing",
    on="customer",
    severity=Severity.WARNING,
    since="0.1",
    zh="联系人{contact}缺少{missing_zh}",
    en="contact {contact} has no {missing_en}",
    hint_zh="向{contact}问清后补上{missing_zh}",
    hint_en="ask {contact} and add {missing_en}",
    covers=("CUS-2",),
)

DETAILS = (
    ("title", "职务", "job title"),
    ("phone", "电话", "phone"),
    ("email", "邮箱", "e-mail"),
    ("part", "决策角色", "part in the decision"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each contact that lacks details."""
    wanted = DETAILS if doc["kind"] != "individual" else DETAILS[1:2]
    for at, contact in enumerate(doc["contacts"]):
        missing = [(zh, en) for key, zh, en in wanted if key not in contact]
        if missing:
            zh, en = zip(*missing, strict=True)
            yield RULE.at(
                doc,
                f"/contacts/{at}",
                contact=contact["name"],
                missing_zh="、".join(zh),
                missing_en=", ".join(en),
            )
