"""What agents have begun to write on cases: content, not state, so the desk writes it without the case's workflow.

Each kind is a draft of its own, in a row that stays. Saves are numbered within a generation, and sending begins the next
one: whatever arrives late, in whatever order, neither takes the place of newer text nor brings back what was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Conflict
from desk.identity import Identity
from desk.queries.visibility import visible_case
from models.messages.api_cases import DraftBody, InsertedArticle, stored
from models.messages.api_values import AttachmentIds
from models.messages.base import EmailAddress, Message
from models.messages.case_fields import storable_text
from models.messages.said import said
from models.records.base import new_id
from models.records.cases import Case
from models.records.commands import Command
from models.records.drafts import ReplyDraft
from models.records.mails import Outbox
from storage.engines import Database
from storage.repositories.threads import last_survivor

LONGEST_ADDRESS = 320
_ADDRESS: TypeAdapter[str] = TypeAdapter(EmailAddress)


class DraftKind(StrEnum):
    REPLY = "reply"
    REPLY_ALL = "reply-all"
    NOTE = "note"
    FORWARD = "forward"


Typed = Annotated[str, StringConstraints(max_length=LONGEST_ADDRESS), AfterValidator(storable_text)]


class DraftText(Message):
    """As it was typed so far: a recipient need not be an address yet. `to` None: nobody has chosen any."""

    text: Annotated[str, StringConstraints(max_length=100_000), AfterValidator(storable_text)] = ""
    to: Annotated[tuple[Typed, ...], Field(max_length=50)] | None = None
    cc: Annotated[tuple[Typed, ...], Field(max_length=50)] = ()
    attachments: AttachmentIds = ()
    articles: Annotated[tuple[InsertedArticle, ...], Field(max_length=5)] = ()

    @property
    def empty(self) -> bool:
        return not self.text.strip() and not self.attachments


@dataclass(frozen=True, slots=True)
class Draft:
    """`generation` and `written` are what the next save must know; `saved_on` None: nothing was ever saved."""

    kind: DraftKind
    body: DraftText
    generation: int = 0
    written: int = 0
    saved_on: datetime | None = None

    @property
    def unfinished(self) -> bool:
        return not self.body.empty


class LateSave(Conflict):
    """409: `draft` is what stands there now: newer text, or another draft after this one was sent."""

    def __init__(self, draft: Draft, *, sent: bool) -> None:
        super().__init__(
            "late-save",
            said("this draft was sent; nothing was saved over it")
            if sent
            else said("newer text was saved elsewhere; nothing was saved over it"),
        )
        self.draft, self.sent = draft, sent


async def drafts(session: AsyncSession, identity: Identity, case: Case) -> dict[DraftKind, Draft]:
    """This agent's drafts on the case, of every kind."""
    rows = await session.scalars(
        select(ReplyDraft).where(ReplyDraft.case_id == case.id, ReplyDraft.agent_id == identity.agent_id)
    )
    found = {DraftKind(row.kind): await _read(session, row) for row in rows}
    return {kind: found.get(kind, Draft(kind, DraftText())) for kind in DraftKind}


async def save_text(
    database: Database,
    identity: Identity,
    number: str,
    kind: DraftKind,
    body: DraftText,
    now: datetime,
    *,
    generation: int,
    written: int,
) -> Draft:
    """Keep what was typed, in the case that this one is by now. `written` rises with each save. `LateSave` if it has not."""
    try:
        return await _save(database, identity, number, kind, body, now, generation, written)
    except IntegrityError:
        # The first two saves at the same moment.
        return await _save(database, identity, number, kind, body, now, generation, written)


async def _save(
    database: Database,
    identity: Identity,
    number: str,
    kind: DraftKind,
    body: DraftText,
    now: datetime,
    generation: int,
    written: int,
) -> Draft:
    async with database.write() as session:
        case = await home_of(session, identity, number, kind)
        row = await _row(session, identity.agent_id, case.id, kind)
        if row is None:
            row = _new(identity.agent_id, case.id, kind)
            session.add(row)
        present = await _read(session, row)
        if generation != present.generation or written <= present.written:
            raise LateSave(present, sent=generation < present.generation)
        _write(row, body, now)
        row.generation, row.written = generation, written
        await session.flush()
        return await _read(session, row)


async def home_of(session: AsyncSession, identity: Identity, number: str, kind: DraftKind) -> Case:
    """Where this draft lies: on the case, or on the one that it was merged into, unless the agent had one there already."""
    case = await visible_case(session, identity, number)
    if case.merged_into is None or await _row(session, identity.agent_id, case.id, kind) is not None:
        return case
    return await visible_case(session, identity, (await last_survivor(session, case)).number)


async def sending(
    database: Database, identity: Identity, number: str, kind: DraftKind, body: DraftText, command: UUID, now: datetime
) -> None:
    """Before the command: the draft is what is sent, and no save of it comes in time any more. Should the command be
    refused, or never arrive, the draft is still there."""
    async with database.write() as session:
        case = await home_of(session, identity, number, kind)
        row = await _row(session, identity.agent_id, case.id, kind)
        if row is None:
            row = _new(identity.agent_id, case.id, kind)
            session.add(row)
        if row.sent_as == command:
            return
        _write(row, body, now)
        row.generation, row.written, row.sent_as = row.generation + 1, 0, command
        await session.flush()


async def sent(database: Database, identity: Identity, command: UUID) -> None:
    """After it: lists need not look at the command to know that nothing is unfinished."""
    async with database.write() as session:
        for row in await session.scalars(
            select(ReplyDraft)
            .where(ReplyDraft.agent_id == identity.agent_id, ReplyDraft.sent_as == command, ReplyDraft.written == 0)
            .with_for_update()
        ):
            row.body, row.unfinished = {"text": ""}, False


async def taken_back(database: Database, message_id: UUID, now: datetime) -> DraftKind | None:
    """What a reply said is unfinished again: its text, its recipients and its files, above what was begun meanwhile.
    The kind of the draft; None if no agent's command wrote that message."""
    async with database.write() as session:
        key = await session.scalar(select(Outbox.key).where(Outbox.message_id == message_id))
        prefix, _, id = (key or "").partition("/")
        command = await session.get(Command, UUID(id)) if prefix == "reply" and id else None
        if command is None:
            return None
        was = DraftText.model_validate(
            {name: command.body[name] for name in DraftText.model_fields if name in command.body}
        )
        row = await session.scalar(select(ReplyDraft).where(ReplyDraft.sent_as == command.id).with_for_update())
        kind = DraftKind.REPLY if row is None else DraftKind(row.kind)
        row = row or await _row(session, command.actor_id, command.case_id, kind)
        if row is None:
            row = _new(command.actor_id, command.case_id, kind)
            session.add(row)
        _write(row, _joined(was, (await _read(session, row)).body), now)
        row.generation, row.written, row.sent_as = row.generation + 1, 0, None
        await session.flush()
        return kind


async def save_draft(session: AsyncSession, identity: Identity, case: Case, body: DraftBody, now: datetime) -> None:
    """The reply of callers who number nothing: it takes the place of what was there; an empty text removes it."""
    row = await _row(session, identity.agent_id, case.id, DraftKind.REPLY)
    if row is None:
        if not body.text:
            return
        row = _new(identity.agent_id, case.id, DraftKind.REPLY)
        session.add(row)
    present = await _read(session, row)
    _write(row, DraftText.model_validate(stored(body)) if body.text else DraftText(), now)
    row.generation, row.written, row.sent_as = present.generation, present.written + 1, None
    await session.flush()


async def draft(session: AsyncSession, identity: Identity, case: Case) -> DraftBody:
    """The same; an empty one if there is none. What is no address yet is left out."""
    row = await _row(session, identity.agent_id, case.id, DraftKind.REPLY, lock=False)
    body = DraftText() if row is None else (await _read(session, row)).body
    to = None if body.to is None else tuple(_addresses(body.to))
    return DraftBody(text=body.text, to=to, cc=tuple(_addresses(body.cc)), attachments=body.attachments)


async def _row(
    session: AsyncSession, agent_id: UUID, case_id: UUID, kind: DraftKind, *, lock: bool = True
) -> ReplyDraft | None:
    wanted = select(ReplyDraft).where(
        ReplyDraft.case_id == case_id, ReplyDraft.agent_id == agent_id, ReplyDraft.kind == kind
    )
    row: ReplyDraft | None = await session.scalar(wanted.with_for_update() if lock else wanted)
    return row


def _new(agent_id: UUID, case_id: UUID, kind: DraftKind) -> ReplyDraft:
    return ReplyDraft(
        id=new_id(), agent_id=agent_id, case_id=case_id, kind=kind.value, body={}, generation=0, written=0, sent_as=None
    )


def _write(row: ReplyDraft, body: DraftText, now: datetime) -> None:
    row.body, row.saved_on, row.unfinished = stored(body), now, not body.empty


async def _read(session: AsyncSession, row: ReplyDraft) -> Draft:
    """What stands there, as the command sees it that it was sent as: done or under way, there is nothing any more."""
    gone = False
    if row.sent_as is not None:
        state = await session.scalar(select(Command.state).where(Command.id == row.sent_as))
        gone = row.written == 0 and state in ("pending", "done")
    body = DraftText() if gone else DraftText.model_validate(row.body)
    return Draft(DraftKind(row.kind), body, row.generation, row.written, row.saved_on)


def _joined(first: DraftText, then: DraftText) -> DraftText:
    if then.empty:
        return first
    return first.model_copy(
        update={
            "text": f"{first.text}\n\n{then.text}"[:100_000],
            "attachments": tuple(dict.fromkeys((*first.attachments, *then.attachments)))[:20],
            "articles": (*first.articles, *then.articles)[:5],
        }
    )


def _addresses(typed: Sequence[str]) -> list[str]:
    good = []
    for each in typed:
        try:
            good.append(_ADDRESS.validate_python(each))
        except ValidationError:
            continue
    return good
