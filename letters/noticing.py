"""Notices: what the engine itself says of a case, to the house's people or to the customer, each as they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from letters.templates import Facts, shown_in
from models.messages.mail_facts import OutgoingKind
from models.messages.notices import WorkEvent
from models.messages.organisation import OrganisationSettings
from models.messages.templates import MailTemplate


@dataclass(frozen=True)
class NoticeReader:
    """Who reads a notice. Without a zone of their own they read by the organisation's clock, without a language in its."""

    address: str
    zone: str | None = None
    language: str | None = None
    customer: bool = False
    agent_id: UUID | None = None
    """Of whoever may have chosen how they want to be told."""


@dataclass(frozen=True)
class Notice:
    """`key` names it for ever; `template` is the organisation's own, `words` the engine's; `facts` are those that this
    notice knows beyond the case, instants among them."""

    key: str
    template: str | None
    words: MailTemplate
    facts: Mapping[str, Mapping[str, str | datetime]] = field(default_factory=dict)
    kind: OutgoingKind = OutgoingKind.NOTICE
    not_before: datetime | None = None
    """Wall time before which it does not leave."""

    def facts_in(self, zone: str) -> Facts:
        return {
            root: {
                name: shown_in(value, zone) if isinstance(value, datetime) else value for name, value in names.items()
            }
            for root, names in self.facts.items()
        }


class Way(NamedTuple):
    """How a letter is read: by which clock, in which language, inside the house or outside."""

    zone: str
    language: str
    customer: bool


def way_of(reader: NoticeReader, organisation: OrganisationSettings) -> Way:
    return Way(reader.zone or organisation.time_zone, reader.language or organisation.language, reader.customer)


def by_way(readers: Iterable[NoticeReader], organisation: OrganisationSettings) -> dict[Way, tuple[str, ...]]:
    """The addresses of those who read alike get one letter; nobody gets two."""
    ways: dict[Way, tuple[str, ...]] = {}
    known: set[str] = set()
    for reader in readers:
        if reader.address not in known:
            known.add(reader.address)
            way = way_of(reader, organisation)
            ways[way] = (*ways.get(way, ()), reader.address)
    return ways


def _words(slug: str, subject: str, body: str) -> MailTemplate:
    return MailTemplate.model_validate(
        {"slug": slug, "name": slug, "texts": {"en": {"subject": subject, "body": body}}}
    )


_WHERE = """\
{% if owner.name %}Owner: {{ owner.name }}.
{% endif %}Queue: {{ queue.name }}.{% if case.link %}
{{ case.link }}{% endif %}"""
OF_PROMISES = _words(
    "promise",
    "{{ promise.name }}: {{ promise.event }}",
    "Case {{ case.number }}: {{ promise.name }} ({{ promise.kpi }}) is {{ promise.status }}.\n"
    f"Deadline: {{{{ promise.deadline }}}}.\n{_WHERE}",
)
OF_WORK = {
    WorkEvent.NEW_CASE: _words(
        "new-case", "New case: {{ case.title }}", f"Case {{{{ case.number }}}} is new in its queue.\n{_WHERE}"
    ),
    WorkEvent.ASSIGNED: _words(
        "assigned",
        "Assigned to you: {{ case.title }}",
        "Case {{ case.number }} was assigned to you{% if actor.name %} by {{ actor.name }}{% endif %}.\n" + _WHERE,
    ),
    WorkEvent.MENTION: _words(
        "mention",
        "{{ actor.name }} mentions you: {{ case.title }}",
        "{{ actor.name }} wrote on case {{ case.number }}:\n\n{{ note.text }}\n\n" + _WHERE,
    ),
    WorkEvent.DEADLINE: _words(
        "deadline",
        "Due soon: {{ case.title }}",
        "Case {{ case.number }}: {{ promise.name }} ({{ promise.kpi }}) is due: {{ promise.deadline }}.\n" + _WHERE,
    ),
    WorkEvent.REPLY: _words(
        "reply", "The customer wrote: {{ case.title }}", f"The customer wrote on case {{{{ case.number }}}}.\n{_WHERE}"
    ),
    WorkEvent.ANSWER_TO_CLOSED: _words(
        "answer-to-closed",
        "The customer wrote on a closed case: {{ case.title }}",
        "The customer wrote on case {{ case.number }}, which stays closed; reactivate it if the matter is not done.\n"
        f"{_WHERE}",
    ),
    WorkEvent.REVIEW: MailTemplate.model_validate(
        {
            "slug": "review",
            "name": "review",
            "texts": {
                "en": {
                    "subject": "To review: {{ article.title }} ({{ article.number }})",
                    "body": "{% if actor.name %}{{ actor.name }} asks{% else %}You are asked{% endif %} for a review of"
                    " {{ article.number }}, {{ article.title }}, version {{ article.version }} ({{ article.language }}).\n\n"
                    "{{ organisation.name }}",
                },
                "de": {
                    "subject": "Zu prüfen: {{ article.title }} ({{ article.number }})",
                    "body": "{% if actor.name %}{{ actor.name }} bittet{% else %}Sie werden gebeten{% endif %} um Prüfung von"
                    " {{ article.number }}, {{ article.title }}, Version {{ article.version }} ({{ article.language }}).\n\n"
                    "{{ organisation.name }}",
                },
            },
        }
    ),
}
"""What is said where the organisation has no words of its own."""
OF_DIGESTS = _words("digest", "News of your cases: {{ digest.count }}", "{{ digest.lines }}\n\n{{ organisation.name }}")
OF_SURVEY_ANSWERS = _words(
    "survey-answer",
    "Answer to our survey: {{ survey.score }} ({{ survey.kind }})",
    "The customer of case {{ case.number }} gave {{ survey.score }} ({{ survey.kind }})."
    "{% if survey.comment %}\n\n{{ survey.comment }}{% endif %}\n" + _WHERE,
)
OF_SOLVED = _words(
    "solved",
    "The customer says it is solved: {{ case.title }}",
    f"The customer of case {{{{ case.number }}}} says that the matter is done: it can be resolved.\n{_WHERE}",
)
OF_FREE_ACTIVITIES = _words(
    "free-activity",
    "Due: {{ activity.title }}",
    "{{ activity.title }} ({{ activity.kind }}), which belongs to no case, is due: {{ activity.due }}.",
)
OF_ACTIVITIES = _words(
    "activity",
    "Due: {{ activity.title }}",
    "{{ activity.title }} ({{ activity.kind }}) on case {{ case.number }} is due: {{ activity.due }}.\n" + _WHERE,
)
