"""What somebody is about to sign, in words, computed from the very bytes: nothing unseen stays unseen.

Control characters, text that runs backwards and characters without width are spelled out, so that no name can pass for
another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from gettext import NullTranslations
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orderctl.desk.matter import POLICY
from orderctl.labels import field_name, node_of, value_name
from orderctl.load import load
from orderctl.model import Document, freeze
from orderctl.terminal import pad, table, visible, width

if TYPE_CHECKING:
    from orderctl.desk.matter import Desk, Matter
    from orderctl.desk.policy_change import PolicyDraft
    from orderctl.desk.statements import Looked
    from orderctl.names import Names

_ORDER = ("/number", "/revision", "/date", "/kind", "/urgent")
_TERMS = ("/delivery/due", "/delivery/method", "/delivery/address", "/payment/*", "/invoice/*", "/remarks")
"""``*``: every field that is there."""
_LINES = ("line", "product", "name", "specification", "quantity", "unit", "unit_price", "discount", "amount")
_SAID = ("decision", "stage", "person", "for", "opinion", "reason", "issued", "expires")
_LONG = 300
"""Characters of one value that are shown at most; the digest covers the rest."""
Row = tuple[str, str]


def summary(
    at: Desk, matter: Matter, statement: bytes, looked: Iterable[Looked], texts: NullTranslations, language: str
) -> str:
    """Return the text that is shown before signing: the document, what the stage looks at, the decision, digests."""
    _ = texts.gettext
    said = freeze(load("", statement)[0] or {})
    data = freeze(load(matter.subject.document.path, matter.raw)[0] or {})
    doc = matter.subject.document
    schema = at.catalogue.kinds[doc.kind].schema
    tell = _Teller(schema, at.names, texts, language)
    parts = [_heading(at.catalogue.kinds[doc.kind].title(language), matter.subject.number), f"  {visible(doc.path)}\n"]
    if doc.kind == "order":
        parts += _order(at, data, tell)
    else:
        parts.append(rows(tell.rows(data, [f"/{k}" for k in data if k not in ("schema", "files", "previous")])))
    if doc.kind == "policy":
        parts.append(rows(_files(at, data, _)))
    basis = [
        (_place(at, path, pointer, texts, language), tell.words(value) or _("(nothing)"))
        for path, pointer, value in looked
    ]
    if basis:
        parts.append(_heading(_("What this stage looks at")) + rows(basis))
    own = _Teller(at.catalogue.kinds["approval"].schema, at.names, texts, language)
    parts.append(_heading(_("Statement")))
    marks = [
        (_("Digest of the content"), str(said.get("digest", ""))),
        (_("Policy"), str(said["policy"]["version"])),
        (_("SHA-256 of what is signed"), sha256(statement).hexdigest()),
    ]
    return "".join(parts) + rows([*own.rows(said, [f"/{k}" for k in _SAID]), *marks])


def _place(at: Desk, path: str, pointer: str, texts: NullTranslations, language: str) -> str:
    """Return the name of a field that a stage looks at, and where it is."""
    document = at.state.document(path)
    schema = at.catalogue.kinds[document.kind].schema if document else {}
    return f"{field_name(schema, pointer, texts, language)} ({path} {pointer})" if pointer else path


def submission_summary(at: Desk, matter: Matter, made: bytes, texts: NullTranslations, language: str) -> str:
    """Return the text that is shown before a submission is signed."""
    _ = texts.gettext
    said = freeze(load("", made)[0] or {})
    data = freeze(load(matter.subject.document.path, matter.raw)[0] or {})
    doc = matter.subject.document
    tell = _Teller(at.catalogue.kinds[doc.kind].schema, at.names, texts, language)
    head = _heading(at.catalogue.kinds[doc.kind].title(language), matter.subject.number) + f"  {visible(doc.path)}\n"
    own = _Teller(at.catalogue.kinds["submission"].schema, at.names, texts, language)
    fields = ("/revision", "/submitted_by", "/submitted_at", "/self_check", "/authors")
    marks = [
        (_("Digest of the content"), str(said["digest"])),
        (_("SHA-256 of what is signed"), sha256(made).hexdigest()),
    ]
    return (
        head
        + "".join(_order(at, data, tell))
        + _heading(at.catalogue.kinds["submission"].title(language))
        + rows([*own.rows(said, fields), *marks])
    )


def policy_summary(at: Desk, made: PolicyDraft, texts: NullTranslations, language: str) -> str:
    """Return the text that is shown before a changed policy is committed."""
    _ = texts.gettext
    data = freeze(load(POLICY, made.manifest)[0] or {})
    tell = _Teller(at.catalogue.kinds["policy"].schema, at.names, texts, language)
    words = {"added": _("added"), "changed": _("changed"), "removed": _("dropped")}
    return (
        _heading(at.catalogue.kinds["policy"].title(language))
        + rows(tell.rows(data, [f"/{k}" for k in data if k not in ("schema", "files", "previous")]))
        + rows((words[change], path) for path, change in made.changes.items())
        + rows([(_("SHA-256"), sha256(made.manifest).hexdigest())])
    )


def waiver_summary(at: Desk, id: str, made: bytes, texts: NullTranslations, language: str) -> str:
    """Return the text that is shown before a waiver is committed."""
    kind = at.catalogue.kinds["waiver"]
    data = freeze(load("", made)[0] or {})
    fields = [f"/{name}" for name in kind.schema["properties"] if name != "schema"]
    return _heading(kind.title(language), id) + rows(_Teller(kind.schema, at.names, texts, language).rows(data, fields))


def _heading(*words: str) -> str:
    return "\n" + " ".join(visible(w) for w in words) + "\n"


def rows(found: Iterable[Row]) -> str:
    """Return label and value in two columns."""
    kept = [(visible(label), visible(value)) for label, value in found]
    room = max((width(label) for label, _ in kept), default=0)
    return "".join(f"  {pad(label, room)}  {value}\n" for label, value in kept)


class _Teller:
    """Names of fields and values of one kind in the run's language."""

    def __init__(self, schema: Mapping[str, Any], names: Names, texts: NullTranslations, language: str) -> None:
        self.schema, self.texts, self.language = schema, texts, language
        self.call = names.caller(language)

    def rows(self, data: Mapping[str, Any], pointers: Iterable[str]) -> Iterator[Row]:
        """Yield label and value of the fields that are there."""
        document = Document("", "", "", "", "", data)
        for pointer in pointers:
            value = document.get(pointer.removesuffix("/*"))
            if pointer.endswith("/*") and isinstance(value, Mapping):
                group = pointer.removesuffix("/*")
                inner = self.rows(data, [f"{group}/{key}" for key in value])
                yield from ((f"{self.label(group)} · {label}", words) for label, words in inner)
            elif value not in (None, "", ()):
                yield self.label(pointer), self.words(value, pointer)

    def label(self, pointer: str) -> str:
        return field_name(self.schema, pointer, self.texts, self.language)

    def words(self, value: Any, pointer: str = "") -> str:
        node = node_of(self.schema, pointer) if pointer else None
        text = value_name(value, self.texts, self.language, node, call=self.call)
        return text if len(text) <= _LONG else text[:_LONG] + "…"


def _order(at: Desk, data: Mapping[str, Any], tell: _Teller) -> Iterator[str]:
    """Yield what an order is about: customer, money, lines, due date, terms."""
    head = list(tell.rows(data, _ORDER))
    customer = at.state.doc("customer", str(data.get("customer", "")))
    name = f"{data.get('customer', '')} {customer.get('name', '') if customer else ''}".strip()
    total = f"{tell.words(data.get('total'))} {data.get('currency', '')}".strip()
    capitals = f"（{data['total_capitals']}）" if data.get("total_capitals") else ""
    head += [(tell.label("/customer"), name), (tell.label("/total"), total + capitals)]
    yield rows(head)
    lines = [row for row in data.get("lines", ()) if isinstance(row, Mapping)]
    shown = [name for name in _LINES if any(row.get(name) not in (None, "") for row in lines)]
    if lines and shown:
        cells = [[visible(tell.words(row.get(name), f"/lines/0/{name}")) for name in shown] for row in lines]
        heads = [visible(tell.label(f"/lines/0/{name}")) for name in shown]
        indented = [["  " + row[0], *row[1:]] for row in [heads, *cells]]
        yield "\n" + table(indented) + "\n"
    yield rows(tell.rows(data, _TERMS))


def _files(at: Desk, data: Mapping[str, Any], _: Any) -> Iterator[Row]:
    """Yield which trusted files the new policy adds, changes and drops."""
    new = {str(f["path"]): str(f["sha256"]) for f in data.get("files", ())}
    before = at.rules.document(POLICY) if at.rules is not at.state else None
    old = {str(f["path"]): str(f["sha256"]) for f in before.get("files", ())} if before else {}
    for path in sorted({*new, *old}):
        if new.get(path) != old.get(path):
            yield (_("added") if path not in old else _("dropped") if path not in new else _("changed")), path
