"""A change that no right covers: the refusal, with the roles and persons who may do it instead."""

from __future__ import annotations

from collections.abc import Mapping

from orderctl.codes.gate import PERMISSION_DENIED
from orderctl.language import texts
from orderctl.model import Finding
from orderctl.schema.words import values
from orderctl.trust.context import Context
from orderctl.trust.rights import Able, Roles

_FEW = 3
"""As many persons are named beside their roles; where there are more, the roles say enough."""
_ACTIONS = {"add": "新增", "change": "修改", "remove": "删除"}


def denied(
    context: Context,
    path: str,
    commit: str,
    person: str,
    *,
    action: str,
    what: str,
    status: str,
    able: Able,
) -> Finding:
    """Return that ``person`` may not do ``action`` to ``what`` (a field, or the path); ``able``: who may."""
    people = context.world.parser.kinds["people"].schema["properties"]["people"]["items"]
    names = values(people["properties"]["roles"]["items"])
    own = sorted(context.policy.roles(person, context.observed))
    advice_zh, advice_en = _advice(context, able, names)
    return PERMISSION_DENIED.at(
        path,
        what if what.startswith("/") else "",
        commit=commit,
        person=person,
        who=person or "-",
        roles=", ".join(names[role][1] for role in own) or "-",
        roles_zh="、".join(names[role][0] for role in own) or "-",
        action=action,
        action_zh=_ACTIONS[action],
        what=what,
        status=status or "-",
        status_zh=f"（订单状态：{texts('zh').pgettext('value', status)}）" if status not in ("", "none") else "",
        advice_zh=advice_zh,
        advice_en=advice_en,
    )


def _advice(context: Context, able: Able, names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return whom to ask and, if nobody may do it as it stands, when or how else, in Chinese and English."""
    if able.now:
        zh, en = _holders(context, able.now, names)
        return f"请有权的同事来做：{zh}", f"ask somebody who may: {en}"
    if able.change:
        zh, en = _holders(context, able.change, names)
        return (
            f"新单据里先不写这一项；单据入库后，请有权的同事来补上：{zh}",
            f"leave it out of the new document; once that has landed, ask somebody who may change it: {en}",
        )
    if able.elsewhen:
        zh, en = "", ""
        for statuses, roles in able.elsewhen.items():
            who_zh, who_en = _holders(context, roles, names)
            named = "、".join(texts("zh").pgettext("value", status) for status in statuses)
            zh += f"；订单状态为{named}时可以做的有：{who_zh}"
            en += f"; while its status is one of {', '.join(statuses)} these may: {who_en}"
        return f"订单现在的状态下谁都无权这样做{zh}", f"nobody may do that while the order stands as it does{en}"
    return (
        "目前谁都无权这样做，确有需要请政策管理员授权",
        "nobody may do that now; if it has to be, a policy administrator gives somebody the right",
    )


def _holders(context: Context, roles: Roles, names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return the names of roles, and of those who hold them if that is a handful of people."""
    people = [p for p in context.policy.people.values() if context.policy.active(p.id, context.observed)]
    holders = {role: [p for p in people if role in p.roles] for role in roles}
    few = len({p.id for held in holders.values() for p in held}) <= _FEW
    zh, en = [], []
    for role, held in holders.items():
        named = held if few else []
        zh.append(names[role][0] + (f"（{'、'.join(p.name for p in named)}）" if named else ""))
        en.append(names[role][1] + (f" ({', '.join(p.name_en for p in named)})" if named else ""))
    return "、".join(zh), ", ".join(en)
