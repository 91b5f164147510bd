"""What counts as the first response to the customer (domain 1.1)."""

from __future__ import annotations

from models.messages.addresses import canonical_address
from models.messages.mail_facts import OutgoingFacts, OutgoingKind

_ANSWERS = frozenset({OutgoingKind.REPLY, OutgoingKind.ARTICLE})


def is_first_response(mail: OutgoingFacts) -> bool:
    """An agent's own mail to the customer, articles included; never an acknowledgement, a notice or a rule's mail."""
    customer = set(map(canonical_address, mail.customer_addresses))
    return mail.by_agent and mail.kind in _ANSWERS and not customer.isdisjoint(map(canonical_address, mail.recipients))
