"""What persons, roles and stages are called. The policy's documents in; “陈杰（chen-jie）” for an id out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from orderctl.labels import node_of
from orderctl.load import load
from orderctl.model import Scalar
from orderctl.particulars import Pair, named
from orderctl.tree import Tree

if TYPE_CHECKING:
    from orderctl.schema import Kind
    from orderctl.validate import Validator

ID_OF: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("person", "who", "signer", "asked", "able", "missing", "added"), "person"),
        **dict.fromkeys(("stage", "stages", "waiting"), "stage"),
        **dict.fromkeys(("role", "roles", "escalate"), "role"),
    }
)
"""Parameter of a finding, or field of a fact → what its ids (one, or several after commas) are of."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id, in both languages. Without any every id stands for itself."""

    persons: Mapping[str, Pair] = field(default_factory=dict)
    stages: Mapping[str, Pair] = field(default_factory=dict)
    roles: Mapping[str, Pair] = field(default_factory=dict)

    def person(self, id: str, language: str) -> str:
        """Return a person's name with the id; the id alone if policy/people.yaml doesn't know it."""
        return _said(self.persons.get(id), id, language)

    def stage(self, id: str, language: str) -> str:
        """Return the name that most flows give a stage, with the id; the id alone if none has it."""
        return _said(self.stages.get(id), id, language)

    def role(self, id: str, language: str) -> str:
        """Return a role's name with the id; the id alone if the schema of people doesn't name it."""
        return _said(self.roles.get(id), id, language)

    def of(self, what: str, id: str, language: str) -> str:
        """Return the name of a ``person``, ``stage`` or ``role``; the id alone for anything else."""
        say = {"person": self.person, "stage": self.stage, "role": self.role}.get(what)
        return say(id, language) if say else id

    def caller(self, language: str) -> Callable[[str, str], str]:
        """Return ``of`` in one language, as ``labels.value_name`` asks for it."""
        return lambda what, named: self.of(what, named, language)

    def listed(self, what: str, ids: Iterable[str], language: str) -> str:
        """Return several names as one enumeration."""
        return ("、" if language == "zh" else ", ").join(self.of(what, id, language) for id in ids)

    def params(self, params: Mapping[str, Scalar], language: str) -> dict[str, Scalar]:
        """Return a finding's parameters with names for ids of persons, stages and roles."""
        return {
            key: self.listed(ID_OF[key], value.split(", "), language)
            if key in ID_OF and isinstance(value, str)
            else value
            for key, value in params.items()
        }


def _said(name: Pair | None, id: str, language: str) -> str:
    called = name[language] if name else id
    if called == id:
        return id
    return f"{called}（{id}）" if language == "zh" else f"{called} ({id})"


def names_of(people: Mapping[str, Any] | None, flows: Mapping[str, Any] | None, schema: Mapping[str, Any]) -> Names:
    """Return the names that valid documents of a policy give; ``schema``: that of people, which names the roles."""
    given: dict[str, Counter[tuple[str, str]]] = {}
    for flow in flows["flows"] if flows else ():
        for stage in flow["stages"]:
            given.setdefault(stage["id"], Counter())[stage["zh"], stage["en"]] += 1
    usual = {id: counted.most_common(1)[0][0] for id, counted in given.items()}
    return Names(
        {p["id"]: named(p, p["id"]) for p in (people["people"] if people else ())},
        {id: {"zh": zh, "en": en} for id, (zh, en) in usual.items()},
        node_of(schema, "/people/*/roles/*").get("x-enum-names", {}),
    )


def names_at(tree: Tree, kinds: Mapping[str, Kind], validator: Validator) -> Names:
    """Return the names that a tree's policy gives; none from a file that isn't there or isn't valid."""
    found: dict[str, Any] = {}
    for kind in ("people", "flows"):
        path = f"policy/{kind}.yaml"
        value, _problems = load(path, tree.read(path) or b"")
        found[kind] = value if value and not validator.findings(kind, path, value) else None
    return names_of(found["people"], found["flows"], kinds["people"].schema)
