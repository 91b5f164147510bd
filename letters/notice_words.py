"""What notices say where the organisation has no words of its own, in each language that the engine speaks."""

from __future__ import annotations

from models.messages.notices import WorkEvent
from models.messages.templates import MailTemplate

Text = tuple[str, str]
"""Subject and body."""


def _words(slug: str, *, en: Text, de: Text) -> MailTemplate:
    texts = {language: {"subject": subject, "body": body} for language, (subject, body) in (("en", en), ("de", de))}
    return MailTemplate.model_validate({"slug": slug, "name": slug, "texts": texts})


_WHERE = """\
{% if owner.name %}Owner: {{ owner.name }}.
{% endif %}{% if queue.name != organisation.name %}Queue: {{ queue.name }}.
{% endif %}{% if case.link %}{{ case.link }}{% endif %}"""
"""A case in no queue is spoken of to customers as in the organisation's, which tells nobody of the house where it is."""
_WO = """\
{% if owner.name %}Besitzer: {{ owner.name }}.
{% endif %}{% if queue.name != organisation.name %}Warteschlange: {{ queue.name }}.
{% endif %}{% if case.link %}{{ case.link }}{% endif %}"""

OF_PROMISES = _words(
    "promise",
    en=(
        "{{ promise.name }}: {{ promise.event | replace('escalation-', 'escalation, step ') }}",
        (
            "Case {{ case.number }}: {{ promise.name }} {% if promise.event == 'warning' %}is due soon"
            "{% elif promise.event == 'success' %}is kept{% else %}was missed{% endif %}.\n"
            f"Deadline: {{{{ promise.deadline }}}}.\n{_WHERE}"
        ),
    ),
    de=(
        (
            "{{ promise.name }}: {% if promise.event == 'warning' %}Warnung{% elif promise.event == 'failure' %}verfehlt"
            "{% elif promise.event == 'success' %}erfüllt"
            "{% else %}{{ promise.event | replace('escalation-', 'Eskalation, Stufe ') }}{% endif %}"
        ),
        (
            "Fall {{ case.number }}: {{ promise.name }} {% if promise.event == 'warning' %}ist bald fällig"
            "{% elif promise.event == 'success' %}ist erfüllt{% else %}ist verfehlt{% endif %}.\n"
            f"Frist: {{{{ promise.deadline }}}}.\n{_WO}"
        ),
    ),
)
OF_WORK = {
    WorkEvent.NEW_CASE: _words(
        "new-case",
        en=("New case: {{ case.title }}", f"Case {{{{ case.number }}}} is new in its queue.\n{_WHERE}"),
        de=("Neuer Fall: {{ case.title }}", f"Der Fall {{{{ case.number }}}} ist neu in seiner Warteschlange.\n{_WO}"),
    ),
    WorkEvent.ASSIGNED: _words(
        "assigned",
        en=(
            "Assigned to you: {{ case.title }}",
            "Case {{ case.number }} was assigned to you{% if actor.name %} by {{ actor.name }}{% endif %}.\n" + _WHERE,
        ),
        de=(
            "Ihnen zugewiesen: {{ case.title }}",
            "Der Fall {{ case.number }} wurde Ihnen{% if actor.name %} von {{ actor.name }}{% endif %} zugewiesen.\n"
            + _WO,
        ),
    ),
    WorkEvent.MENTION: _words(
        "mention",
        en=(
            "{{ actor.name }} mentions you: {{ case.title }}",
            "{{ actor.name }} wrote on case {{ case.number }}:\n\n{{ note.text }}\n\n" + _WHERE,
        ),
        de=(
            "{{ actor.name }} erwähnt Sie: {{ case.title }}",
            "{{ actor.name }} schrieb am Fall {{ case.number }}:\n\n{{ note.text }}\n\n" + _WO,
        ),
    ),
    WorkEvent.DEADLINE: _words(
        "deadline",
        en=(
            "Due soon: {{ case.title }}",
            "Case {{ case.number }}: {{ promise.name }} is due: {{ promise.deadline }}.\n" + _WHERE,
        ),
        de=(
            "Bald fällig: {{ case.title }}",
            "Fall {{ case.number }}: {{ promise.name }} ist fällig: {{ promise.deadline }}.\n" + _WO,
        ),
    ),
    WorkEvent.REPLY: _words(
        "reply",
        en=("The customer wrote: {{ case.title }}", f"The customer wrote on case {{{{ case.number }}}}.\n{_WHERE}"),
        de=(
            "Der Kunde hat geschrieben: {{ case.title }}",
            f"Der Kunde hat am Fall {{{{ case.number }}}} geschrieben.\n{_WO}",
        ),
    ),
    WorkEvent.ANSWER_TO_CLOSED: _words(
        "answer-to-closed",
        en=(
            "The customer wrote on a closed case: {{ case.title }}",
            (
                "The customer wrote on case {{ case.number }}, which stays closed; reactivate it if the matter is not done.\n"
                f"{_WHERE}"
            ),
        ),
        de=(
            "Der Kunde hat an einem abgeschlossenen Fall geschrieben: {{ case.title }}",
            (
                "Der Kunde hat am Fall {{ case.number }} geschrieben, der abgeschlossen bleibt; reaktivieren Sie ihn, wenn die "
                f"Sache nicht erledigt ist.\n{_WO}"
            ),
        ),
    ),
    WorkEvent.REVIEW: _words(
        "review",
        en=(
            "To review: {{ article.title }} ({{ article.number }})",
            (
                "{% if actor.name %}{{ actor.name }} asks{% else %}You are asked{% endif %} for a review of"
                " {{ article.number }}, {{ article.title }}, version {{ article.version }} ({{ article.language }}).\n\n"
                "{{ organisation.name }}"
            ),
        ),
        de=(
            "Zu prüfen: {{ article.title }} ({{ article.number }})",
            (
                "{% if actor.name %}{{ actor.name }} bittet{% else %}Sie werden gebeten{% endif %} um Prüfung von"
                " {{ article.number }}, {{ article.title }}, Version {{ article.version }} ({{ article.language }}).\n\n"
                "{{ organisation.name }}"
            ),
        ),
    ),
}
OF_DIGESTS = _words(
    "digest",
    en=("News of your cases: {{ digest.count }}", "{{ digest.lines }}\n\n{{ organisation.name }}"),
    de=("Neues von Ihren Fällen: {{ digest.count }}", "{{ digest.lines }}\n\n{{ organisation.name }}"),
)
OF_SURVEY_ANSWERS = _words(
    "survey-answer",
    en=(
        "Answer to our survey: {{ survey.score }} ({{ survey.kind }})",
        "The customer of case {{ case.number }} gave {{ survey.score }} ({{ survey.kind }})."
        "{% if survey.comment %}\n\n{{ survey.comment }}{% endif %}\n" + _WHERE,
    ),
    de=(
        "Antwort auf unsere Umfrage: {{ survey.score }} ({{ survey.kind }})",
        "Der Kunde des Falls {{ case.number }} gab {{ survey.score }} ({{ survey.kind }})."
        "{% if survey.comment %}\n\n{{ survey.comment }}{% endif %}\n" + _WO,
    ),
)
OF_SOLVED = _words(
    "solved",
    en=(
        "The customer says it is solved: {{ case.title }}",
        f"The customer of case {{{{ case.number }}}} says that the matter is done: it can be resolved.\n{_WHERE}",
    ),
    de=(
        "Der Kunde sagt, dass es gelöst ist: {{ case.title }}",
        f"Der Kunde des Falls {{{{ case.number }}}} sagt, dass die Sache erledigt ist: Der Fall kann gelöst werden.\n{_WO}",
    ),
)
OF_FREE_ACTIVITIES = _words(
    "free-activity",
    en=(
        "Due: {{ activity.title }}",
        "{{ activity.title }} ({{ activity.kind }}), which belongs to no case, is due: {{ activity.due }}.",
    ),
    de=(
        "Fällig: {{ activity.title }}",
        "{{ activity.title }} ({{ activity.kind }}) gehört zu keinem Fall und ist fällig: {{ activity.due }}.",
    ),
)
OF_ACTIVITIES = _words(
    "activity",
    en=(
        "Due: {{ activity.title }}",
        "{{ activity.title }} ({{ activity.kind }}) on case {{ case.number }} is due: {{ activity.due }}.\n" + _WHERE,
    ),
    de=(
        "Fällig: {{ activity.title }}",
        "{{ activity.title }} ({{ activity.kind }}) am Fall {{ case.number }} ist fällig: {{ activity.due }}.\n" + _WO,
    ),
)
