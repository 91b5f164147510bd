"""For who leads a team: the live board, and the key figures down to their cases."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.managing.team import Team
from console.staff import Staff
from models.messages.reference import CASE_ROLES, Role

LEADS = (Role.MANAGER, Role.ADMINISTRATOR)


def routes(staff: Staff) -> list[BaseRoute]:
    team = Team(staff)
    return [
        staff.page("/team", team.show, roles=CASE_ROLES),
        staff.part("/part/team", team.board, roles=CASE_ROLES),
        staff.deed("/team/presence", team.mine, roles=CASE_ROLES),
        staff.deed("/team/{agent}/presence", team.of_agent, roles=LEADS),
    ]
