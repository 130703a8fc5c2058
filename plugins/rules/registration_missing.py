"""A customer has neither a credit code nor a foreign registration.

客户既没有统一社会信用代码，也没有境外注册信息。

## Why is this bad?

Without a registration number nobody can tell whether the firm exists, whether it is already on file under another
name, or to whom the invoice goes.

没有注册号，就无法核实企业是否存在、是否已用别的名称建档，也不知道发票开给谁。

## Fails

```yaml
# customers/C0001.yaml
code: null  # error: registration-missing
```

## Passes

```yaml
# customers/C0001.yaml
kind: foreign
code: null
registration: {country: DE, authority: Amtsgericht München, number: HRB 123456}
```

## How to fix

State-owned and private firms: `code`. Foreign firms: `registration` with country, authority and number. Persons:
`code: individual`.

国有和民营企业填 `code`；境外企业填 `registration`（国家、登记机关、注册号）；个人填 `code: individual`。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="registration-missing",
    on="customer",
    severity=Severity.ERROR,
    since="0.1",
    zh="客户 {customer_zh} 没有{missing_zh}",
    en="customer {customer_en} has no {missing_en}",
    hint_zh="补上 {write_zh}",
    hint_en="add {write_en}",
    covers=("CUS-1",),
)
_FOREIGN = 'registration: {country: DE, authority: Amtsgericht München, number: "HRB 123456"}'


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the customer lacks the number that its kind needs. "individual" is for persons only."""
    kind, code = doc["kind"], doc.get("code")
    pointer, missing = "/code", ("统一社会信用代码", "unified social credit code")
    write = "code: 营业执照上的 18 位代码", "code: the 18 characters on the licence"
    if kind == "foreign":
        if "registration" in doc:
            return
        pointer, missing = "/kind", ("境外注册信息", "foreign registration")
        write = f"{_FOREIGN} 这样的一行", f"a line such as {_FOREIGN}"
    elif code is not None and (code != "individual" or kind == "individual"):
        return
    elif kind == "individual":
        write = "code: individual（个人客户）", "code: individual, for a person"
    yield RULE.at(
        doc,
        pointer,
        customer_zh=doc["name"],
        customer_en=doc.get("name_en", doc["name"]),
        missing_zh=missing[0],
        missing_en=missing[1],
        write_zh=write[0],
        write_en=write[1],
    )
