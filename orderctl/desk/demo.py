"""The sample company as a playground: its documents in; people's keys and a repository with a signed history out."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from pathlib import Path

from orderctl.desk.demo_history import history
from orderctl.desk.demo_keys import new_pair, write_pairs
from orderctl.desk.demo_policy import people_of, persons
from orderctl.desk.demo_scribe import Landing, Scribe
from orderctl.desk.demo_story import DRAFT, Told, pending, tell
from orderctl.resources import SAMPLE, sample_root
from orderctl.trust.ledger import Record
from orderctl.trust.server import ZERO

OWN = ".orderctl"
KEYS, ORIGIN, REVIEWS, SIGNERS = f"{OWN}/keys", f"{OWN}/origin.git", f"{OWN}/reviews", f"{OWN}/allowed_signers"
SELF = "lin-xiao"
"""Whom the demo's Git commits and signs as."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What was made: the root of trust and every state of main, oldest first; the number of commits."""

    landed: tuple[Landing, ...]
    commits: int

    @property
    def root(self) -> str:
        """The commit that trust begins with."""
        return self.landed[0].made.id

    def records(self, ref: str) -> list[Record]:
        """Return what a server that had guarded ``ref`` all along would have noted, each state pushed by itself."""
        found, before = [], ZERO
        for one in self.landed:
            version, digest = one.policy
            found.append(
                Record(
                    observed=one.made.at,
                    ref=ref,
                    old=before,
                    new=one.made.id,
                    tree=one.made.tree,
                    policy_version=version,
                    policy_sha256=digest,
                    pusher={"user": one.person},
                    verdict="",
                )
            )
            before = one.made.id
        return found


def sample_files() -> dict[str, bytes]:
    """Return the files a demo starts with: the sample's, with an own repository id, no fixed day, no sample mark."""
    root = sample_root()
    found = {}
    for name in SAMPLE:
        top = root / name
        for file in [top] if top.is_file() else sorted(top.rglob("*")):
            if file.is_file():
                found[file.relative_to(root).as_posix()] = file.read_bytes()
    text = found["orderctl.yaml"].decode()
    text = re.sub(r"(?m)^(sample|clock):.*\n", "", text)
    text = re.sub(r"(?m)^repository:.*$", f"repository: {uuid.uuid4()}", text)
    found["orderctl.yaml"] = text.encode()
    found["site/.gitignore"] = b"*\n!.gitignore\n"
    found[".gitignore"] = f"{OWN}/\n".encode()
    return found | pending(found[DRAFT])


def last_day() -> str:
    """Return the day on which the sample's story stands: orders are open then, and not yet late."""
    found = re.search(r"(?m)^clock: *(\S+)", (sample_root() / "orderctl.yaml").read_text(encoding="utf-8"))
    return found[1] if found else "2024-12-31"


def write_demo(folder: Path) -> Demo:
    """Make the demo in ``folder`` (empty or new): keys, its whole history, and a bare ``origin`` that holds it."""
    from git import Repo

    from orderctl.catalogue import load_catalogue
    from orderctl.git import EMPTY_TREE
    from orderctl.tree import Tree

    files = sample_files()
    pairs = {person: new_pair(person) for person in persons(files)}
    scribe = Scribe(load_catalogue(Tree(None, None, EMPTY_TREE)).kinds, pairs, people_of(files))
    told = tell(scribe, history(files))
    repository = Repo.init(folder, initial_branch="main")
    write_pairs(folder / KEYS, pairs.items())
    pack = folder / ".git" / "demo.pack"
    pack.write_bytes(scribe.pack.data())
    with pack.open("rb") as source:
        repository.git.index_pack("--stdin", istream=source)
    pack.unlink()
    repository.git.update_ref("refs/heads/forgery", told.forgery)
    repository.git.update_ref("refs/heads/main", scribe.tip)
    repository.git.reset("--hard", "--quiet", "main")
    _origin(repository, folder)
    _settings(repository, folder, scribe)
    _notes(folder, scribe, told)
    return Demo(tuple(scribe.landed), len(scribe.landed) + len(told.reviews))


def _origin(repository: object, folder: Path) -> None:
    """Make the bare repository, with main and the forgery, and let main follow it."""
    from git import Repo

    assert isinstance(repository, Repo)
    origin = folder / ORIGIN
    repository.git.clone("--quiet", "--bare", "--no-hardlinks", str(folder), str(origin))
    bare = Repo(origin)
    bare.git.remote("remove", "origin")
    repository.git.remote("add", "origin", str(origin))
    repository.git.fetch("--quiet", "origin")
    repository.git.branch("--quiet", "--set-upstream-to=origin/main", "main")


def _settings(repository: object, folder: Path, scribe: Scribe) -> None:
    """Let Git here sign as the salesperson, and know everybody's keys for ``git log --show-signature``."""
    from git import Repo

    assert isinstance(repository, Repo)
    name, mail = scribe.names[SELF]
    settings = {
        "user": {"name": name, "email": mail, "signingKey": str(folder / KEYS / SELF)},
        "gpg": {"format": "ssh"},
        'gpg "ssh"': {"allowedSignersFile": str(folder / SIGNERS)},
        "commit": {"gpgSign": "true"},
        "push": {"default": "simple"},
    }
    with repository.config_writer() as config:
        for section, values in settings.items():
            for key, value in values.items():
                config.set_value(section, key, value)


def _notes(folder: Path, scribe: Scribe, told: Told) -> None:
    """Write what is nobody's document: who signs with what, and the reviews of the forge that isn't here."""
    from orderctl.trust.reviews import write_reviews

    lines = [f'{scribe.names[person][1]} namespaces="git" {pair.public}\n' for person, pair in scribe.pairs.items()]
    (folder / SIGNERS).write_text("".join(lines), encoding="utf-8")
    (folder / REVIEWS).mkdir()
    for facts in told.reviews:
        (folder / REVIEWS / f"{facts.pull}.json").write_bytes(write_reviews(facts))
