"""A document names an evidence file without its SHA-256.

单据引用了证据文件，却没有写 SHA-256。

## Why is this bad?

Without the hash the file can be exchanged at any time, and nobody notices.

没有哈希，文件随时可以被替换而无人察觉。

## Fails

```yaml
# orders/2024/05/OD2024050012/feedback.yaml
confirmation:
  sha256: null  # error: evidence-hash-missing
```

## Passes

```yaml
# orders/2024/05/OD2024050012/feedback.yaml
confirmation:
  how: recording
```

## How to fix

Open the file, see that it is the right one, and write the hash that the finding shows.

打开文件，确认无误后，写上提示中的哈希。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl
from orderctl.walk import file_of, named_files

RULE = Rule(
    id="evidence-hash-missing",
    on=("customer", "requirement", "quotation", "order", "shipment", "delivery", "feedback", "ticket"),
    severity=Severity.ERROR,
    since="0.1",
    zh="证据文件 {file} 没有写 SHA-256",
    en="evidence file {file} has no SHA-256",
    hint_zh="确认文件无误后填写 sha256: {actual}",
    hint_en="see that it is the right file, then write sha256: {actual}",
    covers=("CUS-3", "REQ-1", "REQ-3"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each named file that exists and isn't pinned. Its mend isn't safe: a person has to look."""
    for pointer, entry in named_files(doc.data):
        found = file_of(book, entry["file"]) if "sha256" not in entry else None
        if found is not None:
            at = f"{pointer}/sha256"
            mend = Mend("set", found["sha256"], at, safe=False)
            yield RULE.at(doc, at, mend=mend, file=entry["file"], actual=found["sha256"])
