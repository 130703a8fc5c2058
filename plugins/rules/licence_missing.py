"""A company is on file without a copy of its business licence.

企业客户档案中没有营业执照副本。

## Why is this bad?

The licence is the proof that the firm exists and may trade. Goods on credit for a firm that doesn't exist are lost.

营业执照证明企业真实存在、可以经营。赊销给不存在的企业，货款就收不回来了。

## Fails

```yaml
# customers/C0001.yaml
licence: null  # error: licence-missing
```

## Passes

Persons and foreign customers need none.

个人和境外客户不需要。

```yaml
# customers/C0001.yaml
kind: individual
code: individual
licence: null
```

## How to fix

Put the copy into `customers/evidence/` and name it in `licence` with its SHA-256: `sha256sum <file>`.

把副本放入 `customers/evidence/`，在 `licence` 中写明文件和 SHA-256（`sha256sum <文件>`）。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="licence-missing",
    on="customer",
    severity=Severity.ERROR,
    since="0.1",
    zh="客户 {customer_zh} 没有营业执照副本",
    en="customer {customer_en} has no business licence on file",
    hint_zh="向客户索取营业执照副本，存为证据文件并填写 licence",
    hint_en="ask for a copy, file it as evidence and fill in licence",
    covers=("CUS-3",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for a state-owned or private customer without a licence."""
    if "licence" not in doc and doc["kind"] not in ("individual", "foreign"):
        yield RULE.at(doc, "/licence", customer_zh=doc["name"], customer_en=doc.get("name_en", doc["name"]))
