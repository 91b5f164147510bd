"""What a statement says of a movement is true of everything that moves terms so."""

from __future__ import annotations

from desk.statements.words import EVENTS, LANGUAGES
from models.messages.statements import LineEvent


def test_every_movement_has_words_and_a_case_that_is_put_on_a_contract_was_not_opened_on_it() -> None:
    for language in LANGUAGES:
        assert set(EVENTS[language]) == set(LineEvent)
        # The same event stands for an opening, for an exchange, and for a corrected channel.
        assert not {"opened", "eröffnet"} & set(EVENTS[language][LineEvent.APPLIED].split())
