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

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.walk import file_of, named_files

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
    for pointer, entry in named_files(doc.data):
        if file_of(book, entry["file"]) is None:
            yield RULE.at(doc, f"{pointer}/file", file=entry["file"])
