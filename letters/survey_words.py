"""What the engine asks where the organisation has no words of its own: in English and in German."""

from __future__ import annotations

from models.messages.languages import wider
from models.messages.surveys import SurveyDefinition, SurveyKind
from models.messages.templates import MailTemplate

QUESTIONS = {
    SurveyKind.CSAT: {
        "en": "How satisfied are you with how we handled your case?",
        "de": "Wie zufrieden sind Sie damit, wie wir Ihre Anfrage bearbeitet haben?",
    },
    SurveyKind.NPS: {
        "en": "How likely are you to recommend us to a friend or colleague?",
        "de": "Wie wahrscheinlich ist es, dass Sie uns Freunden oder Kollegen empfehlen?",
    },
    SurveyKind.CES: {
        "en": "How easy was it to get your matter solved with us?",
        "de": "Wie einfach war es, Ihr Anliegen mit uns zu lösen?",
    },
}

OF_SURVEYS = MailTemplate.model_validate(
    {
        "slug": "survey",
        "name": "survey",
        "texts": {
            "en": {
                "subject": "How did we do? {{ case.title }}",
                "body": "Your case {{ case.number }} is resolved.\n\n{{ survey.question }}\n\n"
                "Please tell us here, it takes a minute:\n{{ survey.link }}\n\n{{ organisation.name }}",
            },
            "de": {
                "subject": "Wie waren wir? {{ case.title }}",
                "body": "Ihre Anfrage {{ case.number }} ist gelöst.\n\n{{ survey.question }}\n\n"
                "Bitte sagen Sie es uns hier, es dauert eine Minute:\n{{ survey.link }}\n\n{{ organisation.name }}",
            },
        },
    }
)


def question_of(survey: SurveyDefinition, language: str) -> str:
    """In that language or a wider one: the organisation's words, else the engine's, else the engine's English ones."""
    own, ours = survey.question, QUESTIONS[survey.kind]
    for each in wider(language):
        if each in own or each in ours:
            return own.get(each) or ours[each]
    return next(iter(own.values()), ours["en"])
