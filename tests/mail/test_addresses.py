"""Who wrote a mail, of all that a From field may hold: the address in the last angle brackets, and never a name."""

from __future__ import annotations

import pytest

from mail.addresses import author, people
from mail.message import Address
from mail.parse import parse

VICTIM, BULK = "casey@customer.example", "noreply@bulkmailer.example"
NAME, SEVERAL, ROUTE, ENCODED = "name-is-address", "several-authors", "from-route", "from-encoded"


def told(value: str) -> tuple[str | None, str, list[str]]:
    person, doubts = author(people(value)[0])
    return (person.address, person.name, doubts) if person else (None, "", doubts)


@pytest.mark.parametrize(
    "value",
    [
        f"{VICTIM} <{BULK}>",
        f"{VICTIM}<{BULK}>",
        f"{VICTIM}\t<{BULK}>",
        f"{VICTIM}\r\n <{BULK}>",
        f'"{VICTIM}" <{BULK}>',
        f"'{VICTIM}' <{BULK}>",
        f"Casey {VICTIM} Rivera <{BULK}>",
        f"{VICTIM} (Casey) <{BULK}>",
        f"{VICTIM} via Bulk <{BULK}>",
        f"{VICTIM}: <{BULK}>",
        f"=?utf-8?q?{VICTIM.replace('@', '=40')}?= <{BULK}>",
        f"=?utf-8?b?Y2FzZXlAY3VzdG9tZXIuZXhhbXBsZQ==?= <{BULK}>",
        f"({VICTIM}) <{BULK}>",
        f"{VICTIM} <{BULK}",
        f"{VICTIM} <<{BULK}>>",
        f"{VICTIM} <{BULK}> (on behalf)",
    ],
)
def test_a_name_that_is_an_address_is_only_a_name(value: str) -> None:
    address, name, doubts = told(value)
    assert (address, doubts) == (BULK, [NAME])
    assert VICTIM in name


@pytest.mark.parametrize(
    ("value", "address", "doubt"),
    [
        (f"{VICTIM}, Support <{BULK}>", BULK, SEVERAL),
        (f"{VICTIM}; <{BULK}>", BULK, SEVERAL),
        (f"Casey <{VICTIM}>, Bulk <{BULK}>", BULK, SEVERAL),
        (f"Casey <{VICTIM}> <{BULK}>", BULK, SEVERAL),
        (f"<{VICTIM} <{BULK}>>", BULK, SEVERAL),
        (f"Bulk <{BULK}>, {VICTIM}", BULK, SEVERAL),
        (f"{BULK}, {VICTIM}", VICTIM, SEVERAL),
        (f"<@bulkmailer.example:{VICTIM}>", VICTIM, ROUTE),
        (f"<@a.example,@b.example:{VICTIM}>", VICTIM, ROUTE),
        (f"@bulkmailer.example:{VICTIM}", VICTIM, ROUTE),
        (f"<mailto:{VICTIM}>", VICTIM, ROUTE),
        ("=?utf-8?q?Casey_=3Ccasey=40customer.example=3E?=", VICTIM, ENCODED),
        ("<=?utf-8?q?casey=40customer.example?=>", VICTIM, ENCODED),
        ("=?utf-8?q?casey=40customer.example?=", VICTIM, ENCODED),
        (f'"{VICTIM}"', VICTIM, ENCODED),
        (f'"Casey <{VICTIM}>"', VICTIM, ENCODED),
        (f"{VICTIM.replace('@', chr(0xFF20))} <{BULK}>", BULK, NAME),
        ("Casey <casey\u200b@customer.example>", VICTIM, ENCODED),
        ("Casey <\u202acasey@customer.example\u202c>", VICTIM, ENCODED),
    ],
)
def test_a_from_field_that_a_server_may_read_otherwise_is_noted(value: str, address: str, doubt: str) -> None:
    found, _, doubts = told(value)
    assert found == address
    assert doubt in doubts


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        ("ann@b.example", "ann@b.example", ""),
        ("Ann Bell <ann@b.example>", "ann@b.example", "Ann Bell"),
        ("Ann Bell ann@b.example", "ann@b.example", "Ann Bell"),
        ("Bell, Ann <ann@b.example>", "ann@b.example", "Bell, Ann"),
        ("Bell, Dr. Ann, M.D. <ann@b.example>", "ann@b.example", "Bell, Dr. Ann, M.D."),
        ("Bell, Ann (Sales, North) <ann@b.example>", "ann@b.example", "Bell, Ann (Sales, North)"),
        ("Bell (Sales), Ann <ann@b.example>", "ann@b.example", "Bell (Sales), Ann"),
        ("Bell; Ann <ann@b.example>", "ann@b.example", "Bell; Ann"),
        ("=?utf-8?q?M=C3=BCller?=, =?utf-8?q?J=C3=B6rg?= <j@b.example>", "j@b.example", "Müller, Jörg"),
        ("Acme, Inc. via Support <ann@b.example>", "ann@b.example", "Acme, Inc. via Support"),
        ("Request by: Ann Bell <ann@b.example>", "ann@b.example", "Request by: Ann Bell"),
        ("Ann :) <ann@b.example>", "ann@b.example", "Ann :)"),
        ("Team: Bell, Ann <ann@b.example>;", "ann@b.example", "Bell, Ann"),
        (", Ann <ann@b.example>", "ann@b.example", "Ann"),
        ('"Bell, Ann" <ann@b.example>', "ann@b.example", "Bell, Ann"),
        ('"Ann \\"A\\" Bell" <ann@b.example>', "ann@b.example", 'Ann "A" Bell'),
        ("ann@b.example (Ann Bell)", "ann@b.example", "Ann Bell"),
        ("Ann <ann(work)@b.example(home)>", "ann@b.example", "Ann (work home)"),
        ("Ann <ann @ b.example>", "ann@b.example", "Ann"),
        ("Ann <ann@b.example", "ann@b.example", "Ann"),
        ('"Ann <ann@b.example>', "ann@b.example", "Ann"),
        ("Ann (at work <ann@b.example>", "ann@b.example", "Ann (at work"),
        ('"Ann B"@b.example', '"ann b"@b.example', ""),
        ('Ann <"Ann B"@b.example>', '"ann b"@b.example', "Ann"),
        ('"ann.b"@b.example', "ann.b@b.example", ""),
        ('Ann <"ann"@b.example>', "ann@b.example", "Ann"),
        ('".ann"@b.example', '".ann"@b.example', ""),
        ('"ann..b"@b.example', '"ann..b"@b.example', ""),
        ('"a b"@evil.example', '"a b"@evil.example', ""),
        ('"a@b"@c.example', '"a@b"@c.example', ""),
        ("ann@[192.0.2.1]", "ann@[192.0.2.1]", ""),
        ("Ann <ann@[IPv6:2001:db8::1]>", "ann@[ipv6:2001:db8::1]", "Ann"),
        ("O'Neil <o'neil@b.example>", "o'neil@b.example", "O'Neil"),
        ("ann@b.example <ann@b.example>", "ann@b.example", "ann@b.example"),
        ("ANN@B.example <ann@b.EXAMPLE>", "ann@b.example", "ANN@B.example"),
        ("Team: ann@b.example;", "ann@b.example", ""),
        ("'Ann' via Support <support@house.example>", "support@house.example", "'Ann' via Support"),
        ("=?utf-8?q?J=C3=BCrgen?= M. <j@b.example>", "j@b.example", "Jürgen M."),
        ("Jana <jana@XN--BCHER-KVA.example>", "jana@bücher.example", "Jana"),
    ],
)
def test_an_honest_field_is_read_without_a_doubt(value: str, address: str, name: str) -> None:
    assert told(value) == (address, name, [])


def test_the_commas_of_several_names_are_told_from_those_between_them() -> None:
    found, _ = people(
        "Bell, Ann <ann@b.example>, bob@b.example, Fox, Eva <eva@b.example>, Team: Gold, G. <g@b.example>;"
    )
    assert [(each.name, each.address) for each in found] == [
        ("Bell, Ann", "ann@b.example"), ("", "bob@b.example"), ("Fox, Eva", "eva@b.example"), ("Gold, G.", "g@b.example"),
    ]  # fmt: skip


NOBODY = [
    "", " ", "<>", "Greta Gold", "undisclosed-recipients:;", ":;", ",,;,", "@", "@b.example", "ann@", "<ann>", "a@b@c.example",
    "(((", "Ann <>", '""', "<@relay.example:>",
]  # fmt: skip


@pytest.mark.parametrize("value", NOBODY)
def test_a_field_without_an_address_names_nobody(value: str) -> None:
    assert told(value)[0] is None


SIGNS = ['"', "(", "<", '"\\', "a,", "@,;:", "a@b ", "((", "%", "<(", '<"', '<("', "(<", "=?utf-8?q?a?= "]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", SIGNS)
def test_a_field_of_nothing_but_signs_takes_no_time(piece: str) -> None:
    people(piece * (8192 // len(piece)))


STAND_FOR = {
    "&lt;ann@b.example&gt;": "", "Ann &lt;ann@b.example&gt;": "Ann", '"Ann" &lt;ann@b.example&gt;': "Ann",
    "Ann &#60;ann@b.example&#62;": "Ann", "=?utf-8?q?Ann?= &lt;ann@b.example&gt;": "Ann", "Ann <ann&#64;b.example>": "Ann",
    "Ann <ann\uff20b.example>": "Ann", "ann\uff20b.example": "", "ann\ufe6bb.example": "",
    "Ann \uff1cann@b.example\uff1e": "Ann", "Ann \uff1cann\uff20b.example\uff1e": "Ann", "Ann \u2039ann@b.example\u203a": "Ann",
    "=?utf-8?b?QW5uIO+8nGFubkBiLmV4YW1wbGXvvJ4=?=": "Ann",
}  # fmt: skip
"""Signs that stand for brackets or for "@", with the name that is read beside the address."""


@pytest.mark.parametrize("value", STAND_FOR)
def test_signs_that_stand_for_brackets_or_at_are_read_and_doubted(value: str) -> None:
    mail = parse(f"From: {value}\nTo: {value}\n\nx".encode())
    assert mail.from_ == Address(name=STAND_FOR[value], address="ann@b.example")
    assert [each.address for each in mail.to] == ["ann@b.example"]
    assert "from-encoded" in mail.defects, "no server judged this address"


@pytest.mark.parametrize(
    "value",
    [
        '"&lt;eve@c.example&gt;" <ann@b.example>',
        "Eve &lt;eve@c.example&gt; <ann@b.example>",
        "eve\uff20c.example <ann@b.example>",
        "Firma \u00abeve\u00bb ann@b.example",
        "\uff1ceve@c.example\uff1e <ann@b.example>",
    ],
)
def test_but_what_stands_in_the_usual_signs_comes_first(value: str) -> None:
    mail = parse(f"From: {value}\n\nx".encode())
    assert mail.from_ is not None
    assert mail.from_.address == "ann@b.example"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        # A bracket that nobody closed ends where the next address begins.
        ("Ann <ann@b.example, Bob <bob@c.example>", [("Ann", "ann@b.example"), ("Bob", "bob@c.example")]),
        ("Ann <ann@b.example, bob@c.example", [("Ann", "ann@b.example"), ("", "bob@c.example")]),
        ("Ann <ann@b.example; Bob <bob@c.example>", [("Ann", "ann@b.example"), ("Bob", "bob@c.example")]),
        ("<ann@b.example, bob@c.example>", [("", "ann@b.example"), ("", "bob@c.example")]),
        ('"Bell, Ann" <ann@b.example,\r\n <bob@c.example>', [("Bell, Ann", "ann@b.example"), ("", "bob@c.example")]),
        ("Ann <ann@b.example (a, b)>, bob@c.example", [("Ann (a, b)", "ann@b.example"), ("", "bob@c.example")]),
        ("<@a.example,@b.example:ann@b.example>, bob@c.example", [("", "ann@b.example"), ("", "bob@c.example")]),
        ("Ann <ann@b,example>, bob@c.example", [("", "bob@c.example")]),
        # Blanks around dots (RFC 5322 4.4), and those that end an address.
        ("Ann < ann . bell @ b . example >", [("Ann", "ann.bell@b.example")]),
        ("Ann <ann.\r\n bell@b.example>", [("Ann", "ann.bell@b.example")]),
        ("ann@b .example", [("", "ann@b.example")]),
        ("ann@b.example www.b.example", [("www.b.example", "ann@b.example")]),
        ("ann@b.example Ann Bell", [("Ann Bell", "ann@b.example")]),
        ("J. Bell ann@b.example", [("J. Bell", "ann@b.example")]),
        # Ways to an address.
        ("Ann <@a.example,@[IPv6:2001:db8::1]:ann@b.example>", [("Ann", "ann@b.example")]),
        ("Ann <,@a.example,,@b.example: ann@b.example>", [("Ann", "ann@b.example")]),
        ("<@[192.0.2.1]:ann@[IPv6:2001:db8::2]>", [("", "ann@[ipv6:2001:db8::2]")]),
        ("<@a.example@b.example:ann@b.example>", [("", "ann@b.example")]),
        ("<@a.example : ann@b.example>", [("", "ann@b.example")]),
        # Signs around it that are none of its own.
        ("Ann {ann@b.example}", [("Ann", "ann@b.example")]),
        ("*ann@b.example*", [("", "ann@b.example")]),
        ("Ann [mailto:ann@b.example]", [("Ann", "ann@b.example")]),
        ("Ann: ann@b.example!", [("Ann", "ann@b.example")]),
        ("ann@b.example/", [("", "ann@b.example")]),
        ("{ann}@b.example", [("", "{ann}@b.example")]),
        # Where nothing stands in the brackets, or all of it in quotes or parentheses.
        ("ann@b.example <>", [("", "ann@b.example")]),
        ('Ann <"ann@b.example">', [("Ann", "ann@b.example")]),
        ('"Ann Bell <ann@b.example>"', [("Ann Bell", "ann@b.example")]),
        ("Ann Bell (ann@b.example)", [("Ann Bell", "ann@b.example")]),
        ('"Ann Bell" <>', []),
        ("Ann <> (Mail System)", []),
    ],
)
def test_what_programs_set_around_an_address(value: str, read: list[tuple[str, str]]) -> None:
    assert [(each.name, each.address) for each in people(value)[0]] == read


@pytest.mark.parametrize(
    "value",
    ["ann@b.example <>", 'Ann <"ann@b.example">', "Ann (ann@b.example)", '"Ann <ann@b.example>"', "ann@b.example < >"],
)
def test_a_sender_where_no_server_looks_for_one_is_doubtful(value: str) -> None:
    address, _, doubts = told(value)
    assert address == "ann@b.example"
    assert ENCODED in doubts


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (f"<{VICTIM}, x <{BULK}>", BULK),
        (f"Casey ({VICTIM}) <{BULK}>", BULK),
        (f"{VICTIM} <>, <{BULK}>", BULK),
        (f'<"{VICTIM}">, Bulk <{BULK}>', BULK),
        (f"Casey <{VICTIM}, y> <{BULK}>", BULK),
    ],
)
def test_the_last_brackets_still_name_the_sender(value: str, address: str) -> None:
    assert told(value)[0] == address


def test_a_name_holds_no_marks_of_direction() -> None:
    (person,), _ = people("Ann \u202eBell \u200e<ann@b.example>")
    assert (person.name, person.address) == ("Ann Bell", "ann@b.example")
