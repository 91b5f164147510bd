"""For who leads a team: the live board, and the key figures down to their cases."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.managing.figures import Figures
from console.managing.further import Further
from console.managing.team import Team
from console.managing.wrong_days import with_days_beside
from console.staff import PageHandler, Staff
from models.messages.reference import CASE_ROLES, Role

LEADS = (Role.MANAGER, Role.ADMINISTRATOR)


def routes(staff: Staff) -> list[BaseRoute]:
    team, figures, further = Team(staff), Figures(staff), Further(staff)

    def days(handler: PageHandler) -> PageHandler:
        return with_days_beside(staff, handler)

    return [
        staff.page("/team", team.show, roles=CASE_ROLES),
        staff.part("/part/team", team.board, roles=CASE_ROLES),
        staff.deed("/team/presence", team.mine, roles=CASE_ROLES),
        staff.deed("/team/{agent}/presence", team.of_agent, roles=LEADS),
        staff.page("/figures", days(figures.home), roles=CASE_ROLES),
        staff.page("/figures/backlog-by-age", further.ages, roles=CASE_ROLES),
        staff.page("/figures/backlog-by-age/cases", further.aged_cases, roles=CASE_ROLES),
        staff.page("/figures/surveys", days(further.surveys), roles=CASE_ROLES),
        staff.page("/figures/articles", days(further.articles), roles=tuple(Role)),
        staff.page("/figures/reports", further.reports, roles=LEADS),
        staff.page("/figures/{name}", days(figures.show), roles=CASE_ROLES),
        staff.page("/figures/{name}/table.csv", figures.table, roles=CASE_ROLES),
        staff.page("/figures/{name}/why", days(figures.why), roles=CASE_ROLES),
        staff.page("/figures/{name}/cases", days(figures.cases), roles=CASE_ROLES),
    ]
