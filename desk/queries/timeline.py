"""A case's timeline: what happened, the newest first, with the emails and activities that the entries are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.identity import Identity
from desk.queries import cursors
from desk.queries.activities import activity_view
from desk.queries.visibility import Sight, named_in, sight_of
from desk.reference.references import slugs_of
from mail.kinds import attachment_kind, calendar_method
from mail.quotes import strip_quote
from models.messages.api_activity_views import ActivityView
from models.messages.api_case_views import AttachmentView, MessageView, TimelineItem, TimelinePage
from models.messages.mail_facts import SenderProof
from models.messages.mailflow import OutboxState
from models.messages.said import said
from models.records.cases import Case
from models.records.mails import Attachment, EmailMessage, Outbox
from models.records.timeline import Activity, TimelineEntry
from policies.activities import unreadable
from storage.definitions import Definitions

MAX_LIMIT = 200


async def timeline(
    session: AsyncSession,
    identity: Identity,
    case: Case,
    definitions: Definitions,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> TimelinePage:
    """A page of the timeline of a case that the identity may see. `Invalid` names a wrong limit or cursor."""
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid("limit", said("between 1 and {max_limit}", max_limit=MAX_LIMIT))
    statement = select(TimelineEntry).where(TimelineEntry.case_id == case.id)
    if cursor is not None:
        at, key = cursors.decode(cursor, "timeline", datetime)
        if not isinstance(at, datetime):
            raise Invalid("cursor", said("this cursor does not belong to this list; begin again without it"))
        statement = statement.where(or_(TimelineEntry.at < at, and_(TimelineEntry.at == at, TimelineEntry.id < key)))
    statement = statement.order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc()).limit(limit + 1)
    rows = (await session.scalars(statement)).all()
    page = rows[:limit]
    following = cursors.encode("timeline", page[-1].at, page[-1].id) if len(rows) > limit else None
    return TimelinePage(items=tuple(await items_of(session, identity, definitions, page)), next=following)


async def items_of(
    session: AsyncSession, identity: Identity, definitions: Definitions, entries: Sequence[TimelineEntry]
) -> list[TimelineItem]:
    """Entries of one case as this identity may read them."""
    sight = await sight_of(session, identity)
    told = await named_in(session, sight, [entry.data for entry in entries])
    subjects = {entry.subject_id for entry in entries if entry.subject_id is not None}
    messages = await messages_of(session, subjects, sight)
    activities = await activities_of(session, subjects, sight)
    if activities:
        hidden = unreadable((await definitions.organisation(session)).activity_details, identity.roles)
        activities = {id: each for id, each in activities.items() if each.kind not in hidden}
    files = await _files_of_notes(session, [entry.id for entry in entries if entry.kind == "note"])
    actors = await slugs_of(session, "agent", (entry.actor_id for entry in entries))
    return [
        TimelineItem(
            id=entry.id,
            at=entry.at,
            kind=entry.kind,
            actor=actors.get(entry.actor_id),
            text=entry.text,
            data=data,
            message=messages.get(entry.subject_id) if entry.subject_id else None,
            activity=activities.get(entry.subject_id) if entry.subject_id else None,
            attachments=tuple(files.get(entry.id, ())),
        )
        for entry, data in zip(entries, told, strict=True)
    ]


async def _files_of_notes(session: AsyncSession, notes: Sequence[UUID]) -> dict[UUID, list[AttachmentView]]:
    found: defaultdict[UUID, list[AttachmentView]] = defaultdict(list)
    if notes:
        rows = select(Attachment).where(Attachment.entry_id.in_(notes)).order_by(Attachment.position)
        for row in await session.scalars(rows):
            if row.entry_id is not None:
                found[row.entry_id].append(attachment_view(row))
    return found


async def messages_of(session: AsyncSession, ids: set[UUID], sight: Sight) -> dict[UUID, MessageView]:
    """Those of `ids` that are emails, with their attachments and the state of their sending.

    Of a case that was merged, they are on its survivor by now: they are shown to who may see that one.
    """
    if not ids:
        return {}
    wanted = select(EmailMessage).where(EmailMessage.id.in_(ids))
    if sight.hidden:
        wanted = wanted.join(Case, Case.id == EmailMessage.case_id).where(sight.cases())
    rows = (await session.scalars(wanted)).all()
    found = [row.id for row in rows]
    attachments: defaultdict[UUID, list[AttachmentView]] = defaultdict(list)
    letters: dict[UUID, Outbox] = {}
    if found:
        for file in await session.scalars(
            select(Attachment).where(Attachment.message_id.in_(found)).order_by(Attachment.position)
        ):
            if file.message_id is not None:
                attachments[file.message_id].append(attachment_view(file))
        sent = await session.scalars(select(Outbox).where(Outbox.message_id.in_(found)))
        letters = {row.message_id: row for row in sent}
    return {row.id: _message_view(row, letters.get(row.id), attachments[row.id]) for row in rows}


def _message_view(row: EmailMessage, letter: Outbox | None, attachments: Sequence[AttachmentView]) -> MessageView:
    queued = letter is not None and letter.state == OutboxState.QUEUED
    return MessageView(
        id=row.id,
        direction=_direction(row.direction),
        sender=row.sender,
        sender_name=row.sender_name,
        to=tuple(row.recipients.get("to", ())),
        cc=tuple(row.recipients.get("cc", ())),
        subject=row.subject,
        text=row.text,
        # Our own mails quote nothing, and in a long one nobody would see what was cut.
        trimmed=strip_quote(row.text, row.subject, row.in_reply_to)[0] if row.direction == "in" else row.text,
        has_html=bool(row.html),
        defects=tuple(row.defects),
        date=row.date,
        automatic=row.automatic,
        unanswerable=row.unanswerable,
        via=row.via,
        sender_proof=SenderProof(row.sender_proof) if row.direction == "in" else None,
        delivery=OutboxState(letter.state) if letter else None,
        delivery_detail=letter.last_error if letter else None,
        not_before=letter.not_before if letter and queued else None,
        sent_on=letter.sent_on if letter else None,
        attachments=tuple(attachments),
    )


async def activities_of(session: AsyncSession, ids: set[UUID], sight: Sight) -> dict[UUID, ActivityView]:
    """Those of `ids` that are activities, of cases in sight as with emails."""
    if not ids:
        return {}
    wanted = select(Activity).where(Activity.id.in_(ids))
    if sight.hidden:
        wanted = wanted.join(Case, Case.id == Activity.case_id).where(sight.cases())
    rows = (await session.scalars(wanted)).all()
    owners = await slugs_of(session, "agent", (row.owner_id for row in rows))
    return {row.id: activity_view(row, owners.get(row.owner_id)) for row in rows}


def attachment_view(row: Attachment) -> AttachmentView:
    return AttachmentView(
        id=row.id,
        filename=row.filename,
        content_type=row.content_type,
        size=row.size,
        kind=attachment_kind(row.content_type, row.filename, inline=row.inline),
        method=calendar_method(row.content_type),
    )


def _direction(stored: str) -> Literal["in", "out"]:
    return "in" if stored == "in" else "out"
