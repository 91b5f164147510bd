"""Who writes to each other on a case: whom an answer goes to, and which addresses are new to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.answers import customer_addresses
from letters.addresses import own_addresses, without_detail
from models.messages.addresses import canonical_address
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.reference import Mailbox

MOST_MAILS = 200
"""Of a case, the latest: who wrote before is new again."""


@dataclass(frozen=True, slots=True)
class Correspondents:
    """`answer_to`: the sender of the last mail, alone, else the contact. `all_cc`: everybody else of that mail, without our
    own addresses. `known`: canonical addresses of the case. `last`: the id of the mail that is answered or forwarded."""

    answer_to: tuple[str, ...]
    all_cc: tuple[str, ...]
    known: frozenset[str]
    last: UUID | None

    def new_among(self, addresses: Iterable[str]) -> tuple[str, ...]:
        return tuple(each for each in addresses if canonical_address(each) not in self.known)


async def correspondents(session: AsyncSession, case: Case) -> Correspondents:
    own = own_addresses((await session.scalars(select(Mailbox))).all())
    mails = (
        await session.execute(
            select(
                EmailMessage.id,
                EmailMessage.direction,
                EmailMessage.automatic,
                EmailMessage.sender,
                EmailMessage.recipients,
            )
            .where(EmailMessage.case_id == case.id)
            .order_by(EmailMessage.id.desc())
            .limit(MOST_MAILS)
        )
    ).all()
    customers = await customer_addresses(session, case)
    theirs = [mail for mail in mails if mail.direction == "in" and mail.automatic is None]
    last = theirs[0] if theirs else None
    answer_to = (last.sender,) if last is not None else customers[:1]
    told = set(map(canonical_address, answer_to))
    others: dict[str, str] = {}
    for address in (*last.recipients.get("to", ()), *last.recipients.get("cc", ())) if last is not None else ():
        bare = canonical_address(address)
        if bare not in told and bare not in own and without_detail(address) not in own:
            others.setdefault(bare, address)
    named = [
        *(mail.sender for mail in mails),
        *(each for mail in mails for part in mail.recipients.values() for each in part),
        *customers,
    ]
    return Correspondents(
        answer_to, tuple(others.values()), frozenset(map(canonical_address, named)), None if last is None else last.id
    )
