"""Contracts of an organisation file: their days, and what they leave to one of its templates (domain 3.8)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from desk.organisation.entries import Entry
from models.messages.base import WrittenDay
from models.messages.contract_templates import OF_ITS_OWN
from models.messages.said import said
from models.messages.storable import LATEST
from policies.entitlements import last_day

TEMPLATE, TEMPLATES = "template", "entitlement_templates"
TODAY = "today"
LAST_DAY = date(LATEST, 12, 31)
"""An end that is told to be wrong, or is reckoned from a wrong start, is taken for this one."""

_LENGTH = re.compile(r"\+\s*(\d{1,4})\s*(day|week|month|year)s?")


# ---- templates -------------------------------------------------------------------------------------------------------


def has_its_template(document: Any, raw: Mapping[str, Any]) -> bool:
    """Whether an entry names no template, or one that the file has."""
    return raw.get(TEMPLATE) is None or _template(document, raw) is not None


def of_template(document: Any, raw: Mapping[str, Any]) -> dict[str, Any]:
    """An entry's values with those that it leaves to its template, as if it had written them itself."""
    template = _template(document, raw)
    if template is None:
        return dict(raw)
    values = {name: value for name, value in template.items() if name not in OF_ITS_OWN}
    values["start"] = template.get("start", "today")
    if "end" in template:
        values["end"] = template["end"]
    elif "months" in template:
        values["end"] = f"+{template['months']} months"
    return {**values, **raw}


def values_of(document: Any, entry: Entry, began: date, now: Mapping[str, Any] | None) -> dict[str, Any]:
    """The values of an entry's contract, with real dates; `now` are those of the contract that is there already.

    A template is copied once: what the entry does not say itself stays as it is then, whatever the template says by now.
    """
    if now is None or entry.raw.get(TEMPLATE) is None:
        values = dated(of_template(document, entry.raw), began)
    else:
        said = document
        for part in entry.path:
            said = said[part]
        values = dated({**now, **said}, began)
    return {name: value for name, value in values.items() if name != TEMPLATE}


def _template(document: Any, raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    listed = document.get(TEMPLATES) if isinstance(document, Mapping) else None
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, Mapping) and each.get("slug") == raw.get(TEMPLATE):
            return each
    return None


# ---- days ------------------------------------------------------------------------------------------------------------


def dated(raw: Mapping[str, Any], today: date) -> dict[str, Any]:
    """An entitlement's values with real dates: `start: today`, and `end: +1 year`, which ends the day before its date.

    `ValueError` for a length that is none.
    """
    values = dict(raw)
    if values.get("start") == TODAY:
        values["start"] = today
    end = values.get("end")
    if isinstance(end, str) and end.lstrip().startswith("+"):
        length = _LENGTH.fullmatch(end.strip())
        if length is None:
            raise ValueError(
                said("{end!r} is no length; write for example '+1 year', '+6 months', '+90 days'", end=end)
            )
        start = _begin(values.get("start"))
        try:
            last = LAST_DAY if start is None else _last(start, int(length[1]), length[2])
        except OverflowError:
            raise ValueError(said("{end!r} leads beyond the calendar", end=end)) from None
        values["end"] = last
    return values


DAY: TypeAdapter[date] = TypeAdapter(WrittenDay)


def _begin(start: object) -> date | None:
    """None for what is no day: the entry's own check says so of the start, and the end need not be wrong as well."""
    try:
        return DAY.validate_python(start)
    except ValidationError:
        return None


def _last(start: date, amount: int, unit: str) -> date:
    if unit in ("day", "week"):
        return start + timedelta(days=amount * (7 if unit == "week" else 1) - 1)
    return last_day(start, amount * (12 if unit == "year" else 1))
