"""Eight clients push at the same moment: one comes first, the others are told what to do, and nothing is broken.

``ORDERCTL_ROUNDS=1000`` runs more rounds than the 25 of a test run.
"""

from __future__ import annotations

import os
import re
import subprocess
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from orderctl.money import capitals, line_tax
from tests.server.hall import MAIN, Done, Hall, codes, environment
from tests.trust.company import START, Company, company
from tests.workspaces import orderctl

CLIENTS = 8
ROUNDS = int(os.environ.get("ORDERCTL_ROUNDS", "25"))
WAY_ON = ("git pull --rebase", "fetch first", "git pull")
TEMPLATE = "orders/2024/05/OD2024050013/order.yaml"


def order(firm: Company, number: str, quantity: int, *, approved: bool = False) -> None:
    """Write an order of ``quantity`` chairs, submitted, and if wanted approved; commit it."""
    case, amount = f"orders/2024/05/{number}", Decimal(quantity * 350)
    text = firm.read(TEMPLATE).replace("OD2024050013", number).replace("quantity: 20", f"quantity: {quantity}")
    text = text.replace("7000.00", f"{amount}.00").replace("柒仟元整", capitals(amount))
    firm.write(f"{case}/order.yaml", text.replace("805.31", str(line_tax(amount, Decimal(13), True))))
    firm.submit(case=case)
    if approved:
        firm.approve_all(case=case)
    firm.commit("lin-xiao", number)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, Hall]:
    """A company where too little stock is an error, its server, and the branches of eight clients for each race."""
    folder = tmp_path_factory.mktemp("race")
    firm = company(folder)
    firm.edit("orderctl.yaml", "rules: {}", "rules:\n  available-to-promise-short: {severity: error}")
    firm.git("checkout", "-q", "--orphan", "start")
    firm.git("rm", "-q", "--cached", "policy/policy.yaml")
    (firm.root / "policy/policy.yaml").unlink()
    firm.git("update-ref", "-d", "refs/heads/main")
    firm.git("checkout", "-q", "-b", "main")
    firm.raise_policy(at=START)
    firm.commit("gao-yuan", "start", at=START)
    for n in range(CLIENTS):
        for kind, number, quantity in (
            ("number", "OD2024050020", n + 1),
            ("stock", f"OD202405003{n}", 70),
            ("credit", f"OD202405004{n}", 280),
            ("queue", f"OD202405005{n}", 1),
        ):
            firm.git("checkout", "-q", "-B", f"{kind}-{n}", "main")
            order(firm, number, quantity, approved=kind == "stock")
    firm.git("checkout", "-q", "main")
    hall = Hall.of(firm.root, folder / "race.git")
    assert orderctl(hall.path, "hook", "catch-up").returncode == 0
    return firm, hall


def race(hall: Hall, firm: Company, branches: list[str]) -> list[Done]:
    """Push every branch to main at once; return what each client was told."""
    command = ["git", "-c", "protocol.file.allow=always", "push", str(hall.path)]
    running = [
        subprocess.Popen(
            [*command, f"{branch}:{MAIN}"],
            cwd=firm.root, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for branch in branches
    ]  # fmt: skip
    done = []
    for process in running:
        out, told = process.communicate(timeout=600)
        assert "Traceback" not in told
        done.append(subprocess.CompletedProcess(process.args, process.returncode, out, told))
    return done


def sound(hall: Hall) -> None:
    """The ledger is whole and ends where main is; the doctor has nothing to say."""
    entries = hall.ledger()
    assert [e["seq"] for e in entries] == list(range(1, len(entries) + 1))
    assert all(after["old"] == before["new"] for before, after in pairwise(entries))
    assert len({e["new"] for e in entries}) == len(entries)
    assert entries[-1]["new"] == hall.tip()


@pytest.mark.parametrize("kind", ["number", "stock", "credit"])
def test_k06_one_of_eight_comes_first(ground: tuple[Company, Hall], tmp_path: Path, kind: str) -> None:
    firm, start = ground
    branches = [f"{kind}-{n}" for n in range(CLIENTS)]
    for n in range(max(1, -(-(ROUNDS - CLIENTS) // 3))):  # the last test below runs as many rounds as there are clients
        hall = start.copy(tmp_path / f"{n}.git")
        done = race(hall, firm, branches)
        winners = [b for b, d in zip(branches, done, strict=True) if d.returncode == 0]
        assert len(winners) == 1, [d.stderr for d in done]
        assert hall.tip() == firm.git("rev-parse", winners[0])
        for each in done:
            assert each.returncode == 0 or any(way in each.stderr for way in WAY_ON), each.stderr
        sound(hall)


@pytest.mark.parametrize(
    ("kind", "code"), [("stock", "available-to-promise-short"), ("credit", "credit-limit-exceeded")]
)
def test_k01_k02_what_fits_alone_does_not_fit_together(
    ground: tuple[Company, Hall], tmp_path: Path, kind: str, code: str
) -> None:
    """The second one follows the way on that it was told, and is judged on what the first one left."""
    firm, start = ground
    hall, clone = start.copy(tmp_path / "k.git"), firm.copy(tmp_path / "work")
    assert hall.push(clone.root, f"{kind}-0:{MAIN}").returncode == 0
    again = hall.push(clone.root, f"+{kind}-1:{MAIN}")
    assert codes(again) == ["ref.non_ff"]
    rebase(clone, f"{kind}-1", f"{kind}-0")
    assert codes(hall.push(clone.root, f"{kind}-1:{MAIN}")) == [code]
    now = clone.git("log", "-1", "--format=%cI", f"{kind}-1")
    assert clone.codes(f"{kind}-0", f"{kind}-1", as_of=now) == [code]
    rebase(clone, "queue-0", f"{kind}-0")
    assert hall.push(clone.root, f"queue-0:{MAIN}").returncode == 0, "one chair more still fits"


def test_k03_a_number_taken_twice_is_a_conflict_for_the_second(ground: tuple[Company, Hall], tmp_path: Path) -> None:
    firm, start = ground
    hall, clone = start.copy(tmp_path / "k.git"), firm.copy(tmp_path / "work")
    assert hall.push(clone.root, f"number-0:{MAIN}").returncode == 0
    clone.git("checkout", "-q", "number-1")
    clone.git("rebase", "-q", "number-0", check=False)
    assert "AA orders/2024/05/OD2024050020/order.yaml" in clone.git("status", "--porcelain")


def test_k06_everybody_gets_in_by_the_way_that_is_shown(ground: tuple[Company, Hall], tmp_path: Path) -> None:
    """Eight orders that fit together: losers rebase and push again, all at once, until every one has landed."""
    firm, start = ground
    hall, clone = start.copy(tmp_path / "k.git"), firm.copy(tmp_path / "work")
    waiting = [f"queue-{n}" for n in range(CLIENTS)]
    for _round in range(CLIENTS):
        done = race(hall, clone, waiting)
        first = [b for b, d in zip(waiting, done, strict=True) if d.returncode == 0]
        assert len(first) == 1
        waiting.remove(first[0])
        for branch in waiting:
            rebase(clone, branch, first[0])
    assert waiting == []
    paths = hall.git("ls-tree", "-r", "--name-only", MAIN)
    assert len(re.findall(r"OD202405005\d/order\.yaml", paths)) == CLIENTS
    assert len(hall.ledger()) == CLIENTS
    sound(hall)
    assert hall.doctor() == []


def rebase(clone: Company, branch: str, onto: str) -> None:
    """Rebase a client's one commit, signed anew."""
    signing = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={clone.key('lin-xiao')}", "-c", "commit.gpgsign=true"]
    who = ["-c", "user.name=lin-xiao", "-c", "user.email=lin-xiao@muyan.example"]
    clone.git("checkout", "-q", branch)
    clone.git(*signing, *who, "rebase", "-q", onto)
