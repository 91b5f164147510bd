from __future__ import annotations

from itertools import product

import pytest

from models.messages.mail_facts import OutgoingFacts, OutgoingKind
from policies.responses import is_answer


@pytest.mark.parametrize(("kind", "by_agent"), list(product(OutgoingKind, (True, False))))
def test_only_an_agents_answer_counts(kind: OutgoingKind, by_agent: bool) -> None:
    mail = OutgoingFacts(
        kind=kind,
        by_agent=by_agent,
        recipients=frozenset({"Anna@acme.example", "boss@acme.example"}),
        customer_addresses=frozenset({"anna@ACME.example"}),
    )
    assert is_answer(mail) is (by_agent and kind in (OutgoingKind.REPLY, OutgoingKind.ARTICLE))


@pytest.mark.parametrize("recipients", [frozenset[str](), frozenset({"vendor@elsewhere.example"})])
def test_a_mail_to_others_is_no_response(recipients: frozenset[str]) -> None:
    mail = OutgoingFacts(
        kind=OutgoingKind.REPLY,
        by_agent=True,
        recipients=recipients,
        customer_addresses=frozenset({"anna@acme.example"}),
    )
    assert not is_answer(mail)
