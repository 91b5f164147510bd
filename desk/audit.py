"""Who changed what: one append-only row a change, with the old and the new value of each field (domain 11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from desk.reference.references import TABLES
from models.records.base import new_id
from models.records.reference import Audit
from storage.definitions import DefinitionKind

KINDS = frozenset(
    {
        *TABLES,
        *(kind.value for kind in DefinitionKind),
        *("activity", "customer-link", "held-mail", "incident", "session", "suppression", "token", "webhook"),
    }
)
"""Of what there are entries: those who look for others are told so, and others are not written."""

Changes = dict[str, list[Any]]
"""`{field: [old, new]}`, JSON values."""


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """The fields that differ; a field that one side lacks counts as null there."""
    names = [*old, *(name for name in new if name not in old)]
    return {name: [old.get(name), new.get(name)] for name in names if old.get(name) != new.get(name)}


def record(
    session: AsyncSession, at: datetime, actor: str, kind: str, object_id: str, action: str, changes: Changes
) -> None:
    """Add the row to the caller's transaction, so that no change is without it and it is not without the change."""
    if kind not in KINDS:
        raise TypeError(f"nobody could look for entries about {kind}: KINDS does not have it")
    session.add(Audit(id=new_id(), at=at, actor=actor, kind=kind, object_id=object_id, action=action, changes=changes))
