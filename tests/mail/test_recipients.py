"""To and Cc, parted by whatever programs and people put between addresses; and From, where nothing of that counts."""

import pytest

from mail.parse import parse
from mail.recipients import recipients

ANN, BOB = "ann@b.example", "bob@d.example"
PARTED = [
    f"{ANN}; {BOB}", f"{ANN};{BOB};", f"{ANN} {BOB}", f"{ANN}\t{BOB}", f"{ANN}\n {BOB}", f"{ANN} | {BOB}", f"{ANN}|{BOB}",
    f"{ANN} / {BOB}", f"{ANN}、{BOB}", f"{ANN}；{BOB}", f"{ANN}，{BOB}", f"{ANN} and {BOB}", f"{ANN} und {BOB}", f"{ANN} & {BOB}",
    f"<{ANN}><{BOB}>", f"<{ANN}> <{BOB}>", f"'{ANN}' '{BOB}'", f"mailto:{ANN} mailto:{BOB}", f"[{ANN}] [{BOB}]",
    f"{ANN} · {BOB}", f"Team: {ANN} {BOB};",
]  # fmt: skip
NAMED = [
    f"Ann <{ANN}> Bob <{BOB}>", f"Ann <{ANN}>\n Bob <{BOB}>", f"Ann <{ANN}> | Bob <{BOB}>", f"Ann <{ANN}>; Bob <{BOB}>",
    f'"Ann" <{ANN}> "Bob" <{BOB}>', f"Ann <{ANN}>/Bob <{BOB}>", f"Ann {ANN} Bob {BOB}", f"{ANN} (Ann) {BOB} (Bob)",
    f"=?utf-8?q?Ann?= <{ANN}> =?utf-8?q?Bob?= <{BOB}>", f"<{ANN}> (Ann) <{BOB}> (Bob)",
]  # fmt: skip


def mail_to(value: str, name: str = "To") -> bytes:
    return f"From: casey@c.example\n{name}: {value}\nSubject: x\n\nx\n".encode()


@pytest.mark.parametrize("value", PARTED)
@pytest.mark.parametrize("name", ["To", "Cc"])
def test_nobody_is_lost(value: str, name: str) -> None:
    mail = parse(mail_to(value, name))
    assert [(each.name, each.address) for each in (*mail.to, *mail.cc)] == [("", ANN), ("", BOB)]


@pytest.mark.parametrize("value", NAMED)
def test_names_stay_with_their_addresses(value: str) -> None:
    assert [(each.name, each.address) for each in parse(mail_to(value)).to] == [("Ann", ANN), ("Bob", BOB)]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (f"{ANN} <{BOB}>", [(ANN, BOB)]),
        (f"Ann | Acme <{ANN}>", [("Ann | Acme", ANN)]),
        (f"Ann | Acme <{ANN}> Bob / Dent <{BOB}>", [("Ann | Acme", ANN), ("Bob / Dent", BOB)]),
        (f'"Bell, Ann; Sales" <{ANN}> "Cole, Bob" <{BOB}>', [("Bell, Ann; Sales", ANN), ("Cole, Bob", BOB)]),
        (f"Bell; Ann <{ANN}>", [("Bell; Ann", ANN)]),
        (f'"{BOB} | x" <{ANN}>', [(f"{BOB} | x", ANN)]),
        (f"Ann and Bob <{ANN}>", [("Ann and Bob", ANN)]),
        ("undisclosed-recipients:;", []),
        ('"ann b"@b.example', [("", '"ann b"@b.example')]),
    ],
)
def test_but_a_name_is_a_name(value: str, found: list[tuple[str, str]]) -> None:
    assert [(each.name, each.address) for each in recipients(value)[0]] == found


@pytest.mark.parametrize("value", ["casey@c.example | Acme <n@bulk.example>", "casey@c.example Acme <n@bulk.example>"])
@pytest.mark.parametrize("name", ["From", "Reply-To"])
def test_in_from_what_stands_before_the_brackets_is_only_a_name(value: str, name: str) -> None:
    mail = parse(f"{name}: {value}\nSubject: x\n\nx\n".encode())
    (one,) = (mail.from_,) if name == "From" else mail.reply_to
    assert one is not None
    assert one.address == "n@bulk.example"
