"""Nobody has compared a business licence with the public register.

营业执照还没有到公示系统核验。

## Why is this bad?

A copy is easily forged, and a genuine licence may have been revoked since. Only the register of the authority tells.

复印件容易伪造，真执照也可能已被吊销，只有登记机关的公示系统说了算。

## Fails

```yaml
# customers/C0001.yaml
licence:
  verified_on: null  # warning: licence-not-verified
```

## Passes

```yaml
# customers/C0001.yaml
licence:
  verified_by: lin-xiao
  verified_on: 2024-05-01
  register: 国家企业信用信息公示系统
```

## How to fix

Look the firm up in the National Enterprise Credit Information Publicity System (gsxt.gov.cn) and write who did it,
when, and against which register.

到国家企业信用信息公示系统（gsxt.gov.cn）查询，写明核验人、核验日期和所查的系统。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="licence-not-verified",
    on="customer",
    severity=Severity.WARNING,
    since="0.1",
    zh="客户 {customer_zh} 的营业执照未核验：缺少{missing_zh}",
    en="the licence of {customer_en} is not verified: {missing_en} missing",
    hint_zh="核验后补充{missing_zh}",
    hint_en="verify it and add {missing_en}",
    covers=("CUS-3",),
)

PARTS = (
    ("verified_by", "核验人 verified_by", "verified_by"),
    ("verified_on", "核验日期 verified_on", "verified_on"),
    ("register", "核验系统 register", "register"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield one finding that names what the verification lacks: by whom, when, against which register."""
    licence = doc.get("licence")
    if licence is None:
        return
    missing = [(key, zh, en) for key, zh, en in PARTS if key not in licence]
    if missing:
        yield RULE.at(
            doc,
            f"/licence/{missing[0][0]}",
            customer_zh=doc["name"],
            customer_en=doc.get("name_en", doc["name"]),
            missing_zh="、".join(zh for _, zh, _ in missing),
            missing_en=", ".join(en for _, _, en in missing),
        )
