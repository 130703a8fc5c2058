"""A unified social credit code can't be right.

统一社会信用代码不正确。

## Why is this bad?

The code identifies the legal entity and is its tax number: an invoice with a wrong one is refused by the tax system.
Its last character is a check digit (GB 32100-2015), so that slips of the pen are found at once.

统一社会信用代码是企业的唯一标识，也是税号，写错了发票开不出来。最后一位是校验码（GB 32100-2015），抄错当场就能发现。

## Fails

```yaml
# customers/C0001.yaml
code: 91110105MA01YF0A64  # error: credit-code-invalid
```

## Passes

A person has no code.

个人客户填 individual。

```yaml
# customers/C0001.yaml
kind: individual
code: individual
```

## How to fix

Copy the code from the business licence: 18 digits and capitals, without I, O, S, V and Z. Foreign customers give
`registration` instead.

照营业执照填写：18 位数字或大写字母，不含 I、O、S、V、Z。境外客户改填 `registration`。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="credit-code-invalid",
    on=("customer", "workspace"),
    severity=Severity.ERROR,
    since="0.1",
    zh="统一社会信用代码 {code} {why_zh}",
    en="credit code {code} {why_en}",
    hint_zh="对照营业执照重新填写",
    hint_en="copy it from the business licence again",
    covers=("CUS-1",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the customer's, or the company's own, code has a wrong length, character or check digit.

    Written with spaces or in small letters it is wrong too: it is compared and printed as it stands.
    """
    pointer = "/code" if doc.kind == "customer" else "/company/code"
    code = doc.get(pointer)
    if code is None or code == "individual":
        return
    from stdnum.cn import uscc
    from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

    try:
        if uscc.validate(code) == code:
            return
        why = "含空格、连字符或小写字母", "contains spaces, hyphens or small letters"
    except InvalidLength:
        why = f"有 {len(code)} 位，应为 18 位", f"has {len(code)} characters instead of 18"
    except InvalidChecksum:
        why = "校验码不对，可能抄错了一位", "has a wrong check digit; a character may be miscopied"
    except ValidationError:
        why = "含有不允许的字符", "contains characters that no code has"
    yield RULE.at(doc, pointer, code=code, why_zh=why[0], why_en=why[1])
