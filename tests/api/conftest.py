"""The API over a real database and a real Temporal server, asked through HTTP: without a worker, or as a whole desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.app import create_app
from desk import commands
from desk.entering.ways import Ways
from desk.identity import create_token
from engine.commands import CommandSender
from engine.dispatch import CaseDispatcher
from engine.proof import DeskProof
from letters.composing import Letters
from mail.tokens import ReplyTokens, TokenKeys
from mailroom.correlating import Correlating
from mailroom.placing import Placing
from mailroom.quarantine import Quarantine
from models.messages.reference import Role
from models.records.base import new_id
from models.records.cases import Case, QueueItem
from models.records.reference import Account, Agent, Contact, Queue, QueueMember
from settings import Settings
from storage.definitions import Definitions
from storage.engines import Database
from storage.files import FolderStore
from storage.secrets import Keyring
from tests.support.asking import Http, asked
from tests.support.desks import DeskFactory
from tests.support.waiting import BOUND

AT = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)


@dataclass
class PlainHouse:
    """As much of a house as the API asks for."""

    database: Database
    client: Client
    sender: CommandSender
    definitions: Definitions
    files: FolderStore
    keyring: Keyring
    settings: Settings
    quarantine: Quarantine
    letters: Letters
    ways: Ways = field(default_factory=Ways)
    temporal_ui: str | None = "http://127.0.0.1:8421"
    temporal_namespace: str = "default"


@dataclass
class World:
    """A small organisation: berta and carl are agents, mona a manager, kim knows articles; `inner` is private to berta."""

    house: PlainHouse
    app: FastAPI
    tokens: dict[str, str]
    agents: dict[str, UUID]
    queues: dict[str, UUID]
    account: UUID
    contact: UUID

    def http(self, who: str | None = "berta", **options: Any) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://caseloom", headers=headers, **options)

    async def case(self, queue: str | None = "support", **fields: Any) -> Case:
        """A case's rows as its workflow would have left them."""
        id = new_id()
        given: dict[str, Any] = {
            "id": id,
            "number": f"CAS-{id.int % 100000:05d}-{id.hex[-6:].upper()}",
            "title": "Router loses its connection",
            "origin": "phone",
            "status": "active",
            "status_reason": "in-progress",
            "account_id": self.account,
            "contact_id": self.contact,
            "queue": queue,
            "created_on": AT,
            "modified_on": AT,
            "version": 1,
        }
        async with self.house.database.write() as session:
            case = Case(**(given | fields))
            session.add(case)
            await session.flush()
            if queue is not None:
                session.add(QueueItem(case_id=id, queue_id=self.queues[queue], entered_on=AT))
            return case


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine is no reason to get an operation's address instead of the answer."""
    monkeypatch.setattr(commands, "ANSWER_WITHIN", BOUND)


@pytest.fixture
async def http(open_desk: DeskFactory) -> AsyncIterator[Http]:
    """The people of the tests' desk, whose cases a worker works."""
    async with open_desk() as desk, asked(desk) as made:
        yield made


@pytest.fixture
async def world(database_url: str, temporal: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[World]:
    database = Database(database_url)
    try:
        made = await make_world(database, temporal.client, tmp_path)
        async with made.app.router.lifespan_context(made.app):
            yield made
    finally:
        await database.close()


async def make_world(database: Database, client: Client, folder: Path) -> World:
    definitions, files, keyring = Definitions(), FolderStore(folder / "files"), Keyring.load(folder / "keys")
    tokens_of_mails = ReplyTokens(TokenKeys(current=keyring.current, keys=keyring.keys))
    placing = Placing(database, definitions, Correlating(tokens_of_mails))
    quarantine = Quarantine(database, files, placing, CaseDispatcher(client))
    sender = CommandSender(client, DeskProof(keyring.current, keyring.keys))
    letters, settings = Letters(definitions, tokens_of_mails), Settings(data=folder)
    house = PlainHouse(database, client, sender, definitions, files, keyring, settings, quarantine, letters)
    roles = {
        "berta": Role.AGENT,
        "carl": Role.AGENT,
        "mona": Role.MANAGER,
        "ada": Role.ADMINISTRATOR,
        "kim": Role.KNOWLEDGE_MANAGER,
    }
    agents = {slug: new_id() for slug in roles}
    queues = {"support": new_id(), "inner": new_id()}
    account, contact = new_id(), new_id()
    tokens = {}
    async with database.write() as session:
        for slug, role in roles.items():
            session.add(
                Agent(id=agents[slug], slug=slug, name=slug.title(), email=f"{slug}@house.example", roles=[role.value])
            )
        await session.flush()
        session.add(Account(id=account, slug="ito-works", name="Ito Works"))
        await session.flush()
        session.add(Contact(id=contact, slug="ada-ito", name="Ada Ito", email="ada@ito.example", account_id=account))
        for slug, id in queues.items():
            session.add(Queue(id=id, slug=slug, name=slug.title(), private=slug == "inner", owner_id=agents["mona"]))
        await session.flush()
        session.add(QueueMember(queue_id=queues["inner"], agent_id=agents["berta"]))
        for slug, role in roles.items():
            tokens[slug] = await create_token(session, slug, role, actor="test", now=AT)
    return World(house, create_app(house), tokens, agents, queues, account, contact)
