"""What agents write on a case: replies, notes and articles (domain 1.1, 8)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from cases.answers import BY_HAND, LETTERS, one_answer_less
from cases.unit import CaseUnit, refused
from cases.unread import refuse_unread
from cases.verbs.articles import chosen_article, use_articles, with_articles
from cases.verbs.mailing import send
from cases.verbs.reply_and import and_then, take_back_the_rest
from cases.work_events import spoken_of
from models.messages.api_cases import FirstResponseBody, NoteBody, ReplyBody
from models.messages.cases import CaseCommand, ProblemType
from models.messages.mailflow import OutboxState
from models.messages.said import joined, said, word
from models.records.mails import Attachment, Outbox
from storage.repositories.outbox import take_back


async def reply(unit: CaseUnit, command: CaseCommand, body: ReplyBody) -> str:
    await refuse_unread(unit, command, body.seen)
    chosen = [await chosen_article(unit, each, f"articles[{place}]") for place, each in enumerate(body.articles)]
    message = await send(
        unit,
        command,
        kind="reply",
        text="\n\n".join((body.text, *(each.text for each in chosen if each.text))),
        html=with_articles(body.html, chosen),
        to=body.to,
        cc=body.cc,
        attachments=await _uploads(unit, command, body.attachments),
        send_after=body.send_after_seconds,
    )
    await use_articles(unit, chosen)
    if body.resolve is None and body.wait is None:
        unit.tell(f"command/{command.id}", "reply", actor_id=command.actor_id, subject_id=message.id)
    else:
        await and_then(unit, command, body, message.id)
    return str(message.id)


async def undo_reply(unit: CaseUnit, command: CaseCommand) -> str:
    """Take a reply, or a mailed article, back before it leaves: one guarded statement, against the outbox's claim.

    What it had brought about goes back too: the first response, that the case was resolved or waits, and its uploads, which
    can be sent again.
    """
    letter = await unit.session.scalar(
        select(Outbox.id).where(
            Outbox.message_id == command.target_id, Outbox.case_id == unit.case.id, Outbox.kind.in_(LETTERS)
        )
    )
    if letter is None:
        raise refused(ProblemType.NOT_FOUND, said("The case has no such reply."))
    if not await take_back(unit.session, letter):
        state = await unit.session.scalar(select(Outbox.state).where(Outbox.id == letter))
        if state == OutboxState.UNDONE:
            raise refused(ProblemType.ALREADY_UNDONE, said("The reply was taken back before."))
        raise refused(
            ProblemType.ALREADY_SENT,
            said("The reply cannot be taken back any more: it is {state}.", state=word(str(state))),
        )
    await unit.session.execute(
        update(Attachment).where(Attachment.message_id == command.target_id).values(message_id=None)
    )
    back = await take_back_the_rest(unit, command)
    unit.tell(f"command/{command.id}", "reply-undone", actor_id=command.actor_id, subject_id=command.target_id, **back)
    await one_answer_less(unit)
    return str(command.target_id)


async def _uploads(unit: CaseUnit, command: CaseCommand, wanted: Sequence[UUID]) -> list[Attachment]:
    """The agent's own uploads, not sent yet."""
    if not wanted:
        return []
    rows = await unit.session.scalars(
        select(Attachment).where(
            Attachment.id.in_(wanted),
            Attachment.uploaded_by == command.actor_id,
            Attachment.message_id.is_(None),
            Attachment.entry_id.is_(None),
        )
    )
    found = {row.id: row for row in rows}
    missing = [str(id) for id in wanted if id not in found]
    if missing:
        raise refused(
            ProblemType.NOT_FOUND,
            said("not an unsent upload of yours: {missing}", missing=joined(missing)),
            field="attachments",
        )
    return [found[id] for id in wanted]


async def first_response(unit: CaseUnit, command: CaseCommand, body: FirstResponseBody) -> None:
    """By hand: the customer was answered in a way that the case does not show (domain 1.1)."""
    unit.case.first_response_sent, unit.case.answered_on = True, unit.now
    unit.tell(f"command/{command.id}", BY_HAND, actor_id=command.actor_id, text=body.reason)


async def note(unit: CaseUnit, command: CaseCommand, body: NoteBody) -> str:
    """Whom it names by `@` is told of it; their slugs stand on the entry. Its files are kept with it, and no letter can take
    them."""
    files = await _uploads(unit, command, body.attachments)
    told = await spoken_of(unit, command.actor_id, command.id, body.text)
    mentions = list(told) or None
    entry = unit.tell(f"command/{command.id}", "note", actor_id=command.actor_id, text=body.text, mentions=mentions)
    for position, file in enumerate(files):
        file.entry_id, file.position = entry, position
    return str(entry)
