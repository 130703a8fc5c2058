"""``orderctl simulate``: what another policy would have meant, order by order and in all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flow.conftest import FLOWS
from tests.workspaces import edit, git, orderctl

OTHER = """schema: flows/1
flows:
  - id: careful
    subject: order
    when: {total_from: 7000.01}
    stages:
      - {id: sales-supervisor, role: sales-supervisor, hours: 4, zh: 销售主管, en: Sales supervisor}
      - {id: finance, role: finance, hours: 16, zh: 财务, en: Finance}
      - {id: production, role: production, hours: 8, escalate: sales-director, zh: 生产/仓库, en: Production}
      - {id: sales-director, role: sales-director, hours: 8, ratify: true, zh: 销售总监, en: Sales director}
"""


def simulate(root: Path, *args: str) -> dict[str, Any]:
    done = orderctl(root, "simulate", "--output", "json", *args)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def other(root: Path, text: str = OTHER) -> str:
    file = root.parent / "other" / "flows.yaml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_the_same_policy_changes_nothing(shop: Path) -> None:
    found = simulate(shop, "--policy", other(shop, FLOWS))
    assert (found["orders"], found["changes"], found["without"]) == (2, [], [])


def test_what_is_added_and_removed(shop: Path) -> None:
    found = simulate(shop, "--policy", other(shop))
    (change,) = [c for c in found["changes"] if c["flow_then"]]
    assert (change["order"], change["total"], change["flow"], change["flow_then"]) == (
        "OD2024050012",
        "11700.00",
        "standard",
        "careful",
    )
    assert [(a["id"], a["hours"], a["ratify"], a["who"]) for a in change["added"]] == [
        ("finance", 16, False, ["su-cai"]),
        ("sales-director", 8, True, ["jiang-ming"]),
    ]
    assert [(a["id"], a["hours"], a["who"]) for a in change["removed"]] == [("finance", 8, ["su-cai"])]
    assert found["without"] == ["OD2024050013"]  # 7,000.00, a cent below
    sums = {s["stage"]: (s["orders"], s["orders_then"], s["hours"], s["hours_then"]) for s in found["sums"]}
    assert sums == {
        "sales-supervisor": (2, 1, 8, 4),
        "finance": (2, 1, 16, 16),
        "production": (2, 1, 16, 8),
        "sales-director": (0, 1, 0, 8),
    }


def test_it_reads_like_a_list(shop: Path) -> None:
    done = orderctl(shop, "simulate", "--policy", other(shop), "--to", "2024-05-06")
    assert done.returncode == 0
    assert done.stdout == (
        "1 order: 1 would have been approved another way\n"
        "\n"
        "OD2024050012  2024-05-06  ¥11,700.00  standard → careful\n"
        "  + Finance · su-cai · 16 hours\n"
        "  + Sales director · jiang-ming · 8 hours · afterwards\n"
        "  - Finance · su-cai · 8 hours\n"
        "\n"
        "stage             orders now  then  hours now  then\n"
        "Sales supervisor  1           1     4          4\n"
        "Finance           1           1     8          16\n"
        "Production        1           1     8          8\n"
        "Sales director    0           1     0          8\n"
    )


@pytest.mark.parametrize(
    ("args", "count"),
    [
        (["--from", "2024-05-06", "--to", "2024-05-06"], 1),
        (["--from", "2024-05-07"], 1),
        (["--to", "2024-05-05"], 0),
        (["--from", "2024-05-06"], 2),
    ],
)
def test_both_days_are_included(shop: Path, args: list[str], count: int) -> None:
    assert simulate(shop, "--rev", "HEAD", *args)["orders"] == count


def test_the_policy_of_a_commit_with_its_people(shop: Path) -> None:
    edit(shop, "policy/people.yaml", "roles: [finance]", "roles: [sales]")
    added = [a for c in simulate(shop, "--rev", "HEAD")["changes"] for a in c["added"] if a["id"] == "finance"]
    assert {tuple(a["who"]) for a in added} == {("su-cai",)}
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "policy")
    assert simulate(shop, "--rev", "HEAD")["changes"] == []


def test_a_folder_with_the_policy(shop: Path) -> None:
    folder = Path(other(shop)).parent
    assert simulate(shop, "--policy", str(folder)) == simulate(shop, "--policy", str(folder / "flows.yaml"))


def test_a_policy_that_breaks_its_schema_is_told(shop: Path) -> None:
    done = orderctl(shop, "simulate", "--policy", other(shop, OTHER.replace("id: finance", "id: Finance")))
    assert done.returncode == 10
    assert "[schema.pattern]" in done.stdout
    done = orderctl(shop, "simulate", "--policy", str(shop.parent / "other"), "--output", "json")
    assert done.returncode == 10


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "--policy PATH or --rev REV"),
        (["--policy", "x", "--rev", "HEAD"], "--policy PATH or --rev REV"),
        (["--policy", "nowhere/flows.yaml"], "No such file"),
        (["--policy", "customers"], "no flows.yaml in customers"),
        (["--rev", "nowhere"], "no revision"),
        (["--rev", "HEAD", "--from", "May"], "“May” is no date"),
    ],
)
def test_usage(shop: Path, args: list[str], said: str) -> None:
    done = orderctl(shop, "simulate", *args)
    assert done.returncode == 2
    assert said in done.stderr
