"""Fields of a case that are changed one by one, each beside itself: only who changed the same field meanwhile is in the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from console.case_pages.asking import Choices, Input
from console.case_pages.shown import Shown
from console.contract_names import told_apart
from console.languages import N_, translations
from console.own_words import own_word
from console.staff import Staff
from console.visitor import Visitor
from desk.queries import choices
from models.messages.api_cases import ChangeBody
from models.messages.case_fields import BY_NAME
from policies.lifecycle import CLOSED_FIELDS

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

LABELS: dict[str, str] = {
    "status_reason": N_("Status reason"),
    "title": N_("Title"),
    "priority": N_("Priority"),
    "case_type": N_("Type"),
    "subject": N_("Subject"),
    "product": N_("Product"),
    "severity": N_("Severity"),
    "origin": N_("Origin"),
    "escalated": N_("Escalated"),
    "contact": N_("Contact"),
    "customer": N_("Customer"),
    "entitlement": N_("Contract"),
    "sla": N_("Promises (SLA)"),
    "follow_up_by": N_("Follow up by"),
}
"""The fields in the order in which the page has them."""
NEVER_EMPTY = ("status_reason", "title", "priority", "origin", "escalated", "customer")
YES, NO = "yes", "no"
MOST_OFFERED = 60
"""Choices that one field of the page brings along."""


async def properties(staff: Staff, session: AsyncSession, me: Visitor, found: Shown) -> list[Input]:
    """Each with its present value. Of a closed case only those that can still be changed are fields."""
    case = found.row
    say = translations(me.language, "case_pages").gettext
    words: dict[str, Choices] = {
        "status_reason": tuple(
            (each.slug, each.name) for each in me.organisation.status_reasons if each.status == found.case.status
        ),
        "priority": _plain(me, me.organisation.priorities),
        "case_type": _plain(me, me.organisation.case_types),
        "origin": _plain(me, me.organisation.origins),
        "escalated": ((YES, say("Yes")), (NO, say("No"))),
        "subject": await choices.subjects(session),
        "product": await choices.products(session),
        "contact": await choices.contacts_of(session, case),
        "entitlement": told_apart(me, await choices.contracts_of(session, case)),
        "sla": await choices.slas(session, staff.definitions),
    }
    if (known := await choices.customers(session, MOST_OFFERED)) is not None:
        words["customer"] = (*known, *(each for each in _customer(found) if each not in known))
    made = []
    for name, label in LABELS.items():
        value = value_of(me, found, name)
        offered = words.get(name, ())
        if name in words and name not in NEVER_EMPTY:
            offered = (("", "\N{EN DASH}"), *offered)
        if name in words and value not in dict(offered):
            offered = (*offered, (value, value))  # retired since: it may stay
        if len(offered) > MOST_OFFERED:
            # So long a list would weigh more than the whole page: its slug is typed.
            words.pop(name)
        kind = "choice" if name in words else "instant" if name == "follow_up_by" else "line"
        if not changeable(found, name):
            kind, value = "shown", dict((*offered, *(_customer(found) if name == "customer" else ()))).get(value, value)
        hint = next(iter(dict(_customer(found)).values()), "") if name == "customer" and kind == "line" else ""
        made.append(Input(name, label, kind, offered, value, hint))
    for name, value in sorted(found.case.custom.items()):
        kind = "line" if changeable(found, "custom") else "shown"
        made.append(Input(f"custom.{name}", name.replace("_", " "), kind, (), _said(value), "", said=True))
    return made


def _plain(me: Visitor, words: tuple[str, ...]) -> Choices:
    return tuple((word, own_word(word, me.language)) for word in words)


def changeable(found: Shown, name: str) -> bool:
    field = "custom" if name.startswith("custom.") else name
    return found.allows("change") and (found.case.status == "active" or field in CLOSED_FIELDS)


def value_of(me: Visitor, found: Shown, name: str) -> str:
    """A field as its form holds it."""
    case = found.case
    if name.startswith("custom."):
        return _said(case.custom.get(name.removeprefix("custom.")))
    special: dict[str, Callable[[], Any]] = {
        "contact": lambda: case.customer.contact.slug if case.customer.contact else None,
        "customer": lambda: (case.customer.account or case.customer.contact or _NOBODY).slug,
        "entitlement": lambda: case.entitlement.slug if case.entitlement else None,
        "follow_up_by": lambda: _local(me, getattr(case, "follow_up_by", None)),
    }
    return _said(special[name]() if name in special else getattr(case, name))


def _customer(found: Shown) -> Choices:
    """Whose the case is now, by slug and name."""
    whose = found.case.customer.account or found.case.customer.contact
    return ((whose.slug or "", whose.name),) if whose is not None else ()


class _Nobody:
    slug = None


_NOBODY = _Nobody()


def _local(me: Visitor, at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(me.zone).strftime("%Y-%m-%dT%H:%M")


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return "" if value is None else str(value)


def change_of(me: Visitor, found: Shown, name: str, typed: str) -> ChangeBody:
    """The command that writes one field. `ValidationError` names what is wrong with it."""
    value: Any = typed.strip() or None
    if name.startswith("custom."):
        key = name.removeprefix("custom.")
        return ChangeBody(custom={key: _as_before(found.case.custom.get(key), value)})
    if name == "escalated":
        value = value == YES
    if name == "follow_up_by" and value is not None:
        value = datetime.fromisoformat(value).replace(tzinfo=me.zone)
    if name not in LABELS or name not in BY_NAME:
        raise KeyError(name)
    return ChangeBody.model_validate({name: value})


def _as_before(before: Any, typed: str | None) -> Any:
    """A custom value of the kind that it had."""
    if typed is not None and isinstance(before, bool):
        return typed == YES
    if typed is not None and isinstance(before, int | float):
        try:
            return type(before)(typed)
        except ValueError:
            return typed
    return typed
