from __future__ import annotations

from collections import Counter
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from faults.letters import FEWEST, AnswerLetter, Letter, LetterKind, Post, make_letters, plain_id, write_answer

HOUSE = "faults@desk.example"
CUSTOMERS = [f"c{number:03d}@customers.example" for number in range(100)]


def _made(mails: int, seed: int = 1) -> list[Post]:
    return make_letters(seed, CUSTOMERS, HOUSE, mails)


@pytest.mark.parametrize("mails", [FEWEST, 60, 200, 250])
def test_so_many_of_every_kind_and_none_is_another_s_by_chance(mails: int) -> None:
    made = _made(mails)
    assert len(made) == mails
    assert {each.kind for each in made} == set(LetterKind)
    letters = [each for each in made if isinstance(each, Letter)]
    copies = Counter(letter.raw for letter in letters)
    assert copies.total() - len(copies) == sum(each.kind is LetterKind.DUPLICATE for each in letters)


def test_every_reply_names_its_parent_and_some_come_before_theirs() -> None:
    made = [each for each in _made(200) if isinstance(each, Letter)]
    order = [each.message_id for each in made]
    threads = {each.message_id: each.thread for each in made}
    early = 0
    for reply in (each for each in made if each.kind is LetterKind.REPLY):
        mail = message_from_bytes(reply.raw, policy=default)
        parent = plain_id(mail["In-Reply-To"])
        assert plain_id(mail["References"].split()[-1]) == parent
        assert threads[parent] == reply.thread
        early += order.index(reply.message_id) < order.index(parent)
    assert early > 10


def test_who_bounces_has_one_conversation_of_one_mail() -> None:
    made = _made(200)
    bounced = {each.thread for each in made if each.kind is LetterKind.BOUNCE}
    for each in made:
        if each.thread in bounced:
            assert each.kind in (LetterKind.NEW, LetterKind.BOUNCE, LetterKind.DUPLICATE)


def test_an_answer_is_about_the_acknowledgement() -> None:
    acknowledgement = EmailMessage()
    acknowledgement["Message-ID"] = "<ours@desk.example>"
    for kind in (LetterKind.BOUNCE, LetterKind.AUTOMATIC):
        letter = write_answer(AnswerLetter(kind, CUSTOMERS[0], 0, 1), HOUSE, acknowledgement)
        assert b"<ours@desk.example>" in letter.raw
        assert (letter.kind, letter.thread) == (kind, 0)
        assert letter.envelope_from == ("" if kind is LetterKind.BOUNCE else None)


def test_too_few_and_too_many_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 12"):
        _made(FEWEST - 1)
    with pytest.raises(ValueError, match="but only 100 customers"):
        _made(400)


def test_ids_are_compared_plain() -> None:
    assert plain_id("\r\n <a@b>") == plain_id("a@b") == "a@b"
    assert plain_id(None) == ""
