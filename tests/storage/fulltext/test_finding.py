"""The same words find the same things on both databases: in any case, form and script, and in step with the rows."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from models.records.articles import Article, ArticleVersion
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.reference import Account, Agent, Contact, Mailbox
from models.records.timeline import Activity, TimelineEntry
from storage.engines import Database
from storage.fulltext.asking import asked
from storage.fulltext.entries import ENTRY
from storage.fulltext.finding import find
from storage.fulltext.snippets import snippet
from storage.fulltext.words import words_of

AT = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)

TEXTS = {
    "german": "Guten Tag, die Rechnungsnummern der Häuser in der Übergröße-Straße sind mir nicht bekannt.",
    "english": "Hello, my modems keep losing their connections since you've updated the firmware.",
    "turkish": "İSTANBUL'dan IŞIK gelmiyor",
    "russian": "Здравствуйте, ПРИНТЕРЫ не печатают документы",
    "greek": "Ο ΔΡΌΜΟΣ της Αθήνας",
    "chinese": "我的路由器坏了,请帮忙",
    "japanese": "プリンターの返品をお願いします",
    "thai": "เครื่องพิมพ์เสีย",
    "hindi": "हिन्दी में दस्तावेज़",
    "hebrew": "שָׁלוֹם המדפסת",
    "arabic": "السَّلَامُ عليكم، الطابعة لا تعمل وأرجو المساعدة",
    "umlauts": "Frau Mueller aus Goeppingen fragt nach Tuerschloessern",
    "polish": "Łódź și Đà Nẵng, Smørrebrød, œuvre",
    "decomposed": unicodedata.normalize("NFD", "Crème brûlée für Zoë"),
    "compound": "Please send an E‑Mail to the co-owner's WLAN-Router",
    "numbers": "Order 0047110815, invoice 1.234,56 and serial SN-00042-XY, RFC9457",
    "address": "From casey.jones@customer-portal.example, see https://shop.example/returns?id=77",
    "signs": "100% of broken_pipe 'quoted' \"twice\" back\\slash ⑴ ﬁle ２０３１ soft\u00adware",
}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    yield made
    await made.close()


def case(title: str = "A case", **values: Any) -> Case:
    id = new_id()
    given = {"number": f"CAS-{id.hex[-8:]}", "origin": "email", "status": "active", "status_reason": "in-progress"}
    return Case(id=id, title=title, created_on=AT, modified_on=AT, custom={}, **{**given, **values})


async def found(database: Database, typed: str, limit: int = 50) -> list[UUID]:
    question = asked(typed)
    if question is None:
        return []
    async with database.read() as session:
        return [each.object_id for each in await find(session, question, (), None, limit)]


WAYS = [
    ("rechnungsnummern", "german"), ("RECHNUNGSNUMMER", "german"), ("Rechnungen", "german"), ("Rechnung", "german"),
    ("rechnungsn", "german"), ("haus", "german"), ("Hauses", "german"), ("haeuser", "german"), ("hauser", "german"),
    ("übergrösse", "german"), ("UBERGROSSE strasse", "german"), ("straße", "german"), ("STRAẞE", "german"),
    ("übergrößestraße", "german"), ("die Straßen in der Übergröße", "german"), ("bekannte", "german"),
    ("modem", "english"), ("Modems'", "english"), ("connection", "english"), ("CONNECTED", "english"),
    ("lost firmware", None), ("lose firmware", "english"), ("updates", "english"), ("firmw", "english"),
    ("the modem", "english"), ("you’ve", "english"), ("youve", "english"),
    ("istanbul", "turkish"), ("İstanbul", "turkish"), ("ISTANBUL", "turkish"), ("ışık", "turkish"), ("isik", "turkish"),
    ("принтер", "russian"), ("ПРИНТЕРА", "russian"), ("печатает документ", "russian"),
    ("δρόμος", "greek"), ("δρομου", "greek"), ("ΑΘΗΝΑ", "greek"),
    ("路由器", "chinese"), ("坏了", "chinese"), ("坏", "chinese"), ("忙", "chinese"), ("由路", None),
    ("返品", "japanese"), ("お願い", "japanese"), ("ﾌﾟﾘﾝﾀｰ", "japanese"), ("พิมพ์", "thai"), ("हिन्दी", "hindi"),
    ("السلام", "arabic"), ("الطابعة", "arabic"), ("وارجو", "arabic"), ("الطابعه", "arabic"),
    ("Müller", "umlauts"), ("GÖPPINGEN", "umlauts"), ("türschloss", "umlauts"), ("Türschlössern", "umlauts"),
    (unicodedata.normalize("NFD", "Göppingen müller"), "umlauts"), ("goppingen", "umlauts"),
    ("ΔΡΟΜΟΣ", "greek"), ("δρόμοσ", "greek"), ("DOKUMENTY", None),
    ("#42", "numbers"), ("#0042", "numbers"), ("№ 42", "numbers"), ("1234", None), ("SN/42", "numbers"),
    ("jones@customer-portal.example", "address"), ("@customer-portal.example", "address"), ("portal.example", "address"),
    ("CASEY.JONES", "address"), ("https://shop.example/returns?id=77", "address"),
    ('"broken pipe"', "signs"), ("broken OR zebra", None), ("NOT broken", "signs"), ("AND", "numbers"), ("^pipe", "signs"),
    ("pipe & twice | !quoted", "signs"), ("body : pipe", None), ("'pipe':*", "signs"), ("{head} : pipe", None),
    ("the of and to is", None), ("of", "signs"), ("modem " * 1000, "english"), ("x" * 5000, None), ("🎧", None),
    ("שלום", "hebrew"), ("lodz", "polish"), ("łódź đà nẵng", "polish"), ("da nang", "polish"), ("SMORREBROD", "polish"),
    ("oeuvre", "polish"), ("creme brulee", "decomposed"), ("crème", "decomposed"), ("zoe", "decomposed"),
    ("email", "compound"), ("e-mail", "compound"), ("E-Mails", "compound"), ("mail", "compound"), ("coowner", "compound"),
    ("wlan", "compound"), ("wlanrouter", "compound"), ("WLAN Router", "compound"), ("co-owners", "compound"),
    ("47110815", "numbers"), ("0047110815", "numbers"), ("4711", None), ("1.234,56", "numbers"), ("42", "numbers"),
    ("sn-42-xy", "numbers"), ("SN-00042", "numbers"), ("sn00042xy", "numbers"), ("rfc9457", "numbers"), ("9457", None),
    ("casey.jones@customer-portal.example", "address"), ("customerportal", "address"), ("jones", "address"),
    ("shop.example/returns", "address"), ("id=77", "address"),
    ("100%", "signs"), ("BROKEN_pipe", "signs"), ("'quoted'", "signs"), ('"twice"', "signs"), ("back\\slash", "signs"),
    ("file 2031", "signs"), ("software", "signs"), ("broken*", "signs"), ("NEAR(broken pipe)", None), ("head:broken", None),
    ("broken AND pipe", "signs"), ("brok", "signs"), ("pipe -broken", "signs"),
]  # fmt: skip
"""What somebody types, and the text that it finds; None: none."""


async def test_a_text_is_found_however_it_is_typed(database: Database) -> None:
    rows = {name: case(description=text) for name, text in TEXTS.items()}
    async with database.write() as session:
        session.add_all(rows.values())
    names = {row.id: name for name, row in rows.items()}
    wrong = []
    for typed, name in WAYS:
        came = [names[id] for id in await found(database, typed)]
        if came != ([] if name is None else [name]):
            wrong.append((typed, came))
    assert not wrong


ALPHABET = "aäAÄßeéiİıIoσςΣΟnñkкКшрт0123 -'’@._中国路由カプพิमें\u0301\u00ad⑴½²ªﬁ🎧\"*:()\\"


async def test_every_text_finds_itself_on_both_databases_and_nothing_raises(sqlite_url: str, postgres_url: str) -> None:
    first, second = Database(sqlite_url), Database(postgres_url)
    texts: list[str] = []

    @settings(max_examples=60, database=None, deadline=None)
    @given(st.text(ALPHABET, min_size=1, max_size=40))
    def collect(text: str) -> None:
        texts.append(text)

    collect()
    rows = [case(description=text) for text in texts]
    try:
        for database in (first, second):
            async with database.write() as session:
                session.add_all(
                    [
                        Case(
                            **{
                                c.name: getattr(row, c.name)
                                for c in Case.__table__.columns
                                if getattr(row, c.name) is not None
                            }
                        )
                        for row in rows
                    ]
                )
        for row in rows:
            there, here = [await found(database, row.description or "", 200) for database in (first, second)]
            assert there == here, row.description
            assert row.id in there or not list(words_of(row.description or "")), row.description
    finally:
        await first.close()
        await second.close()


async def test_the_head_comes_first_and_the_newest_of_each(database: Database) -> None:
    old, new = case("Drucker brennt"), case("Der Drucker raucht")
    text = case("Etwas anderes", description="Es ist der Drucker")
    async with database.write() as session:
        for row in (old, new, text):
            session.add(row)
            await session.flush()
    assert await found(database, "drucker") == [new.id, old.id, text.id]
    assert await found(database, "drucker", limit=1) == [new.id]
    question = asked("drucker")
    assert question is not None
    async with database.read() as session:
        pages, after = [], None
        for _ in range(3):
            page = await find(session, question, (), after, 1)
            pages += [each.object_id for each in page]
            after = page[-1].place
        assert await find(session, question, (), after, 1) == []
    assert pages == [new.id, old.id, text.id]


async def test_it_is_in_step_with_every_kind_of_row(database: Database) -> None:
    one, other = case(), case()
    agent = Agent(id=new_id(), slug="ada", name="Ada", email="ada@house.example", roles=[])
    account = Account(id=new_id(), slug="nw", name="Nordwind")
    contact = Contact(id=new_id(), name="Zoë Müller", email="zoe@nordwind.example")
    article = Article(id=new_id(), number="KA-01003", slug="pairing")
    version = ArticleVersion(
        id=new_id(), article_id=article.id, status="draft", title="Pairing", content="Hold it", keywords="blau"
    )
    box = Mailbox(id=new_id(), slug="box", address="a@b.example", display_name="B", settings={})
    mail = EmailMessage(
        id=new_id(), direction="in", mailbox_id=box.id, message_id="x", message_id_hash="x", content_hash="x",
        sender="zoe@nordwind.example", sender_name="Zoë", recipients={"to": ["help@b.example"]}, subject="Kaputt",
        text="Es raucht", references=[], defects=[],
    )  # fmt: skip
    note = TimelineEntry(
        id=new_id(), case_id=one.id, key="n", at=AT, kind="note", actor_id=agent.id, text="Rückruf", data={}
    )
    call = Activity(id=new_id(), case_id=one.id, kind="phone", status="open", title="Telefonat", created_on=AT)
    async with database.write() as session:
        session.add_all([one, other, agent, account, contact, article, box])
        await session.flush()
        session.add_all([version, mail, note, call])
    assert set(await found(database, "nordwind")) == {contact.id, account.id, mail.id}
    assert set(await found(database, "zoe")) == {contact.id, mail.id}
    assert await found(database, "help@b.example rauchen") == [mail.id]
    assert await found(database, "rückrufe") == [note.id]
    assert await found(database, "telefon") == [call.id]
    assert await found(database, "KA-1003") == [version.id]
    assert await kinds(database) == {"draft"}
    async with database.write() as session:
        for row in (one, contact, version):
            session.add(row)
        one.title, one.custom = "Ein Nachtrag", {"device": "Nordstern 5"}
        contact.name = "Zoë Maier"
        version.status = "published"
        for moved in (EmailMessage, Activity):
            await session.execute(update(moved).values(case_id=other.id))
    assert await found(database, "nachträge nordstern") == [one.id]
    assert await found(database, "müller") == []
    assert await found(database, "maier") == [contact.id]
    assert await found(database, "KA-1003") == await found(database, "pair blau") == [version.id]
    assert await kinds(database) == {"article"}
    async with database.read() as session:
        moves = select(ENTRY.c.case_id).where(ENTRY.c.object_id.in_((mail.id, call.id)))
        assert list(await session.scalars(moves)) == [other.id, other.id]
    async with database.write() as session:
        session.add(version)
        version.status = "archived"
        await session.execute(delete(TimelineEntry))
    assert await found(database, "pairing") == await found(database, "rückruf") == []


async def kinds(database: Database) -> set[str]:
    """Of the entries of articles."""
    async with database.read() as session:
        found = select(ENTRY.c.kind).where(ENTRY.c.kind.in_(("article", "draft")))
        return set(await session.scalars(found))


async def test_what_is_rolled_back_is_not_found(database: Database) -> None:
    async with database.write() as session:
        session.add(case("Vergänglich"))
        await session.flush()
        await session.rollback()
    assert await found(database, "vergänglich") == []


def marked(text: str, typed: str) -> str:
    question = asked(typed)
    assert question is not None
    return "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in snippet(text, question))


@pytest.mark.parametrize(
    ("text", "typed", "shown"),
    [
        ("Die Häuser brennen", "haus", "Die [Häuser] brennen"),
        ("Eine\n\nE-Mail  <b>an</b> uns", "email", "Eine [E-Mail] <b>an</b> uns"),
        ("No such word", "other", "No such word"),
        ("", "other", ""),
        ("x " * 100 + "router" + " y" * 200, "routers", "…" + "x " * 29 + "[router]" + " y" * 87 + "…"),
    ],
)
def test_a_passage_shows_what_matched(text: str, typed: str, shown: str) -> None:
    assert marked(text, typed) == shown
