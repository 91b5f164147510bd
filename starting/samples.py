"""Lays cases for whoever looks at the demo: opened as agents open them, with deadlines that lie around the present moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from bootstrap import House
from cases.incidents import note
from desk.commands import CaseDesk
from desk.errors import DeskError
from desk.identity import Identity, agent_identity
from desk.opening import CaseOpenings
from desk.queries.visibility import visible_case
from models.messages.api_cases import NewCaseBody
from models.messages.cases import CommandKind
from models.messages.families import ChildBody, MergeBody
from models.messages.reference import Role
from starting.outsider import Person
from starting.sample_cases import Deed, Sample, samples
from starting.scenario import SUPPORT

K = CommandKind
KEY = "sample-{}"
"""A second start finds what the first has laid by these keys, and lays nothing."""


async def lay_samples(house: House, desk: CaseDesk, customer: Person) -> int:
    """Lay what is not there yet; the answer says how many cases. `customer`: who sends a mail that says nothing."""
    laying = _Laying(house, desk)
    for at, sample in enumerate(samples()):
        await laying.lay(at, sample)
    if laying.laid:
        await customer.send(_blank(customer.address))
    return laying.laid


class _Laying:
    def __init__(self, house: House, desk: CaseDesk) -> None:
        self.house, self.desk = house, desk
        self.openings = CaseOpenings(house.database, house.client, house.definitions)
        self.laid = 0
        self._known: dict[str, Identity] = {}

    async def lay(self, at: int, sample: Sample) -> None:
        opened = datetime.now(UTC) - timedelta(minutes=sample.minutes)
        number, fresh = await self._open(KEY.format(at), sample.title, sample, opened)
        if not fresh:
            return
        for place, deed in enumerate(sample.deeds):
            await self._do(number, deed, KEY.format(f"{at}-{place}"))
        for place, title in enumerate(sample.family):
            await self._do(
                number, Deed("grace", K.ADD_CHILD, ChildBody(title=title)), KEY.format(f"{at}-child-{place}")
            )
            self.laid += 1
        if sample.merged_with is not None:
            loser, _ = await self._open(KEY.format(f"{at}-loser"), sample.merged_with, sample, opened)
            await self._do(number, Deed("grace", K.MERGE, MergeBody(losers=(loser,))), KEY.format(f"{at}-merge"))
        if sample.incident:
            await self._incident(number)

    async def _open(self, key: str, title: str, sample: Sample, opened: datetime) -> tuple[str, bool]:
        given = {"sla": sample.sla} if sample.sla else {}
        body = NewCaseBody(
            title=title,
            description=sample.text,
            customer=sample.customer,
            origin="web",
            priority=sample.priority,
            **given,
        )
        made = await self.openings.open(await self._agent("mona"), body, opened, key=key)
        self.laid += not made.replayed
        return made.number, not made.replayed

    async def _do(self, number: str, deed: Deed, key: str) -> None:
        target = (await self._agent(deed.target)).agent_id if deed.target else None
        body = None if deed.target else deed.body
        try:
            await self.desk.command(await self._agent(deed.agent), number, deed.kind, body, key=key, target_id=target)
        except DeskError:
            return  # a sample less: the demo is there for its visitor, not for its samples

    async def _incident(self, number: str) -> None:
        async with self.house.database.write() as session:
            case = await visible_case(session, await self._agent("mona"), number)
            error = TimeoutError("laid by the demo")
            await note(session, case, datetime.now(UTC), "sample", "notify the queue", error, None)

    async def _agent(self, slug: str) -> Identity:
        if slug not in self._known:
            async with self.house.database.read() as session:
                self._known[slug] = await agent_identity(session, slug, *Role)
        return self._known[slug]


def _blank(sender: str) -> EmailMessage:
    """It says nothing at all: the mailroom holds it and asks an operator."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, SUPPORT
    mail.set_content("")
    return mail
