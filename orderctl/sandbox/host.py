"""A workspace's plugins as the stages see them: modules like any other, whose functions run in the other process.

The guest asks, and the very book that the plugin was called with answers here: what is read is recorded, and what is
refused is refused, as for a plugin that runs in this process.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, TypeVar

from orderctl.check import Ended, Told
from orderctl.codes.plugin import PLUGIN_ANSWER, PLUGIN_DIED
from orderctl.fitting import FOLDERS, Unfit
from orderctl.model import Finding
from orderctl.rule import Code, hookimpl
from orderctl.sandbox.child import Child
from orderctl.sandbox.wire import NOT_SAID, Said, declared, findings_of, question

SECONDS = 10.0
"""For one call: one rule for one document, and all that it asks of the book."""
FORGE = 12
"""Times as long for an evidence source: a forge is slow, and what it may take in all is limited elsewhere."""
_REFUSALS = (LookupError, TypeError, ValueError)
"""What a book raises for a question that can't be answered: the plugin that asks hears it."""

_T = TypeVar("_T")


class _Suspended(Exception):
    """The book raised ``error``, and the plugin let it pass."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class Sandbox:
    """One process for all plugins of a workspace, started when the first is needed. One that ends is followed by a
    fresh one, and the plugin that was running is called no more."""

    def __init__(self, seconds: float = SECONDS, loading: float = SECONDS) -> None:
        """``seconds``: the time for one call; ``loading``: for one plugin to be loaded."""
        self._seconds = seconds
        self._loading = loading
        self._sources: dict[str, bytes] = {}
        self._ended: dict[str, tuple[Code, dict[str, Any]]] = {}
        self._child: Child | None = None

    def load(self, path: str, source: bytes) -> ModuleType:
        """Return a module that stands for the plugin at ``path``: what it declares, and functions that run it there.
        Raises Unfit."""
        self._sources[path] = source
        try:
            what, page = self._guarded(path, partial(self._loaded, path))
        except (Ended, Told) as error:  # a plugin's failure is a result here: this is the guest's own
            if isinstance(error, Told):
                self._ended[path] = PLUGIN_DIED, {"problem": str(error)}
            raise Unfit(self._finding(path)) from None
        folder = path.split("/")[1]
        constant, _, hook = FOLDERS[folder]
        module = ModuleType(path, page)
        setattr(module, constant, what)
        setattr(module, hook, hookimpl(self._asking(path) if folder == "evidence" else self._judging(path, folder)))
        return module

    def ended(self) -> list[Finding]:
        """Return the plugins that are called no more, because they ended a process."""
        return [self._finding(path) for path in sorted(self._ended)]

    def _finding(self, path: str) -> Finding:
        code, params = self._ended[path]
        name = path.rpartition("/")[2].removesuffix(".py").replace("_", "-")
        return code.at(path, line=1, column=1, rule=name, **params)

    def _judging(self, path: str, folder: str) -> Callable[..., Any]:
        """Return the function of a rule, fact or view."""
        read: Callable[[Any], Any] = findings_of if folder == "rules" else _as_it_is

        def run(doc: Any, book: Any) -> Any:
            return self._run(path, read, book, self._seconds, document=doc)

        return run

    def _asking(self, path: str) -> Callable[..., Any]:
        """Return the function of an evidence source."""

        def run(request: Any) -> Any:
            asked = (request.host, request.project, request.pull, request.commit)
            return self._run(path, _as_it_is, request, FORGE * self._seconds, request=asked)

        return run

    def _run(self, path: str, read: Callable[[Any], _T], book: Any, seconds: float, **task: Any) -> _T:
        """Run a plugin. Raises Ended, Told for what it raised itself, and what the book raised that it let pass."""

        def work(child: Child) -> _T:
            if path not in child.loaded:
                self._loaded(path, child)
            child.begin(seconds, do="run", path=path, **task)
            return read(_heard(child, book).result)

        try:
            return self._guarded(path, work)
        except _Suspended as suspended:
            raise suspended.error from None

    def _loaded(self, path: str, child: Child) -> tuple[Any, str]:
        """Let the guest load a plugin; return what it declares, and its page. Raises Unfit, Ended."""
        child.begin(self._loading, do="load", path=path, source=self._sources[path])
        found = declared(path, _heard(child, None).result)
        child.loaded.add(path)
        return found

    def _guarded(self, path: str, work: Callable[[Child], _T]) -> _T:
        """Return what ``work`` does with the process. One that isn't left as it should be is given up."""
        if path in self._ended:
            code, params = self._ended[path]
            raise Ended(code, **params)
        child = self._current()
        try:
            return work(child)
        except (Unfit, Told, _Suspended):
            raise
        except BaseException as error:
            child.end()
            self._child = None
            if isinstance(error, NOT_SAID):
                error = Ended(PLUGIN_ANSWER)
            if isinstance(error, Ended):
                self._ended[path] = error.code, error.params
            raise error from None

    def _current(self) -> Child:
        """Return this process's own child: that of the process it was forked from isn't."""
        if self._child is not None and self._child.owner != os.getpid():
            self._child.end()
            self._child = None
        if self._child is None:
            self._child = Child()
        return self._child


def _heard(child: Child, book: Any) -> Said:
    """Answer what the guest asks until it says how the call ended. Raises Ended, Told, _Suspended."""
    kept: Exception | None = None
    while (said := child.receive()).asks:
        ask = question(said)
        try:
            answer = {"value": ask(book)}
        except _REFUSALS as error:
            kind = next(kind for kind in _REFUSALS if isinstance(error, kind))
            answer = {"refuses": kind.__name__, "text": str(error)}
        except Exception as error:  # noqa: BLE001  it is raised again when the plugin has ended
            kept, answer = error, {"suspends": True}
        child.send(answer)
    if said.failed:
        raise Told(said.failed)
    if said.suspended:
        raise _Suspended(kept) if kept else Ended(PLUGIN_ANSWER)
    return said


def _as_it_is(result: Any) -> Any:
    return result
