"""Writes ``docs/coverage.md``: requirement number → kinds, rules, facts, papers, pages, commands, documents.

The numbers stand where the work is done: ``x-covers`` of a schema, ``covers=`` of a plugin, ``COVERS`` of a command,
``<!-- covers: … -->`` of a document. Files are parsed, never run.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/coverage.md"

TITLES = {
    "CUS-1": "Registration form 客户基础信息登记表",
    "CUS-2": "Two contacts with their part in the decision 两名联系人与决策角色",
    "CUS-3": "Business licence as evidence, verified 营业执照留存与核验",
    "CUS-4": "Quarterly review 季度复核",
    "CUS-5": "History, computed 合作历史",
    "CUS-6": "Credit, terms, agreement prices, overdue record 信用、账期、协议价、逾期记录",
    "CUS-7": "Grouping by frequency, amount, recency 客户分群",
    "CUS-8": "Standing requirements flow into orders 特殊要求随单",
    "CUS-9": "A complaint's lesson becomes a check 教训成为检查",
    "CUS-10": "Referral programme 推荐奖励",
    "CUS-11": "Customer duplicates 客户重复",
    "CUS-12": "Hand-over 交接",
    "REQ-1": "Requirement confirmation 产品/服务需求确认单",
    "REQ-2": "Vague wording 模糊用语",
    "REQ-3": "Customer's confirmation 客户确认",
    "REQ-4": "Scheme sheet 定制方案确认单",
    "REQ-5": "Quotation 报价单",
    "ORD-1": "Order entry sheet 订单信息录入表",
    "ORD-2": "Numbers: patterns, unique for ever 单号规则与唯一",
    "ORD-3": "Lines equal requirement; catalog; amounts to the cent 明细一致、目录、金额到分",
    "ORD-4": "Price against agreement and price book 协议价与价目表",
    "ORD-5": "Terms, credit limit and overdue debts 账期、额度与逾期",
    "ORD-6": "Repeat orders and stated differences 复购与差异",
    "ORD-7": "Suspected duplicates 疑似重复订单",
    "ORD-8": "Second person reviews 双人复核",
    "ORD-9": "Service orders 服务订单",
    "ORD-10": "Split and merge 拆单与合单",
    "ORD-11": "Complete before submission 提交前完整",
    "ORD-12": "Online intake 线上接单",
    "ORD-13": "VAT, one documented table 增值税计算表",
    "ORD-14": "Other currencies 外币",
    "ORD-15": "Quick answers 快速查询",
    "APR-1": "Flows chosen by document data 审批流选择",
    "APR-2": "What each stage looks at 各环节审核要点",
    "APR-3": "Specific opinions 具体意见",
    "APR-4": "Deadlines in working hours 工作时间时限",
    "APR-5": "Urgent lane 加急通道",
    "APR-6": "Editing voids the approval 修改使审批失效",
    "APR-7": "Approval form, produced 内部审批流程表",
    "APR-8": "Deputies 代理",
    "APR-9": "Waivers 豁免",
    "APR-10": "Policy simulator 政策推演",
    "APR-11": "What is missing, who can give it 待办",
    "CHG-1": "Change request 订单变更申请表",
    "CHG-2": "Customer told of a change 变更告知客户",
    "CHG-3": "Suspect after a change 变更影响",
    "CHG-4": "Cancellation 取消",
    "CHG-5": "Change and stop notices 变更与停止通知",
    "STK-1": "On hand, reserved, available to promise 现有、预留、可承诺",
    "STK-2": "Shortage 缺货",
    "STK-3": "Purchasing 采购",
    "STK-4": "Overstock 呆滞库存",
    "STK-5": "Production plan 生产计划",
    "STK-6": "Joint batches 合并生产",
    "STK-7": "Exceptions 异常",
    "SHP-1": "Delivery progress 订单交付进度跟踪表",
    "SHP-2": "Shipping plan, partial shipments 发货计划与分批",
    "SHP-3": "Packing requirements 包装要求",
    "SHP-4": "Transport papers 运输单证",
    "SHP-5": "Carrier and tracking number 承运与单号",
    "SHP-6": "Told of a delay 延误告知",
    "SHP-7": "Status within 24 hours 24 小时内更新",
    "SHP-8": "Papers that travel with the goods 随货单据",
    "SHP-9": "Acceptance 验收",
    "FIN-1": "Payment terms 付款条件",
    "FIN-2": "Invoices 发票",
    "FIN-3": "Payments 收款",
    "FIN-4": "Statement of account 对账单",
    "FIN-5": "Dunning 催收",
    "FIN-6": "Double-entry export 复式记账导出",
    "AFT-1": "Return visit 客户满意度反馈表",
    "AFT-2": "Ticket 售后问题处理记录表",
    "AFT-3": "Quality problems 质量问题",
    "AFT-4": "Problem frequencies 问题频次",
    "REP-1": "Summaries 汇总",
    "REP-2": "KPIs 绩效",
    "REP-3": "Seasonal forecast 季节预测",
    "REP-4": "Bottlenecks 瓶颈",
    "REP-5": "Ageing 账龄",
    "REP-6": "Sampled audits 抽查",
    "REP-7": "Violations and rewards 奖惩",
    "NOT-1": "Notices 通知",
    "NOT-2": "Each notice once 通知不重复",
    "DAT-1": "Rights 权限",
    "DAT-2": "State at a date 任意日期的状态",
    "DAT-3": "Monthly archive 月度归档",
    "DAT-4": "Backup 备份",
    "DAT-5": "Audience and personal data of every field 字段受众与个人信息",
    "DAT-6": "Excel both ways 表格导入导出",
    "PAP": "Papers 单据",
    "WEB": "Status site 状态网站",
}
"""Every number that may be named. One that isn't here is a slip of the pen."""

CLAIMED = {
    "CUS-1": {"kind"},
    "CUS-2": {"kind", "rule"},
    "CUS-3": {"kind", "rule"},
    "CUS-4": {"kind", "rule"},
    "CUS-5": {"fact"},
    "CUS-6": {"kind", "rule"},
    "CUS-7": {"fact"},
    "CUS-8": {"kind", "rule"},
    "REQ-1": {"kind", "paper"},
    "REQ-2": {"rule"},
    "REQ-3": {"kind"},
    "REQ-5": {"kind", "rule", "paper"},
    "ORD-1": {"kind", "paper"},
    "ORD-2": {"kind", "rule"},
    "ORD-3": {"rule"},
    "ORD-4": {"kind", "rule"},
    "ORD-5": {"fact", "rule"},
    "ORD-7": {"fact", "rule"},
    "ORD-13": {"rule", "document"},
    "APR-7": {"kind", "page"},
    "SHP-1": {"kind", "page"},
    "AFT-1": {"kind"},
    "AFT-2": {"kind"},
    "PAP": {"paper"},
    "WEB": {"page"},
}
"""What this version promises: number → what must be among the things that fulfil it."""

HEAD = """# What fulfils which requirement

Generated by `python scripts/coverage_doc.py` from the numbers that kinds, rules, facts, papers, pages, commands and
documents name; a test compares it. A number may be fulfilled in part: the rest belongs to later versions.

| number | requirement | fulfilled by |
|---|---|---|
"""

Source = tuple[str, str]
"""(what it is, its id): ("rule", "credit-limit-exceeded")."""


def collect(root: Path) -> Iterator[tuple[str, Source]]:
    """Yield (requirement number, what fulfils it) of the project at ``root``."""
    for path in sorted((root / "schemas").glob("*.schema.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        for number in schema.get("x-covers", ()):
            yield number, ("kind", schema["x-kind"])
    for what in ("rule", "fact", "paper", "page", "report"):
        for path in sorted((root / f"plugins/{what}s").glob("*.py")):
            for number in named(path, "covers"):
                yield number, (what, path.stem.replace("_", "-"))
    for path in sorted((root / "orderctl/commands").glob("*.py")):
        for number in named(path, "COVERS"):
            yield number, ("command", path.stem)
    for path in sorted((root / "docs").glob("*.md")):
        for numbers in re.findall(r"<!-- covers: ([^>]*) -->", path.read_text(encoding="utf-8")):
            for number in numbers.split(", "):
                yield number, ("document", path.name)


def missing(root: Path) -> list[str]:
    """Return what the project promises and nothing fulfils, as "REQ-2 (rule)"."""
    found = {(number, what) for number, (what, _) in collect(root)}
    return [f"{n} ({what})" for n, wanted in CLAIMED.items() for what in sorted(wanted) if (n, what) not in found]


def named(path: Path, name: str) -> tuple[str, ...]:
    """Return the tuple that a module gives as keyword argument or constant ``name``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.keyword(arg=found, value=value) if found == name:
                return tuple(ast.literal_eval(value))
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                return tuple(ast.literal_eval(value))
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name:
                return tuple(ast.literal_eval(value))
    return ()


def document(root: Path) -> str:
    """Return the text of ``docs/coverage.md``."""
    found: dict[str, list[Source]] = {}
    for number, source in collect(root):
        found.setdefault(number, []).append(source)
    rows = []
    for number, title in TITLES.items():
        if number in found:
            sources = ", ".join(f"{what} {shown(what, name)}" for what, name in dict.fromkeys(found[number]))
            rows.append(f"| {number} | {title} | {sources} |\n")
    return HEAD + "".join(rows)


def shown(what: str, name: str) -> str:
    """Return the source as Markdown, linked where a file tells more."""
    module = name.replace("-", "_")
    places = {
        "kind": f"../schemas/{name}.schema.json",
        "command": f"../orderctl/commands/{name}.py",
        "document": name,
    }
    return f"[{name}]({places.get(what, f'../plugins/{what}s/{module}.py')})"


def main() -> None:
    """Write the document."""
    TARGET.write_text(document(ROOT), encoding="utf-8")
    lacking = missing(ROOT)
    print(f"{TARGET}: {'nothing missing' if not lacking else 'missing ' + ', '.join(lacking)}")
    sys.exit(bool(lacking))


if __name__ == "__main__":
    main()
