"""An evidence file is not the one that the document was written about.

证据文件的内容与单据记录的不一致。

## Why is this bad?

The SHA-256 pins the very file that was seen when the document was written. A file with another one was exchanged or
damaged afterwards: it proves nothing.

SHA-256 锁定了填单时所见的那份文件。哈希变了，说明文件事后被换过或已损坏，不能再作凭据。

## Fails

```yaml
# orders/2024/05/OD2024050012/delivery-1.yaml
proof:
  sha256: "0000000000000000000000000000000000000000000000000000000000000000"  # error: evidence-hash-differs
```

## Passes

```yaml
# orders/2024/05/OD2024050012/delivery-1.yaml
proof:
  title: 签收单扫描件
```

## How to fix

Find out why the file changed (`git log -- <file>`) and bring the original back. Only if the new file is right and
somebody has looked at it, write its hash.

先查清文件为何变化（`git log -- <文件>`），恢复原件。确认新文件无误并有人看过之后，才改写哈希。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.walk import file_of, named_files

RULE = Rule(
    id="evidence-hash-differs",
    on=("customer", "requirement", "quotation", "order", "shipment", "delivery", "feedback", "ticket"),
    severity=Severity.ERROR,
    since="0.1",
    zh="证据文件 {file} 的 SHA-256 与记录不符",
    en="evidence file {file} has another SHA-256 than recorded",
    hint_zh="先恢复原件；确认新文件无误后才改写 sha256: {actual}",
    hint_en="restore the original; write sha256: {actual} only if the new file is right",
    covers=("CUS-3", "REQ-1", "REQ-3"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each named file whose bytes have another SHA-256; a missing one is another finding."""
    for pointer, entry in named_files(doc.data):
        stated = entry.get("sha256")
        found = file_of(book, entry["file"]) if stated is not None else None
        if found is not None and found["sha256"] != stated:
            yield RULE.at(doc, f"{pointer}/sha256", file=entry["file"], actual=found["sha256"])
