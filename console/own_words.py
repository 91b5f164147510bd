"""The words that an organisation has as delivered, in the reader's language; those that it named otherwise stay as they are."""

from __future__ import annotations

from console.languages import N_, SOURCE, translations
from models.messages.organisation import DEFAULT_REASONS, OrganisationSettings

MARKED = (
    N_("In Progress"),
    N_("On Hold"),
    N_("Waiting for Details"),
    N_("Researching"),
    N_("Problem Solved"),
    N_("Information Provided"),
)
"""For the catalogues. The others, Cancelled and Merged, are what pages call such cases too."""
KINDS = frozenset({N_("Phone call"), N_("Task"), N_("Appointment"), N_("Letter")})
"""Of activities: they have no names but their slugs."""
WORDS = frozenset(
    {
        *(N_("high"), N_("normal"), N_("low")),
        *(N_("phone"), N_("email"), N_("web")),
        *(N_("question"), N_("problem"), N_("request")),
    }
)
"""Of priorities, origins and types of cases, which have no names either."""
DELIVERED = {(reason["slug"], reason["name"]) for reason in DEFAULT_REASONS}


def as_read(organisation: OrganisationSettings, language: str) -> OrganisationSettings:
    """For pages alone: what is kept has one language."""
    if language == SOURCE:
        return organisation
    text = translations(language).gettext
    reasons = tuple(
        each.model_copy(update={"name": text(each.name)}) if (each.slug, each.name) in DELIVERED else each
        for each in organisation.status_reasons
    )
    return organisation.model_copy(update={"status_reasons": reasons})


def own_word(slug: str, language: str) -> str:
    """A priority, an origin or a type of cases, or the kind of an activity where that is the channel."""
    if slug in WORDS:
        return translations(language).gettext(slug)
    name = kind_of_activity(slug, language)
    return name if language != SOURCE and name != _plainly(slug) else slug.replace("-", " ")


def kind_of_activity(slug: str, language: str) -> str:
    name = _plainly(slug)
    return translations(language).gettext(name) if name in KINDS else name


def _plainly(slug: str) -> str:
    return slug.replace("-", " ").capitalize()
