"""What the composer of a case shows: a form for each kind of draft, as the desk keeps it, and what helps to write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from console.faults import Fault
from console.staff import Staff
from console.visitor import Visitor
from desk.attachments import UPLOAD_LIMIT, unused_uploads
from desk.collisions import Present, last_entry, others
from desk.drafts import Draft, DraftKind, drafts
from desk.queries.cases import CaseRow
from desk.queries.correspondents import Correspondents, correspondents
from desk.queries.timeline import messages_of
from desk.queries.visibility import sight_of, visible_case
from desk.reply_words import ReplyTemplate, reply_templates
from models.messages.api_case_views import AttachmentView, CaseView, MessageView, TimelineItem
from models.messages.cases import CommandKind

OUTSIDE = (DraftKind.REPLY, DraftKind.REPLY_ALL, DraftKind.FORWARD)
"""What leaves the house."""


@dataclass(frozen=True, slots=True)
class Writing:
    """One form. `number`: the case that it is sent on; `unread`: what others have done since its writer has read the case;
    `into`: the case that this one was merged into meanwhile; `asked`: it speaks of a file and has none."""

    kind: DraftKind
    number: str
    text: str = ""
    to: str = ""
    cc: str = ""
    files: Sequence[AttachmentView] = ()
    offered: Sequence[AttachmentView] = ()
    """Files of the mail that is sent on."""
    articles: Sequence[str] = ()
    generation: int = 0
    written: int = 0
    saved_on: datetime | None = None
    new: Sequence[str] = ()
    faults: Sequence[Fault] = ()
    unread: Sequence[TimelineItem] = ()
    into: str = ""
    asked: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)
    """The other fields, as they were filled."""

    @property
    def outside(self) -> bool:
        return self.kind in OUTSIDE

    def said(self, name: str) -> str:
        return self.typed.get(name, "")

    @property
    def by_field(self) -> dict[str, Fault]:
        return {fault.field: fault for fault in self.faults}


@dataclass(frozen=True, slots=True)
class Composer:
    """`shown`: the kind whose form stands open; the others are a step away. `seen`: the last entry that the page shows."""

    number: str
    shown: DraftKind
    writings: Mapping[DraftKind, Writing]
    seen: UUID | None
    present: Sequence[Present]
    templates: Sequence[ReplyTemplate]
    reasons: Sequence[tuple[str, str]]
    known: Sequence[str]
    open_activities: int
    may: frozenset[DraftKind]
    """What can be sent now. The others are drafts that their writer reads and copies."""
    case_id: UUID
    limit: int = UPLOAD_LIMIT

    @property
    def writing(self) -> Writing:
        return self.writings[self.shown]

    def having(self, **facts: Any) -> Composer:
        """The form that is shown, with these facts."""
        changed = {self.shown: replace(self.writing, **facts)}
        return replace(self, writings={**self.writings, **changed})


def writes_of(view: CaseView) -> str:
    """What may be written now, for a page to see when that has changed."""
    return " ".join(each.value for each in (CommandKind.REPLY, CommandKind.NOTE) if each.value in view.allowed)


async def composer_of(
    staff: Staff,
    session: AsyncSession,
    me: Visitor,
    view: CaseView,
    *,
    row: CaseRow | None = None,
    wanted: str = "",
    filled: bool = False,
) -> Composer | None:
    """None: nothing can be written on the case now. `view`: the case as it is shown; `row`: the case itself, if it is known;
    `wanted`: a kind of draft; `filled`: something was typed into the wanted one, so that it is shown whatever the state."""
    may = {
        *(OUTSIDE if CommandKind.REPLY.value in view.allowed else ()),
        *((DraftKind.NOTE,) if CommandKind.NOTE.value in view.allowed else ()),
    }
    case = row or await visible_case(session, me.identity, view.number)
    kept = await drafts(session, me.identity, case)
    # A draft that can be sent no more is shown all the same: it is its writer's.
    held = {kind for kind in DraftKind if kept[kind].unfinished or (filled and kind == wanted)}
    if not may | held:
        return None
    who = await correspondents(session, case)
    last = None
    if who.last is not None:
        sight = await sight_of(session, me.identity)
        last = (await messages_of(session, {who.last}, sight)).get(who.last)
    if not who.all_cc:
        may.discard(DraftKind.REPLY_ALL)
    if last is None:
        may.discard(DraftKind.FORWARD)
    kinds = [kind for kind in DraftKind if kind in may | held]
    writings = {kind: await _writing(session, me, view, kept[kind], who, last) for kind in kinds}
    return Composer(
        number=case.number,
        shown=next((kind for kind in kinds if kind == wanted), kinds[0]),
        writings=writings,
        seen=await last_entry(session, case),
        present=await others(session, me.identity, case.id, me.now),
        templates=await reply_templates(session, staff.definitions),
        reasons=[(each.slug, each.name) for each in me.organisation.status_reasons if each.status == "resolved"],
        known=sorted(who.known),
        open_activities=view.open_activities,
        may=frozenset(may),
        case_id=case.id,
    )


async def _writing(
    session: AsyncSession, me: Visitor, view: CaseView, draft: Draft, who: Correspondents, last: MessageView | None
) -> Writing:
    body = draft.body
    to, cc = first_recipients(draft.kind, who)
    text = body.text
    if draft.kind is DraftKind.FORWARD and last is not None and not draft.unfinished:
        text = _sent_on(last)
    offered = last.attachments if draft.kind is DraftKind.FORWARD and last is not None else ()
    named = to if body.to is None else body.to
    copies = cc if body.to is None else body.cc
    return Writing(
        kind=draft.kind,
        number=view.number,
        text=text,
        to=", ".join(named),
        cc=", ".join(copies),
        files=await unused_uploads(session, me.identity, body.attachments) if body.attachments else (),
        offered=offered,
        articles=[each.article for each in body.articles],
        generation=draft.generation,
        written=draft.written,
        saved_on=draft.saved_on if draft.unfinished else None,
        new=who.new_among([*named, *copies]),
        into=view.merged_into or "",
    )


def first_recipients(kind: DraftKind, who: Correspondents) -> tuple[Sequence[str], Sequence[str]]:
    """To and Cc as they stand before anybody has changed them: an answer goes to the sender alone, one to all goes to
    everybody of that mail, and whom it is sent on to is chosen by hand."""
    match kind:
        case DraftKind.REPLY:
            return who.answer_to, ()
        case DraftKind.REPLY_ALL:
            return who.answer_to, who.all_cc
        case _:
            return (), ()


def _sent_on(mail: MessageView) -> str:
    head = [f"From: {mail.sender_name} <{mail.sender}>" if mail.sender_name else f"From: {mail.sender}"]
    if mail.date is not None:
        head.append(f"Date: {mail.date:%Y-%m-%d %H:%M} UTC")
    head.append(f"Subject: {mail.subject}")
    return "\n\n-------- Forwarded message --------\n" + "\n".join(head) + f"\n\n{mail.text}"
