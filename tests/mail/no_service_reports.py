"""Mails of services and of people's programs that look like a report, and are none."""

from __future__ import annotations

from collections.abc import Iterator

from tests.mail.no_reports import BOUNCE, PERSON, mail, with_part
from tests.mail.reports import ANN, BOB, OURS


def of_services() -> Iterator[tuple[str, bytes]]:
    """What programs of services and of people send in a form that services report in, too."""
    for kind, sender, subject, text in (
        ("abuse", ("Mail AntiSpam Feedback "
        "<feedback@arf.b.example>"), "Fw: Printer", ("This is an email "
        "abuse report for a message.")),
        ("abuse", "MAILER-DAEMON@feedback.b.example", "B Abuse Report", ("This is an abuse report. The "
        "mail was rejected (550 5.7.1).")),
        ("auth-failure", "<abuse@b.example>", "[dmarc] Printer", "This is a spf/dkim authentication-failure report, 550 5.7.1."),
        ("not-spam", "postmaster@b.example", "Undeliverable: not spam", (f"Your mail to\n{ANN}\nwas not "
        "delivered, and is no spam.")),
    ):  # fmt: skip
        fields = (
            f"Feedback-Type: {kind}\nUser-Agent: FBL/2.0\nVersion: 1\nAbuse-Type: complaint\nOriginal-Rcpt-To: {ANN}\n"
            f"Original-Rcpt-To: {BOB}\nDelivery-Result: reject\nReported-Domain: desk.example\n\n--b\n"
            "Content-Type: message/rfc822\n\n"
            f"Message-ID: <{OURS}>\nTo: {ANN}\n"
        )
        top = "multipart/report; report-type=feedback-report"
        for path in ("<>", "<fbl@b.example>"):
            raw = with_part(subject, text, "message/feedback-report", fields, sender, path, top)
            yield f"feedback: {kind} {subject} {path}", raw
    away = f"Hello, I am away and unable to read your message. It could not be delivered to me. Write to\n\n{BOB}\n\n"
    for subject in (
        "Re:   Printer (Automatic Response)",
        "AUTO: Bell, Ann is out of the office (returning 05/01/2027)",
        "Re: Printer",
    ):
        for sender in (PERSON, "admin@b.example", "postmaster@b.example", '"Mailer Daemons Ltd" <info@b.example>'):
            raw = mail(subject, f"{away}Message-ID: <{OURS}>\n", sender, "<>", Auto_Submitted="auto-replied")
            yield f"away, from {sender}: {subject}", raw
    parcel = (
        f"We were unable to deliver your parcel to the following address:\n\nAnn B\n{ANN}\n\nPlease choose a new day."
    )
    received = f"We have your mail of today. Our answer cannot be delivered before Monday.\n\n{ANN}\n"
    for name, subject, text in (
        ("a parcel", "Your parcel 4711", parcel),
        ("an acknowledgement", "We have your mail", received),
    ):
        sender = "no-reply@parcels.example"
        yield (
            f"{name} and our mail",
            with_part(subject, text, "message/rfc822", f"Message-ID: <{OURS}>\n", sender, "<>"),
        )
    yield (
        "a shop by the name of Mail Delivery",
        mail("Delivery failed: parcel 4711", parcel, "Mail Delivery <info@parcels.example>", "<info@parcels.example>"),
    )
    james = (
        f"Error message below:\n550 - no such user here\n\nMessage details:\n  RCPT TO: {ANN}\n\nMessage-ID: <{OURS}>\n"
    )
    yield "a customer shows an error", mail("Re: Printer", f"Your form says\n\n{james}")
    for sender in ("antispam@b.example", "mail-gateway@b.example", "anti-virus@b.example"):
        yield f"who answers as {sender}", mail("Re: Printer", james, sender, f"<{sender}>")
    yield "a postmaster shows an error", mail("Re: Printer", james, "postmaster@b.example", "<postmaster@b.example>")
    loop = (
        "Duplicated Message-ID in <users@lists.example>.\n\nOriginal mail as follows:\n\n   "
        f"Message-ID: <{OURS}>\n   To: {ANN}\n"
    )
    yield (
        "a list's alert",
        mail("Loop Alert: Duplicated Message-ID", loop, "users-admin@lists.example", "<users-admin@lists.example>"),
    )
    yield "the original as an attachment", with_part("original as attachment", "As promised.", "message/rfc822", BOUNCE)


ALL = dict(of_services())
