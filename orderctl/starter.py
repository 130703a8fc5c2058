"""A new workspace's files: company name, person, language and year in; path → text out."""

from __future__ import annotations

import uuid
from typing import Any

EMPTY = ("customers", "catalog/products", "catalog/prices", "orders", "stock/counts", "schemas", "plugins", "templates")
_STAGES: tuple[dict[str, Any], ...] = (
    {"id": "sales-supervisor", "role": "sales-supervisor", "hours": 4, "zh": "销售主管", "en": "Sales supervisor"},
    {"id": "finance", "role": "finance", "hours": 8, "zh": "财务", "en": "Finance"},
    {"id": "production", "role": "production", "hours": 8, "zh": "生产/仓库", "en": "Production / warehouse"},
)
_LARGE: tuple[dict[str, Any], ...] = (
    {"id": "sales-director", "role": "sales-director", "hours": 8, "zh": "销售总监", "en": "Sales director"},
    {"id": "general-manager", "role": "general-manager", "hours": 8, "zh": "总经理", "en": "General manager"},
)


def files(name: str, person: str, language: str, year: int) -> dict[str, str]:
    """Return the files of a workspace that checks clean. ``person`` is whoever starts it, "" if unknown."""
    from orderctl.calendar_year import calendar_document
    from orderctl.compose import document

    zh = language == "zh"
    order = ["zh", "en"] if zh else ["en", "zh"]
    workspace = {
        "schema": "workspace/1",
        "repository": str(uuid.uuid4()),
        "company": {"name": name},
        "currency": "CNY",
        "languages": order,
        "time_zone": "Asia/Shanghai",
        "working_hours": ["9:00-12:00", "13:30-18:00"],
        "numbers": {
            "order": "OD{yyyy}{mm}{seq:4}",
            "requirement": "KH{yyyy}{mm}{seq:4}",
            "ticket": "SH{yyyy}{mm}{seq:3}",
        },
    }
    starter = {
        "id": "first-user",
        "name": person or ("请填写姓名" if zh else "Your name"),
        "department": "management",
        "roles": ["general-manager", "data-clerk"],
    }
    flows = [
        {"id": "standard", "subject": "order", "when": {"total_below": 100000}, "stages": list(_STAGES)},
        {"id": "large", "subject": "order", "when": {"total_from": 100000}, "stages": [*_STAGES, *_LARGE]},
    ]
    texts = {
        "orderctl.yaml": (
            "# 公司资料：请把 company 改成营业执照上的全称，并补充 code（统一社会信用代码）、address、phone。\n"
            if zh
            else "# The company: put its full registered name, and add code (credit code), address and phone.\n"
        )
        + document(workspace),
        "policy/people.yaml": (
            "# 同事名单：每人一行。下单人与审批人不能是同一个人。\n"
            if zh
            else "# The people, one a row. Whoever enters an order can't be the one who approves it.\n"
        )
        + document({"schema": "people/1", "people": [starter]}),
        "policy/flows.yaml": (
            "# 审批流程：自上而下，第一个条件相符的流程就是该订单的流程；hours 为工作小时。\n"
            if zh
            else "# Approval: the first flow whose condition fits is the order's flow; hours are working hours.\n"
        )
        + document({"schema": "flows/1", "flows": flows}),
        f"calendar/{year}.yaml": document(calendar_document(year)),
        ".gitignore": ".orderctl/\n",
        "site/.gitignore": "*\n!.gitignore\n",
    }
    return texts | {f"{folder}/.gitkeep": "" for folder in EMPTY}
