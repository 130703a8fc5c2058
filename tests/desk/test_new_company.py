"""A company from nothing: init with a key, a guarded repository, colleagues, an order from draft to shipment, everybody
in a clone of their own. What next, gate, push and audit say of it agrees at every turn."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.desk.office import make_key, said
from tests.workspaces import orderctl

NOW = datetime.now(UTC).astimezone(UTC) + timedelta(hours=8)
TODAY, YEAR = f"{NOW:%Y-%m-%d}", f"{NOW:%Y}"
NUMBER = f"OD{NOW:%Y%m}0001"
CASE = f"orders/{NOW:%Y/%m}/{NUMBER}"
PEOPLE = {"boss": "sales-director, policy-admin", "wei": "sales", "sup": "sales-supervisor", "na": "finance",
          "cang": "warehouse"}  # fmt: skip
FLOWS = """schema: flows/1
requires:
  - {kind: shipment, subject: order}
flows:
  - id: standard
    subject: order
    stages:
      - {id: sales-supervisor, role: sales-supervisor, hours: 4, zh: 销售主管, en: Sales supervisor}
      - {id: finance, role: finance, hours: 8, zh: 财务, en: Finance}
  - id: waiver
    subject: waiver
    stages:
      - {id: director, role: sales-director, zh: 销售总监, en: Sales director}
  - id: policy
    subject: policy
    stages:
      - {id: policy-admin, role: policy-admin, zh: 政策管理员, en: Policy administrator}
"""
CUSTOMER = """schema: customer/1
id: C0001
name: 深圳张三
kind: individual
code: individual
delivery_addresses:
  - id: home
    province: 广东省
    city: 深圳市
    district: 宝安区
    street: 沙井街道
    detail: 18 号
    receiver: 张三
    phone: "13711112223"
contacts:
  - {id: zhang-san, name: 张三, phone: "13711112222", part: decider, main: true}
  - {id: li-si, name: 李四, phone: "13711112224", part: user, backup: true}
confirmation: {by: wei, with: zhang-san, how: phone, on: TODAY}
filed_on: TODAY
"""
CREDIT = "credit: {grade: B, limit: 50000, terms: [prepaid, split], days: 30}\n"
PRODUCT = """schema: product/1
id: PANEL-60
name: 60×60 面板灯
category: other
unit: 盏
tax_rate: 13
"""
PRICES = """schema: price-book/1
id: PB
name: 价目表
from: YEAR-01-01
to: YEAR-12-31
tax_included: true
prices:
  - {product: PANEL-60, price: 120}
"""
ORDER = f"""schema: order/1
number: {NUMBER}
revision: 1
customer: C0001
contact: zhang-san
date: TODAY
kind: new
channel: phone
salesperson: wei
entered_by: wei
price_book: PB
tax_included: true
lines:
  - {{line: 1, product: PANEL-60, name: 60×60 面板灯, unit: 盏, quantity: 10, unit_price: 120, tax_rate: 13}}
delivery:
  due: TODAY
  method: freight
  address: {{province: 广东省, city: 深圳市, district: 宝安区, street: 沙井街道, detail: 18 号}}
  receiver: 张三
  phone: "13711112223"
payment: {{terms: split, prepaid_percent: 30}}
"""


class Firm:
    """Everybody's clones, homes and keys, and the server."""

    def __init__(self, top: Path) -> None:
        self.top, self.server = top, top / "shop.git"
        for person in PEOPLE:
            make_key(top / "home" / person / "id")
            (top / "home" / person / "gitconfig").write_text(
                f"[user]\n\tname = {person}\n\temail = {person}@pc.example\n\tsigningKey = {top}/home/{person}/id\n"
                "[gpg]\n\tformat = ssh\n[commit]\n\tgpgSign = true\n[init]\n\tdefaultBranch = main\n"
            )

    def environment(self, person: str) -> dict[str, str]:
        home = self.top / "home" / person
        return {"GIT_CONFIG_GLOBAL": str(home / "gitconfig"), "HOME": str(home), "SSH_AUTH_SOCK": ""}

    def git(self, person: str, *args: str, fails: bool = False) -> str:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "ORDERCTL_"))}
        done = subprocess.run(
            ["git", *args], cwd=self.top / person, capture_output=True, text=True, check=False,
            env=kept | self.environment(person) | {"GIT_CONFIG_NOSYSTEM": "1", "ORDERCTL_LANG": "en"},
        )  # fmt: skip
        assert (done.returncode != 0) == fails, said(done)
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def run(self, person: str, *args: str, code: int = 0) -> str:
        done = orderctl(self.top / person, *args, **self.environment(person))
        assert done.returncode == code, said(done)
        return done.stdout + done.stderr

    def sign(self, person: str, *args: str) -> str:
        """Fetch, run a command that signs, and send what it made by the very command that it names."""
        self.git(person, "pull", "-q")
        told = self.run(person, *args, "--yes")
        assert "Send it to the others: git push\n" in told
        self.git(person, "push", "-q")
        return told

    def write(self, person: str, path: str, text: str) -> None:
        file = self.top / person / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("TODAY", TODAY).replace("YEAR", YEAR))

    def commit(self, person: str, message: str) -> None:
        self.git(person, "add", "-A")
        self.git(person, "commit", "-q", "-m", message)

    def land(self, person: str, path: str, text: str) -> None:
        self.git(person, "pull", "-q")
        self.write(person, path, text)
        self.commit(person, path)
        self.git(person, "push", "-q")

    def waits(self, person: str) -> bool:
        self.git(person, "pull", "-q")
        return NUMBER in self.run(person, "next")


@pytest.fixture
def firm(tmp_path: Path) -> Firm:
    """The company after its first policy change: colleagues are in, everybody has a clone."""
    made = Firm(tmp_path)
    orderctl(tmp_path, "init", "boss", "--key", str(tmp_path / "home/boss/id.pub"), **made.environment("boss"))
    made.git("boss", "init", "-q", "--bare", "-b", "main", str(made.server))
    root = made.git("boss", "rev-parse", "HEAD").strip()
    assert orderctl(made.server, "hook", "install", "--root", root).returncode == 0
    made.git("boss", "remote", "add", "origin", str(made.server))
    made.git("boss", "push", "-q", "-u", "origin", "main")
    rows = "".join(
        f"  - {{id: {person}, name: {person}, department: sales, roles: [{roles}], "
        f"keys: [{{key: {(tmp_path / 'home' / person / 'id.pub').read_text().strip()}}}]}}\n"
        for person, roles in PEOPLE.items()
    )
    made.write("boss", "policy/people.yaml", f"schema: people/1\npeople:\n{rows}")
    made.write("boss", "policy/flows.yaml", FLOWS)
    settings = (tmp_path / "boss/orderctl.yaml").read_text()  # the test runs on any day
    made.write("boss", "orderctl.yaml", settings + "rules:\n  due-date-not-workday: {enabled: false}\n")
    made.run("boss", "submit", "policy", "--reason", "同事", "--yes")
    assert "policy.threshold_old" in made.git("boss", "push", fails=True)
    told = made.run("boss", "approve", "policy", "--opinion", "密钥当面核对过", "--yes")
    assert "Send it to the others: git push\n" in told
    made.git("boss", "push", "-q")
    for person in list(PEOPLE)[1:]:
        made.git("boss", "clone", "-q", str(made.server), str(tmp_path / person))
    return made


def test_an_order_from_draft_to_shipment_and_a_waiver(firm: Firm) -> None:
    firm.land("wei", "customers/C0001.yaml", CUSTOMER)
    firm.land("na", "customers/C0001.yaml", CUSTOMER + CREDIT)
    firm.land("boss", "catalog/products/PANEL-60.yaml", PRODUCT)
    firm.land("boss", "catalog/prices/PB.yaml", PRICES)
    firm.git("wei", "pull", "-q")
    firm.write("wei", f"{CASE}/order.yaml", ORDER)
    firm.run("wei", "check", "--fix")
    firm.commit("wei", "order")
    assert "one step with the commits before it" in firm.sign("wei", "submit", NUMBER)
    assert firm.waits("sup")

    firm.sign("sup", "reject", NUMBER, "--opinion", "数量太少，请改为 20")
    assert firm.waits("wei")
    text = (firm.top / "wei" / CASE / "order.yaml").read_text()
    text = re.sub(r"(?m)^(total|tax|total_capitals): .*\n|, amount: [0-9.]+", "", text)
    firm.write("wei", f"{CASE}/order.yaml", text.replace("quantity: 10", "quantity: 20"))
    firm.run("wei", "check", "--fix")
    firm.commit("wei", "twenty")
    assert "should say revision: 2" in firm.run("wei", "submit", NUMBER, "--yes", code=11)
    text = (firm.top / "wei" / CASE / "order.yaml").read_text()
    firm.write("wei", f"{CASE}/order.yaml", text.replace("revision: 1", "revision: 2"))
    firm.commit("wei", "revision 2")
    firm.sign("wei", "submit", NUMBER)

    firm.sign("sup", "approve", NUMBER, "--opinion", "价格按价目表")
    firm.sign("na", "approve", NUMBER, "--opinion", "额度五万，无逾期")
    firm.sign("na", "withdraw", NUMBER, "--opinion", "额度要再核对")
    assert firm.waits("na")
    shipped = "schema: shipment/1\nlines: [{line: 1, quantity: 20}]\nmethod: freight\ndispatched_by: cang\n"
    firm.git("cang", "pull", "-q")
    firm.write("cang", f"{CASE}/shipment-1.yaml", shipped)
    firm.commit("cang", "too early")
    denied = firm.run("cang", "gate", "--base", "origin/main", "--head", "HEAD", code=11)
    pushed = firm.git("cang", "push", fails=True)
    codes = set(re.findall(r"\[([a-z]+\.[a-z_]+)\]", denied))
    assert codes == {"approval.missing", "permission.denied"} == set(re.findall(r"\[([a-z]+\.[a-z_]+)\]", pushed))

    firm.sign("na", "approve", NUMBER, "--opinion", "额度已复核")
    firm.git("cang", "reset", "-q", "--hard", "origin/main")
    firm.land("cang", f"{CASE}/shipment-1.yaml", shipped)
    assert not firm.waits("na")

    wish = ("waive", "contacts-incomplete", "--path", "customers/C0001.yaml", "--reason", "客户书面承诺月底补齐",
            "--until", f"{YEAR}-12-31")  # fmt: skip
    told = firm.sign("wei", *wish)
    id = re.search(r"waivers/(\S+)\.yaml", told)
    assert id is not None
    assert "had a hand in" in firm.run("wei", "approve", id[1], "--opinion", "见到书面承诺", "--yes", code=11)
    firm.git("boss", "pull", "-q")
    assert id[1] in firm.run("boss", "next")
    assert f"{id[1]} is approved." in firm.sign("boss", "approve", id[1], "--opinion", "见到书面承诺")
    assert orderctl(firm.server, "audit").returncode == 0
