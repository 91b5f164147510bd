"""What letters say by which agents get in, where the organisation has no words of its own."""

from __future__ import annotations

from models.messages.templates import MailTemplate

OF_INVITATIONS = MailTemplate.model_validate(
    {
        "slug": "invitation",
        "name": "invitation",
        "texts": {
            "en": {
                "subject": "Your account at {{ organisation.name }}",
                "body": "Hello {{ agent.name }},\n\nyou have an account at the desk of {{ organisation.name }}. "
                "Choose a password here:\n\n{{ entry.link }}\n\nThe link works once, until {{ entry.until }}.",
            },
            "de": {
                "subject": "Ihr Zugang bei {{ organisation.name }}",
                "body": "Guten Tag {{ agent.name }},\n\nSie haben einen Zugang zum Kundendienst von "
                "{{ organisation.name }}. Wählen Sie hier Ihr Passwort:\n\n{{ entry.link }}\n\n"
                "Der Link gilt einmal, bis {{ entry.until }}.",
            },
        },
    }
)
OF_RESETS = MailTemplate.model_validate(
    {
        "slug": "reset",
        "name": "reset",
        "texts": {
            "en": {
                "subject": "A new password at {{ organisation.name }}",
                "body": "Hello {{ agent.name }},\n\nsomebody has asked for a new password for your account at the desk "
                "of {{ organisation.name }}. Choose it here:\n\n{{ entry.link }}\n\nThe link works once, until "
                "{{ entry.until }}. If it was not you, there is nothing to do: your password stays as it is.",
            },
            "de": {
                "subject": "Ein neues Passwort bei {{ organisation.name }}",
                "body": "Guten Tag {{ agent.name }},\n\nfür Ihren Zugang zum Kundendienst von {{ organisation.name }} "
                "wurde ein neues Passwort angefordert. Wählen Sie es hier:\n\n{{ entry.link }}\n\nDer Link gilt einmal, "
                "bis {{ entry.until }}. Waren Sie es nicht, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.",
            },
        },
    }
)
