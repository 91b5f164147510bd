"""Two who change one record at once: what the other has changed, and what of it this form has changed as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.staff import Staff
from desk.queries.audited import audited


@dataclass(frozen=True, slots=True)
class Others:
    """The latest change of somebody else. `fields`: by name, what they put there, and what this form says."""

    actor: str
    at: datetime
    fields: dict[str, tuple[Any, Any]]
    values: dict[str, Any]
    """What the form says, with the other's values where this form says what stood there before."""


async def conflict(staff: Staff, kind: str, slug: str, values: Mapping[str, Any]) -> Others:
    async with staff.database.read() as session:
        (latest,) = await audited(session, kind, slug, limit=1)
    merged, fields = dict(values), dict[str, tuple[Any, Any]]()
    for name, (old, new) in latest.changes.items():
        if name not in values or values[name] == new:
            continue
        if values[name] == old:
            merged[name] = new
        fields[name] = (new, merged[name])
    return Others(latest.actor, latest.at, fields, merged)
