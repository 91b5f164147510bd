from base64 import b64encode
from datetime import UTC, datetime

import pytest

from mail.imap.syntax import challenge, fetched_items, flag_atom, instant, mailbox_name, tells_news


@pytest.mark.parametrize(
    ("folder", "sent"),
    [
        ("INBOX", '"INBOX"'),
        ('a "b" \\', r'"a \"b\" \\"'),
        ("Q&A", '"Q&-A"'),
        ("Entw\u00fcrfe", '"Entw&APw-rfe"'),
        ("\u53f0\u5317", '"&U,BTFw-"'),
        ("a\r\nb", '"a&AA0ACg-b"'),
    ],
)
def test_a_folder_is_sent_in_modified_utf_7(folder: str, sent: str) -> None:
    assert mailbox_name(folder) == sent


@pytest.mark.parametrize("flag", ["$A) (x", "a b", "", "\\\\", "a\r\nb", "\u00e4"])
def test_what_is_no_atom_is_no_flag(flag: str) -> None:
    with pytest.raises(ValueError, match="flag"):
        flag_atom(flag)


def test_a_challenge_is_read_where_there_is_one() -> None:
    assert challenge([b"+ ", b"+ " + b64encode(b'{"status":"400"}'), b"x"]) == '{"status":"400"} '
    assert challenge([b"+ not base64!", b"AUTHENTICATE failed"]) == ""


def test_a_date_is_an_instant_and_nonsense_is_none() -> None:
    assert instant(" 7-Feb-1994 21:52:25 -0800") == datetime(1994, 2, 8, 5, 52, 25, tzinfo=UTC)
    assert instant("31-Feb-2026 00:00:00 +0000") is None
    assert instant("yesterday") is None


def test_a_body_belongs_to_the_item_before_it() -> None:
    lines: list[bytes | bytearray] = [
        b"1 FETCH (UID 7 BODY[] {2}",
        bytearray(b"hi"),
        b")",
        b'2 FETCH (UID 8 BODY[] "")',
        b"3 EXISTS",
    ]
    first, second = fetched_items(lines)
    assert first == (b"1 FETCH (UID 7 BODY[] {2} )", b"hi")
    assert second[1] == b""


def test_still_here_is_no_news() -> None:
    assert not tells_news([b"OK Still here"])
    assert tells_news([b"OK Still here", b"4 EXISTS"])
