"""A new workspace's files: company name, person, language and time in; path → text out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

EMPTY = ("customers", "catalog/products", "catalog/prices", "orders", "stock/counts", "schemas", "plugins", "templates")
EVERY_ROLE = (
    *(
        "general-manager",
        "policy-admin",
        "sales",
        "sales-supervisor",
        "finance",
        "production",
        "warehouse",
        "logistics",
    ),
    *("after-sales", "data-clerk", "sales-director", "technical"),
)
"""Whoever starts a workspace does everything until colleagues are entered."""
_BOSS = {"id": "general-manager", "role": "general-manager", "hours": 8, "zh": "总经理", "en": "General manager"}
_ADMIN = {"id": "policy-admin", "role": "policy-admin", "zh": "政策管理员", "en": "Policy administrator"}
_NOTES = {
    "orderctl.yaml": (
        "# 公司资料：请把 company 改成营业执照上的全称，并补充 code（统一社会信用代码）、address、phone。\n",
        "# The company: put its full registered name, and add code (credit code), address and phone.\n",
    ),
    "policy/people.yaml": (
        "# 同事名单：每人一行，角色分给各人。下单人与审批人不能是同一个人。\n",
        "# The people, one a row, each with their roles. Whoever enters an order can't be the one who approves it.\n",
    ),
    "policy/flows.yaml": (
        (
            "# 审批流程：自上而下，第一个条件相符的流程就是该单据的流程；hours 为工作小时。\n"
            "# 有了销售主管、财务、生产之后，再增加环节；写法见 orderctl schemas show flows。\n"
        ),
        (
            "# Approval: the first flow whose condition fits is the document's flow; hours are working hours.\n"
            "# With a sales supervisor, finance and production, add stages; orderctl schemas show flows says how.\n"
        ),
    ),
    "policy/permissions.yaml": (
        "# 谁可以写什么；没有写明的一律拒绝。\n",
        "# Who may write what; what no line covers is refused.\n",
    ),
    "policy/revoked.yaml": (
        "# 不再有效的密钥：丢失或被盗后写在这里。\n",
        "# Keys that count no more: enter one that was lost or stolen.\n",
    ),
}


def files(
    name: str, person: str, language: str, now: datetime, key: str = "", id: str = "first-user"
) -> dict[str, str]:
    """Return the files of a workspace that checks clean. ``person`` is whoever starts it, "" if unknown.

    Their ``id`` is for ever: what they sign names it. ``key`` is their public SSH key, a line of a ``.pub`` file. With
    it the policy is complete and gets its manifest, version 1; without, nobody could change the policy: there is none.
    """
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
    starter: dict[str, Any] = {
        "id": id,
        "name": person or ("请填写姓名" if zh else "Your name"),
        "department": "management",
        "roles": list(EVERY_ROLE),
    } | ({"keys": [{"key": key}]} if key else {})
    flows = [
        {"id": "standard", "subject": "order", "stages": [_BOSS]},
        {"id": "waiver", "subject": "waiver", "stages": [_BOSS]},
        {"id": "policy", "subject": "policy", "stages": [_ADMIN]},
    ]
    documents: dict[str, dict[str, Any]] = {
        "orderctl.yaml": workspace,
        "policy/people.yaml": {"schema": "people/1", "people": [starter]},
        "policy/flows.yaml": {
            "schema": "flows/1",
            "requires": [{"kind": kind, "subject": "order"} for kind in ("shipment", "delivery", "feedback")],
            "flows": flows,
        },
        "policy/permissions.yaml": {"schema": "permissions/1", "rights": _rights()},
        "policy/revoked.yaml": {"schema": "revoked/1", "revoked": []},
    }
    texts = {path: _NOTES[path][0 if zh else 1] + document(data) for path, data in documents.items()}
    texts |= {
        f"calendar/{now.year}.yaml": document(calendar_document(now.year)),
        ".gitignore": ".orderctl/\n",
        "site/.gitignore": "*\n!.gitignore\n",
    }
    texts |= {f"{folder}/.gitkeep": "" for folder in EMPTY}
    return texts | (_manifest(texts, starter["id"], now, zh) if key else {})


def person_id(name: str, email: str) -> str:
    """Return an id for somebody whom Git knows by this name and e-mail."""
    for text in (name, email.partition("@")[0].rpartition("+")[2]):
        id = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:32].rstrip("-")
        if text.isascii() and id[:1].isalpha():
            return id
    return "first-user"


def _manifest(texts: Mapping[str, str], by: str, now: datetime, zh: bool) -> dict[str, str]:
    """Return the first manifest of the policy, over its files."""
    from orderctl.trust.policy import MANIFEST, is_trusted, manifest

    issued = now.isoformat(timespec="seconds")
    trusted = {path: text.encode() for path, text in texts.items() if is_trusted(path)}
    return {MANIFEST: manifest(trusted, None, by, "新建工作区" if zh else "Start the workspace", issued).decode()}


def _rights() -> list[Any]:
    """Return the rights that a workspace starts with: those of the sample."""
    from orderctl.load import load
    from orderctl.resources import sample_root

    path = "policy/permissions.yaml"
    value, _ = load(path, (sample_root() / path).read_bytes())
    return list((value or {}).get("rights", ()))
