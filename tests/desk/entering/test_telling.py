"""People are told by mail when how they get in was changed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

import letters.access_words
from desk.entering.own import OwnAccessDesk
from desk.entering.ways import Ways
from desk.preferences import Preferences, save_preferences
from letters.links import LinkKind
from models.messages.templates import MailTemplate
from tests.support.entering import HERE, NOW, PASSWORD, Door, add_mailbox, code_at, made

NEW = "eleven green bottles"
WORDS = [words for words in vars(letters.access_words).values() if isinstance(words, MailTemplate)]


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.slug)
def test_each_letter_is_there_in_both_languages_with_the_same_places(words: MailTemplate) -> None:
    places = [set(re.findall(r"{{ (\S+) }}", f"{text.subject} {text.body}")) for text in words.texts.values()]
    assert set(words.texts) == {"en", "de"}
    assert places[0] == places[1]
    assert places[0] <= {"organisation.name", "agent.name", "change.at", "change.by", "change.place"}


async def test_who_changes_their_password_second_factor_or_codes_is_told_of_each_and_no_secret_is_said(
    door: Door,
) -> None:
    await add_mailbox(door.database)
    me = await door.with_password()
    assert await door.letters() == [], "the first password is no change"
    codes = await door.with_second_factor(me)
    secret = await door.secret_of_app()
    later = NOW + timedelta(minutes=1)
    fresh = await door.own.new_recovery_codes(me, code_at(secret, later), later)
    await door.own.drop_second_factor(me, fresh[0], later)
    await door.own.change_password(me, PASSWORD, NEW, later)
    entered = await door.signing_in.choose_password(LinkKind.INVITE, await door.link(), PASSWORD, HERE, later)
    assert entered.secret is not None
    told = await door.letters()
    assert [message.subject for message, _ in told] == [
        "Your second factor is on at Our company",
        "You have new recovery codes at Our company",
        "Your second factor is off at Our company",
        "Your password was changed at Our company",
        "Your password was changed at Our company",
    ]
    for message, letter in told:
        assert letter.envelope_to == ["ada@house.example"]
        assert message.automatic == "auto-generated"
        said = f"{message.subject} {message.text} {message.html}"
        for unsaid in (*codes, *fresh, secret, PASSWORD, NEW, entered.secret, "/invite/", "/reset/"):
            assert unsaid not in said


async def test_it_is_told_in_their_language_and_zone_and_leads_to_their_own_page(door: Door) -> None:
    await add_mailbox(door.database)
    me = await door.with_password()
    async with door.database.write() as session:
        await save_preferences(session, door.ada, Preferences(language="de", time_zone="Asia/Tokyo"), now=NOW)
    elsewhere = OwnAccessDesk(made(door.database, door.keyring, Ways(address="https://desk.example/")))
    await elsewhere.change_password(me, PASSWORD, NEW, NOW)
    ((message, _),) = await door.letters()
    assert message.subject.startswith("Ihr Passwort wurde geändert")
    assert "https://desk.example/me" in message.text.split()
    assert (NOW + timedelta(hours=9)).strftime("%Y-%m-%d %H:%M JST") in message.text


async def test_what_is_refused_is_told_to_nobody_and_without_a_mailbox_nothing_fails(door: Door) -> None:
    me = await door.with_password()
    await door.own.change_password(me, PASSWORD, NEW, NOW)
    await add_mailbox(door.database)
    with pytest.raises(Exception, match="present"):
        await door.own.change_password(me, PASSWORD, NEW, NOW)
    assert await door.letters() == []
