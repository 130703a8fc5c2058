"""The case files of a generated workspace: one order's documents as YAML, in order of time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from bench.world import Customer, Person, Product, address
from orderctl.money import capitals, line_amount, line_tax

OPINIONS = ("价格符合折扣政策", "账期内无逾期,信用良好", "库存与产能满足交期")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order, priced."""

    product: Product
    quantity: int
    price: Decimal
    amount: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Case:
    """What the documents of one order have in common. ``days``: working days, the order's own at index 3."""

    number: str
    folder: str
    customer: Customer
    salesperson: Person
    days: tuple[date, ...]
    lines: list[Line]
    minute: int


def lines(random: Random, buyer: Customer, products: list[Product], year: int) -> list[Line]:
    """Return one to four priced lines of different products, below 100,000.00 in all."""
    made = []
    for item in random.sample(products, random.choice((1, 1, 2, 2, 3, 4))):
        agreed = buyer.agreement and buyer.agreement[0] == item.id
        price = buyer.agreement[1] if buyer.agreement and agreed else item.prices[year]
        quantity = random.randint(1, max(1, min(20, int(24000 / price))))
        amount = line_amount(quantity, price)
        made.append(Line(item, quantity, price, amount, line_tax(amount, 13, included=True)))
    return made


def priced(items: list[Line]) -> str:
    """Return the lines of a quotation or order."""
    return "".join(
        f"  - {{line: {n}, product: {x.product.id}, name: {x.product.name}, specification: 标准, unit: {x.product.unit}, "
        f"quantity: {x.quantity}, unit_price: {x.price}, discount: 0.00, tax_rate: 13, amount: {x.amount}}}\n"
        for n, x in enumerate(items, 1)
    )


def case_files(case: Case, clock: date, random: Random, tickets: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of a case's documents up to the clock: what lies in the future isn't written yet."""
    troubled, cancelled = random.random() < 0.03, random.random() < 0.01
    for name, day, text in documents(case, cancelled):
        if day <= clock:
            yield f"{case.folder}/{name}", text
    raised = case.days[13]
    if troubled and not cancelled and case.days[14] <= clock:
        month = raised.strftime("%Y%m")
        tickets[month] = tickets.get(month, 0) + 1
        yield f"{case.folder}/ticket-1.yaml", ticket(case, f"SH{month}{tickets[month]:03}")


def documents(case: Case, cancelled: bool) -> Iterator[tuple[str, date, str]]:
    """Yield (file name, day it was written, text) of a case's documents in order of time."""
    days, m, buyer, person = case.days, f"{case.minute:02}", case.customer, case.salesperson.id
    total = sum((x.amount for x in case.lines), Decimal(0))
    tax = sum((x.tax for x in case.lines), Decimal(0))
    due, priced_lines = days[13], priced(case.lines)
    sent_to = f'{address(buyer)}, receiver: 赵敏, phone: "139{buyer.phone:08}"'
    wanted = "".join(
        f"  - {{line: {n}, product: {x.product.id}, what: {x.product.name}, specification: 标准, "
        f"quantity: {x.quantity}, unit: {x.product.unit}}}\n"
        for n, x in enumerate(case.lines, 1)
    )
    invoice = f"invoice: {{kind: ordinary, title: {buyer.name}, tax_number: {buyer.code}}}"
    yield (
        "requirement.yaml",
        days[0],
        f"""schema: requirement/1
number: KH{case.number[2:]}
customer: {buyer.id}
contact: main
salesperson: {person}
received_at: {days[0]}T09:{m}:00+08:00
channel: phone
respond_by: {days[1]}T09:{m}:00+08:00
responded_at: {days[0]}T16:{m}:00+08:00
items:
{wanted}why: 新办公区配置
when: {{by: {due}}}
where: {{{sent_to}}}
budget: {{from: 0.00, to: {total + 1000}}}
payment: {{terms: split, prepaid_percent: 30}}
{invoice}
attachments: []
confirmation: {{on: {days[2]}, by: main, how: message}}
signed_by: {person}
signed_on: {days[2]}
""",
    )
    head = f"customer: {buyer.id}\ncontact: main\n"
    yield (
        "quotation-1.yaml",
        days[1],
        f"""schema: quotation/1
{head}salesperson: {person}
date: {days[1]}
price_book: PB{days[3].year}
tax_included: true
lines:
{priced_lines}total: {total}
tax: {tax}
payment: {{terms: split, prepaid_percent: 30}}
lead_days: 10
reviewed: {{by: finance, on: {days[1]}}}
sent: {{on: {days[1]}, how: e-mail, to: main}}
outcome: {{result: accepted, on: {days[2]}}}
""",
    )
    order = f"""schema: order/1
number: {case.number}
revision: 1
{head}date: {days[3]}
kind: new
urgent: false
channel: phone
salesperson: {person}
entered_by: {person}
handler: {person}
price_book: PB{days[3].year}
tax_included: true
lines:
{priced_lines}total: {total}
tax: {tax}
total_capitals: {capitals(total)}
delivery:
  due: {due}
  window: 9:00-17:00
  method: express
  address: {{{address(buyer)}}}
  receiver: 赵敏
  phone: "139{buyer.phone:08}"
payment: {{terms: split, prepaid_percent: 30}}
{invoice}
standing_requirements: [packing]
original: []
"""
    digest = hashlib.sha256(order.encode()).hexdigest()
    yield "order.yaml", days[3], order
    yield (
        "submission.yaml",
        days[3],
        f"""schema: submission/1
revision: 1
digest: {digest}
submitted_by: {person}
submitted_at: {days[3]}T17:{m}:00+08:00
self_check: {{zh: 已核对数量、价格、交期与开票资料, en: "Quantities, prices, due date and invoice details checked"}}
""",
    )
    if cancelled:
        yield (
            "cancellation.yaml",
            days[4],
            f"""schema: cancellation/1
reason: 客户预算取消
asked_by: main
by: {person}
on: {days[4]}
supervisor: sales-supervisor
warehouse_told: {{by: {person}, on: {days[4]}}}
""",
        )
        return
    for stage, (day, hour), opinion in zip(
        ("sales-supervisor", "finance", "production"), ((4, "09"), (4, "14"), (5, "10")), OPINIONS, strict=True
    ):
        yield (
            f"approvals/order-1-{stage}.yaml",
            days[day],
            f"""schema: approval/1
subject: order
revision: 1
digest: {digest}
stage: {stage}
decision: approve
opinion: {opinion}
person: {stage}
issued: {days[day]}T{hour}:{m}:00+08:00
""",
        )
    yield from fulfilment(case)


def fulfilment(case: Case) -> Iterator[tuple[str, date, str]]:
    """Yield shipment, delivery and feedback."""
    days, m = case.days, f"{case.minute:02}"
    shipped = ", ".join(f"{{line: {n}, quantity: {x.quantity}}}" for n, x in enumerate(case.lines, 1))
    yield (
        "shipment-1.yaml",
        days[11],
        f"""schema: shipment/1
lines: [{shipped}]
progress:
  - {{stage: production, owner: production, planned_start: {days[6]}, planned_end: {days[9]}, started: {days[6]}, finished: {days[9]}}}
  - {{stage: packing, owner: warehouse, finished: {days[10]}, remarks: 加固包装}}
  - {{stage: transport, owner: logistics, started: {days[11]}, planned_end: {days[12]}}}
method: express
carrier: 顺丰速运
tracking_number: SF1{case.number[2:]}01
dispatched_at: {days[11]}T15:{m}:00+08:00
dispatched_by: warehouse
expected: {days[12]}
cost: 260.00
""",
    )
    yield (
        "delivery-1.yaml",
        days[12],
        f"""schema: delivery/1
shipment: 1
received_at: {days[12]}T11:{m}:00+08:00
receiver: 赵敏
recorded_by: logistics
recorded_at: {days[12]}T16:{m}:00+08:00
complete: true
""",
    )
    yield (
        "feedback.yaml",
        days[13],
        f"""schema: feedback/1
visited_on: {days[13]}
how: phone
by: after-sales
with: main
ratings: {{quality: good, timeliness: good, service: good}}
score: 5
words: 质量和交期都满意
confirmation: {{how: message}}
""",
    )


def ticket(case: Case, number: str) -> str:
    """Return a small ticket, solved on the next working day."""
    days, m = case.days, f"{case.minute:02}"
    return f"""schema: ticket/1
number: {number}
kind: service
severity: minor
problem: 希望补寄一份安装说明
raised_by: main
raised_on: {days[13]}
first_asked: after-sales
department: after-sales
handler: after-sales
deadline: {days[14]}T18:00:00+08:00
progress:
  - {{at: {days[13]}T15:{m}:00+08:00, by: after-sales, note: 已通过邮件补寄}}
cause: 包装内漏放说明
solution: 电子版与纸质版各补寄一份
confirmation: {{by: main, how: message, on: {days[14]}}}
closed_on: {days[14]}
"""
