"""What histories are made of: documents as plain values, commits over them, and the Git objects that say the same.

The reference model reads the values, the gate reads the bytes. Objects lie in memory; ``Store.pack`` writes them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache, lru_cache
from hashlib import sha1, sha256
from typing import Any

from orderctl.desk.demo_pack import Pack
from orderctl.digest import digest_without, value_digest
from orderctl.load import load
from orderctl.money import capitals, line_tax
from tests.trust.company import POLICY, REPOSITORY, dump, immaterial
from tests.trust.signing import Signer, ed25519_signer
from tests.workspaces import BASE

STATEMENT = "orderctl-approval@v1"
DAY = int(datetime(2024, 5, 20, 2, tzinfo=UTC).timestamp())
"""Ten in the morning of 20 May 2024 in the company's zone: orders are submitted from here on."""
RETIRED = DAY + 86400
ROLES: dict[str, tuple[str, ...]] = {
    "lin-xiao": ("sales",),
    "bo-wen": ("sales", "sales-supervisor", "finance"),
    "chen-jie": ("sales-supervisor",),
    "su-cai": ("policy-admin", "finance"),
    "tang-gong": ("production",),
    "he-cang": ("warehouse",),
    "jiang-ming": ("policy-admin", "sales-director"),
    "gao-yuan": ("policy-admin", "general-manager"),
}
OLD_KEYS = ("lin-xiao/old", "su-cai/old")
"""Keys that were retired before anything here was observed."""


@dataclass(frozen=True, slots=True)
class Order:
    number: str
    quantity: int
    price: int
    handler: str = "lin-xiao"
    phone: str = "13900000003"
    entered_by: str = "lin-xiao"
    revision: int = 1

    @property
    def material(self) -> tuple[str, int, int]:
        return self.number, self.quantity, self.price


@dataclass(frozen=True, slots=True)
class Submission:
    order: Order
    """What was on the submitter's desk: number, revision, content and bytes."""
    by: str
    authors: tuple[str, ...]
    at: int = DAY


@dataclass(frozen=True, slots=True)
class Customer:
    limit: int = 200000
    mail: str = "li.qiang@yunfan.example"


@dataclass(frozen=True, slots=True)
class Shipment:
    lines: int = 1


@dataclass(frozen=True, slots=True)
class People:
    roles: tuple[tuple[str, tuple[str, ...]], ...] = tuple(ROLES.items())
    retired: frozenset[str] = frozenset(OLD_KEYS)


@dataclass(frozen=True, slots=True)
class Flows:
    needs: int = 2


@dataclass(frozen=True, slots=True)
class Manifest:
    version: int
    people: People
    flows: Flows
    previous: Manifest | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """About an order, or about the policy if ``about`` is a manifest."""

    about: Order | Manifest
    stage: str
    person: str
    policy: Manifest
    at: int
    nonce: str
    decision: str = "approve"
    zulu: bool = False
    expires: int = 0
    seen: int = 0
    """The credit limit that it rests on, 0: none."""
    bare: bool = False
    here: bool = True
    withdraws: Statement | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """Any file, byte by byte; the model knows nothing of it."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Sig:
    of: Statement | Submission | Raw
    key: str
    namespace: str = STATEMENT


@dataclass(frozen=True, slots=True)
class Gone:
    """No file: what ``static`` would put there was removed."""


Doc = Gone | Order | Submission | Customer | Shipment | People | Flows | Manifest | Statement | Sig | Raw
Files = Mapping[str, Doc]


@dataclass(frozen=True, eq=False)
class Commit:
    """``key``: whose key signed it, "" for nobody; ``broken``: something was changed after signing."""

    id: str
    parents: tuple[Commit, ...]
    files: Files
    at: int
    key: str = ""
    namespace: str = "git"
    broken: bool = False


@cache
def signer(key: str) -> Signer:
    return ed25519_signer(sha256(f"model {key}".encode()).digest())


@lru_cache(maxsize=20000)
def render(doc: Doc) -> bytes:
    """Return a document's bytes."""
    if isinstance(doc, Raw):
        return doc.data
    if isinstance(doc, Sig):
        return signer(doc.key).armor(render(doc.of), doc.namespace.encode())
    if isinstance(doc, Order):
        return _order(doc)
    if isinstance(doc, Customer):
        text = (BASE / "customers/C0001.yaml").read_text(encoding="utf-8")
        text = text.replace("limit: 200000.00", f"limit: {doc.limit}.00").replace("li.qiang@yunfan.example", doc.mail)
        return text.encode()
    if isinstance(doc, Shipment):
        progress = "progress:\n  - {stage: packing, owner: he-cang, started: 2024-05-24}\n"
        return f"schema: shipment/1\nlines:\n  - {{line: 1, quantity: {doc.lines}}}\n{progress}".encode()
    if isinstance(doc, People):
        return _people(doc)
    if isinstance(doc, Flows):
        return (POLICY / "flows.yaml").read_bytes().replace(b"needs: 2", b"needs: %d" % doc.needs)
    assert not isinstance(doc, Gone)
    return dump(_fields(doc)).encode()


def _order(doc: Order) -> bytes:
    text = (BASE / "orders/2024/05/OD2024050013/order.yaml").read_text(encoding="utf-8")
    amount = Decimal(doc.quantity * doc.price)
    for old, new in (
        ("OD2024050013", doc.number),
        ("revision: 1", f"revision: {doc.revision}"),
        ("handler: lin-xiao", f"handler: {doc.handler}"),
        ("entered_by: lin-xiao", f"entered_by: {doc.entered_by}"),
        ('phone: "13900000003"', f'phone: "{doc.phone}"'),
        ("quantity: 20", f"quantity: {doc.quantity}"),
        ("350.00", f"{doc.price}.00"),
        ("7000.00", f"{amount}.00"),
        ("805.31", str(line_tax(amount, Decimal(13), True))),
        ("柒仟元整", capitals(amount)),
    ):
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def _people(doc: People) -> bytes:
    rows = ["schema: people/1", "people:"]
    for person, roles in doc.roles:
        rows += [
            f"  - id: {person}",
            f"    name: {person}",
            "    department: sales",
            f"    roles: [{', '.join(roles)}]",
        ]
        rows.append("    keys:")
        for key in (person, f"{person}/second", *(k for k in OLD_KEYS if k.startswith(person))):
            retired = f", retired_at: {instant(RETIRED)}" if key in doc.retired else ""
            rows.append(f'      - {{key: "{signer(key).public()}"{retired}}}')
    return ("\n".join(rows) + "\n").encode()


def _fields(doc: Submission | Statement | Manifest) -> dict[str, Any]:
    if isinstance(doc, Manifest):
        return _manifest(doc)
    if isinstance(doc, Submission):
        return {
            "schema": "submission/1",
            "repository": REPOSITORY,
            "number": doc.order.number,
            "revision": doc.order.revision,
            "digest": digest(doc.order),
            "immaterial": left_out(),
            "sha256": sha256(render(doc.order)).hexdigest(),
            "submitted_by": doc.by,
            "submitted_at": instant(doc.at),
            "authors": list(doc.authors),
            "policy": {"version": 1, "digest": sha256(render(start()["policy/policy.yaml"])).hexdigest()},
            "nonce": nonce(repr(doc)),
        }
    about = doc.about
    order = isinstance(about, Order)
    customer = "customers/C0001.yaml"
    seen = [("/credit/limit", Decimal(doc.seen)), ("/credit/grade", "B")] if doc.seen else []
    fields: dict[str, Any] = {
        "schema": "approval/1",
        "repository": REPOSITORY if doc.here else "00000000-0000-4000-8000-000000000000",
        "subject": "order" if order else "policy",
        "number": about.number if isinstance(about, Order) else "policy",
        "path": "order.yaml" if order else "policy/policy.yaml",
        "revision": about.revision if isinstance(about, Order) else about.version,
        "digest": digest(about) if isinstance(about, Order) else sha256(render(about)).hexdigest(),
        "immaterial": left_out() if order else [],
        "stage": doc.stage,
        "decision": doc.decision,
        "opinion": "同意" if doc.bare else "价格、数量与交期须逐项核对，已核对",
        "person": doc.person,
        "issued": instant(doc.at, doc.zulu),
        "policy": {"version": doc.policy.version, "digest": sha256(render(doc.policy)).hexdigest()},
        "context": [{"path": customer, "pointer": p, "digest": value_digest(v)} for p, v in seen],
        "nonce": nonce(doc.nonce),
    }
    if doc.expires:
        fields["expires"] = instant(doc.expires)
    if doc.withdraws:
        fields["withdraws"] = sha256(render(doc.withdraws)).hexdigest()
    return fields


def _manifest(doc: Manifest) -> dict[str, Any]:
    files = {path: data for path, data in static().items() if path.startswith(("policy/", "calendar/"))}
    files |= {path: data for path, data in static().items() if path == "orderctl.yaml"}
    files |= {"policy/people.yaml": render(doc.people), "policy/flows.yaml": render(doc.flows)}
    previous = {"previous": sha256(render(doc.previous)).hexdigest()} if doc.previous else {}
    return {"schema": "policy/1", "version": doc.version, **previous} | {
        "issued": instant(DAY),
        "by": "gao-yuan",
        "reason": "a change of policy",
        "files": [{"path": p, "sha256": sha256(files[p]).hexdigest()} for p in sorted(files)],
    }


@lru_cache(maxsize=20000)
def _digest(number: str, quantity: int, price: int) -> str:
    found = load("order.yaml", render(Order(number, quantity, price)))[0]
    assert found is not None
    return digest_without(found, left_out())


def digest(order: Order) -> str:
    return _digest(*order.material)


@lru_cache(maxsize=1)
def left_out() -> list[str]:
    return immaterial("order")


def nonce(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def instant(at: int, zulu: bool = False) -> str:
    zone = UTC if zulu else timezone(timedelta(hours=8))
    return datetime.fromtimestamp(at, zone).isoformat().replace("+00:00", "Z")


@lru_cache(maxsize=1)
def static() -> dict[str, bytes]:
    """Return the files that no history changes."""
    skip = ("policy/people.yaml", "policy/flows.yaml", "customers/C0001.yaml")
    files = {p.relative_to(BASE).as_posix(): p.read_bytes() for p in sorted(BASE.rglob("*")) if p.is_file()}
    files |= {f"policy/{p.name}": p.read_bytes() for p in POLICY.glob("*.yaml")}
    return {path: data for path, data in files.items() if path not in skip}


def start() -> dict[str, Doc]:
    """Return the first state's documents."""
    people, flows = People(), Flows()
    return {
        "policy/people.yaml": people,
        "policy/flows.yaml": flows,
        "policy/policy.yaml": Manifest(1, people, flows),
        "customers/C0001.yaml": Customer(),
    }


@dataclass
class Store:
    """Git objects in memory: what ``orderctl.objects.Objects`` reads from a repository."""

    objects: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    ids: dict[Doc | str, str] = field(default_factory=dict)

    def get(self, id: str) -> tuple[str, bytes] | None:
        return self.objects.get(id)

    def blob(self, id: str) -> bytes | None:
        found = self.objects.get(id)
        return found[1] if found and found[0] == "blob" else None

    def holds(self, _id: str) -> bool:
        return True

    def prefetch(self, ids: Iterable[str]) -> None:
        """All are at hand."""

    def commit(
        self, parents: tuple[Commit, ...], files: Files, at: int, key: str, namespace: str = "git", broken: bool = False
    ) -> Commit:
        """Make a commit."""
        head = "".join([f"tree {self._tree(files)}\n", *(f"parent {p.id}\n" for p in parents)])
        who = f"{key or 'somebody'} <{key or 'somebody'}@muyan.example> {at} +0800"
        head += f"author {who}\ncommitter {who}\n"
        body = "\nchange\n"
        data = head + body
        if key:
            lines = signer(key).armor(data.encode(), namespace.encode()).decode().rstrip("\n").split("\n")
            data = head + "gpgsig " + "\n ".join(lines) + "\n" + (body.replace("change", "changed") if broken else body)
        return Commit(
            self._add("commit", data.encode()), parents, dict(files), at, key, namespace, broken and bool(key)
        )

    def pack(self) -> bytes:
        """Return all objects as a pack."""
        pack = Pack()
        for type, data in self.objects.values():
            pack._add(type, data)
        return pack.data()

    def _tree(self, files: Files) -> str:
        root: dict[str, Any] = {}
        for path, content in {**static(), **files}.items():
            if isinstance(content, Gone):
                continue
            *folders, name = path.split("/")
            here = root
            for folder in folders:
                here = here.setdefault(folder, {})
            here[name] = self._blob(path, content)
        return self._folder(root)

    def _blob(self, path: str, content: Doc | bytes) -> str:
        known = path if isinstance(content, bytes) else content
        found = self.ids.get(known)
        if found is None:
            data = content if isinstance(content, bytes) else render(content)
            found = self.ids[known] = self._add("blob", data)
        return found

    def _folder(self, folder: dict[str, Any]) -> str:
        rows = [
            ("100644", n, it) if isinstance(it, str) else ("40000", n, self._folder(it)) for n, it in folder.items()
        ]
        rows.sort(key=lambda row: row[1] + "/" if row[0] == "40000" else row[1])
        return self._add("tree", b"".join(f"{m} {n}\0".encode() + bytes.fromhex(i) for m, n, i in rows))

    def _add(self, type: str, data: bytes) -> str:
        id = sha1(f"{type} {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()
        self.objects[id] = (type, data)
        return id


def described(files: Files) -> str:
    """Return what a state holds, for the message of a failing test."""
    return "".join(f"\n  {path}: {_short(doc)}" for path, doc in sorted(files.items()))


def _short(doc: Doc) -> str:
    if isinstance(doc, Sig):
        return f"Sig({doc.key} {doc.namespace} {sha256(render(doc.of)).hexdigest()[:8]})"
    if not isinstance(doc, Statement):
        return str(doc)[:300]
    about = doc.about.version if isinstance(doc.about, Manifest) else (*doc.about.material, doc.about.revision)
    rest = f"seen={doc.seen} expires={doc.expires} zulu={doc.zulu} bare={doc.bare} here={doc.here} {doc.nonce!r}"
    what = f"{doc.decision} {doc.stage} {doc.person} at={doc.at} policy={doc.policy.version} {rest}"
    return f"Statement({about} {what} {sha256(render(doc)).hexdigest()[:8]})"
