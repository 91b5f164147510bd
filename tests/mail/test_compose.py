"""What we send: read back by our own parser, and refused where a header could be injected."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.compose import MOST_REFERENCES, HeaderRefused, OutgoingMail, compose, subject_reply, thread
from mail.message import Address, AutomaticReason, MailAttachment
from mail.parse import parse

NOW = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
SUPPORT, GRETA = (
    Address(name="Support", address="support@example.com"),
    Address(name="Greta", address="greta@example.net"),
)


def outgoing(**changes: Any) -> OutgoingMail:
    fields: dict[str, Any] = {
        "from_": SUPPORT,
        "to": (GRETA,),
        "subject": "Re: broken",
        "text": "Try this.\n",
        "message_id": "ours.1@example.com",
        "date": NOW,
    }
    return OutgoingMail(**(fields | changes))


def attachment(name: str, kind: str, content: bytes, **more: Any) -> MailAttachment:
    digest = hashlib.sha256(content).hexdigest()
    return MailAttachment(filename=name, content_type=kind, size=len(content), sha256=digest, content=content, **more)


class TestReadBack:
    def test_all_fields(self) -> None:
        mail = outgoing(
            cc=(Address(name="Müller, Jürgen", address="jm@example.net"), Address(address="x@example.net")),
            reply_to=Address(address="support+abc@example.com"),
            subject="Größe – 日本",
            text="Grüße\n\nFrom here\n.\n..\n" + "x" * 2000 + "\ntrailing \n",
            html="<p>Grüße</p>\n",
            in_reply_to="theirs@example.net",
            references=("first@example.net", "theirs@example.net"),
            date=datetime(2026, 11, 16, 11, 30, tzinfo=timezone(timedelta(hours=2))),
        )
        raw = compose(mail)
        back = parse(raw)
        assert (back.from_, back.to, back.cc, back.reply_to) == (mail.from_, mail.to, mail.cc, (mail.reply_to,))
        assert (back.subject, back.text, back.html) == (mail.subject, mail.text, mail.html)
        assert (back.message_id, back.in_reply_to, back.references) == (
            "ours.1@example.com",
            "theirs@example.net",
            ("first@example.net", "theirs@example.net"),
        )
        assert back.date == NOW
        assert back.automatic_reason is None
        assert back.defects == ()
        raw.decode("ascii")
        assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
        assert b"\n" not in raw.replace(b"\r\n", b"")

    def test_attachments_and_inline_images(self) -> None:
        image = attachment("logo.png", "image/png", b"\x89PNG", content_id="logo@x", inline=True)
        files = (
            attachment("Rückgabe €.pdf", "application/pdf", b"%PDF" * 100),
            attachment("mail.eml", "message/rfc822", b"Subject: x\r\n\r\n"),
            image,
        )
        back = parse(compose(outgoing(html='<img src="cid:logo@x">', attachments=files)))
        assert back.text.strip() == "Try this."
        found = [(a.filename, a.content_type, a.content, a.inline, a.content_id) for a in back.attachments]
        assert found == [
            ("logo.png", "image/png", b"\x89PNG", True, "logo@x"),
            ("Rückgabe €.pdf", "application/pdf", b"%PDF" * 100, False, None),
            ("mail.eml", "application/octet-stream", b"Subject: x\r\n\r\n", False, None),
        ]

    @pytest.mark.parametrize("kind", ["auto-replied", "auto-generated"])
    def test_an_automatic_mail_says_so(self, kind: str) -> None:
        raw = compose(outgoing(auto_submitted=kind, loop="support@example.com"))
        assert f"Auto-Submitted: {kind}\r\n".encode() in raw
        assert b"X-Auto-Response-Suppress: All\r\n" in raw
        assert b"X-Caseloom-Loop: support@example.com\r\n" in raw
        assert parse(raw).automatic_reason is AutomaticReason.AUTO_SUBMITTED

    def test_one_written_by_a_person_does_not(self) -> None:
        raw = compose(outgoing())
        assert not any(name in raw for name in (b"Auto-Submitted", b"Precedence", b"X-Auto", b"X-Caseloom"))

    def test_long_references_stay_whole_and_are_capped(self) -> None:
        ids = tuple(f"{number:03}{'x' * 150}@example.com" for number in range(100))
        back = parse(compose(outgoing(references=ids)))
        assert back.references == (ids[0], *ids[1 - MOST_REFERENCES :])

    def test_many_recipients_with_long_names(self) -> None:
        people = tuple(Address(name=f"Größe {'ü' * 60} {n}", address=f"p{n}@example.net") for n in range(20))
        raw = compose(outgoing(to=people))
        assert parse(raw).to == people

    def test_a_domain_in_another_script(self) -> None:
        raw = compose(outgoing(to=(Address(address="info@bücher.example"),)))
        assert b"info@xn--bcher-kva.example" in raw

    @given(st.text(max_size=300), st.text(max_size=60))
    def test_any_subject_and_name(self, subject: str, name: str) -> None:
        try:
            raw = compose(outgoing(subject=subject, to=(Address(name=name, address="greta@example.net"),)))
        except HeaderRefused:
            assert any(character in subject + name for character in "\r\n\0")
            return
        back = parse(raw)
        assert [to.address for to in back.to] == ["greta@example.net"]
        assert raw.count(b"\r\nTo:") == raw.count(b"\r\nSubject:") == 1
        assert back.text == "Try this.\n"

    @given(st.text(max_size=400))
    def test_any_text(self, text: str) -> None:
        parse(compose(outgoing(text=text, html=text)))


class TestRefusals:
    @pytest.mark.parametrize("bad", ["a\r\nBcc: victim@example.net", "a\nb", "a\rb", "a\0b"])
    @pytest.mark.parametrize(
        ("field", "change"),
        [
            ("subject", lambda bad: {"subject": bad}),
            ("from", lambda bad: {"from_": Address(name=bad, address="a@example.com")}),
            ("from", lambda bad: {"from_": Address(address=f"{bad}@example.com")}),
            ("to", lambda bad: {"to": (Address(name=bad, address="a@example.com"),)}),
            ("to", lambda bad: {"to": (Address(address=f"a@example.com{bad}"),)}),
            ("cc", lambda bad: {"cc": (Address(address=bad),)}),
            ("reply_to", lambda bad: {"reply_to": Address(name=bad, address="a@example.com")}),
            ("message_id", lambda bad: {"message_id": f"{bad}@example.com"}),
            ("in_reply_to", lambda bad: {"in_reply_to": f"{bad}@example.com"}),
            ("references", lambda bad: {"references": ("a@example.com", f"{bad}@example.com")}),
            ("loop", lambda bad: {"loop": bad}),
            ("attachments", lambda bad: {"attachments": (attachment(bad, "text/plain", b""),)}),
            ("attachments", lambda bad: {"attachments": (attachment("a", bad, b""),)}),
            ("attachments", lambda bad: {"attachments": (attachment("a", "text/plain", b"", content_id=bad),)}),
        ],
    )
    def test_line_breaks_and_nul(self, field: str, change: Any, bad: str) -> None:
        with pytest.raises(HeaderRefused, match=field) as refused:
            compose(outgoing(**change(bad)))
        assert refused.value.field == field

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "a",
            "@",
            "a@",
            "@b",
            "a@b,c@d",
            "a b@c",
            "<a@b>",
            "a@b>",
            '"a b"@c',
            "a;b@c",
            "ü@example.com",
            "a@b..c",
            "a@-b",
        ],
    )
    def test_what_is_no_address(self, address: str) -> None:
        with pytest.raises(HeaderRefused, match="to"):
            compose(outgoing(to=(Address(address=address),)))

    @pytest.mark.timeout(5)
    @pytest.mark.parametrize(
        "address", ["a@" + "a" * 5000 + "!", "a@" + "a." * 5000, "a" * 5000 + "@b", "a@" + "-a" * 5000]
    )
    def test_long_addresses_take_no_time(self, address: str) -> None:
        with pytest.raises(HeaderRefused):
            compose(outgoing(to=(Address(address=address),)))

    @pytest.mark.parametrize("identifier", ["<a@b>", "a b@c", "a", "a@b@c", "ä@b"])
    def test_what_is_no_message_id(self, identifier: str) -> None:
        with pytest.raises(HeaderRefused, match="message_id"):
            compose(outgoing(message_id=identifier))


class TestThreads:
    @pytest.mark.parametrize(
        ("subject", "reply"),
        [
            ("broken", "Re: broken"),
            ("Re: broken", "Re: broken"),
            ("RE: re: AW: Antw: broken", "Re: broken"),
            ("Re[2]: SV : broken", "Re: broken"),
            ("回复 broken", "Re: 回复 broken"),
            ("AW\uff1a broken", "Re: broken"),
            ("Fwd: broken", "Re: Fwd: broken"),
            ("Regarding: broken", "Re: Regarding: broken"),
            ("[CAS-01042-A1B2C3] broken", "Re: [CAS-01042-A1B2C3] broken"),
            ("", "Re:"),
            ("Re: ", "Re:"),
        ],
    )
    def test_the_subject_keeps_its_stem(self, subject: str, reply: str) -> None:
        assert subject_reply(subject) == reply
        assert subject_reply(reply) == reply

    def test_references_of_an_answer(self) -> None:
        assert thread((), "a@x") == ("a@x",)
        assert thread(("a@x", "b@x"), "c@x") == ("a@x", "b@x", "c@x")
        assert thread(("a@x", "b@x"), "a@x") == ("b@x", "a@x")
