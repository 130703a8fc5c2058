"""The other process: plugins are loaded and run here. It holds two pipes and knows what comes through them.

``python -I -m orderctl.sandbox.guest``
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from types import ModuleType
from typing import Any, NoReturn

from orderctl.book.store import decode
from orderctl.check import as_data, plain, problem_of, records, sound
from orderctl.fitting import FOLDERS, Unfit, fitting, new_manager, one_line, run_source
from orderctl.model import Document, Row, Scalar, freeze
from orderctl.sandbox.cell import lock
from orderctl.sandbox.wire import HEAD, LONGEST, document_of, framed

_REFUSALS = {kind.__name__: kind for kind in (LookupError, TypeError, ValueError)}


class _Suspended(Exception):
    """The book says that the plugin had better stop: the host knows why."""


class _Link:
    """What goes to the host and comes from it."""

    def __init__(self, source: int, sink: int) -> None:
        self._source = os.fdopen(source, "rb")
        self._sink = sink
        self.call = 0

    def read(self) -> Any:
        """Return what the host sends next; the process ends with the host."""
        head = self._source.read(HEAD)
        data = self._source.read(int.from_bytes(head, "big"))
        if not data:
            os._exit(0)
        return decode(data)

    def say(self, **what: Any) -> None:
        """Send something about the present call. Raises what can't be sent."""
        data = memoryview(framed({"call": self.call, **what}))
        if len(data) > LONGEST:
            raise ValueError("what the plugin says is too long")
        while data:
            data = data[os.write(self._sink, data) :]

    def ask(self, question: str, *args: Any, **named: Any) -> Any:
        """Return the book's answer. Raises what the book does."""
        self.say(asks=question, args=args, named=named)
        answer = self.read()
        if "suspends" in answer:
            raise _Suspended
        if "refuses" in answer:
            raise _REFUSALS[answer["refuses"]](answer["text"])
        return answer["value"]


class _Book:
    """The book as plugins see it (``hookspecs.Book``): each question goes to the host."""

    def __init__(self, link: _Link) -> None:
        self._ask = link.ask

    def doc(self, kind: str, id: str) -> Document | None:
        return document_of(self._ask("doc", *_texts(kind, id)))

    def case(self, doc: Document, kind: str) -> tuple[Document, ...]:
        names = _texts(doc.kind, doc.id, doc.path, doc.case, doc.unit)
        return tuple(filter(None, map(document_of, self._ask("case", names, *_texts(kind)))))

    def where(self, name: str, /, **equals: Scalar) -> tuple[Row, ...]:
        for value in equals.values():
            if not isinstance(value, str | int | Decimal | None):
                raise TypeError(f"{type(value).__name__} is no column's value")
        return freeze(self._ask("where", *_texts(name), **equals))  # type: ignore[no-any-return]  # as the book has it

    def all(self, name: str) -> tuple[Row, ...]:
        return freeze(self._ask("all", *_texts(name)))  # type: ignore[no-any-return]  # as the book has it

    def fact(self, name: str, id: str) -> Any:
        return freeze(self._ask("fact", *_texts(name, id)))

    def file(self, path: str) -> Mapping[str, Any] | None:
        return freeze(self._ask("file", *_texts(path)))  # type: ignore[no-any-return]  # as the book has it

    def passed(self, instant: str) -> bool:
        return bool(self._ask("passed", *_texts(instant)))


def _texts(*values: str) -> tuple[str, ...]:
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"{type(value).__name__} where the book needs a text")
    return values


@dataclass(frozen=True, slots=True)
class _Request:
    """A pull request as evidence sources see it (``hookspecs.Forge``): each question goes to the host."""

    link: _Link
    host: str
    project: str
    pull: int
    commit: str

    def get(self, *parts: str | int, missing: bool = False, **query: str | int) -> Any:
        return self.link.ask("get", *parts, missing=missing, **query)

    def pages(self, *parts: str | int, **query: str | int) -> list[Any]:
        return list(self.link.ask("pages", *parts, **query))


def main() -> NoReturn:
    """Lock the door, then load and run what comes until the host ends."""
    link = _Link(os.dup(0), os.dup(1))
    with open(os.devnull, "r+b", buffering=0) as nothing:  # what a plugin prints goes nowhere
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)
    try:
        lock()
        problem = ""
    except OSError as error:
        problem = f"no sandbox: {one_line(error)}"
    modules: dict[str, ModuleType] = {}
    document: Document | None = None
    while True:
        task = link.read()
        link.call = task["call"]
        if not task["same"]:
            document = document_of(task["document"])
        if problem:
            link.say(failed=problem)
        elif task["do"] == "load":
            _load(link, modules, task["path"], base64.b64decode(task["source"]))
        else:
            _run(link, modules[task["path"]], task, document)


def _load(link: _Link, modules: dict[str, ModuleType], path: str, source: bytes) -> None:
    folder = path.split("/")[1]
    try:
        module = modules[path] = fitting(new_manager(), path, folder, partial(run_source, path, source))
        link.say(result={"what": getattr(module, FOLDERS[folder][0]), "page": module.__doc__})
    except Unfit as unfit:
        found = unfit.finding
        link.say(result={"unfit": found.rule, "line": found.line, "problem": found.params["problem"]})
    except BaseException as error:  # noqa: BLE001  whatever it is, the host is told
        link.say(failed=one_line(error))


def _run(link: _Link, module: ModuleType, task: Mapping[str, Any], document: Document | None) -> None:
    folder = task["path"].split("/")[1]
    hook = getattr(module, FOLDERS[folder][2])
    try:
        if folder == "rules":
            assert document is not None
            result: Any = [as_data(sound(found, module.RULE.id, document)) for found in hook(document, _Book(link))]
        elif folder == "facts":
            result = records(hook(document, _Book(link)))
        elif folder == "evidence":
            result = hook(_Request(link, *task["request"]))
        else:
            result = hook(document, _Book(link))
        plain(result)
        link.say(result=result)
    except _Suspended:
        link.say(suspended=True)
    except BaseException as error:  # noqa: BLE001  whatever it is, the host is told
        link.say(failed=problem_of(error, hook))


if __name__ == "__main__":
    main()
