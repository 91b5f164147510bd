"""What a new installation needs before the first case comes, each with the way to it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.staff import Staff
from console.visitor import Visitor
from desk.queries.first_steps import set_up


class SettingUp:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        del request
        async with self.staff.database.read() as session:
            found = await set_up(session)
        return self.staff.view(me, "starting/setting_up.html", found=found)
