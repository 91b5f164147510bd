"""One's own page: how pages look and behave, what one is told of, how one gets in, and where one is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import segno
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from console.entering.outside import own_path
from console.entering.programs import program_name
from console.entering.words import AFTER_SEND, EVENTS, LANGUAGES, ROLES, WAYS
from console.languages import N_
from console.rendering import HEADERS
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk import sessions
from desk.entering.passwords import SHORTEST
from desk.errors import NotFound
from desk.own_notices import choose_notices, my_notices
from desk.preferences import Preferences, save_preferences
from desk.queries.me import me as own_record
from desk.reference.records import Edit
from desk.shortcuts import AFTER_GO, Shortcut, keys_of
from models.messages.calendars import TIME_ZONES
from models.messages.notices import NoticeChoices, NoticeWay, WorkEvent

PAGE, SET_UP_PAGE = "entering/me.html", "entering/set_up_factor.html"
SAID = {
    "preferences": N_("Your settings are kept."),
    "keys": N_("Your keys are kept."),
    "notices": N_("Your choices are kept."),
    "password": N_("Your password is changed. You are signed out everywhere else."),
    "factor-off": N_("The second factor is off. You are signed out everywhere else."),
    "session": N_("That session is ended."),
    "sessions": N_("You are signed out everywhere else."),
}
WRONG_UNDO = N_("Please give a whole number of seconds, 10 to 120.")
WRONG_CHOICE = N_("Please choose one of the list.")


class Me:
    def __init__(self, staff: Staff) -> None:
        self.staff, self.access = staff, staff.services.own_access

    async def show(self, request: Request, me: Visitor) -> Response:
        return await self.shown(me, said=SAID.get(request.query_params.get("said", "")))

    async def shown(
        self,
        me: Visitor,
        *,
        status: int = 200,
        said: str | None = None,
        faults: dict[str, str] | None = None,
        typed: dict[str, Any] | None = None,
        keys: Mapping[Shortcut, str] | None = None,
        minutes: int = 0,
        others: Mapping[str, Shortcut] | None = None,
        after: str = "/",
    ) -> Response:
        """`faults`: what is the matter with a form, by the id of the field, with `minutes` and `others[id]` in its words;
        `typed` and `keys`: what is shown in it in the place of what is kept; `after`: where one goes on to once a second
        factor that one needs is set up."""
        async with self.staff.database.read() as session:
            record = await own_record(session, self.staff.definitions, me.identity)
            told = await my_notices(session, self.staff.definitions, me.identity.agent_id)
            access = await self.access.of(session, me.session)
            here = await sessions.sessions_of(session, me.identity.agent_id, me.now)
        facts: dict[str, Any] = {
            "record": record,
            "roles": [ROLES[role] for role in record.held],
            "notices": told.notices,
            "access": access,
            "passwords": self.staff.services.signing_in.ways.passwords,
            "sessions": [(view, program_name(view.program), view.id == me.session.id) for view in here],
            "zones": sorted(TIME_ZONES),
            "tongues": LANGUAGES,
            "events": EVENTS,
            "ways": WAYS,
            "after_send": AFTER_SEND,
            "shortest": SHORTEST,
            "said": said,
            "faults": faults or {},
            "others": others or {},
            "minutes": minutes,
            "after": after,
            "keys": keys or keys_of(me.preferences.own_keys),
            "after_go": AFTER_GO,
            "kept": me.preferences.model_dump(mode="json") | (typed or {}),
        }
        return self.staff.view(me, SET_UP_PAGE if me.needs_second_factor else PAGE, status=status, **facts)

    async def show_setting_up(self, request: Request, me: Visitor) -> Response:
        """All that somebody reaches who needs a second factor and has none. Others have it on their own page."""
        if not me.needs_second_factor:
            return self.staff.after(me, "/me#second-factor")
        return await self.shown(me, after=own_path(request.query_params.get("next")))

    async def keep_preferences(self, _: Request, me: Visitor, posted: Posted) -> Response:
        undo = posted.text("undo_seconds").strip()
        typed = {
            "time_zone": posted.text("time_zone") or None,
            "language": posted.text("language") or None,
            "undo_seconds": int(undo) if undo.isascii() and undo.isdigit() and len(undo) < 6 else undo,
            "after_send": posted.text("after_send"),
            "sound": "sound" in posted.form,
        }
        try:
            wanted = Preferences.model_validate(me.preferences.model_dump() | typed)
        except ValidationError as error:
            named = {str(each["loc"][0]) for each in error.errors()}
            faults = {name: WRONG_UNDO if name == "undo_seconds" else WRONG_CHOICE for name in sorted(named)}
            return await self.shown(me, status=422, faults=faults, typed=typed)
        async with self.staff.database.write() as session:
            await save_preferences(session, me.identity.agent_id, wanted, now=me.now)
        return self.staff.after(me, "/me?said=preferences")

    async def keep_notices(self, _: Request, me: Visitor, posted: Posted) -> Response:
        """Every kind is in the form; an empty choice is the organisation's way."""
        given = {kind: posted.text(f"notice-{kind.value}") for kind in WorkEvent}
        known = {way.value for way in NoticeWay}
        faults = {f"notice-{kind.value}": WRONG_CHOICE for kind, way in given.items() if way and way not in known}
        if faults:
            return await self.shown(me, status=422, faults=faults)
        choices = NoticeChoices(ways={kind: NoticeWay(way) for kind, way in given.items() if way})
        async with self.staff.database.write() as session:
            edit = Edit(session, me.identity.slug, me.now)
            await choose_notices(edit, self.staff.definitions, me.identity.slug, me.identity.agent_id, choices)
        return self.staff.after(me, "/me?said=notices")

    async def end_session(self, request: Request, me: Visitor, _: Posted) -> Response:
        """One of one's own; of others, `NotFound`, as if there were none."""
        wanted = request.path_params["id"]
        async with self.staff.database.write() as session:
            own = await sessions.sessions_of(session, me.identity.agent_id, me.now)
            found = next((view for view in own if str(view.id) == wanted), None)
            if found is None:
                raise NotFound("session", wanted)
            await sessions.end(session, found.id, actor=me.identity.slug, now=me.now)
        return self.staff.after(me, "/me?said=session")

    async def end_others(self, _: Request, me: Visitor, __: Posted) -> Response:
        async with self.staff.database.write() as session:
            agent = me.identity
            await sessions.end_all(session, agent.agent_id, actor=agent.slug, now=me.now, but=me.session.id)
        return self.staff.after(me, "/me?said=sessions")

    async def picture(self, request: Request, me: Visitor) -> Response:
        """The QR code of a second factor that waits for its first code, as a picture."""
        async with self.staff.database.read() as session:
            access = await self.access.of(session, me.session)
        if access.address_for_apps is None:
            raise NotFound("picture", request.url.path)
        drawn = BytesIO()
        segno.make(access.address_for_apps, error="m").save(drawn, kind="svg", scale=4, border=2, xmldecl=False)
        return Response(drawn.getvalue(), media_type="image/svg+xml", headers=HEADERS)
