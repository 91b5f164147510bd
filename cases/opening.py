"""Opening a case: its parts in one transaction, safe to repeat (design, "A mail's way" 4).

A case is open or it is not: what is run again finds it open, and answers with the rows. One transaction and not one a part,
because each costs the case's row, its lock and a round through the worker: measured in docs/performance.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy import select, update

from cases import work_events
from cases.assigning import work_as_routed
from cases.attempts import FIRST, Attempt
from cases.ledger import apply_entitlement
from cases.notices import acknowledge_activity
from cases.settling import settle
from cases.sla_choice import choose
from cases.snapshots import CASE, snapshot_of
from cases.unit import Because, CaseTools, CaseUnit
from cases.verbs import process as process_verbs
from cases.verbs.customers import follow
from cases.verbs.queue import active_queue, follow_rules
from engine.failpoints import failpoint
from models.messages.cases import CaseSnapshot, CaseStatus, Outcome, StepInput
from models.messages.incidents import StepFault
from models.messages.mailflow import DeliveryKind
from models.messages.processes import ProcessDefinition
from models.records.base import table_of
from models.records.cases import Case
from models.records.commands import Command, Delivery
from models.records.mails import EmailMessage
from policies import process
from policies.process_choice import choose_process
from storage.definitions import DefinitionKind
from storage.kept import named

_deliveries = table_of(Delivery).c
HEARD = (
    update(table_of(Delivery))
    .where(_deliveries.case_id == CASE, _deliveries.kind == DeliveryKind.OPEN)
    .values(done=True, outcome="opened")
)
"""The case has heard of its opening."""


class CaseOpening:
    def __init__(self, tools: CaseTools) -> None:
        self.tools = tools

    async def load_case(self, given: StepInput) -> Outcome:
        """The case as its rows have it: what a woken run begins with."""
        async with self.tools.database.read() as session:
            case = await session.get_one(Case, given.case_id)
            return Outcome(snapshot=await snapshot_of(session, case))

    async def open_case(self, given: StepInput, attempt: Attempt = FIRST) -> Outcome:
        """Customer and entitlement, with the terms that creation takes; the SLA, pinned at its active version; routing and
        queue item, without a match the queue that the case arrived in; process and acknowledgement. Then it is open:
        version 1, and its promises run (domain 3.4, 3.5, 4.3, 4.6, 5.1, 7). A part that cannot be done is left out."""
        async with self.tools.unit(given.case_id, given.now, attempt) as unit:
            if unit.case.status == CaseStatus.OPENING:
                unit.because = await _because(unit)
                for name, work in PARTS:
                    await unit.part(f"{OPENING}{name}", f"open: {name}", partial(work, unit), None)
                    failpoint(f"opening.{name}.written")
                snapshot = await _opened(unit)
            else:
                snapshot = await unit.snapshot()
        failpoint("opening.committed")
        return Outcome(snapshot=snapshot)

    async def set_aside(self, given: StepInput, error: Exception) -> Outcome:
        """Not even without its parts could the case be opened: it stays as it is, and its run tries again later."""
        async with self.tools.unit(given.case_id, given.now) as unit:
            incident = await unit.set_aside(f"{OPENING}case", "open", error)
        return await self._with(given, StepFault(step="open", incident=incident))

    async def _with(self, given: StepInput, fault: StepFault) -> Outcome:
        async with self.tools.database.read() as session:
            snapshot = await snapshot_of(session, await session.get_one(Case, given.case_id))
        return Outcome(snapshot=snapshot, fault=fault)


async def part_again(unit: CaseUnit, name: str) -> None:
    """A part that the opening had to leave out, done later, unless somebody has done it by hand meanwhile."""
    match name:
        case "customer":
            if unit.case.entitlement_id is None:
                await _entitle(unit)
                await choose(unit)  # an entitlement brings its SLA
        case "routing" if unit.item is not None:
            return
        case "process" if unit.case.stage is not None:
            return
        case _ if name in dict(PARTS):
            await dict(PARTS)[name](unit)


async def _entitle(unit: CaseUnit) -> None:
    await follow(unit)  # a merge of customers may have come between the insert of the case and its opening
    unit.tell("opening/entitlement", "entitlement", **await apply_entitlement(unit))


async def _promise(unit: CaseUnit) -> None:
    """The SLA; its KPI instances begin when the case settles, by all that is known of it then."""
    await choose(unit)


async def _route(unit: CaseUnit) -> None:
    arrived_in = unit.case.queue
    decision = await follow_rules(unit, key="opening/routed")
    # That it is not to be routed is said of its opening: whoever asks for the rules later gets them.
    unit.case.route = True
    if arrived_in is not None and (decision.queue is None or unit.item is None):
        unit.case.queue = None
        queue = await active_queue(unit, arrived_in)
        if queue is not None:
            await unit.enter_queue(queue.id, queue.slug)
            if decision.agent is not None:
                await work_as_routed(unit)


async def _opened(unit: CaseUnit) -> CaseSnapshot:
    unit.case.status = CaseStatus.ACTIVE
    await unit.session.execute(HEARD, {"case": unit.case.id})
    snapshot = await settle(unit, done=f"{OPENING}case")
    opener = unit.because.actor_id
    unit.tell("opening/opened", "opened", actor_id=opener, origin=unit.case.origin, rule=unit.case.opening_rule)
    return snapshot


async def _because(unit: CaseUnit) -> Because:
    """The mail, or the agent who has opened the case by hand."""
    if unit.case.opening_mail_id is not None:
        return Because("mail")
    # Others may wait already for the case to be open.
    opened = select(Command).where(Command.case_id == unit.case.id, Command.applied_version == 0)
    command = await unit.session.scalar(opened)
    return Because() if command is None else Because(command.kind, command.actor_id)


async def _begin_process(unit: CaseUnit) -> None:
    """The first process whose condition holds; else the organisation's default, else the first that asks nothing (domain 7)."""
    active = (await unit.tools.definitions.active(unit.session, DefinitionKind.PROCESS))[DefinitionKind.PROCESS]
    known = {slug: each.body for slug, each in active.items() if isinstance(each.body, ProcessDefinition)}
    # Most organisations ask nothing, and then nothing needs to be read.
    asked = any(body.applies_when is not None for body in known.values())
    choice = choose_process(known, unit.organisation.default_process, await unit.facts() if asked else {})
    if choice.slug is None:
        return
    chosen = active[choice.slug]
    if asked:
        unit.tell("opening/process", "process", process=choice.slug, version=chosen.version, why=choice.why)
    await process_verbs.begin(unit, chosen, process.begin(known[choice.slug], chosen.version, unit.now))
    if asked:
        unit.tell_rest()  # the stage stands on the entry of the process, and not on whatever is told next


async def _acknowledge(unit: CaseUnit) -> None:
    mail = await named(unit.session, EmailMessage, unit.case.opening_mail_id)
    if mail is None:
        await acknowledge_activity(unit)
        return
    mail.case_id = unit.case.id
    unit.tell(f"mail/{mail.id}", "mail", subject_id=mail.id, outcome="opened", method=mail.link_method)
    letter = await unit.tools.letters.acknowledgement(unit.session, unit.case, unit.now)
    if letter is not None:
        unit.tell("opening/acknowledged", "acknowledgement", subject_id=letter.id)


OPENING = "opening/"
"""What the keys of incidents of an opening begin with."""

PARTS: tuple[tuple[str, Callable[[CaseUnit], Awaitable[None]]], ...] = (
    ("customer", _entitle),
    ("sla", _promise),
    ("routing", _route),
    ("process", _begin_process),
    ("acknowledgement", _acknowledge),
    ("notices", work_events.opened),
)
"""In this order: each may look at what the ones before it have found."""

LOOKED_AHEAD = (_entitle, _promise, _route, _begin_process)
"""Of these, what decides about a case, and tells nobody."""
