"""Does an opinion say anything? The text that somebody wrote in; nothing out, or one sentence what it lacks."""

from __future__ import annotations

from orderctl.approvals import asks_for_change, is_bare
from orderctl.desk.decide import denied
from orderctl.terminal import visible


def check_opinion(decision: str, opinion: str) -> None:
    """Raise SetupError for an opinion that says nothing: a bare yes or no, a rejection that asks for nothing."""
    shown = visible(opinion.strip())
    if not shown and decision != "withdraw":
        raise denied(
            "opinion",
            "意见是空的。请写明核对了什么、要改什么，例如 --opinion “账期内无逾期，额度尚余 38,300 元”",
            "the opinion is empty. Say what you looked at or what must change, "
            "for example --opinion “no overdue invoices, 38,300 of the credit limit left”",
        )
    if is_bare(opinion) and decision != "withdraw":
        raise denied(
            "opinion",
            f"意见“{shown}”没有说明审核了什么。请写明依据，例如 --opinion “账期内无逾期，额度尚余 38,300 元”",
            f"the opinion “{shown}” doesn't say what was looked at. Say what you decide on, "
            "for example --opinion “no overdue invoices, 38,300 of the credit limit left”",
        )
    if decision == "reject" and not asks_for_change(opinion):
        raise denied(
            "opinion_asks",
            f"驳回意见“{shown}”没有说明要改什么。请写明，例如 --opinion “交期请改到 5 月 25 日以后”",
            f"the opinion “{shown}” doesn't say what must change. Say it, "
            "for example --opinion “please move the due date to 25 May or later”",
        )
    if decision == "withdraw" and not opinion.strip():
        raise denied(
            "opinion",
            "撤回也要说明原因，例如 --opinion “额度算错了，需重新核对”",
            "a withdrawal needs its reason too, for example --opinion “the limit was added up wrongly”",
        )
