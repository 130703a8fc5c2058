"""Audits a generated history and compares with ``git log --format=%G?``, which verifies signatures only; prints ratios.

Half of the commits are merges; the others each bring an order and its submission from a branch that is a little behind.
Every commit is signed. ``python -m bench.audit --commits 10000``
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from bench.measure import Cost, run
from bench.packed import Pack, Signer
from orderctl.digest import digest_without
from orderctl.load import load
from tests.trust.company import REPOSITORY, Company, company, dump, immaterial

LIMIT = 60.0
"""Seconds that a full audit of 10,000 commits may take on two cores."""
_BEHIND = 3
_A_MONTH = 200


def history(made: Company, commits: int) -> None:
    """Let the company's main branch have ``commits`` more commits."""
    pack = Pack(made.root)
    sales, supervisor = Signer(made.key("lin-xiao")), Signer(made.key("chen-jie"))
    text = made.read("orders/2024/05/OD2024050013/order.yaml")
    left_out, policy = immaterial("order"), made.policy()
    states = [made.head()]
    trees = [made.git("rev-parse", "HEAD^{tree}")]
    at = int(datetime(2024, 5, 20, 3, tzinfo=UTC).timestamp())
    for place in range(commits // 2):
        at += 60
        year, month = divmod(place // _A_MONTH, 12)
        number = f"OD{2025 + year}{month + 1:02}{place % _A_MONTH + 1:04}"
        case = f"orders/{2025 + year}/{month + 1:02}/{number}"
        order = text.replace("OD2024050013", number)
        data = load("order.yaml", order.encode())[0]
        assert data is not None
        submission = {
            "schema": "submission/1",
            "repository": REPOSITORY,
            "number": number,
            "revision": 1,
            "digest": digest_without(data, left_out),
            "immaterial": left_out,
            "submitted_by": "lin-xiao",
            "submitted_at": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "authors": ["lin-xiao"],
            "policy": policy,
            "nonce": sha256(number.encode()).hexdigest()[:32],
        }
        files = {f"{case}/order.yaml": order.encode(), f"{case}/submission.yaml": dump(submission).encode()}
        fork = max(0, len(states) - 1 - place % _BEHIND)
        branch, merged = trees[fork], trees[-1]
        for path, content in files.items():
            branch, merged = pack.put(branch, path, content), pack.put(merged, path, content)
        commit = pack.commit(branch, [states[fork]], "lin-xiao", at, sales, "new order")
        states.append(pack.commit(merged, [states[-1], commit], "chen-jie", at + 1, supervisor, "merge"))
        trees.append(merged)
    pack.write("refs/heads/main", states[-1])


def signers(made: Company, file: Path) -> None:
    """Write the allowed signers that git needs for its own verification."""
    lines = [f"{key.stem} {' '.join(key.read_text().split()[:2])}\n" for key in sorted(made.keys.glob("*.pub"))]
    file.write_text("".join(lines), encoding="utf-8")


def main() -> int:
    """Print the table; exit 1 if the limit isn't met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--sample", type=int, default=500, help="commits that git verifies; its time is scaled")
    parser.add_argument("--keep", type=Path, help="make the history here and leave it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        made = company(folder)
        root = made.head()
        history(made, options.commits)
        subprocess.run(["git", "config", "orderctl.root", root], cwd=made.root, check=True)
        signers(made, folder / "signers")
        audit = [str(Path(sys.executable).parent / "orderctl"), "audit", "--output", "concise"]
        full = run([*audit, "--full"], made.root, memory=True)
        one = run([*audit, "--full", "--jobs", "1"], made.root)
        again = run(audit, made.root)
        ask = ["git", "-c", f"gpg.ssh.allowedSignersFile={folder / 'signers'}", "log", "--format=%G?"]
        sample = run([*ask, f"-{options.sample}", "main"], made.root)
    scale = options.commits / options.sample
    theirs = Cost(sample.wall * scale, sample.cpu * scale)
    print(f"{options.commits} commits, {options.commits // 2} of them merges\n")
    print("| what | seconds | ratio to git's signatures | CPU seconds | ratio |\n|---|---|---|---|---|")
    for name, cost in (
        ("git log --format=%G? (signatures only, scaled)", theirs),
        ("full audit", full),
        ("full audit, one process", one),
        ("audit with nothing new", again),
    ):
        ratios = cost.wall / theirs.wall, cost.cpu / theirs.cpu
        print(f"| {name} | {cost.wall:.1f} | {ratios[0]:.3f} | {cost.cpu:.1f} | {ratios[1]:.3f} |")
    limit = LIMIT * options.commits / 10_000
    print(f"\npeak memory {full.memory:.0f} MB; limit {limit:.0f} s: {'met' if full.wall <= limit else 'NOT met'}")
    return 0 if full.wall <= limit else 1


if __name__ == "__main__":
    sys.exit(main())
