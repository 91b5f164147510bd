"""What was filled into a composer's form, and the body that it becomes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from console.composing.composer import OUTSIDE
from console.faults import FILL_IN, Fault, faults_of
from console.languages import N_
from console.staff import Posted
from desk.drafts import DraftKind, DraftText
from models.messages.api_cases import HoldBody, InsertedArticle, NoteBody, ReplyBody
from policies.placeholders import speaks_of_a_file, unfilled

RESOLVING = ("resolution_type", "resolution", "billable_minutes", "cancel_open_activities")
WAYS = ("back", "next", "stay")
"""Where one may be afterwards: the list, the next case, this case as it was opened."""
_BETWEEN = re.compile(r"[,;\n]+")
_IN_BRACKETS = re.compile(r"^[^<>]*<([^<>]+)>$")


@dataclass(frozen=True, slots=True)
class Filled:
    """`then`: send, wait or resolve; empty: it is not to be sent yet. `seen` None: send it whatever others have done."""

    kind: DraftKind
    text: str
    to: str
    cc: str
    attachments: tuple[UUID, ...]
    articles: tuple[str, ...]
    then: str
    seen: UUID | None
    confirmed: bool
    typed: dict[str, str]

    @property
    def draft(self) -> DraftText:
        """As a draft keeps it. Raises ValidationError."""
        return DraftText.model_validate(
            {
                "text": self.text,
                "to": None if self.kind is DraftKind.NOTE else addresses(self.to),
                "cc": addresses(self.cc),
                "attachments": self.attachments,
                "articles": [InsertedArticle(article=each, send="typed") for each in self.articles],
            }
        )

    def body(self, undo_seconds: int) -> ReplyBody | NoteBody:
        """What it becomes. Raises ValidationError."""
        if self.kind is DraftKind.NOTE:
            return NoteBody(text=self.text, attachments=self.attachments)
        given: dict[str, Any] = {
            "text": self.text,
            "to": addresses(self.to),
            "send_after_seconds": undo_seconds,
        }
        if cc := addresses(self.cc):
            given["cc"] = cc
        if self.attachments:
            given["attachments"] = self.attachments
        if self.articles:
            given["articles"] = [InsertedArticle(article=each, send="typed") for each in self.articles]
        if self.seen is not None:
            given["seen"] = self.seen
        if self.then == "wait":
            given["wait"] = HoldBody()
        if self.then == "resolve":
            flag = {"cancel_open_activities": True} if self.typed.get("cancel_open_activities") else {}
            said = {name: self.typed[name] for name in ("resolution_type", "billable_minutes") if self.typed.get(name)}
            given["resolve"] = {**said, **flag, "resolution": self.typed.get("resolution", "")}
        return ReplyBody.model_validate(given)

    def faults(self, undo_seconds: int) -> list[Fault]:
        """What keeps it from being sent, whatever the case's state; one for each field."""
        found: list[Fault] = []
        if not self.text.strip():
            found.append(Fault("text", FILL_IN, {}))
        if self.kind in OUTSIDE and not addresses(self.to):
            found.append(Fault("to", N_("Please say whom it goes to."), {}))
        if left := unfilled(self.text):
            found.append(Fault("text", N_("Please fill in what is left open: %(places)s"), {"places": ", ".join(left)}))
        if found:
            return found
        try:
            self.body(undo_seconds)
        except ValidationError as error:
            return [_of_the_form(each) for each in faults_of(error)]
        return []

    @property
    def asks_for_a_file(self) -> bool:
        """It leaves the house, speaks of a file and has none; asked once."""
        return self.kind in OUTSIDE and not self.attachments and not self.confirmed and speaks_of_a_file(self.text)


def filled(kind: DraftKind, posted: Posted, uploaded: Sequence[UUID] = ()) -> Filled:
    """`uploaded`: files that came with the form itself."""
    kept = ids_of(posted.texts("attachments"))
    return Filled(
        kind=kind,
        text=posted.text("text"),
        to=posted.text("to"),
        cc=posted.text("cc"),
        attachments=tuple(dict.fromkeys((*kept, *uploaded))),
        articles=tuple(dict.fromkeys(posted.texts("articles"))),
        then=posted.text("then"),
        seen=_id(posted.text("seen")),
        confirmed=bool(posted.text("confirmed")),
        typed={name: posted.text(name) for name in (*RESOLVING, *WAYS, "open")},
    )


def addresses(typed: str) -> tuple[str, ...]:
    """As people write them: parted by commas, semicolons or lines, with or without a name before the address."""
    found = (each.strip() for each in _BETWEEN.split(typed))
    return tuple(dict.fromkeys(_IN_BRACKETS.sub(r"\1", each).strip() for each in found if each))


def _of_the_form(fault: Fault) -> Fault:
    """`resolve.resolution` of the body is `resolution` of the form, `to.0` is `to`."""
    parts = [each for each in fault.field.split(".") if each not in ("resolve", "wait") and not each.isdigit()]
    return Fault(parts[0] if parts else "", fault.words, fault.values)


def ids_of(given: Iterable[str]) -> list[UUID]:
    """What is no id is left out."""
    return [id for id in map(_id, given) if id is not None]


def _id(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None
