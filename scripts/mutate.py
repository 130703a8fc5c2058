"""How many small mistakes in a module do its tests notice? ``python -m scripts.mutate orderctl.trust.rights``.

Each mutant is the module with one thing changed: a comparison, a boundary, and/or, a not, a number, a result, a finding
that isn't yielded, a refusal that isn't raised. It lives in a process of its own, in memory: no file is touched. Tests
must run in process to see it. ``survived`` lines are what no test notices.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODEL = (
    *(
        f"tests/trust/test_gate_{name}.py"
        for name in ("core", "decisions", "standing", "statements", "orders", "policies")
    ),
    "tests/trust/test_gate_takeover.py",
    "tests/trust/test_merge.py",
)
POLICY = tuple(f"tests/trust/test_policy{name}.py" for name in ("", "_faults", "_keys"))
TESTS: dict[str, tuple[str, ...]] = {
    "sshsig": ("tests/trust/test_keys.py", "tests/trust/test_sshsig_same_as_openssh.py"),
    "publickey": ("tests/trust/test_publickey.py", "tests/trust/test_keys.py"),
    "keys": ("tests/trust/test_keys.py",),
    "commit": ("tests/trust/test_commit.py",),
    "merge": ("tests/trust/test_merge.py", "tests/trust/test_commits.py"),
    "rights": ("tests/trust/test_rights.py", "tests/trust/test_denial.py"),
    "wrote": (*MODEL, "tests/trust/test_wrote.py"),
    "reviews": ("tests/forge/test_reviews.py",),
    "ledger": ("tests/server/test_ledger.py",),
    "gate": ("tests/trust/test_gate_whole.py",),
    "pgp": ("tests/trust/test_pgp_keys.py",),
    "graph": ("tests/trust/test_graph.py",),
    "commits": ("tests/trust/test_commits.py", "tests/trust/test_gate_undone.py", *MODEL),
    "pending": ("tests/server/test_pending.py",),
    "landed": ("tests/server/test_pending.py",),
    "signed": ("tests/server/test_signed_parts.py",),
    "supervise": ("tests/server/test_hook_parts.py",),
    "soundness": ("tests/trust/test_seats.py", *POLICY),
    "people": POLICY,
    "policy": (*POLICY, "tests/trust/test_policy_change.py"),
    "policy_files": POLICY,
    "manifest": ("tests/trust/test_policy_change.py",),
    "amendment": ("tests/trust/test_amendment.py", "tests/trust/test_gate_policies.py"),
    "evidence": ("tests/trust/test_evidence.py", "tests/trust/test_gate_statements.py"),
    "context": ("tests/trust/test_denial.py", "tests/trust/test_amendment.py"),
    "denial": ("tests/trust/test_denial.py",),
    "trees": ("tests/trust/test_trees.py",),
    "folder": ("tests/trust/test_trees.py",),
    "later": ("tests/trust/test_later.py",),
    "journey": ("tests/trust/test_later.py",),
    "account": ("tests/trust/test_account.py",),
    "differences": ("tests/trust/test_account.py",),
    "find": ("tests/trust/test_account.py",),
    "history": ("tests/trust/test_account.py",),
}
"""Module → its tests; the others are judged by whole histories."""
Change = Callable[[Any], ast.AST]
HISTORIES = "60"
LIMIT = 120
SWAPS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}


def main() -> None:
    """Print each mutant that survives, and the score of each module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="+")
    parser.add_argument("--sample", type=int, default=0, help="judge so many mutants of a module, drawn at random")
    parser.add_argument("--seconds", type=int, default=0, help="begin no more mutants of a module after so long")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--tests", nargs="*", help="these tests, not the module's own")
    options = parser.parse_args()
    os.environ.setdefault("ORDERCTL_HISTORIES", HISTORIES)
    os.environ.setdefault("ORDERCTL_SIGNATURES", "0")  # those with a name
    _warm_up()
    for module in options.modules:
        tests = options.tests or TESTS.get(module.rpartition(".")[2], MODEL)
        score(module, [t for t in tests if (ROOT / t).exists()], options.sample, options.seconds, options.workers)


def score(module: str, tests: Sequence[str], sample: int, seconds: int, workers: int) -> None:
    """Judge a module's mutants."""
    path = ROOT / f"{module.replace('.', '/')}.py"
    source = path.read_text(encoding="utf-8")
    mutants = list(mutations(ast.parse(source)))
    total = len(mutants)
    if sample or seconds:
        mutants = random.Random(0).sample(mutants, min(sample or total, total))  # noqa: S311  the same ones each time
    if _outcome(module, ast.parse(source), path, tests) != "survived":
        sys.exit(f"{module}: the tests fail without any mutation")
    began = time.monotonic()
    running: dict[int, tuple[int, str]] = {}
    results: list[tuple[int, str, str]] = []
    for line, what, tree in mutants:
        if seconds and time.monotonic() - began > seconds:
            break
        while len(running) >= workers:
            results.append(_told(module, running))
        running[_start(module, tree, path, tests)] = (line, what)
    while running:
        results.append(_told(module, running))
    killed = sum(outcome != "survived" for _, _, outcome in results)
    drawn = f" (of {total})" if len(results) < total else ""
    took = time.monotonic() - began
    print(f"{module}: {killed} of {len(results)}{drawn} killed, {killed / max(1, len(results)):.1%}, {took:.0f} s")
    sys.stdout.flush()


def mutations(tree: ast.Module) -> Iterator[tuple[int, str, ast.Module]]:
    """Yield (line, what was changed, the changed module)."""
    nodes = [node for node in ast.walk(tree) if not isinstance(node, ast.Module)]
    skipped = {id(n) for node in nodes for part in _not_code(node) for n in ast.walk(part)}
    for number, node in enumerate(nodes):
        if id(node) in skipped:
            continue
        for what, change in _changes(node):
            copied = copy.deepcopy(tree)
            twin = [n for n in ast.walk(copied) if not isinstance(n, ast.Module)][number]
            new = change(twin)
            if new is not twin:
                _Replace(twin, new).visit(copied)
            yield getattr(node, "lineno", 0), what, ast.fix_missing_locations(copied)


def _not_code(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a node that no test should have to notice: annotations, decorators, names of types."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield from node.decorator_list
    if isinstance(node, ast.FunctionDef) and node.returns:
        yield node.returns
    if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
        yield node.annotation
    if isinstance(node, ast.Assert) or (isinstance(node, ast.keyword) and node.arg == "strict"):
        yield node
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        yield node


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            for new in SWAPS[type(op)]:
                yield f"{ast.unparse(node)}: {new.__name__}", _comparison(at, new)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"{ast.unparse(node)}: {other.__name__}", lambda n: ast.BoolOp(other(), n.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield f"{ast.unparse(node)}: without not", lambda n: n.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value}: {not node.value}", lambda n: ast.Constant(not n.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield f"{node.value}: {node.value + 1}", lambda n: ast.Constant(n.value + 1)
    elif isinstance(node, ast.Return) and node.value and ast.unparse(node.value) not in ("None", "False"):
        yield f"{ast.unparse(node)}: return None", lambda _: ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Raise):
        yield f"{ast.unparse(node)}: pass", lambda _: ast.Pass()
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield | ast.YieldFrom | ast.Call):
        nothing = ast.Pass() if isinstance(node.value, ast.Call) else ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load())))
        yield f"{ast.unparse(node)}: nothing", lambda _: nothing
    elif isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield f"if {ast.unparse(node.test)}: if not", _negated


def _comparison(at: int, new: type[ast.cmpop]) -> Change:
    def change(node: ast.Compare) -> ast.Compare:
        node.ops[at] = new()
        return node

    return change


def _negated(node: ast.If | ast.IfExp) -> ast.AST:
    node.test = ast.UnaryOp(ast.Not(), node.test)
    return node


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: object) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> object:
        return self.new if node is self.old else super().generic_visit(node)


def _start(module: str, tree: ast.Module, path: Path, tests: Sequence[str]) -> int:
    sys.stdout.flush()
    child = os.fork()
    if not child:
        os._exit(_run(module, tree, path, tests))
    return child


def _outcome(module: str, tree: ast.Module, path: Path, tests: Sequence[str]) -> str:
    return _collect({_start(module, tree, path, tests): (0, "")})[2]


def _told(module: str, running: dict[int, tuple[int, str]]) -> tuple[int, str, str]:
    """Wait for one child, and say so at once if its mutant survived."""
    line, what, outcome = _collect(running)
    if outcome == "survived":
        print(f"{module}:{line}: survived: {what}", flush=True)
    return line, what, outcome


def _collect(running: dict[int, tuple[int, str]]) -> tuple[int, str, str]:
    """Wait for one child. Exit code 0: all tests passed, so the mutant survived."""
    child, status = os.wait()
    line, what = running.pop(child)
    return line, what, "survived" if status == 0 else "killed"


def _run(module: str, tree: ast.Module, path: Path, tests: Sequence[str]) -> int:
    """Run the tests with the mutant in place of the module; in a child."""
    import pytest

    os.nice(10)
    os.setpgrp()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(LIMIT)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2) if not os.environ.get("MUTATE_SHOW") else ():
        os.dup2(null, stream)
    sys.meta_path.insert(0, _Mutant(module, tree, path))
    options = ["-q", "-x", "-n0", "-p", "no:cacheprovider", "--assert=plain", "--no-header", "--tb=short"]
    return int(pytest.main([*options, *tests]))


class _Mutant(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a changed tree."""

    def __init__(self, module: str, tree: ast.Module, path: Path) -> None:
        self.module, self.tree, self.path = module, tree, path

    def find_spec(
        self,
        name: str,
        path: object = None,  # noqa: ARG002  the import system names both
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where the mutant is."""
        return importlib.util.spec_from_loader(name, self, origin=str(self.path)) if name == self.module else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the mutant's code."""
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)  # noqa: S102


def _warm_up() -> None:
    """Import what every child needs and no mutant concerns."""
    import click  # noqa: F401
    import hypothesis  # noqa: F401
    import jsonschema_rs  # noqa: F401
    import msgspec  # noqa: F401
    import pytest  # noqa: F401
    import yaml  # noqa: F401

    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)


if __name__ == "__main__":
    main()
