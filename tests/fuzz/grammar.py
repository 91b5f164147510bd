"""Mails from nothing: a tree of parts with headers, types, encodings and charsets at random, most of them wrong."""

from random import Random

from tests.fuzz.mutations import CHARSETS, ENCODINGS, TOKENS, TYPES

HEADERS = (
    b"From", b"To", b"Cc", b"Reply-To", b"Sender", b"Subject", b"Date", b"Message-ID", b"In-Reply-To", b"References",
    b"Return-Path", b"Delivered-To", b"Auto-Submitted", b"Precedence", b"X-Auto-Response-Suppress",
    b"Authentication-Results", b"List-Id", b"X-Failed-Recipients", b"Content-ID", b"Content-Disposition",
    b"X-Caseloom-Loop", b"MIME-Version",
)  # fmt: skip
VALUES = (
    b"Greta <greta@example.net>", b"a@example.net, \"b, c\" <b@example.net>", b"group: a@x, b@y;", b"<>",
    b"undisclosed-recipients:;", b"=?utf-8?q?f=C3=BCr?= <f@x>", b"=?gb2312?b?xOO6ww==?=", b"<id@example.net>",
    b"<a@x> <b@y>\r\n <c@z>", b"Mon, 16 Nov 2026 10:30:00 +0100", b"auto-replied (x)", b"bulk", b"OOF, DR",
    b"mx.example; dmarc=fail (p=none) header.from=x", b"attachment; filename=\"a b.pdf\"",
    b"inline; filename*0*=utf-8''%E2%82; filename*1*=%AC.png", b"((((a))))", b"a\\", b"\"a\" b <c(d)@e>", b"", b"no",
)  # fmt: skip
TEXTS = (
    b"It is broken.\r\n", b"words \r\nflow \r\n", b"On Mon, 16 Nov 2026 at 10:30, S <s@x> wrote:\r\n> a\r\n> b\r\n",
    b"-- \r\nGreta\r\n", b"<p>hello <img src='cid:a@x'></p>", b"SGVsbG8=\r\n", b"=C3=BC=\r\n",
    b"begin 644 x\r\n#0V%T\r\n`\r\nend\r\n", b"<gone@example.net>:\r\n550 5.1.1 no such user\r\n",
    b"Final-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.1.1\r\n",
    b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n", b"\x78\x9f\x3e\x22\x00", b"\xff" * 50,
    "Grüße, 日本語 €\r\n".encode(), "16.11.26 10:30, S <s@x> пише:\r\n> a\r\n".encode(), b"This mail is in HTML.\r\n",
    b"From: a@b\r\nSent: Monday 10:30\r\nTo: c\r\nSubject: d\r\n", b"\xe2\x80\x8b\r\n", b"{\\rtf1\\ansi words\\par}",
    b"<p>x <a href='https://x.example'>y</a><blockquote type=cite>q</blockquote>z</p>",
)  # fmt: skip


def grow(chance: Random) -> bytes:
    """A mail of up to some 40 parts and 8 levels."""
    headers = b"".join(_header(chance) for _ in range(chance.randint(0, 15)))
    return headers + _part(chance, 0, [40])


def _header(chance: Random) -> bytes:
    return chance.choice(HEADERS) + chance.choice((b": ", b":", b" : ", b":\r\n ")) + _value(chance) + b"\r\n"


def _value(chance: Random) -> bytes:
    pieces = [chance.choice(VALUES if chance.random() < 0.8 else TOKENS) for _ in range(chance.choice((1, 1, 1, 2, 5)))]
    return b"".join(pieces) * chance.choice((1,) * 30 + (50, 500))


def _part(chance: Random, level: int, left: list[int]) -> bytes:
    left[0] -= 1
    if level < 8 and left[0] > 0 and chance.random() < 0.5:
        mark = chance.choice((b"b", b"=_b", b"b%d" % level, b"a b", b"bb"))
        kind = chance.choice(
            (b"mixed", b"alternative", b"related", b"report", b"signed", b"encrypted", b"digest", b"x")
        )
        children = [_part(chance, level + 1, left) for _ in range(chance.randint(0, 4))]
        end = chance.choice((b"--%b--\r\n" % mark, b"--%b--\r\n" % mark, b"", b"--%b\r\n" % mark))
        body = b"".join(b"--%b\r\n%b\r\n" % (mark, child) for child in children) + end
        return b'Content-Type: multipart/%b; boundary="%b"\r\n\r\n%b' % (kind, mark, body)
    if level < 8 and left[0] > 0 and chance.random() < 0.1:
        return b"Content-Type: message/rfc822\r\n\r\n" + grow(chance)
    lines = [b"Content-Type: %b" % chance.choice(TYPES)]
    if chance.random() < 0.6:
        lines[0] += b"; charset=%b" % chance.choice(CHARSETS)
    if chance.random() < 0.2:
        lines[0] += chance.choice(
            (b"; format=flowed", b"; format=flowed; delsp=yes", b"; name=x.ics", b"; name*=''%ff")
        )
    if chance.random() < 0.6:
        lines.append(b"Content-Transfer-Encoding: %b" % chance.choice(ENCODINGS))
    lines += [_header(chance).rstrip(b"\r\n") for _ in range(chance.choice((0, 0, 1, 3)))]
    texts = b"".join(chance.choice(TEXTS if chance.random() < 0.8 else TOKENS) for _ in range(chance.randint(0, 6)))
    return b"\r\n".join(lines) + b"\r\n\r\n" + texts * chance.choice((1,) * 30 + (100,))
