"""What is written to somebody whose ways in have changed: what happened, when, by whom, and what to do if it was a stranger."""

from __future__ import annotations

from models.messages.templates import MailTemplate


def _words(slug: str, *, en: tuple[str, str], de: tuple[str, str]) -> MailTemplate:
    """`en`, `de`: the subject, and what has happened."""
    texts = {
        "en": {
            "subject": f"{en[0]} at {{{{ organisation.name }}}}",
            "body": f"Hello {{{{ agent.name }}}},\n\n{en[1]}\n\nIf you know of it, there is nothing to do. If you do not, tell "
            "your administrator at once. Here you see where you are signed in, and end what is not yours:\n\n"
            "{{ change.place }}",
        },
        "de": {
            "subject": f"{de[0]} bei {{{{ organisation.name }}}}",
            "body": f"Guten Tag {{{{ agent.name }}}},\n\n{de[1]}\n\nWissen Sie davon, brauchen Sie nichts zu tun. Wissen Sie "
            "nichts davon, sagen Sie es sofort Ihrem Administrator. Hier sehen Sie, wo Sie angemeldet sind, und beenden, was "
            "nicht Ihres ist:\n\n{{ change.place }}",
        },
    }
    return MailTemplate.model_validate({"slug": slug, "name": slug, "texts": texts})


OF_PASSWORDS = _words(
    "password-changed",
    en=(
        "Your password was changed",
        "your password for the desk of {{ organisation.name }} was changed: {{ change.at }}.",
    ),
    de=(
        "Ihr Passwort wurde geändert",
        ("Ihr Passwort für den Kundendienst von {{ organisation.name }} wurde geändert: {{ change.at }}."),
    ),
)
OF_FACTORS_ON = _words(
    "second-factor-on",
    en=(
        "Your second factor is on",
        ("a second factor was switched on for your account at the desk of {{ organisation.name }}: {{ change.at }}."),
    ),
    de=(
        "Ihr zweiter Faktor ist an",
        (
            "für Ihren Zugang zum Kundendienst von {{ organisation.name }} wurde ein zweiter "
            "Faktor eingeschaltet: {{ change.at }}."
        ),
    ),
)
OF_FACTORS_OFF = _words(
    "second-factor-off",
    en=(
        "Your second factor is off",
        ("the second factor of your account at the desk of {{ organisation.name }} was switched off: {{ change.at }}."),
    ),
    de=(
        "Ihr zweiter Faktor ist aus",
        (
            "der zweite Faktor Ihres Zugangs zum Kundendienst von {{ organisation.name }} wurde "
            "abgeschaltet: {{ change.at }}."
        ),
    ),
)
OF_RECOVERY_CODES = _words(
    "new-recovery-codes",
    en=(
        "You have new recovery codes",
        (
            "new recovery codes were made for your account at the desk of "
            "{{ organisation.name }}; the old ones do not count any more: {{ change.at }}."
        ),
    ),
    de=(
        "Sie haben neue Ersatzcodes",
        (
            "für Ihren Zugang zum Kundendienst von {{ organisation.name }} wurden neue Ersatzcodes "
            "erzeugt; die alten gelten nicht mehr: {{ change.at }}."
        ),
    ),
)
OF_TOKENS = _words(
    "new-token",
    en=(
        "An API token was made for you",
        (
            "{{ change.by }} has made an API token, by which a program works in your name at "
            "the desk of {{ organisation.name }}: {{ change.at }}."
        ),
    ),
    de=(
        "Für Sie wurde ein API-Token erzeugt",
        (
            "{{ change.by }} hat ein API-Token erzeugt, mit dem ein Programm beim "
            "Kundendienst von {{ organisation.name }} in Ihrem Namen arbeitet: {{ change.at }}."
        ),
    ),
)
OF_BEGINNING_ANEW = _words(
    "access-dropped",
    en=(
        "Your access begins anew",
        (
            "{{ change.by }} has dropped your password and your second factor at the desk of "
            "{{ organisation.name }}; an invitation lets you in again: {{ change.at }}."
        ),
    ),
    de=(
        "Ihr Zugang beginnt neu",
        (
            "{{ change.by }} hat Ihr Passwort und Ihren zweiten Faktor beim Kundendienst von "
            "{{ organisation.name }} verworfen; eine Einladung lässt Sie wieder ein: {{ change.at }}."
        ),
    ),
)
