"""What the letter says that brings a customer a new link for one that is over: nothing that a stranger has written."""

from __future__ import annotations

from models.messages.templates import MailTemplate

OF_NEW_LINKS = MailTemplate.model_validate(
    {
        "slug": "new-link",
        "name": "new-link",
        "texts": {
            "en": {
                "subject": "Your new link",
                "body": "You have asked for a new link to your case {{ case.number }}. See it and answer here:\n\n"
                "{{ case.customer_link }}\n\n"
                "If it was not you, there is nothing to do: this letter went to you alone.\n\n{{ organisation.name }}",
            },
            "de": {
                "subject": "Ihr neuer Link",
                "body": "Sie haben einen neuen Link zu Ihrer Anfrage {{ case.number }} angefordert. "
                "Hier können Sie sie ansehen und antworten:\n\n{{ case.customer_link }}\n\n"
                "Waren Sie es nicht, brauchen Sie nichts zu tun: Dieser Brief ging nur an Sie.\n\n{{ organisation.name }}",
            },
        },
    }
)
