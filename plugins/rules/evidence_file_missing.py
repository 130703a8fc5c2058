"""A document names an evidence file that isn't there.

单据引用的证据文件不存在。

## Why is this bad?

A signature, a slip or a recording is worth something only if it can be shown. Months later, in a dispute, nobody
finds the file on somebody's phone.

签字件、签收单、录音，拿得出来才有用。几个月后起了争议，没人能从谁的手机里把文件找回来。

## Fails

```yaml
# orders/2024/05/OD2024050012/delivery-1.yaml
proof:
  file: orders/2024/05/OD2024050012/evidence/slip.jpg  # error: evidence-file-missing
```

## Passes

```yaml
# orders/2024/05/OD2024050012/delivery-1.yaml
proof:
  file: orders/2024/05/OD2024050012/evidence/slip.txt
```

## How to fix

Put the file where the document says, or correct the path. Paths start at the root of the workspace.

把文件放到所写的位置，或改正路径。路径从工作区根目录写起。
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="evidence-file-missing",
    on=("customer", "requirement", "quotation", "order", "shipment", "delivery", "feedback", "ticket"),
    severity=Severity.ERROR,
    since="0.1",
    zh="证据文件 {file} 不存在",
    en="evidence file {file} does not exist",
    hint_zh="补上该文件，或改正路径（从工作区根目录写起）",
    hint_en="add the file, or correct its path from the workspace's root",
    covers=("CUS-3", "REQ-1", "REQ-3"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each ``file`` in the document that the tree doesn't have."""
    for pointer, entry in _named_files(doc.data):
        if book.file(entry["file"]) is None:
            yield RULE.at(doc, f"{pointer}/file", file=entry["file"])


def _named_files(value: Any, pointer: str = "") -> list[tuple[str, Any]]:
    """Return pointer and map of everything in a document that names a file; order lines name none."""
    found = [(pointer, value)] if "file" in value else []
    for key, entry in value.items():
        if isinstance(entry, str):
            continue
        if isinstance(entry, dict):
            found += _named_files(entry, f"{pointer}/{key}")
        elif isinstance(entry, tuple) and key != "lines":
            for at, one in enumerate(entry):
                if isinstance(one, dict):
                    found += _named_files(one, f"{pointer}/{key}/{at}")
    return found
