"""A mail that says nothing but by the mails within it: whoever reads it reads those, and nothing is taken for its own word."""

from base64 import encodebytes

import pytest

from mail.bounces import bounce
from mail.kinds import AttachmentKind
from mail.parse import parse
from mail.quotes import strip_quote
from tests.mail.reports import report, status

INNER = (
    "From: Bob =?utf-8?q?K=C3=B6hl?= <bob@c.example>\nTo: ann@b.example\nSubject: Printer\n"
    "Date: Mon, 2 Mar 2026 09:00:00 +0100\nContent-Type: {kind}\n\n{body}\n"
)
PLAIN = INNER.format(kind="text/plain", body="The printer is broken.")
HTML = INNER.format(kind="text/html", body="<p>The printer is <b>broken</b>.</p>")
MIXED = INNER.format(
    kind="multipart/mixed; boundary=i",
    body='--i\nContent-Type: text/plain\n\nThe printer is broken.\n--i\nContent-Type: image/png; name="lamp.png"\n\nx\n--i--',
)
NESTED = INNER.format(kind="message/rfc822", body=PLAIN)
MULTIPART = "multipart/mixed; boundary=b"


def outer(kind: str, body: str, subject: str = "Fwd", sender: str = "ann@b.example") -> bytes:
    return f"From: {sender}\nSubject: {subject}\nMIME-Version: 1.0\nContent-Type: {kind}\n\n{body}\n".encode()


def beside(text: str, inner: str, kind: str = "message/rfc822") -> bytes:
    return outer(MULTIPART, f"--b\nContent-Type: text/plain\n\n{text}\n--b\nContent-Type: {kind}\n\n{inner}\n--b--")


MAILS = {
    "alone": outer("message/rfc822", PLAIN),
    "in a multipart": outer(MULTIPART, f"--b\nContent-Type: message/rfc822\n\n{PLAIN}\n--b--"),
    "below an empty text": beside("", PLAIN),
    "below a text of blanks": beside(" \u00a0\u200b", PLAIN),
    "in a digest": outer("multipart/digest; boundary=b", f"--b\n\n{PLAIN}\n--b--"),
    "as a file": beside("", PLAIN, 'application/octet-stream; name="a.eml"'),
    "in base64": beside("", encodebytes(PLAIN.encode()).decode(), "message/rfc822\nContent-Transfer-Encoding: base64"),
    "in HTML": outer("message/rfc822", HTML),
    "with a file": outer("message/rfc822", MIXED),
    "within another": outer("message/rfc822", NESTED),
    "international": outer("message/global", PLAIN),
}


@pytest.mark.parametrize("name", MAILS)
def test_the_mail_within_is_read(name: str) -> None:
    mail = parse(MAILS[name])
    assert "From: Bob Köhl <bob@c.example>" in mail.text
    assert "Subject: Printer" in mail.text
    assert "The printer is broken." in mail.text
    assert ("Attachments: lamp.png" in mail.text) is (name == "with a file")
    assert mail.defects[-1] == "text-within"
    assert [each.kind for each in mail.attachments] == [AttachmentKind.MESSAGE]
    for subject in ("Fwd", "Re: Printer", "Printer"):
        assert strip_quote(mail.text, subject, "p@x.example")[0] == mail.text


@pytest.mark.parametrize("text", ["See below.", "fwd", "?"])
def test_beside_words_of_the_writers_own_it_is_a_file(text: str) -> None:
    mail = parse(beside(text, PLAIN))
    assert (mail.text.strip(), mail.defects) == (text, ())


def test_several_are_all_read() -> None:
    second = PLAIN.replace("broken", "on fire")
    mail = parse(outer("multipart/digest; boundary=b", f"--b\n\n{PLAIN}\n--b\n\n{second}\n--b--"))
    assert "is broken." in mail.text
    assert "is on fire." in strip_quote(mail.text, "Re: Printer", "p@x.example")[0]


@pytest.mark.parametrize("sender", ["ann@b.example", "postmaster@b.example", "admin@b.example"])
@pytest.mark.parametrize("subject", ["Fwd", "Undelivered Mail Returned to Sender"])
def test_a_report_that_a_person_passes_on_is_none(sender: str, subject: str) -> None:
    forwarded = report(status("failed", "5.1.1", "smtp; 550 5.1.1 user unknown")).decode()
    for kind in ("message/rfc822", 'application/octet-stream; name="a.eml"'):
        mail = parse(outer(MULTIPART, f"--b\nContent-Type: {kind}\n\n{forwarded}\n--b--", subject, sender))
        if not mail.automatic:
            assert "could not be delivered" in mail.text
            assert bounce(mail) is None


@pytest.mark.parametrize(
    "inner",
    [
        "Auto-Submitted: auto-replied\nSubject: Out of office\n\nI am away until Monday.",
        "Return-Path: <>\nFrom: MAILER-DAEMON\nSubject: Undeliverable\n\n<ann@b.example>: 550 user unknown",
    ],
)
def test_what_is_said_within_makes_nothing_automatic(inner: str) -> None:
    assert not parse(outer("message/rfc822", inner)).automatic


@pytest.mark.parametrize(
    ("kind", "body", "name", "text"),
    [
        ('message/partial; id="x@y"; number=1; total=2', "Subject: Printer\n\nThe printer", "message-part-1-of-2", "The printer"),
        ('message/partial; id="x@y"; number=2; total=2', "is broken.", "message-part-2-of-2", "is broken."),
        ('message/partial; id="x@y"; number=2', "is broken.", "message-part-2-of-unknown", "is broken."),
        ('message/partial; id="x@y"; number=3; total=9', f"{'QUJD' * 15}\n{'QUJD' * 15}", "message-part-3-of-9",
         "Part: 3 of 9\nAttachments: message-part-3-of-9"),
        ("message/external-body; access-type=URL; URL=\"https://x.example/a\"", "Content-Type: text/plain", "attachment", "https://x.example/a"),
        ("message/external-body; access-type=ftp; site=f.example; directory=/d; name=a.txt", "x: y", "a.txt", "ftp://f.example/d/a.txt"),
    ],
)  # fmt: skip
def test_pieces_and_references_say_what_they_are(kind: str, body: str, name: str, text: str) -> None:
    mail = parse(outer(kind, body))
    assert [each.filename for each in mail.attachments] == [name]
    assert text in mail.text
    assert bool(mail.text.strip()) is bool(text)


@pytest.mark.parametrize(("number", "told"), [(1, "Part: 1 of 2"), (2, "Part: 2 of 2")])
def test_a_piece_says_which_it_is_and_names_what_all_pieces_name(number: int, told: str) -> None:
    mail = parse(
        f"From: a@b.example\nMessage-ID: <{number}@b.example>\nReferences: <r@b.example>\n"
        f'Content-Type: message/partial; id="whole@b.example"; number={number}; total=2\n\n'
        "Subject: Printer\n\nThe printer is broken.\n".encode()
    )
    assert told in mail.text
    assert "The printer is broken." in mail.text
    assert mail.references == ("whole@b.example", "r@b.example")


def test_mails_within_mails_end() -> None:
    raw = PLAIN
    for _ in range(40):
        raw = INNER.format(kind="message/rfc822", body=raw)
    mail = parse(outer("message/rfc822", raw))
    assert "Subject: Printer" in mail.text
