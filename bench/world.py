"""The master data of a generated workspace: staff, products, customers. Values and their YAML documents."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from orderctl.money import line_amount

GOODS = (
    ("DESK", "办公桌", "Desk", "desk", "张", "desk", (600, 2400)),
    ("CHAIR", "办公椅", "Chair", "chair", "把", "chair", (180, 1500)),
    ("CABINET", "文件柜", "Cabinet", "storage", "个", "piece", (300, 1800)),
    ("TABLE", "会议桌", "Meeting table", "meeting", "张", "table", (1500, 5200)),
    ("LAMP", "台灯", "Desk lamp", "accessory", "盏", "piece", (45, 320)),
)
NAMES = ("云帆", "海岳", "天成", "启明", "嘉禾", "长风", "远山", "清源", "博文", "永信", "华星", "同创")
TRADES = ("科技", "贸易", "教育", "咨询", "文化", "设计")
STREETS = ("科技路", "创业街", "文昌路", "滨河路")


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff."""

    id: str
    name: str
    department: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """One product at its list price of each year."""

    id: str
    name: str
    name_en: str
    category: str
    unit: str
    unit_en: str
    prices: dict[int, Decimal]


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer; ``agreement`` is the product it has an agreed price for."""

    id: str
    name: str
    code: str
    street: str
    phone: int
    agreement: tuple[str, Decimal] | None
    licence_sha256: str
    salesperson: str


FLOWS = """schema: flows/1
flows:
  - id: standard
    subject: order
    when: {total_below: 100000.00}
    stages:
      - {id: sales-supervisor, role: sales-supervisor, hours: 4, zh: 销售主管, en: Sales supervisor}
      - {id: finance, role: finance, hours: 8, zh: 财务, en: Finance}
      - {id: production, role: production, hours: 8, zh: 生产/仓库, en: Production / warehouse}
  - id: large
    subject: order
    when: {total_from: 100000.00}
    stages:
      - {id: sales-supervisor, role: sales-supervisor, hours: 4, zh: 销售主管, en: Sales supervisor}
      - {id: finance, role: finance, hours: 8, zh: 财务, en: Finance}
      - {id: production, role: production, hours: 8, zh: 生产/仓库, en: Production / warehouse}
      - {id: sales-director, role: sales-director, hours: 8, zh: 销售总监, en: Sales director}
      - {id: general-manager, role: general-manager, hours: 8, zh: 总经理, en: General manager}
"""


def workspace(clock: date) -> str:
    """Return orderctl.yaml: a sample, so that its clock stands still."""
    return f"""schema: workspace/1
sample: true
clock: {clock}
repository: 00000000-0000-4000-8000-000000000001
company:
  name: 基准办公家具有限公司
  name_en: Benchmark Office Furniture Co., Ltd.
  code: {credit_code(0)}
  address: 广东省深圳市龙岗区基准路 1 号
  address_en: 1 Jizhun Road, Longgang, Shenzhen
  phone: 0755-28880000
  email: orders@bench.example
  bank: {{name: 深圳示例银行龙岗支行, account: "4000000000000000001"}}
currency: CNY
languages: [zh, en]
time_zone: Asia/Shanghai
working_hours: ["9:00-12:00", "13:30-18:00"]
numbers:
  order: OD{{yyyy}}{{mm}}{{seq:4}}
  requirement: KH{{yyyy}}{{mm}}{{seq:4}}
  ticket: SH{{yyyy}}{{mm}}{{seq:3}}
"""


def credit_code(n: int) -> str:
    """Return the ``n``-th valid unified social credit code 统一社会信用代码 (GB 32100)."""
    from stdnum.cn import uscc

    body = f"91440307MA{n:07}"
    return body + str(uscc.calc_check_digit(body))


def people(sales: int) -> list[Person]:
    """Return the staff: as many in sales as given, one in every other role."""
    others = ("sales-supervisor", "finance", "production", "warehouse", "logistics", "after-sales", "general-manager")
    departments = ("sales", "finance", "production", "warehouse", "logistics", "after-sales", "management")
    staff = [Person(f"sales-{n + 1}", f"销售{n + 1}", "sales", ("sales",)) for n in range(sales)]
    staff += [Person(role, role, of, (role,)) for role, of in zip(others, departments, strict=True)]
    return [*staff, Person("sales-director", "销售总监", "sales", ("sales-director",))]


def people_document(staff: list[Person]) -> str:
    """Return policy/people.yaml."""
    rows = "".join(
        f"""  - id: {p.id}
    name: {p.name}
    name_en: {p.id}
    title: {p.name}
    title_en: {p.id}
    department: {p.department}
    roles: [{", ".join(p.roles)}]
    email: {p.id}@bench.example
    phone: "138{n:08}"
    discount_authority: 5
"""
        for n, p in enumerate(staff)
    )
    return f"schema: people/1\npeople:\n{rows}"


def calendar_text(calendar: dict[str, Any]) -> str:
    """Return a working-day calendar document."""
    text = [f"schema: calendar/1\nyear: {calendar['year']}\nsource: {calendar['source']}\n"]
    text.append(f"estimated: {str(calendar['estimated']).lower()}\n")
    for key in ("holidays", "workdays"):
        rows = [f"  - {{date: {e['date']}, zh: {e['zh']}, en: {e['en']!r}}}\n" for e in calendar[key]]
        text.append(f"{key}:\n{''.join(rows)}" if rows else f"{key}: []\n")
    return "".join(text)


def product(random: Random, n: int) -> Product:
    """Return the ``n``-th product; its price rises a little from year to year."""
    code, zh, en, category, unit, unit_en, (low, high) = GOODS[n % len(GOODS)]
    first = Decimal(random.randrange(low * 10, high * 10)).scaleb(-1).quantize(Decimal("0.01"))
    prices = {2023: first, 2024: line_amount(1, first + first.scaleb(-2) * random.randrange(4))}
    return Product(f"{code}-{n:04}", f"{zh} {n:04}", f"{en} {n:04}", category, unit, unit_en, prices)


def product_document(item: Product) -> str:
    """Return one product."""
    return f"""schema: product/1
id: {item.id}
name: {item.name}
name_en: {item.name_en}
category: {item.category}
unit: {item.unit}
unit_en: {item.unit_en}
specifications: [标准]
colours: [白色, 胡桃木色]
custom: false
stocked: true
lead_days: 5
tax_rate: 13
handling: [keep-dry]
"""


def price_book(year: int, products: list[Product]) -> str:
    """Return the price book of one year."""
    rows = "".join(f"  - {{product: {p.id}, price: {p.prices[year]}, min_quantity: 1}}\n" for p in products)
    return f"""schema: price-book/1
id: PB{year}
name: {year} 年度价目表
from: {year}-01-01
to: {year}-12-31
currency: CNY
tax_included: true
prices:
{rows}"""


def stock_count(year: int, month: int, products: list[Product], days: list[date]) -> tuple[str, str]:
    """Return (path, text) of the month's stock count, taken on its first working day."""
    day = next(d for d in days if (d.year, d.month) == (year, month))
    rows = "".join(
        f"  - {{product: {p.id}, quantity: {4000 + (n * 37 + month * 11) % 900}, location: A-{n % 40 + 1:02}}}\n"
        for n, p in enumerate(products)
    )
    return (
        f"stock/counts/{day}-main.yaml",
        f"""schema: stock-count/1
id: {day}-main
warehouse: main
counted_on: {day}
counted_by: warehouse
checked_by: finance
rows:
{rows}""",
    )


def customer(random: Random, n: int, products: list[Product], licence: str, staff: list[Person]) -> Customer:
    """Return the ``n``-th customer; every fifth has an agreed price."""
    agreed = random.choice(products)
    name = f"深圳{NAMES[n % len(NAMES)]}{TRADES[n // len(NAMES) % len(TRADES)]}{n:04}有限公司"
    sales = [person.id for person in staff if "sales" in person.roles]
    return Customer(
        id=f"C{n + 1:05}",
        name=name,
        code=credit_code(n + 1),
        street=random.choice(STREETS),
        phone=n,
        agreement=(agreed.id, line_amount(1, agreed.prices[2023] * Decimal("0.95"))) if n % 5 == 0 else None,
        licence_sha256=hashlib.sha256(licence.encode()).hexdigest(),
        salesperson=sales[n % len(sales)],
    )


def address(buyer: Customer) -> str:
    """Return a customer's address as flow pairs."""
    return f"province: 广东省, city: 深圳市, district: 南山区, street: {buyer.street}, detail: {buyer.phone + 1} 号"


def customer_document(buyer: Customer) -> str:
    """Return one customer, reviewed every quarter."""
    quarters = [f"{year}-{month:02}-10" for year in (2023, 2024) for month in (3, 6, 9, 12)]
    reviews = "".join(f"  - {{on: {day}, by: {buyer.salesperson}, note: 资料无变化}}\n" for day in quarters)
    agreement = "agreement_prices: []\n"
    if buyer.agreement:
        item, price = buyer.agreement
        agreement = f"agreement_prices:\n  - {{product: {item}, price: {price}, from: 2023-01-01, to: 2024-12-31}}\n"
    return f"""schema: customer/1
id: {buyer.id}
name: {buyer.name}
kind: private
code: {buyer.code}
industry: {{code: I65, name: 软件和信息技术服务业}}
headcount: {20 + buyer.phone % 900}
annual_revenue: {5000000 + buyer.phone * 1000}.00
legal_representative: 周一帆
founded: 2015-03-12
business: 企业软件开发与信息技术服务
registered_address: {{{address(buyer)}}}
delivery_addresses:
  - {{id: office, {address(buyer)}, receiver: 赵敏, phone: "139{buyer.phone:08}"}}
contacts:
  - {{id: main, name: 王芳, title: 采购经理, phone: "139{buyer.phone:08}", email: main@{buyer.id.lower()}.example, part: decider, main: true}}
  - {{id: backup, name: 李强, title: 技术主管, phone: "137{buyer.phone:08}", email: backup@{buyer.id.lower()}.example, part: influencer, backup: true}}
source: {{channel: call, detail: 电话咨询}}
contact_log:
  - {{on: 2022-12-20, by: {buyer.salesperson}, with: main, how: phone, note: 咨询办公家具}}
standing_requirements:
  - {{id: packing, zh: 加固包装, en: Reinforced packing, applies_to: packing}}
licence: {{file: customers/evidence/{buyer.id}-licence.txt, sha256: {buyer.licence_sha256}, verified_by: {buyer.salesperson}, verified_on: 2022-12-28, register: 国家企业信用信息公示系统}}
qualifications: []
reviews:
{reviews}confirmation: {{by: {buyer.salesperson}, with: main, how: phone, on: 2022-12-28}}
filed_on: 2022-12-28
credit: {{grade: B, limit: 900000.00, terms: [prepaid, split, on-delivery, monthly], days: 30}}
{agreement}discount_percent: 0
overdue: []
"""
