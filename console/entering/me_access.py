"""The forms of one's own page by which one changes how one gets in: the password and the second factor."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.entering.me import Me
from console.entering.outside import TOO_OFTEN, own_path, with_next
from console.entering.words import DIFFERENT, password_fault
from console.staff import SET_UP, Posted, Staff
from console.visitor import Visitor
from desk.entering.errors import TooManyTries
from desk.errors import Invalid

CODES_PAGE = "entering/recovery_codes.html"


class MyAccess:
    def __init__(self, staff: Staff, page: Me) -> None:
        self.staff, self.page, self.access = staff, page, staff.services.own_access

    async def password(self, _: Request, me: Visitor, posted: Posted) -> Response:
        new = posted.text("password")
        if new != posted.text("again"):
            return await self.page.shown(me, status=422, faults={"again": DIFFERENT})
        try:
            await self.access.change_password(me.session, posted.text("present"), new, me.now)
        except (Invalid, TooManyTries) as error:
            return await self._again(me, error, present="present")
        return self.staff.after(me, "/me?said=password")

    async def prepare(self, _: Request, me: Visitor, posted: Posted) -> Response:
        try:
            await self.access.prepare_second_factor(me.session, posted.text("present"), me.now)
        except (Invalid, TooManyTries) as error:
            return await self._again(me, error, present="factor-present", after=_after(posted))
        if me.needs_second_factor:
            return self.staff.after(me, with_next(SET_UP, _after(posted)))
        return self.staff.after(me, "/me#second-factor")

    async def confirm(self, _: Request, me: Visitor, posted: Posted) -> Response:
        """The recovery codes are in the answer itself: they are shown this once."""
        try:
            codes = await self.access.confirm_second_factor(me.session, posted.text("code"), me.now)
        except (Invalid, TooManyTries) as error:
            return await self._again(me, error, after=_after(posted))
        on = _after(posted) if me.needs_second_factor else "/me"
        return self.staff.view(me, CODES_PAGE, codes=codes, begun=True, on=on)

    async def new_codes(self, _: Request, me: Visitor, posted: Posted) -> Response:
        try:
            codes = await self.access.new_recovery_codes(me.session, posted.text("code"), me.now)
        except (Invalid, TooManyTries) as error:
            return await self._again(me, error)
        return self.staff.view(me, CODES_PAGE, codes=codes, begun=False, on="/me")

    async def drop(self, _: Request, me: Visitor, posted: Posted) -> Response:
        try:
            await self.access.drop_second_factor(me.session, posted.text("code"), me.now)
        except (Invalid, TooManyTries) as error:
            return await self._again(me, error)
        return self.staff.after(me, "/me?said=factor-off")

    async def _again(
        self, me: Visitor, error: Invalid | TooManyTries, *, present: str = "code", after: str = "/"
    ) -> Response:
        """`present`: the id of the field by which the form asks who one is."""
        if isinstance(error, TooManyTries):
            minutes = -(-max(1, int(error.wait.total_seconds())) // 60)
            return await self.page.shown(me, status=429, faults={present: TOO_OFTEN}, minutes=minutes, after=after)
        field = "password" if error.field == "password" else present
        return await self.page.shown(me, status=422, faults={field: password_fault(error)}, after=after)


def _after(posted: Posted) -> str:
    return own_path(posted.text("next") or None)
