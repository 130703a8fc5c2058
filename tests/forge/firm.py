"""A company whose people have accounts on a forge, and a pull request of theirs that only reviews approve."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from orderctl.trust.reviews import Review, Reviews, instant_seconds, write_reviews
from tests.trust.company import START, Company, company, draft

HOST = "127.0.0.1"
USERS = {"lin-xiao": 11, "chen-jie": 12, "su-cai": 13, "tang-gong": 14}
PUSHED, REVIEWED = "2024-05-20T15:00:00+08:00", "2024-05-20T16:00:00+08:00"
SIGNED = (("sales-supervisor", "chen-jie"),)
BY_REVIEW = "orders/2024/05/OD2024050014/approvals/order-1-finance.su-cai.yaml"


def reviewed_company(folder: Path) -> Company:
    """Make a company with accounts on the forge and a service that writes receipts."""
    made = company(folder)
    people = made.read("policy/people.yaml")
    for person, user in USERS.items():
        account = f"    forge: [{{host: {HOST}, id: {user}}}]\n"
        people = re.sub(rf"(- id: {person}\n)", rf"\1{account}", people)
    public = made.key("gate-service").with_suffix(".pub").read_text().strip()
    people = people.rstrip("\n") + (
        f'\n  - id: gate-service\n    name: 门禁\n    keys: [{{key: "{public}"}}]\n'
        "    department: data\n    roles: [service]\n"
    )
    made.write("policy/people.yaml", people)
    made.raise_policy(at=START)
    made.commit("gao-yuan", "accounts", at=START)
    return made


def pull_request(firm: Company) -> str:
    """Put an order on a branch, submitted, with finance's statement prepared but not signed; return its head."""
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order")
    firm.approve_all(SIGNED)
    firm.approve("finance", "su-cai", signed=False)
    return firm.commit("lin-xiao", "approvals")


def land(firm: Company, branch: str) -> str:
    """Merge a branch into main as a forge does: cleanly, in nobody's name; return the merge."""
    firm.git("checkout", "-q", "main")
    return firm.merge("web-flow", branch, sign=False)


def facts(firm: Company, head: str, *found: Review, **changes: Any) -> Reviews:
    """Return what the forge says of the pull request."""
    known: dict[str, Any] = {
        "forge": HOST,
        "pull": 12,
        "base": firm.git("rev-parse", "main"),
        "head": head,
        "author": USERS["lin-xiao"],
        "pusher": USERS["lin-xiao"],
        "pushed_at": instant_seconds(PUSHED, ""),
        "reviews": found,
    }
    return Reviews(**known | changes)


def review(head: str, person: str = "su-cai", **changes: Any) -> Review:
    known: dict[str, Any] = {
        "id": 80,
        "user": USERS[person],
        "type": "User",
        "state": "APPROVED",
        "commit": head,
        "submitted_at": instant_seconds(REVIEWED, ""),
    }
    return Review(**known | changes)


def save(firm: Company, reviews: Reviews, name: str = "reviews.json") -> str:
    """Write them outside the repository; return the file."""
    file = firm.root.parent / name
    file.write_bytes(write_reviews(reviews))
    return str(file)
