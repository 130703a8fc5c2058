"""A workspace's own plugins in their sandbox: what they say there is what they say in this process, and whatever they
do to the process they run in, they are named and the others go on."""

from __future__ import annotations

import ctypes
import gc
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orderctl import pipeline, revisions
from orderctl.book.store import open_store
from orderctl.catalogue import Catalogue, load_catalogue
from orderctl.check import Ended, Told
from orderctl.fitting import Unfit
from orderctl.model import Document, Finding, freeze
from orderctl.sandbox.host import Sandbox
from orderctl.sandbox.wire import LONGEST
from orderctl.trust_local import trust
from tests.book.test_warm_is_cold import tables
from tests.robust.test_plugins import FACT, FACTS, FILES, HEAD, RULE, RULES, stem
from tests.workspaces import AS_OF, CASE, edit, git, workspace

ALL = """
    order = book.doc("order", doc.id)
    assert order == doc and type(order.data) is type(doc.data) and book.doc("order", "OD0") is None
    assert [d.id for d in book.case(doc, "order")] == [doc.id]
    assert book.where("order", customer=doc["customer"]) and not book.where("order", customer="C9999")
    assert {row["id"] for row in book.all("order")} >= {doc.id}
    assert book.fact("weight", doc.id)["lines"] == len(doc["lines"]) and book.fact("weight", "OD0") is None
    assert not book.where("weight", heavy=Decimal("1.50")) and not book.where("weight", heavy=None)
    assert book.file("no/such/file") is None and book.passed("2024-05-06T00:00:00+08:00")
    for wrong in (lambda: book.all("ordr"), lambda: book.passed("soon"), lambda: book.where("order", id=0.5),
                  lambda: book.where("order"), lambda: book.doc("order", 5), lambda: book.file(None)):
        try:
            wrong()
        except (LookupError, TypeError, ValueError):
            continue
        raise AssertionError
    print("nobody reads this")
    late = book.passed("2024-05-20")
    yield RULE.at(doc, "/total", n=doc["total"], late=late, none=None, mend=Mend("set", Decimal("1.50"), "/total"))
    yield Finding("all", Severity.ERROR, doc.path, line=1, column=2)
"""
SOUND = {
    "rules/all.py": RULE.format(id="all", body=ALL).replace("{n}", "{n} {late} {none}"),
    "rules/needy.py": RULE.format(id="needy", body="yield RULE.at(doc, '/total', n=book.fact('fact-exits', doc.id))"),
    "facts/weight.py": FACT.format(
        id="weight", body="return {'lines': len(doc['lines']), 'heavy': doc['total'], 'all': ('a', {'b': None})}"
    ).replace('"0.1"', '"0.1", index=("heavy",)'),
}
WRONG = {f"rules/{stem(id)}.py": RULE.format(id=id, body=body) for id, (body, _) in RULES.items()}
WRONG |= {f"facts/{stem(id)}.py": FACT.format(id=id, body=body) for id, (body, _) in FACTS.items()}
WRONG |= {name: text for name, (text, _, _) in FILES.items()}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return workspace(tmp_path / "shop")


def write(shop: Path, files: Mapping[str, str]) -> None:
    """Write plugin files and commit them."""
    for name, text in files.items():
        file = shop / "plugins" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(HEAD.replace("Fact, Finding,", "Fact, Finding, Mend,") + text, encoding="utf-8")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "plugins")


def judged(shop: Path, *, sandboxed: bool = True, jobs: int = 1) -> tuple[list[Finding], Any, Catalogue, Any]:
    """Bring the book to HEAD; return what is found, what ran, the catalogue, and all that the book holds."""
    found = pipeline.find_workspace(shop)
    tree = revisions.tree_of(found, "HEAD")
    kinds = load_catalogue(tree, trusted=sandboxed)
    with pipeline.run(found, tree, as_of=AS_OF, jobs=jobs, catalogue=kinds) as run:
        findings = sorted(run.findings(), key=Finding.sort_key)
    return findings, run.log, kinds, tables(shop / ".orderctl/book.db")


def test_the_same_is_said_as_in_this_process(shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Findings, values, and what was read of the book and the clock: a book is the same to the last byte."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    write(shop, SOUND | WRONG)
    trust(load_catalogue(revisions.tree_of(pipeline.find_workspace(shop), "HEAD")).plugin_digest, shop)
    here, _, _, mine = judged(shop, sandboxed=False)
    said = [f for f in here if f.rule == "all"]
    assert {(str(f.params["n"]), f.params["late"]) for f in said if f.mend} == {("11700.00", True), ("7000.00", True)}
    assert len([f for f in here if f.rule == "plugin.crashed" and CASE in f.path]) == len(RULES | FACTS)

    (shop / ".orderctl/book.db").unlink()
    there, _, kinds, theirs = judged(shop)
    assert there == here
    assert theirs == mine
    assert kinds.ended == []

    edit(shop, f"{CASE}/order.yaml", "total: 11700.00", "total: 11700.50")
    git(shop, "commit", "-qam", "another total")
    warm, log, _, book = judged(shop)
    assert ("fact:weight", f"{CASE}/order.yaml") in log
    assert warm != there
    (shop / ".orderctl/book.db").unlink()
    cold, _, _, anew = judged(shop)
    assert (warm, book) == (cold, anew)


def test_what_a_broken_document_suspends_is_suspended_there_too(shop: Path) -> None:
    asks = RULE.format(id="asks", body="book.doc('customer', doc['customer']); yield RULE.at(doc, '/total')")
    write(shop, {"rules/asks.py": asks})
    assert len([f for f in judged(shop)[0] if f.rule == "asks"]) == 2
    edit(shop, "customers/C0001.yaml", "kind: private", "kind: privat")
    git(shop, "commit", "-qam", "flawed")
    findings, _, kinds, _ = judged(shop)
    assert ([f.rule for f in findings if f.rule in ("asks", "plugin.crashed")], kinds.ended) == ([], [])


def test_a_plugin_that_ends_its_process_is_named_until_it_does_not(shop: Path) -> None:
    """What its end left in the book holds at no time: every run asks again, and no later one believes it."""
    ends = {"rules/ends.py": "import os\n" + RULE.format(id="ends", body="os._exit(0); yield")}
    ends |= {"facts/falls.py": "import os\n" + FACT.format(id="falls", body="os._exit(7)")}
    write(shop, SOUND | ends)
    findings, _, kinds, book = judged(shop)
    orders = {f"orders/2024/05/{number}/order.yaml" for number in ("OD2024050012", "OD2024050013")}
    for rule, how in (("ends", "exit 0"), ("falls", "exit 7")):
        found = {f.path for f in findings if f.params == {"rule": rule, "problem": how}}
        assert found == orders
    assert {f.path for f in findings if f.rule == "all"} == orders, "the others go on"
    assert [(f.rule, f.path) for f in kinds.ended] == [
        ("plugin.died", "plugins/facts/falls.py"),
        ("plugin.died", "plugins/rules/ends.py"),
    ]
    again, log, _, _ = judged(shop)
    assert again == findings
    assert {name for name, _ in log} == {"unit", "fact:falls"}
    assert {owner for name, owner in log if name == "fact:falls"} == orders
    (shop / ".orderctl/book.db").unlink()
    assert judged(shop)[3] == book


def test_a_flawed_document_excuses_no_end(shop: Path) -> None:
    """A rule that only trips over what is flawed anyway says nothing; one that ends its process is named."""
    trips = RULE.format(id="trips", body="doc['urgent'] + 1; yield")
    write(
        shop,
        {"rules/ends.py": "import os\n" + RULE.format(id="ends", body="os._exit(0); yield"), "rules/trips.py": trips},
    )
    edit(shop, f"{CASE}/order.yaml", "urgent: false", "urgent: maybe")
    git(shop, "commit", "-qam", "flawed")
    found = [
        (f.rule, f.params["rule"]) for f in judged(shop)[0] if f.path == f"{CASE}/order.yaml" and "rule" in f.params
    ]
    assert found == [("plugin.died", "ends")]


@pytest.mark.parametrize("warm", [False, True])
def test_a_book_that_a_plugin_is_missing_from_is_not_kept(shop: Path, warm: bool) -> None:
    write(shop, SOUND)
    if warm:  # its plugins are the same bytes: only the sandbox is another one
        judged(shop)
        edit(shop, f"{CASE}/order.yaml", "total: 11700.00", "total: 11700.50")
        git(shop, "commit", "-qam", "another total")
    found = pipeline.find_workspace(shop)
    tree = revisions.tree_of(found, "HEAD")
    kinds = load_catalogue(tree, trusted=True)
    hurried = Sandbox(loading=0.0)
    kinds.__dict__["_sandbox"] = hurried
    with pipeline.run(found, tree, as_of=AS_OF, jobs=1, catalogue=kinds) as run:
        run.findings()
    assert {f.rule for f in kinds.ended} == {"plugin.timeout"}
    store = open_store(shop / ".orderctl/book.db")
    assert store is not None
    assert store.meta()["code"] == ""
    store.close()
    assert [f.path for f in judged(shop)[0] if f.rule == "all"]


def test_each_worker_has_a_process_of_its_own(shop: Path) -> None:
    write(
        shop,
        {"rules/own.py": RULE.format(id="own", body="yield RULE.at(doc, '/id', n=1)").replace("order", "customer", 1)},
    )
    for n in range(1200):  # enough for a pool
        (shop / f"customers/evidence/{n}.txt").write_text("paper", encoding="utf-8")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "many")
    gc.collect()
    before = children()
    alone = judged(shop)
    (shop / ".orderctl/book.db").unlink()
    together = judged(shop, jobs=2)
    assert [f.path for f in together[0] if f.rule == "own"] == ["customers/C0001.yaml"]
    assert (together[0], together[3]) == (alone[0], alone[3])
    del alone, together
    gc.collect()
    assert children() == before


def children() -> set[int]:
    """Return the processes that this one has started and that are still there, if only to be waited for."""
    return set(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()))


class Book:
    """A book that knows one document, and can fail."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.failure = failure

    def doc(self, kind: str, id: str) -> Document | None:
        if self.failure:
            raise self.failure
        return ORDER if (kind, id) == ("order", ORDER.id) else None

    def all(self, name: str) -> tuple[Any, ...]:
        return (name * 1_000_000,)


ORDER = Document("order", "O1", "orders/O1/order.yaml", "O1", "orders/O1", freeze({"total": 1}))


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def rule(id: str, body: str, above: str = "") -> tuple[str, bytes]:
    """Return a rule's path and source."""
    return f"plugins/rules/{stem(id)}.py", (HEAD + above + RULE.format(id=id, body=body)).encode()


def ended(sandbox: Sandbox, body: str, above: str = "", book: Any = None) -> tuple[str, dict[str, Any]]:
    """Run a rule that ends its process; return the code. It is called no more, and others are."""
    bad = sandbox.load(*rule("bad", body, above))
    good = sandbox.load(*rule("good", "yield RULE.at(doc, '/total')"))
    with pytest.raises(Ended) as first:
        bad.check(ORDER, book or Book())
    assert [f.pointer for f in good.check(ORDER, Book())] == ["/total"]
    with pytest.raises(Ended) as second:
        bad.check(ORDER, Book())
    assert (first.value.code, first.value.params) == (second.value.code, second.value.params)
    (found,) = sandbox.ended()
    assert (found.rule, found.path) == (first.value.code.id, "plugins/rules/bad.py")
    return found.rule, first.value.params


LINK = "import gc, os\nlink = next(o for o in gc.get_objects() if type(o).__name__ == '_Link')\n"
"""What a plugin does that knows how the sandbox works."""
DIED, ANSWER = "plugin.died", "plugin.answer"
ENDS = {
    "exit": ("import os; os._exit(3); yield", DIED, {"problem": "exit 3"}),
    "segmentation fault": ("import ctypes; ctypes.string_at(0); yield", DIED, {"problem": "signal 11"}),
    "error that can't be told": (
        "raise type('E', (Exception,), {'__str__': lambda _: 1 / 0}); yield",
        DIED,
        {"problem": "exit 1"},
    ),
    "pipes closed": ("import os; os.closerange(3, 9); yield", DIED, {"problem": "exit 1"}),
    "pipes closed, and on": ("import os; os.closerange(3, 9); import time; time.sleep(60); yield", ANSWER, {}),
    "flood": ("os.write(link._sink, b'A' * 9_999); yield", ANSWER, {}),
    "no JSON": (r"os.write(link._sink, b'\0\0\0\2{]'); yield", ANSWER, {}),
    "no text": (r"os.write(link._sink, b'\0\0\0\3\"\xff\"'); yield", ANSWER, {}),
    "deep": (r"os.write(link._sink, b'\0\1\0\0' + b'[' * 65536); yield", ANSWER, {}),
    "too long": (f"os.write(link._sink, ({LONGEST} + 1).to_bytes(4, 'big')); yield", ANSWER, {}),
    "another call": ("link.call += 1; yield", ANSWER, {}),
    "unknown field": ("link.say(trusted=True); yield", ANSWER, {}),
    "unknown question": ("link.ask('shell', 'id'); yield", ANSWER, {}),
    "wrong question": ("link.ask('doc', 'order'); yield", ANSWER, {}),
    "unknown place": ("link.ask('case', ['order', 'O1', 5, '', ''], 'order'); yield", ANSWER, {}),
    "names that it has not": ("link.ask('doc', 'order', 'O1', strict=False); yield", ANSWER, {}),
    "value that is none": ("link.ask('where', 'order', id=['O1']); yield", ANSWER, {}),
    "suspended by nobody": ("link.say(suspended=True); yield", ANSWER, {}),
    "no findings": ("link.say(result=[{'rule': 'bad'}]); yield", ANSWER, {}),
    "no mend": (
        "link.say(result=[{'rule': 'bad', 'severity': 'error', 'path': '', 'mend': ['set']}]); yield",
        ANSWER,
        {},
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_whatever_ends_the_process_is_named(sandbox: Sandbox, name: str) -> None:
    body, code, params = ENDS[name]
    assert ended(sandbox, body, LINK if "link" in body else "") == (code, params)


ENDLESS = {
    "computing": "while True: pass",
    "asking": "while True: book.doc('order', 'O1')",
    "sleeping": "import time; time.sleep(60)",
    "not listening": "link.say(asks='all', args=('order',)); import time; time.sleep(60)",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_does_not_end_is_ended(name: str) -> None:
    body = f"\n    {ENDLESS[name]}\n    yield"
    assert ended(Sandbox(seconds=0.5), body, LINK) == ("plugin.timeout", {"seconds": 0})


CLOSED = {
    "files": "open('/etc/passwd')",
    "the repository": f"open({str(Path(__file__).resolve())!r})",
    "folders": "os.listdir('/')",
    "secrets of other processes": "open(f'/proc/{os.getppid()}/environ')",
    "writing": "open('/tmp/orderctl-sandbox', 'w')",
    "deleting": "os.unlink('/tmp/orderctl-sandbox')",
    "the network": "import socket; socket.socket()",
    "a process": "os.fork()",
    "a thread": "import threading; threading.Thread(target=print).start()",
    "another program": "os.execv('/bin/true', ['true'])",
    "signals": "os.kill(os.getppid(), 0)",
    "memory": "bytes(2 << 30)",
    "a text of any length": f"book.doc('order', 'x' * {LONGEST})",
}


LANDLOCK = ctypes.CDLL(None).syscall(444, None, 0, 1) > 0
READS = ("files", "the repository", "folders", "secrets of other processes")


@pytest.mark.parametrize("name", CLOSED)
def test_what_is_closed_is_an_error_and_nothing_more(sandbox: Sandbox, name: str) -> None:
    if name in READS and not LANDLOCK:
        pytest.skip("this kernel has no Landlock: what may be read can't be told it")
    module = sandbox.load(*rule("tries", f"{CLOSED[name]}; yield", "import os\n"))
    with pytest.raises(Told, match=r"^(PermissionError|MemoryError|RuntimeError|ValueError), check:1\d:"):
        module.check(ORDER, Book())
    assert sandbox.ended() == []


def test_nothing_of_this_process_is_there(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    read, write = os.pipe()
    os.set_inheritable(read, True)
    body = "yield RULE.at(doc, '', n=repr([dict(os.environ), os.getcwd(), [n for n in range(64) if there(n)]]))"
    above = "import os\ndef there(n):\n    try: return bool(os.fstat(n))\n    except OSError: return False\n"
    (found,) = sandbox.load(*rule("looks", body, above)).check(ORDER, Book())
    os.close(read)
    os.close(write)
    environment, folder, open_ = eval(str(found.params["n"]))
    assert (set(environment) - {"LC_CTYPE"}, folder, open_) == (set(), "/", [0, 1, 2, 3, 4])


def test_what_computing_needs_is_there(sandbox: Sandbox) -> None:
    imports = (
        "import decimal, json, random, re, sqlite3, tempfile, zoneinfo, orderctl.workdays, orderctl.words, msgspec"
    )
    body = f"{imports}; yield RULE.at(doc, '', n=str(zoneinfo.ZoneInfo('Asia/Shanghai')) + str(random.random() < 2))"
    (found,) = sandbox.load(*rule("computes", body)).check(ORDER, Book())
    assert found.params["n"] == "Asia/ShanghaiTrue"


def test_what_the_book_raises_comes_back_as_it_is(sandbox: Sandbox) -> None:
    """A damaged book is no plugin's fault; one that lets nothing pass has heard of it all the same."""
    asks = sandbox.load(*rule("asks", "book.doc('order', 'O1'); yield"))
    hears = sandbox.load(
        *rule("hears", "\n    try: book.doc('order', 'O1')\n    except Exception: yield RULE.at(doc, '')")
    )
    failure = OSError("damaged")
    with pytest.raises(OSError, match="damaged") as caught:
        asks.check(ORDER, Book(failure))
    assert caught.value is failure
    assert len(hears.check(ORDER, Book(failure))) == 1
    assert sandbox.ended() == []


def test_who_interrupts_has_interrupted_the_plugin_too(sandbox: Sandbox) -> None:
    asks = sandbox.load(*rule("asks", "assert book.doc('order', 'O1') == doc; yield RULE.at(doc, '')"))
    with pytest.raises(KeyboardInterrupt):
        asks.check(ORDER, Book(KeyboardInterrupt()))
    assert len(asks.check(ORDER, Book())) == 1
    assert sandbox.ended() == []


def test_who_dies_between_two_calls_is_found_out_at_the_next() -> None:
    """All plugins share a process: it is the next one that is blamed. Nothing passes either way."""
    gc.collect()
    before = children()
    sandbox = Sandbox()
    sly = sandbox.load(*rule("sly", "type(link).read = lambda _: os._exit(0); yield RULE.at(doc, '')", LINK))
    good = sandbox.load(*rule("good", "yield RULE.at(doc, '')"))
    assert len(sly.check(ORDER, Book())) == 1
    (pid,) = children() - before
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(Ended) as caught:
        good.check(ORDER, Book())
    assert caught.value.params == {"problem": "exit 0"}


def test_the_process_ends_with_its_sandbox() -> None:
    gc.collect()
    before = children()
    sandbox = Sandbox()
    module = sandbox.load(*rule("good", "yield RULE.at(doc, '')"))
    assert len(children() - before) == 1
    del module, sandbox
    gc.collect()
    assert children() == before


LOADS = {
    "exit": ("import os; os._exit(0)", "plugin.died"),
    "an interrupt": ("raise KeyboardInterrupt", "plugin.died"),
    "SystemExit": ("raise SystemExit(0)", "plugin.broken"),
    "files": ("open('/dev/null', 'w')", "plugin.broken"),
    "nonsense": (f"{LINK}link.say(result={{'what': 5}})", "plugin.answer"),
    "no code": (f"{LINK}link.say(result={{'unfit': 'total-wrong'}})", "plugin.answer"),
    "no hook": ("", "plugin.misspelt"),
}


@pytest.mark.parametrize("name", LOADS)
def test_a_plugin_that_cannot_be_loaded_there(sandbox: Sandbox, name: str) -> None:
    source, code = LOADS[name]
    with pytest.raises(Unfit) as caught:
        sandbox.load("plugins/rules/bad.py", (HEAD + source).encode())
    assert (caught.value.finding.rule, caught.value.finding.path) == (code, "plugins/rules/bad.py")
    assert len(sandbox.load(*rule("good", "yield RULE.at(doc, '')")).check(ORDER, Book())) == 1


def test_what_it_declares_is_examined_here(shop: Path) -> None:
    """A plugin that has its way with the sandbox still declares no other's id."""
    texts = dict.fromkeys(("since", "zh", "en", "hint_zh", "hint_en"), "x")
    declared = {"what": {"id": "total-wrong", "on": "order", "severity": "error", **texts}, "page": "mine"}
    once = "say = type(link).say\ndef once(link, **_): type(link).say = say\ntype(link).say = once\n"
    sly = f"{LINK}link.say(result={declared})\n{once}"
    write(shop, {"rules/sly.py": sly})
    _, _, kinds, _ = judged(shop)
    assert ("plugin.misspelt", "plugins/rules/sly.py") in {(f.rule, f.path) for f in kinds.problems}
    assert kinds.rules["total-wrong"].origin == "built-in"


def test_without_own_plugins_nothing_is_started(shop: Path) -> None:
    assert load_catalogue(revisions.tree_of(pipeline.find_workspace(shop), "HEAD"), trusted=True).rules
    _, _, kinds, _ = judged(shop)
    assert "_sandbox" not in kinds.__dict__


def test_a_view_can_be_asked_there_too(sandbox: Sandbox) -> None:
    page = 'PAGE = Page(id="own", on="", since="0.1", zh="甲", en="own", file="own.html")\n'
    view = '@hookimpl\ndef view(doc, book):\n    return {"doc": doc, "order": book.doc("order", "O1").id}\n'
    assert len(sandbox.load(*rule("good", "yield RULE.at(doc, '')")).check(ORDER, Book())) == 1
    module = sandbox.load("plugins/pages/own.py", (HEAD + page + view).encode())
    assert module.view(None, Book()) == {"doc": None, "order": "O1"}


def teardown_module() -> None:
    shutil.rmtree("/tmp/orderctl-sandbox", ignore_errors=True)
