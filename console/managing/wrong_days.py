"""Pages of a period whose days are wrong: the same form, with what was typed and what is wrong beside each field."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.days import PeriodInvalid
from console.managing.figure_page import between
from console.managing.periods import asked, usual_periods
from console.staff import PageHandler, Staff
from console.visitor import Visitor
from policies.zones import local_day


def with_days_beside(staff: Staff, handler: PageHandler) -> PageHandler:
    async def answer(request: Request, me: Visitor) -> Response:
        try:
            return await handler(request, me)
        except PeriodInvalid as error:
            today = local_day(me.now, me.organisation.time_zone)
            kept = {name: value for name, value in request.query_params.items() if name not in ("from", "to")}
            return staff.view(
                me,
                "managing/wrong_days.html",
                status=error.status,
                action=request.url.path,
                question=asked({"by": kept.get("by", "")}, today),
                periods=usual_periods(today),
                between=lambda first, last: between(me, first, last),
                wrong=error.wrong,
                kept=kept,
            )

    return answer
