"""`demo`: the stack with the demo's organisation and mail pair, the scenario, and then whatever its user wants to try."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog

from console.starting.house import Door
from desk.commands import CaseDesk
from desk.organisation.file import OrganisationFile
from models.messages.reference import Role
from settings import Settings
from starting.access import role_agents, write_access
from starting.demo_house import DemoHouse
from starting.outsider import Api, Person
from starting.samples import lay_samples
from starting.scenario import CONTACT, CUSTOMER, SUPPORT, Scenario, Scene
from starting.show import Show
from starting.stack import Stack, StackPlan, running
from starting.stopping import Stopping

log = structlog.get_logger(__name__)

STRANGER = "tom@customer.example"
"""Who sends a mail that says nothing."""
ORGANISATION = Path(__file__).resolve().parents[1] / "examples" / "demo.yaml"


async def demo(settings: Settings, stopping: Stopping, show: Show, *, once: bool, reset: bool) -> int:
    """0 if every step of the scenario held; without `once` everything stays up until Ctrl-C."""
    show.title("Caseloom: one email becomes one resolved case")
    plan = StackPlan(settings, ORGANISATION, mail=True, reset=reset, overwrite=True, doors=_doors)
    async with running(plan, show) as stack:
        tokens = await write_access(stack)
        held = await _play(stack, tokens, show)
        if not once:
            if stack.doors is not None:
                stack.doors.begin()  # what was played just now was no deed of the visitor's
            _show_the_way_on(stack, show)
            async with _laying(stack):
                ended = await stopping.wait(stack.until_a_part_ends())
            if ended is not None:
                show.say(f"{ended} ended by itself; its log is in {stack.folder.logs}.")
                held = False
            show.say("Stopping (Ctrl-C again ends at once) ...")
    return 0 if held else 1


def _doors(settings: Settings, organisation: OrganisationFile, passwords: dict[str, str]) -> DemoHouse:
    agents = role_agents(organisation)
    doors = {
        Door.AGENT: agents[Role.AGENT],
        Door.MANAGER: agents[Role.MANAGER],
        Door.OPERATOR: agents[Role.ADMINISTRATOR],
    }
    casey = Person(CUSTOMER, passwords[CUSTOMER], settings.imap_port, settings.smtp_port)
    return DemoHouse(casey, doors, CONTACT)


@asynccontextmanager
async def _laying(stack: Stack) -> AsyncIterator[None]:
    """The sample cases come in while the user looks around already."""
    desk = CaseDesk(stack.house.database, stack.house.sender)
    stranger = Person(STRANGER, stack.mail_users[STRANGER], stack.settings.imap_port, stack.settings.smtp_port)
    task = asyncio.create_task(lay_samples(stack.house, desk, stranger), name="samples")
    try:
        yield
    finally:
        task.cancel()
        (left,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(left, Exception):
            log.warning("not all sample cases were laid", error=type(left).__name__)
        await desk.close()


async def _play(stack: Stack, tokens: dict[Role, str], show: Show) -> bool:
    settings = stack.settings
    async with AsyncExitStack() as open_things:
        scene = Scene(
            agent=await open_things.enter_async_context(Api(stack.api, tokens[Role.AGENT])),
            manager=await open_things.enter_async_context(Api(stack.api, tokens[Role.MANAGER])),
            casey=Person(CUSTOMER, stack.mail_users[CUSTOMER], settings.imap_port, settings.smtp_port),
            temporal=stack.house.client,
            api=stack.api,
        )
        scenario = Scenario(scene, show)
        held = await scenario.play()
    checks = scenario.checks
    if held:
        show.title(f"All {checks.held} checks held.")
    else:
        show.title(f"{len(checks.failed)} of {len(checks.failed) + checks.held} checks failed:")
        for what in checks.failed:
            show.say(f"  {what}")
        show.say(f"The logs are in {stack.folder.logs}.")
    return held


def _show_the_way_on(stack: Stack, show: Show) -> None:
    settings = stack.settings
    show.title("Everything stays up until Ctrl-C. Begin here:")
    if stack.doors is not None:
        show.say(f"  {stack.api}/start?key={stack.doors.key}")
    show.table(
        {
            "Temporal UI": f"{settings.temporal_ui}/namespaces/{settings.temporal_namespace}/workflows",
            "API docs": f"{stack.api}/docs",
            "IMAP": f"127.0.0.1:{settings.imap_port}, no TLS",
            "SMTP": f"127.0.0.1:{settings.smtp_port}, no TLS; write to {SUPPORT}",
            "tokens, accounts": str(stack.folder.access),
            "logs": str(stack.folder.logs),
        }
    )
