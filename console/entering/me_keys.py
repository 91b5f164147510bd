"""The form of one's own page for the keys: one character each, no two the same, and all can be switched off (WCAG 2.1.4)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.entering.me import Me
from console.languages import N_
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.preferences import Preferences, save_preferences
from desk.shortcuts import USUAL, Shortcut, clashes_of, is_key

NO_KEY = N_("Please give one character, no space.")
CLASH = N_("This is the key of “%(other)s” too.")


class MyKeys:
    def __init__(self, staff: Staff, page: Me) -> None:
        self.staff, self.page = staff, page

    async def keep(self, _: Request, me: Visitor, posted: Posted) -> Response:
        """`usual`: back to the usual keys, whatever stands in the fields."""
        if "usual" in posted.form:
            return await self._kept(me, on=True, own={})
        typed = {does: posted.text(f"key-{does}").strip().lower() for does in Shortcut}
        faults = {f"key-{does}": NO_KEY for does, key in typed.items() if not is_key(key)}
        clashes = {does: other for does, other in clashes_of(typed).items() if f"key-{does}" not in faults}
        if faults or clashes:
            faults |= {f"key-{does}": CLASH for does in clashes}
            others = {f"key-{does}": other for does, other in clashes.items()}
            on = {"keys": "keys" in posted.form}
            return await self.page.shown(me, status=422, faults=faults, others=others, keys=typed, typed=on)
        return await self._kept(me, on="keys" in posted.form, own=typed)

    async def _kept(self, me: Visitor, *, on: bool, own: dict[Shortcut, str]) -> Response:
        own = {does: key for does, key in own.items() if key != USUAL[does]}
        wanted = Preferences.model_validate(me.preferences.model_dump() | {"keys": on, "own_keys": own})
        async with self.staff.database.write() as session:
            await save_preferences(session, me.identity.agent_id, wanted, now=me.now)
        return self.staff.after(me, "/me?said=keys#own-keys")
