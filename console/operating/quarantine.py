"""Mails that are on no case: why, what they say, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from console.faults import FILL_IN, Fault, fault_of, faults_of
from console.languages import N_
from console.operating.reasons import detail_of, why_of
from console.rendering import HEADERS
from console.staff import Posted, Staff
from console.visitor import Visitor
from console.words_asked import asked_word
from desk import quarantine
from desk.errors import Conflict, Invalid, NotFound
from models.messages.mail_decisions import MailReason
from models.messages.mail_facts import FileReason
from models.messages.mailflow import HoldReason, MailVerdict

PAGE = 50
VERDICTS = (MailVerdict.HELD, MailVerdict.FILED)
MEANWHILE = N_("Somebody has decided about this mail since this page was opened. What became of it stands here.")


class QuarantinePages:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def list(self, request: Request, me: Visitor) -> Response:
        given = request.query_params
        verdict = asked_word((MailVerdict.HELD, MailVerdict.FILED), given, "verdict", MailVerdict.HELD)
        reasons: list[HoldReason | FileReason] = list(HoldReason if verdict is MailVerdict.HELD else FileReason)
        reason = asked_word(reasons, given, "reason", None)
        mailbox, cursor = given.get("mailbox") or None, _id(given["after"]) if given.get("after") else None
        async with self.staff.database.read() as session:
            items, following = await quarantine.waiting(session, mailbox, cursor, PAGE, reason, verdict)
        facts: dict[str, Any] = {"verdict": verdict, "verdicts": VERDICTS, "asked": reason, "reasons": reasons}
        facts |= {
            "why": why_of,
            "detail": detail_of,
            "items": items,
            "following": following,
            "mailbox": mailbox,
            "filtered": bool(reason or mailbox),
        }
        return self.staff.view(me, "operating/quarantine.html", **facts)

    async def read(self, request: Request, me: Visitor) -> Response:
        return await self._shown(request, me)

    async def raw(self, request: Request, me: Visitor) -> Response:
        mailbox, id = _named(request)
        content = await quarantine.raw(self.staff.database, self.staff.house.files, mailbox, id)
        named = {"Content-Disposition": f'attachment; filename="{id}.eml"'}
        named["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return Response(content, media_type="application/octet-stream", headers={**HEADERS, **named})

    async def decide(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """`rerun`: by the rules of today; `release`: whatever they say; `attach`: to a case; `dismiss`: to none."""
        mailbox, id = _named(request)
        verb, to = request.path_params["verb"], (self.staff.database, self.staff.house.quarantine, me.identity)
        seen = _stand(posted.text("seen"))
        if verb == "dismiss" and not posted.text("because").strip():
            return await self._shown(request, me, fault=Fault("because", FILL_IN, {}), posted=posted)
        try:
            if verb in ("rerun", "release"):
                done = await quarantine.rerun(*to, mailbox, id, me.now, release=verb == "release", seen=seen)
            elif verb == "attach":
                done = await quarantine.attach(*to, mailbox, id, posted.text("case"), me.now)
            elif verb == "dismiss":
                reason = MailReason(reason=posted.text("because")).reason
                done = await quarantine.dismiss(to[0], me.identity, mailbox, id, me.now, reason, seen)
            else:
                raise NotFound("page", request.url.path)
        except ValidationError as error:
            return await self._shown(request, me, fault=replace(faults_of(error)[0], field="because"), posted=posted)
        except (Invalid, Conflict) as error:
            fault = replace(fault_of(error), field="case" if verb == "attach" else "")
            if isinstance(error, Conflict) and error.type == quarantine.DECIDED:
                fault = Fault("", MEANWHILE, {})
            return await self._shown(request, me, fault=fault, posted=posted, status=error.status)
        if done["case"]:
            return self.staff.after(me, f"/cases/{done['case']}")
        return self.staff.after(me, f"/operations/quarantine/{mailbox}/{id}?done={verb}")

    async def _shown(
        self,
        request: Request,
        me: Visitor,
        *,
        fault: Fault | None = None,
        posted: Posted | None = None,
        status: int = 422,
    ) -> Response:
        mailbox, id = _named(request)
        async with self.staff.database.read() as session:
            mail = await quarantine.read(session, mailbox, id)
        typed = {name: posted.text(name) if posted else "" for name in ("case", "because")}
        facts: dict[str, Any] = {"mail": mail, "done": request.query_params.get("done"), "fault": fault, "typed": typed}
        facts |= {"seen": _seen(mail)}
        facts |= {"why": why_of(mail["reason"]), "detail": detail_of(mail["reason"], mail["explanation"])}
        here = f"/operations/quarantine/{mailbox}/{id}"
        return self.staff.view(me, "operating/held_mail.html", status=status if fault else 200, here=here, **facts)


def _seen(mail: dict[str, Any]) -> str:
    """What a page has shown of what became of the mail, so that an old page decides nothing."""
    return f"{mail['verdict']} {mail['reason'] or ''}"


def _stand(seen: str) -> quarantine.Seen | None:
    """What a page has shown; None of a form that does not say it."""
    verdict, _, reason = seen.partition(" ")
    return (MailVerdict(verdict), reason or None) if verdict in set(MailVerdict) else None


def _named(request: Request) -> tuple[str, UUID]:
    return request.path_params["mailbox"], _id(request.path_params["id"])


def _id(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise NotFound("mail", given) from None
