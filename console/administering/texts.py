"""Words for the fields of definitions: their labels, and the sentences that their models say of them, for the catalogues too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, get_args

from markupsafe import Markup, escape
from pydantic import BaseModel

from console.administering.kinds import BY_NAME
from console.labels import label_of
from desk.audit import KINDS
from desk.organisation.file import SECTIONS
from desk.organisation.reference import inner_messages, sentences_of
from models.messages.entitlements import EntitlementStatus
from models.messages.organisation import OrganisationSettings
from models.messages.reference import MailboxBody
from models.messages.slas import KpiStatus

ELSEWHERE = ("accounts", "contacts", "articles", "mailboxes")
"""Lists of an organisation file that have pages of their own, or another model."""
LABELS = {("TemplateText", "subject"): "Subject line", ("CreationItem", "action"): "What becomes of it"}
LABELS |= {("SlaAction", "on"): "On the event", ("WorkNotice", "on"): "On the event"}
LABELS |= {("SlaDefinition", "items"): "Promises", ("RecordCreationRule", "items"): "Decisions, in their order"}
"""Fields whose name means something else elsewhere."""
HINTS = {("PublicPages", "logo"): "A PNG, JPEG or WebP picture of at most 64 kB."}
"""What a form says of a field where it asks for it in another way than a document does."""
SLUG = "By which addresses, rules and files know it, such as gold-customers. It never changes."
"""What newcomers are told of every slug."""
FACTS = ("load", "presence", "presence_on", "has_password", "remaining_terms", "predecessor", "status")
"""What the desk says of a record beside its fields."""
AUDITED = (
    *(
        "active",
        "address",
        "body",
        "case",
        "detail",
        "explanation",
        "expires_on",
        "from",
        "issuer",
        "merged",
        "merged_into",
    ),
    *("parent", "program", "reason", "revoked_on", "role", "state", "verdict", "wrong"),
)
"""What the audit tells beside the fields of records and definitions."""
OUTCOMES = ("open", "hold", "file", "attach", "attach-only", "reopen", "new-case")
"""What becomes of a mail."""
_CHAPTER = re.compile(r"\s*\((?:domain|email promise)[^)]*\)|^Domain [\d.]+[:.]\s*")
"""Where a rule of the engine is written down: nothing that whoever fills a form needs."""


def label_of_field(model: type[BaseModel], name: str) -> str:
    return LABELS.get((model.__name__, name)) or label_of(name)


def hint_of(model: type[BaseModel], name: str) -> str:
    """What the model says of a field; empty: nothing. A sign of per cent is doubled, as gettext's texts have it."""
    if own := HINTS.get((model.__name__, name)):
        return own
    if name == "slug" and not sentences_of(model).get(name):
        return SLUG
    said = _CHAPTER.sub("", sentences_of(model).get(name, "")).replace("None:", "Nothing:").replace("\\|", "|")
    return said.strip().replace("%", "%%")


def marked(text: str) -> Markup:
    """What stands between backticks as code."""
    pieces = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces)
    )


def models() -> list[type[BaseModel]]:
    """All that forms ask for."""
    outer: list[type[BaseModel]] = [model for key, (_, model) in SECTIONS.items() if key not in ELSEWHERE]
    found: dict[type[BaseModel], None] = {}
    outer += [MailboxBody, OrganisationSettings]
    for model in outer:
        found |= dict.fromkeys((model, *inner_messages(model)))
    return list(found)


def texts() -> Iterator[str]:
    """Every label, choice and sentence, for the catalogues."""
    for model in models():
        for name, info in model.model_fields.items():
            yield label_of_field(model, name)
            if said := hint_of(model, name):
                yield said
            for word in _choices(info.annotation):
                yield label_of(word)
    yield from map(
        label_of, (*FACTS, *AUDITED, *sorted(KINDS - BY_NAME.keys()), *OUTCOMES, *KpiStatus, *EntitlementStatus, "from")
    )


def _choices(annotation: Any) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield from map(str, annotation)
    for each in get_args(annotation):
        if isinstance(each, str):
            yield each
        else:
            yield from _choices(each)


__all__ = ["hint_of", "label_of", "label_of_field", "marked", "models", "texts"]
