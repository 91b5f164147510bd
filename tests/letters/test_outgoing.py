"""What leaves, as another program than ours reads it: the stdlib's parser, with its modern policy."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage as Read
from typing import Any

import pytest

from letters.outgoing import compose_outgoing
from mail.compose import OutgoingMail, compose
from mail.message import Address, MailAttachment
from models.records.mails import EmailMessage
from models.records.reference import Mailbox
from storage.files import FolderStore

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
LONGEST_LINE = 998
"""RFC 5321 4.5.3.1.6, without CR and LF."""


def read(raw: bytes) -> Read:
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= LONGEST_LINE
    return email.message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=email.policy.default)


def sent(**changes: Any) -> Read:
    fields: dict[str, Any] = {
        "from_": Address(name="Support", address="support@desk.example"),
        "to": (Address(name="Ann Bell", address="ann@b.example"),),
        "subject": "Re: broken",
        "text": "Try this.\n",
        "message_id": "ours.1@desk.example",
        "date": NOW,
    }
    return read(compose(OutgoingMail(**(fields | changes))))


@pytest.mark.parametrize(
    "subject",
    [
        "Größe " * 60,
        "日本語" * 80,
        "ملف " * 40,
        "x" * 300,
        "Re: " + "w" * 990,
        f"{'a' * 70} {'b' * 70}",
        "https://b.example/" + "path/" * 30,
        "=?utf-8?q?fake?=",
        "a  b   c",
        "Order #1: “quoted”, & <b>",
        "😀" * 70,
    ],
)
def test_a_subject_is_read_as_it_was_meant(subject: str) -> None:
    mail = sent(subject=subject)
    assert mail["subject"] == subject
    assert max(len(line) for line in mail.as_bytes().partition(b"\n\n")[0].split(b"\n")) <= 78


@pytest.mark.parametrize(
    "name",
    [
        "Müller, Jürgen",
        "O'Brien",
        'Ann "A" Bell',
        "back\\slash",
        "日本 太郎",
        "<Ann>",
        "a@b.example",
        "Ann (x)",
        "name: x",
    ],
)
def test_a_name_is_read_as_it_was_meant(name: str) -> None:
    mail = sent(to=(Address(name=name, address="ann@b.example"), Address(address="bob@b.example")))
    assert [(each.display_name, each.addr_spec) for each in mail["to"].addresses] == [
        (name, "ann@b.example"),
        ("", "bob@b.example"),
    ]


@pytest.mark.parametrize(
    "name",
    ["Größe 1.pdf", 'a"b.pdf', "a\\b.pdf", "日本語" * 30 + ".pdf", "x" * 200 + ".pdf", "a;b=c.pdf", "a%20b.pdf",
     "=?utf-8?q?x?=.pdf", "utf-8''x.pdf", "résumé (final).pdf", ".htaccess"],
)  # fmt: skip
def test_a_file_is_read_as_it_was_meant(name: str) -> None:
    content = b"%PDF-\x00\r\n.\r\n..x\n"
    file = MailAttachment(filename=name, content_type="application/pdf", size=len(content), sha256="x", content=content)
    (found,) = sent(attachments=(file,)).iter_attachments()
    assert (found.get_filename(), found.get_content()) == (name, content)


@pytest.mark.parametrize(
    "text",
    [
        ".\n..\n.x\nFrom here\n>From\n",
        "x" * 5000 + "\n",
        "ö" * 3000 + "\n",
        "a=b =20 =\n",
        "trailing  \n\t\n-- \nAnn\n",
    ],
)
def test_texts_are_read_as_they_were_meant(text: str) -> None:
    mail = sent(text=text, html=f"<p>{text}</p>\n")
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert (plain.get_content(), html.get_content()) == (text, f"<p>{text}</p>\n")


async def test_what_a_customers_program_wrote_makes_no_line_too_long(tmp_path: Any) -> None:
    too_long, long = f"{'x' * 985}@b.example", f"{'y' * 800}@b.example"
    message = EmailMessage(
        sender="support@desk.example",
        recipients={"to": ["ann@b.example"]},
        subject="Re: broken",
        text="Try this.",
        message_id="ours.1@desk.example",
        in_reply_to=too_long,
        references=[long, too_long, "with blank@b.example"],
        date=NOW,
    )
    mail = read(await compose_outgoing(message, (), Mailbox(), FolderStore(tmp_path)))
    assert mail["in-reply-to"] is None
    assert mail["references"].split() == [f"<{long}>"]
    assert mail["bcc"] is None
