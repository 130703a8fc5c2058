"""Two orders of one customer have the same day and the same lines.

同一客户在同一天有明细完全相同的两个订单。

## Why is this bad?

A message is often entered twice: once from the phone call, once from the e-mail that confirms it. The customer gets
everything twice and sends half of it back.

同一份订单常被录入两次：接电话时录一次，收到确认邮件又录一次。结果货发了双份，客户再退回一半。

## Fails

```yaml
# orders/2024/05/OD2024050014/order.yaml
schema: order/1
number: OD2024050014  # warning: duplicate-order-suspected
revision: 1
customer: C0001
date: 2024-05-20
kind: new
channel: mail
salesperson: lin-xiao
tax_included: true
lines:
  - line: 1
    product: CHAIR-E1
    name: 人体工学椅
    specification: 黑色网布
    unit: 把
    quantity: 20
    unit_price: 350.00
    tax_rate: 13
delivery:
  due: 2024-06-05
  method: express
  address: {province: 北京市, city: 北京市, street: 云帆路}
  receiver: 赵敏
  phone: "13900000003"
payment: {terms: monthly, days: 30}
```

## Passes

```yaml
# orders/2024/05/OD2024050014/order.yaml
schema: order/1
number: OD2024050014
revision: 1
customer: C0001
date: 2024-05-20
kind: new
channel: mail
salesperson: lin-xiao
tax_included: true
lines:
  - line: 1
    product: CHAIR-E1
    name: 人体工学椅
    specification: 灰色网布
    unit: 把
    quantity: 20
    unit_price: 350.00
    tax_rate: 13
delivery:
  due: 2024-06-05
  method: express
  address: {province: 北京市, city: 北京市, street: 云帆路}
  receiver: 赵敏
  phone: "13900000003"
payment: {terms: monthly, days: 30}
```

## How to fix

Ask the customer. If it is the same order, cancel the later one; its number stays used. If both are meant, there is
nothing to do: the warning can stay.

向客户核实。确属重复的，取消后录入的订单，其编号作废不再使用；确实要两份的，无需处理，警告可以保留。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="duplicate-order-suspected",
    on="order",
    severity=Severity.WARNING,
    since="0.1",
    zh="疑似重复下单：与 {other} 的客户、日期和明细完全相同",
    en="perhaps the same order twice: {other} has the same customer, day and lines",
    hint_zh="与客户核实；确属重复的，取消本订单",
    hint_en="ask the customer; if it is the same order, cancel this one",
    covers=("ORD-7",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding on every order of a bucket but the one with the lowest number."""
    fingerprint = book.fact("fingerprint", doc.id)
    if fingerprint:
        first = book.where("fingerprint", bucket=fingerprint["bucket"])[0]["id"]
        if first != doc.id:
            yield RULE.at(doc, "/number", other=first)
