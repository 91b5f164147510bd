"""Kills the worker while customers are asked how it went, and the process that serves the page while they answer; then every
resolution was asked about once, and every answer stands on its case once."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import select

from bootstrap import keyring, open_house
from desk.links import LinkClosed
from desk.survey_answers import SurveyAnswers
from engine.failpoints import arm
from faults import world
from faults.lives import apply_lists, dies, each_until_answered, ends, open_cases, until_rest, until_sent
from letters.links import LinkKind, LinkSigner
from models.messages.api_cases import ResolveBody
from models.messages.cases import CommandKind
from models.messages.mail_facts import OutgoingKind
from models.messages.mailflow import OutboxState
from models.records.mails import Outbox
from models.records.reference import Contact
from models.records.surveys import SurveyAnswer, SurveyRequest
from models.records.timeline import TimelineEntry
from servers.processes import stop_process
from settings import Settings
from storage.engines import Database

ASKING = ("survey.asked.written", "command.written", "command.committed", "outbox.claimed", "outbox.sent")
ANSWERING = ("survey.answer.written", "survey.answer.committed")
HEARING = ("delivery.written", "delivery.committed")
LATEST = 4
"""A life ends at one of its places when it comes there for at most the so many-th time."""
SURVEY = {"slug": "after", "name": "After", "quiet_days": 0}
FORKING = multiprocessing.get_context("spawn")


async def play(here: world.World, cases: int, kills: int, rng: random.Random) -> tuple[int, list[str]]:
    """How often a process died at one of the places, and what is not as it must be, in words."""
    await apply_lists(here, {"organisation": {"pages": {"address": "https://help.example"}}, "surveys": [SURVEY]})
    worker = await here.start_worker(0, "")
    died = 0
    try:
        async with here.house.database.read() as session:
            contact = await session.scalar(select(Contact.id).order_by(Contact.id).limit(1))
        numbers = await open_cases(here, cases, contact_id=contact)
        await until_rest(here)
        await ends(worker)
        closing = ResolveBody(resolution="The firmware cures it.")
        asked = asyncio.create_task(
            each_until_answered(here, [(number, CommandKind.RESOLVE, closing) for number in numbers])
        )
        for life in range(1, kills // 2 + 1):
            places = ",".join(f"{name}:{rng.randint(1, LATEST)}" for name in ASKING)
            worker = await here.start_worker(life, places)
            died += await dies(worker)
        worker = await here.start_worker(kills, "")
        await asked
        await until_rest(here)
        await until_sent(here)
        print(f"{cases} resolutions are asked about, {died} lives ended at their places", flush=True)
        await ends(worker)
        worker = await here.start_worker(kills + 1, ",".join(f"{name}:{rng.randint(1, LATEST)}" for name in HEARING))
        died += await _answer(here, kills - kills // 2, rng)
        await ends(worker)
        worker = await here.start_worker(kills + 2, "")
        await until_rest(here)
        return died, await check(here.house.database, cases)
    finally:
        await stop_process(worker, kill_after=20.0)


async def check(database: Database, cases: int) -> list[str]:
    """What was lost or doubled."""
    async with database.read() as session:
        requests = Counter(await session.scalars(select(SurveyRequest.resolution_id)))
        letters = Counter(
            (await session.execute(select(Outbox.state).where(Outbox.kind == OutgoingKind.SURVEY))).scalars()
        )
        answers = Counter(await session.scalars(select(SurveyAnswer.request_id)))
        told = Counter(
            await session.scalars(select(TimelineEntry.subject_id).where(TimelineEntry.kind == "survey-answered"))
        )
    wanted = {
        "resolutions asked about": (len(requests), requests.total()),
        "letters sent": (letters[OutboxState.SENT], letters.total()),
        "answers": (len(answers), answers.total()),
        "answers that their cases have heard": (len(told), told.total()),
    }
    return [f"{name}: {found} instead of {cases}" for name, found in wanted.items() if found != (cases, cases)]


# ---- answering -------------------------------------------------------------------------------------------------------


async def _answer(here: world.World, kills: int, rng: random.Random) -> int:
    """Every customer answers, and sends the same form again where no answer came: as often as a page's process dies."""
    keys = keyring(here.settings)
    links = LinkSigner(keys.current, keys.keys)
    async with here.house.database.read() as session:
        requests = list(await session.scalars(select(SurveyRequest).order_by(SurveyRequest.id)))
    tokens = [links.token(LinkKind.SURVEY, each.id, each.case_id) for each in requests]
    died = 0
    for life in range(kills + 1):
        place = f"{rng.choice(ANSWERING)}:{rng.randint(1, LATEST)}" if life < kills else ""
        page = FORKING.Process(target=_serve, args=(here.settings, tokens, place))
        await asyncio.to_thread(page.start)
        await asyncio.to_thread(page.join)
        died += page.exitcode != 0
    return died


def _serve(settings: Settings, tokens: list[str], place: str) -> None:
    """The process of a page: it takes the answers of these links, one after the other, until it dies."""
    asyncio.run(_take(settings, tokens, place))


async def _take(settings: Settings, tokens: list[str], place: str) -> None:
    async with open_house(settings) as house:
        arm(place)
        links = LinkSigner(house.keyring.current, house.keyring.keys)
        answers = SurveyAnswers(house.database, house.definitions, links, house.dispatcher)
        for position, token in enumerate(tokens):
            try:
                await answers.answer(token, position % 5 + 1, "As it was.", datetime.now(UTC))
            except LinkClosed as error:
                raise SystemExit(f"{token[:8]}: {error.why}") from None
