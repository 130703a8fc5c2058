"""SIZE SEED DIR in, a workspace of SIZE realistic orders out: same size and seed, same bytes.

The world grows with the orders as a company's does: 25 orders a customer, 40 a product, 500 a salesperson, over two
years, so that one order has the same neighbourhood at every size. Nearly all orders are closed; those of the last
two weeks are under way. Documents are written as text, in the shapes of ``schemas/``, without a finding.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench import case, world
from orderctl.calendar_year import calendar_document

YEARS = (2023, 2024)
CLOCK = date(2024, 12, 31)
LARGEST = 150_000
"""A month holds 9,999 numbers; the busiest month of two years gets one order in 22."""
LICENCE = "营业执照副本（示例）\n"


def workdays(calendars: list[dict[str, Any]]) -> list[date]:
    """Return every working day of the years in ``calendars``, in order."""
    off = {entry["date"] for calendar in calendars for entry in calendar["holidays"]}
    on = {entry["date"] for calendar in calendars for entry in calendar["workdays"]}
    first, last = date(YEARS[0], 1, 1), date(YEARS[-1] + 1, 1, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [d for d in days if (d.weekday() < 5 and d.isoformat() not in off) or d.isoformat() in on]


def generate(size: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of every file of a workspace with ``size`` orders. Raises ValueError beyond LARGEST."""
    if not 1 <= size <= LARGEST:
        raise ValueError(f"a workspace has 1 to {LARGEST} orders, not {size}")
    random = Random(seed)  # noqa: S311  (repeatable on purpose)
    calendars = [calendar_document(year) for year in (*YEARS, YEARS[-1] + 1)]
    days = workdays(calendars)
    people = world.people(max(2, size // 500))
    products = [world.product(random, n) for n in range(max(10, size // 40))]
    customers = [world.customer(random, n, products, LICENCE, people) for n in range(max(5, size // 25))]

    yield "orderctl.yaml", world.workspace(CLOCK)
    yield "policy/people.yaml", world.people_document(people)
    yield "policy/flows.yaml", world.FLOWS
    for calendar in calendars:
        yield f"calendar/{calendar['year']}.yaml", world.calendar_text(calendar)
    for item in products:
        yield f"catalog/products/{item.id}.yaml", world.product_document(item)
    for year in YEARS:
        yield f"catalog/prices/PB{year}.yaml", world.price_book(year, products)
    for month in sorted({(day.year, day.month) for day in days if day <= CLOCK}):
        yield world.stock_count(*month, products, days)
    for buyer in customers:
        yield f"customers/{buyer.id}.yaml", world.customer_document(buyer)
        yield f"customers/evidence/{buyer.id}-licence.txt", LICENCE
    yield from orders(random, size, days, customers, products, people)


def orders(
    random: Random,
    size: int,
    days: list[date],
    customers: list[world.Customer],
    products: list[world.Product],
    people: list[world.Person],
) -> Iterator[tuple[str, str]]:
    """Yield the case files: orders spread evenly over the working days up to the clock."""
    last = max(index for index, day in enumerate(days) if day <= CLOCK)
    serials: dict[str, int] = {}
    tickets: dict[str, int] = {}
    sales = [person for person in people if "sales" in person.roles]
    for n in range(size):
        at = 3 + n * (last - 3) // size
        while days[at - 2].year != days[at].year:  # quotation and order are priced from one year's book
            at += 1
        month = days[at].strftime("%Y%m")
        serials[month] = serials.get(month, 0) + 1
        made = case.Case(
            number=f"OD{month}{serials[month]:04}",
            folder=f"orders/{month[:4]}/{month[4:]}/OD{month}{serials[month]:04}",
            customer=customers[n % len(customers)],
            salesperson=sales[n % len(customers) % len(sales)],
            days=tuple(days[at - 3 : at + 14]),
            lines=case.lines(random, customers[n % len(customers)], products, days[at].year),
            minute=random.randrange(60),
        )
        yield from case.case_files(made, CLOCK, random, tickets)


def write(files: Iterator[tuple[str, str]], folder: Path) -> int:
    """Write the files below an empty or new ``folder``; return how many are documents (YAML)."""
    documents, made = 0, set()
    for path, text in files:
        target = folder / path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        target.write_bytes(text.encode())
        documents += path.endswith(".yaml")
    return documents


def commit(folder: Path) -> None:
    """Make ``folder`` a Git repository with one commit of everything, always with the same id."""
    git = ["git", "-C", str(folder), "-c", "gc.auto=0"]
    stamp = f"{CLOCK.isoformat()}T12:00:00+00:00"
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_GLOBAL": os.devnull}
    for role in ("AUTHOR", "COMMITTER"):
        person = {"NAME": "bench", "EMAIL": "bench@orderctl.example", "DATE": stamp}
        environment |= {f"GIT_{role}_{what}": value for what, value in person.items()}
    (folder / ".gitignore").write_text(".orderctl/\nsite/\n", encoding="utf-8")
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "all"], ["pack-refs"]):
        subprocess.run([*git, *arguments], check=True, env=environment)


def digest(folder: Path) -> str:
    """Return a SHA-256 over the paths and bytes of a generated workspace, Git left out."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".git" not in path.relative_to(folder).parts:
            content = path.read_bytes()
            total.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def main() -> None:
    """Write a workspace and say what it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int, help="number of orders")
    parser.add_argument("seed", type=int, help="any whole number; the same gives the same bytes")
    parser.add_argument("dir", type=Path, help="new or empty folder")
    parser.add_argument("--git", action="store_true", help="commit it")
    options = parser.parse_args()
    if options.dir.exists() and any(options.dir.iterdir()):
        parser.error(f"{options.dir} is not empty")
    documents = write(generate(options.size, options.seed), options.dir)
    if options.git:
        commit(options.dir)
    print(f"{options.size} orders, {documents} documents in {options.dir}")


if __name__ == "__main__":
    main()
