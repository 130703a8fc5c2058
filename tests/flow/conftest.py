"""One workspace in a repository, with a waiver flow and open orders, copied for every test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.workspaces import workspace

OPEN = "orders/2024/05/OD2024050013"
FLOWS = """schema: flows/1
flows:
  - id: standard
    subject: order
    when: {total_below: 100000.00}
    stages:
      - {id: sales-supervisor, role: sales-supervisor, hours: 4, zh: 销售主管, en: Sales supervisor}
      - {id: finance, role: finance, hours: 8, zh: 财务, en: Finance}
      - {id: production, role: production, hours: 8, escalate: sales-director, zh: 生产/仓库, en: Production}
  - id: waiver
    subject: waiver
    stages:
      - {id: finance, role: finance, zh: 财务, en: Finance}
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = workspace(tmp_path_factory.mktemp("flow") / "shop")
    (root / "policy" / "flows.yaml").write_text(FLOWS, encoding="utf-8")
    (root / OPEN / "approvals" / "order-1-production.yaml").unlink()
    return root


@pytest.fixture
def shop(built: Path, tmp_path: Path) -> Path:
    """An order of which production has to decide by 2024-05-22 14:40; two others are closed."""
    return Path(shutil.copytree(built, tmp_path / "shop"))
