"""Links by which a password is chosen: once, for some time, by the agent alone; in the outbox they open nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from desk.entering import tickets
from desk.entering.errors import TicketClosed, TooManyTries, WrongSecret
from desk.entering.throttle import LETTERS
from desk.entering.ways import Ways
from desk.errors import Conflict, Invalid
from desk.preferences import Preferences, save_preferences
from letters.links import NO_CASE, LinkKind, LinkSigner
from models.messages.organisation import OrganisationSettings
from models.records.base import new_id
from models.records.entering import EntryTicket
from models.records.reference import Agent, DefinitionRecord
from tests.support.entering import HERE, NOW, PASSWORD, Door, add_agent, add_mailbox, made

INVITE, RESET = LinkKind.INVITE, LinkKind.RESET


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The statements are plain ones; what two at once do stands in the other files."""
    return sqlite_url


async def test_a_link_opens_once_also_of_two_at_once(door: Door) -> None:
    token = await door.link()
    assert await door.signing_in.whose_link(INVITE, token, NOW) == "Ada"
    with pytest.raises(Invalid):
        await door.signing_in.choose_password(INVITE, token, "password1234", HERE, NOW)

    async def opens() -> bool:
        try:
            await door.signing_in.choose_password(INVITE, token, PASSWORD, HERE, NOW)
        except TicketClosed:
            return False
        return True

    assert sum(await asyncio.gather(*(opens() for _ in range(4)))) == 1
    with pytest.raises(TicketClosed):
        await door.signing_in.whose_link(INVITE, token, NOW)


async def test_a_link_that_is_over_forged_or_of_another_kind_opens_nothing(door: Door) -> None:
    token = await door.link()
    id, key, mac = token.split(".")
    other = (await door.link()).split(".")[0]
    unsigned = LinkSigner("k1", {"k1": b"x" * 32}).token(INVITE, UUID(id), NO_CASE)
    changed = mac[:-1] + ("b" if mac[-1] == "a" else "a")
    for wrong in (f"{other}.{key}.{mac}", f"{id}.{key}.{changed}", f"{id}.k9.{mac}", id, "", "\ud800", unsigned):
        with pytest.raises(TicketClosed):
            await door.signing_in.whose_link(INVITE, wrong, NOW)
    with pytest.raises(TicketClosed):
        await door.signing_in.whose_link(RESET, token, NOW)
    with pytest.raises(TicketClosed):
        await door.signing_in.whose_link(INVITE, token, NOW + tickets.LASTS[INVITE])
    await door.change(active=False)
    with pytest.raises(TicketClosed):
        await door.signing_in.whose_link(INVITE, token, NOW)
    with pytest.raises(Conflict):
        await door.link()


async def test_a_letter_brings_a_link_that_opens_only_as_it_leaves(door: Door) -> None:
    await add_mailbox(door.database)
    await door.with_password()
    await door.signing_in.send_letter(" Ada@House.example ", NOW)
    ((message, letter),) = await door.letters()
    assert letter.envelope_to == ["ada@house.example"]
    assert message.automatic == "auto-generated"
    bare = message.text.partition("/reset/")[2].split()[0]
    with pytest.raises(TicketClosed):
        await door.signing_in.whose_link(RESET, bare, NOW)
    sent = door.signing_in.signer.signed_entry(message.text, letter.key)
    token = sent.partition("/reset/")[2].split()[0]
    assert await door.signing_in.whose_link(RESET, token, NOW) == "Ada"
    # A letter that only speaks of the address signs nothing, and no other link is signed in this one.
    other = f"{message.text} http://127.0.0.1/reset/{'0' * 32} http://127.0.0.1/invite/{bare}"
    assert door.signing_in.signer.signed_entry(message.text, "notice/reminder/1") == message.text
    assert door.signing_in.signer.signed_entry(other, letter.key).count(token.split(".")[2]) == 1
    first = await door.session(await door.signing_in.with_password("ada", PASSWORD, HERE, NOW))
    entered = await door.signing_in.choose_password(RESET, token, "eleven green bottles", HERE, NOW)
    assert (await door.session(entered)).id != first.id
    with pytest.raises(WrongSecret):
        await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)


async def test_a_new_password_ends_all_sessions_and_all_other_links(door: Door) -> None:
    first = await door.signing_in.choose_password(INVITE, await door.link(), PASSWORD, HERE, NOW)
    await door.session(first)
    one, two = await door.link(), await door.link()
    await door.signing_in.choose_password(INVITE, one, "eleven green bottles", HERE, NOW)
    with pytest.raises(AssertionError):
        await door.session(first)
    with pytest.raises(TicketClosed):
        await door.signing_in.whose_link(INVITE, two, NOW)


async def test_a_new_password_does_not_switch_the_second_factor_off(door: Door) -> None:
    await door.with_second_factor(await door.with_password())
    entered = await door.signing_in.choose_password(INVITE, await door.link(), "eleven green bottles", HERE, NOW)
    assert entered.secret is None
    assert entered.ticket is not None
    await door.signing_in.waits_for_code(entered.ticket, NOW)


async def test_who_asks_for_a_link_learns_nothing_and_cannot_flood_anybody(door: Door) -> None:
    await add_mailbox(door.database)
    for name in ("ada", "nobody"):
        for _ in range(LETTERS.most):
            await door.signing_in.ask_for_letter(name, HERE, NOW)
            await door.signing_in.send_letter(name, NOW)
        with pytest.raises(TooManyTries):
            await door.signing_in.ask_for_letter(name, HERE, NOW)
    assert len(await door.letters()) == LETTERS.most
    await add_agent(door.database, "bob", "ada@house.example")
    await door.signing_in.send_letter("ada@house.example", NOW)
    assert len(await door.letters()) == LETTERS.most, "whose it would be cannot be told"


async def test_without_a_mailbox_nothing_is_mailed_and_nothing_fails(door: Door) -> None:
    await door.signing_in.send_letter("ada", NOW)
    assert await door.letters() == []
    assert "reset" not in await door.audited()


async def test_a_link_dies_with_the_address_that_it_was_mailed_to(door: Door) -> None:
    await add_mailbox(door.database)
    await door.signing_in.send_letter("ada", NOW)
    ((message, letter),) = await door.letters()
    token = door.signing_in.signer.signed_entry(message.text, letter.key).partition("/reset/")[2].split()[0]
    await door.signing_in.whose_link(RESET, token, NOW)
    await door.change(email="ada@elsewhere.example")
    with pytest.raises(TicketClosed):
        await door.signing_in.whose_link(RESET, token, NOW)


async def test_invitations_are_in_the_readers_language_and_lead_where_the_console_is(door: Door) -> None:
    await add_mailbox(door.database)
    elsewhere = made(door.database, door.keyring, Ways(address="https://desk.example"))
    async with door.database.write() as session:
        await save_preferences(session, door.ada, Preferences(language="de", time_zone="Asia/Tokyo"), now=NOW)
        ada = await session.get_one(Agent, door.ada)
        await elsewhere.links.mail(session, ada, INVITE, actor="root", now=NOW)
    ((message, _),) = await door.letters()
    assert message.subject.startswith("Ihr Zugang")
    assert "https://desk.example/invite/" in message.text
    assert (NOW + tickets.LASTS[INVITE] + timedelta(hours=9)).strftime("%Y-%m-%d %H:%M JST") in message.text


async def test_the_house_says_it_in_its_own_words(door: Door) -> None:
    await add_mailbox(door.database)
    words = {"subject": "Hello {{ agent.name }}", "body": "{{ entry.link }} of {{ organisation.name }}"}
    template = {"slug": "own", "name": "Own", "texts": {"en": words}}
    wanted = OrganisationSettings(name="Northwind", invitation_template="own", reset_template="gone")
    async with door.database.write() as session:
        for kind, slug, body in (
            ("template", "own", template),
            ("organisation", "organisation", wanted.model_dump(mode="json")),
        ):
            session.add(
                DefinitionRecord(
                    id=new_id(), kind=kind, slug=slug, version=1, status="active", body=body, activated_on=NOW
                )
            )
        await session.flush()
        ada = await session.get_one(Agent, door.ada)
        await door.signing_in.links.mail(session, ada, INVITE, actor="root", now=NOW)
        with pytest.raises(Conflict, match="'gone' is not active"):
            await door.signing_in.links.mail(session, ada, RESET, actor="root", now=NOW)
    ((message, letter),) = await door.letters()
    assert message.subject == "Hello Ada"
    assert message.text.endswith("of Northwind")
    sent = door.signing_in.signer.signed_entry(message.text, letter.key)
    assert await door.signing_in.whose_link(INVITE, sent.partition("/invite/")[2].split()[0], NOW) == "Ada"


async def test_tickets_that_are_long_over_are_forgotten(door: Door) -> None:
    await door.link()
    async with door.database.write() as session:
        old = NOW - tickets.KEPT - timedelta(days=1)
        await session.execute(update(EntryTicket).values(expires_on=old))
        await tickets.issue(session, await session.get_one(Agent, door.ada), INVITE, NOW)
    async with door.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(EntryTicket)) == 1
