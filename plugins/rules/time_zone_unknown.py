"""The company's time zone is not a name that computers know.

公司时区不是系统能识别的名称。

## Why is this bad?

Due times, company days and deadlines are reckoned in this zone. With a wrong name they are reckoned in Asia/Shanghai
instead, which may be hours off.

到期时间、公司日期和时限都按这个时区计算。名称写错时会改按 Asia/Shanghai 计算，可能相差数小时。

## Fails

```yaml
# orderctl.yaml
time_zone: Asia/Peking  # error: time-zone-unknown
```

## Passes

```yaml
# orderctl.yaml
time_zone: Europe/Berlin
```

## How to fix

Write the zone's name in the IANA time zone database: `Asia/Shanghai` for all of mainland China.

填写 IANA 时区数据库中的名称；中国大陆统一填 `Asia/Shanghai`。
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="time-zone-unknown",
    on="workspace",
    severity=Severity.ERROR,
    since="0.1",
    zh="没有名为 {zone} 的时区",
    en="there is no time zone named {zone}",
    hint_zh="填写 IANA 时区名称，例如 Asia/Shanghai",
    hint_en="write a name of the IANA time zone database, such as Asia/Shanghai",
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the zone database has no such name."""
    try:
        ZoneInfo(doc["time_zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield RULE.at(doc, "/time_zone", zone=doc["time_zone"])
