"""Signed commits verified: in this process against ``git verify-commit`` and ``git log --format=%G?``, as ratios.

python -m bench.signatures [COMMITS]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from orderctl.git import Git
from orderctl.objects import Objects
from orderctl.trust.graph import Graph
from orderctl.trust.keys import COMMITS, Key, Ring, parse_public, signer


def history(folder: Path, count: int) -> tuple[list[str], Path]:
    """Make ``count`` signed commits; return the command that runs git there, and the public key's file."""
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", str(key)], check=True)
    public = Path(f"{key}.pub")
    signers = folder / "signers"
    signers.write_text(f"bench {public.read_text('utf-8')}", "utf-8")
    git = ["git", "-C", str(folder / "repository"), "-c", "gc.auto=0", "-c", "gpg.format=ssh"]
    git += ["-c", f"user.signingKey={public}", "-c", f"gpg.ssh.allowedSignersFile={signers}"]
    git += ["-c", "user.name=bench", "-c", "user.email=bench@orderctl.example"]
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder / "repository")], check=True)
    for n in range(count):
        subprocess.run([*git, "commit", "-q", "-S", "--allow-empty", "-m", f"{n}"], check=True)
    return git, public


def verify(repository: Path, head: str, public: Path) -> int:
    """Verify every commit below ``head`` as the gate does; return how many."""
    algorithm, blob, fingerprint = parse_public(public.read_text("utf-8"))
    ring = Ring([Key("bench", blob, algorithm, fingerprint, frozenset({COMMITS}), None, None, None, None)])
    with Objects(Git(repository / ".git", repository)) as objects:
        graph = Graph(objects)
        commits = [graph.commit(id) for id in graph.range(None, head)]
        for commit in commits:
            at = commit.committer.at
            signer(ring, commit.armor, commit.payload, COMMITS, at, at, commit=commit.id)
    return len(commits)


def timed(work: Callable[[], object]) -> float:
    """Return the best of three runs, in seconds."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print milliseconds a commit, and how many times faster than git."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        git, public = history(folder, count)
        listed = subprocess.run([*git, "rev-list", "main"], check=True, capture_output=True, text=True).stdout.split()
        log = [*git, "log", "--format=%G?", "main"]
        if verify(folder / "repository", listed[0], public) != count:
            raise SystemExit("not every commit was verified")
        if subprocess.run(log, check=True, capture_output=True, text=True).stdout.split() != ["G"] * count:
            raise SystemExit("git found a bad signature")
        ours = timed(lambda: verify(folder / "repository", listed[0], public))
        rivals = {
            "git verify-commit": timed(
                lambda: subprocess.run([*git, "verify-commit", *listed], check=True, capture_output=True)
            ),
            "git log --format=%G?": timed(lambda: subprocess.run(log, check=True, capture_output=True)),
        }
    print(f"{count} commits, ms a commit: orderctl {ours / count * 1000:.3f} (git's start and reading included)")
    for rival, took in rivals.items():
        print(f"{rival}: {took / count * 1000:.3f} ms a commit, {took / ours:.1f} times ours")


if __name__ == "__main__":
    main()
