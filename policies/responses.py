"""What counts as the first response to the customer (domain 1.1)."""

from __future__ import annotations

from models.messages.addresses import canonical_address
from models.messages.mail_facts import OutgoingFacts, OutgoingKind

_ANSWERS = frozenset({OutgoingKind.REPLY, OutgoingKind.ARTICLE})


def is_answer(mail: OutgoingFacts) -> bool:
    """An agent's own mail to the customer, articles included; never an acknowledgement, a notice or a rule's mail.

    Whether it can be the first response is also a matter of the channels that the organisation counts.
    """
    customer = set(map(canonical_address, mail.customer_addresses))
    return mail.by_agent and mail.kind in _ANSWERS and not customer.isdisjoint(map(canonical_address, mail.recipients))
