"""What a change of the organisation's settings means for what is in force already."""

from __future__ import annotations

from sqlalchemy import select, update

from desk.errors import Conflict
from desk.reference.records import Edit
from desk.reference.words import wrong_words
from models.messages.organisation import OrganisationSettings
from models.messages.reading_back import read_back
from models.messages.said import said, word
from models.messages.storable import path_text
from models.records.reference import DefinitionRecord, Entitlement
from storage.definitions import MODELS, DefinitionKind, Definitions

MOST_NAMED = 20
"""Places that one refusal names."""


async def check_words_in_use(edit: Edit, new: OrganisationSettings) -> None:
    """`Conflict` if a word is taken away that an active definition names: it could then never be done."""
    old = await Definitions().organisation(edit.session)
    active = select(DefinitionRecord).where(
        DefinitionRecord.status == "active", DefinitionRecord.kind != DefinitionKind.ORGANISATION
    )
    lost: list[str] = []
    for row in await edit.session.scalars(active.order_by(DefinitionRecord.kind, DefinitionRecord.slug)):
        if (row.kind, row.slug) in edit.arriving:
            continue  # It is about to be replaced, and is checked then.
        body = read_back(MODELS[DefinitionKind(row.kind)], row.body)
        known = {wrong.path for wrong in wrong_words(body, old)}
        lost += [
            said(
                "the {kind} {slug!r} at {path} ({rule})",
                kind=word(row.kind),
                slug=row.slug,
                path=path_text(wrong.path),
                rule=wrong.rule,
            )
            for wrong in wrong_words(body, new)
            if wrong.path not in known
        ]
    if lost:
        named = "; ".join(lost[:MOST_NAMED])
        raise Conflict(
            "in-use", said("active definitions name what these settings no longer have: {named}", named=named)
        )


async def follow_zone(edit: Edit, new: OrganisationSettings) -> None:
    """Contracts begin and end at midnight of the organisation's zone: with another zone, their runs set their timers anew."""
    old = await Definitions().organisation(edit.session)
    if old.time_zone != new.time_zone:
        await edit.session.execute(update(Entitlement).values(due_on=None).execution_options(synchronize_session=False))
