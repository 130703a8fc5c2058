"""A service order doesn't say what is done, when, by whom and where.

服务订单没有写清服务内容、时间、人员和地点。

## Why is this bad?

Goods can be looked up in the catalog; a service is only what was agreed. Without an appointment and a person nobody
comes, and without a place nobody knows where to.

商品可以查目录，服务只能看约定。没有预约时间和人员，就没人上门；没有地点，就不知道去哪里。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
kind: service
service:  # error: service-details-missing
  content: 办公桌现场安装
  hours: 6
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
kind: service
service:
  content: 办公桌现场安装
  hours: 6
  appointment: 2024-05-20T09:00:00+08:00
  person: tang-gong
  place: 北京市朝阳区云帆路 18 号院 2 号楼 9 层
```

## How to fix

Fill in `service`: content, hours, appointment, person and place.

补全 `service`：内容、工时、预约时间、服务人员、地点。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="service-details-missing",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="服务订单缺少{missing_zh}",
    en="the service order lacks {missing_en}",
    hint_zh="在 service 中补充{missing_zh}",
    hint_en="add {missing_en} to service",
    covers=("ORD-9",),
)

DETAILS = (
    ("content", "服务内容", "content"),
    ("hours", "工时", "hours"),
    ("appointment", "预约时间", "appointment"),
    ("person", "服务人员", "person"),
    ("place", "地点", "place"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield one finding that names every detail that a service order lacks."""
    if doc["kind"] != "service":
        return
    service = doc.get("service", {})
    missing = [(zh, en) for key, zh, en in DETAILS if service.get(key) is None]
    if missing:
        zh, en = zip(*missing, strict=True)
        yield RULE.at(doc, "/service", missing_zh="、".join(zh), missing_en=", ".join(en))
