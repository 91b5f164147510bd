"""The verdicts on mails that a case has already: what joins one, what an operator files on one, what reports on a letter of
one."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.dispatch import ToTell
from mailroom.bounces import BOUNCE, Bounced
from mailroom.correlating import Thread
from mailroom.verdict import NoSuchCase, Verdict
from models.messages.mail_facts import LinkMethod
from models.messages.mailflow import DeliveryKind, MailVerdict
from models.records.base import new_id
from models.records.cases import Case
from storage.repositories.mails import KnownCase
from storage.repositories.threads import last_survivor


def attached(thread: Thread, case: KnownCase, message_id: UUID) -> Verdict:
    target = thread.target
    words = [f"joins {case.number} by {target.method}"]
    words += [f"{part.number} is part of its thread and goes up in it" for part in thread.merges]
    words += [f"{number} is of the same thread, but stays: it is worked on, or this one is" for number in target.apart]
    retire = tuple(ToTell(part.id, part.number, part.origin, new_id(), DeliveryKind.RETIRE) for part in thread.merges)
    return Verdict(
        MailVerdict.ATTACHED,
        explanation="; ".join(words),
        message_id=message_id,
        case_id=case.id,
        news=ToTell(case.id, case.number, case.origin, new_id(), DeliveryKind.MAIL, mail=True, retire=retire),
        method=target.method,
    )


async def filed_onto(session: AsyncSession, number: str, message_id: UUID) -> Verdict:
    """On the case that an operator names, or the one that it went up in. NoSuchCase if there is none."""
    named = await session.scalar(select(Case).where(Case.number == number))
    if named is None:
        raise NoSuchCase(number)
    case = await last_survivor(session, named)
    return Verdict(
        MailVerdict.ATTACHED,
        explanation=f"filed on {case.number} by hand",
        message_id=message_id,
        case_id=case.id,
        news=ToTell(case.id, case.number, case.origin, new_id(), DeliveryKind.MAIL, mail=True),
        method=LinkMethod.OPERATOR,
    )


def about_our_letter(bounced: Bounced, message_id: UUID) -> Verdict:
    letter, delivery = bounced.letter, bounced.delivery
    news = None
    if letter.case_id is not None and delivery is not None:
        news = ToTell(letter.case_id, delivery.number, delivery.origin, delivery.id, DeliveryKind.SEND_FAILED)
    return Verdict(
        MailVerdict.FILED,
        BOUNCE,
        bounced.explanation,
        message_id=message_id,
        case_id=letter.case_id,
        news=news,
    )
