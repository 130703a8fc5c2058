"""Two customers have the same credit code or the same name.

两份客户档案的统一社会信用代码或名称相同。

## Why is this bad?

One firm on file twice has two credit limits, two price agreements and half a history each. Complaints are looked up
in the wrong half.

同一家企业建了两份档案，就有两份信用额度、两份协议价，历史也各占一半，查投诉时总查到另一半。

## Fails

```yaml
# customers/C0002.yaml
schema: customer/1
id: C0002
name: 北京云帆科技有限公司  # error: customer-duplicate
kind: private
code: 91110105MA01YF7X22
delivery_addresses:
  - {id: office, province: 北京市, city: 北京市, street: 云帆路, receiver: 赵敏, phone: "13900000003"}
contacts:
  - {id: wang-fang, name: 王芳, main: true}
```

## Passes

```yaml
# customers/C0002.yaml
schema: customer/1
id: C0002
name: 北京云帆软件有限公司
kind: private
code: 91110105MA01YF7X22
delivery_addresses:
  - {id: office, province: 北京市, city: 北京市, street: 云帆路, receiver: 赵敏, phone: "13900000003"}
contacts:
  - {id: wang-fang, name: 王芳, main: true}
```

## How to fix

Keep the older file, move what is new into it, and use its id in all orders. If they really are two firms, compare
code and name with both licences.

保留较早的档案，把新内容并入，订单统一使用它的编号。如果确实是两家企业，对照两份营业执照核对代码和名称。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="customer-duplicate",
    on="customer",
    severity=Severity.ERROR,
    since="0.1",
    zh="客户 {customer} 与 {other} 的{what_zh}相同：{value}",
    en="customer {customer} has the same {what_en} as {other}: {value}",
    hint_zh="合并到 {other}，或核对{what_zh}",
    hint_en="merge it into {other}, or check the {what_en}",
    covers=("CUS-11",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding on the file with the later id. Persons may share a name; "individual" is no code."""
    code, name = doc.get("code"), doc["name"]
    if code is not None and code != "individual":
        others = [row["id"] for row in book.where("customer", code=code) if row["id"] < doc.id]
        if others:
            yield RULE.at(
                doc,
                "/code",
                customer=doc.id,
                other=min(others),
                what_zh="统一社会信用代码",
                what_en="credit code",
                value=code,
            )
            return
    if doc["kind"] != "individual":
        others = [row["id"] for row in book.where("customer", name=name) if row["id"] < doc.id]
        if others:
            yield RULE.at(doc, "/name", customer=doc.id, other=min(others), what_zh="名称", what_en="name", value=name)
