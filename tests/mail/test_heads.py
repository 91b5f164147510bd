"""A mail's beginning: what the stdlib would choke on is taken out of its way."""

from mail.heads import MOST_HEADERS, begun


def test_a_plain_mail_stays_as_it_is() -> None:
    raw = b"From greta\r\nSubject: x\r\n y\r\n\r\nTo : you\r\n"
    assert begun(raw) == (raw, False)


def test_spaces_before_colons() -> None:
    assert begun(b"From : a\nSubject\t: b\n\nTo : you") == (b"From: a\nSubject: b\n\nTo : you", False)


def test_what_is_no_header_begins_the_text() -> None:
    raw = b"Subject: x\nno header\n" + b"a: b\n" * 600
    assert begun(raw) == (raw, False)
    assert begun(b"\n" + b"a: b\n" * 600) == (b"\n" + b"a: b\n" * 600, False)
    assert begun(b"") == (b"", False)


def test_headers_beyond_the_limit_are_left_out() -> None:
    lines = [b"X: %d\r\n Y\r\n" % number for number in range(MOST_HEADERS + 5)]
    assert begun(b"".join(lines) + b"\r\nbody") == (b"".join(lines[:MOST_HEADERS]) + b"\r\nbody", True)
    assert begun(b"".join(lines)) == (b"".join(lines[:MOST_HEADERS]), True)
    assert begun(b"".join(lines[:MOST_HEADERS]) + b"\r\nbody")[1] is False
