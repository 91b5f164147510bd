"""Mails that look like a report about a letter of ours, and are none. Each names our Message-ID and a recipient of the letter."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage

from tests.mail.reports import ANN, BOB, OURS, copy, report, status, words

PERSON = "Ann B <ann@b.example>"
BOUNCE = f"This is the mail system at host mx.c.example.\n\n<{BOB}>: host mx.c.example said: 550 5.1.1 User unknown\n{copy()}"
QUOTED = "\n".join(f"> {line}" for line in BOUNCE.splitlines())


def mail(subject: str, text: str, sender: str = PERSON, return_path: str = "<ann@b.example>", **headers: str) -> bytes:
    return words(subject, text, sender, return_path=return_path, **headers)


def with_part(
    subject: str,
    text: str,
    content_type: str,
    part: str,
    sender: str = PERSON,
    return_path: str = "<ann@b.example>",
    top: str = "multipart/mixed",
) -> bytes:
    return (
        f"Return-Path: {return_path}\nFrom: {sender}\nTo: support@desk.example\nSubject: {subject}\nMIME-Version: 1.0\n"
        f'Content-Type: {top}; boundary="b"\n\n--b\nContent-Type: text/plain\n\n{text}\n'
        f"--b\nContent-Type: {content_type}\n\n{part}\n--b--\n"
    ).encode()


def receipt(subject: str, text: str, disposition: str, sender: str = PERSON) -> bytes:
    """With the null return path, as programs of people send it, too."""
    return (
        f"Return-Path: <>\nFrom: {sender}\nTo: support@desk.example\nSubject: {subject}\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--b\nContent-Type: message/disposition-notification\n\n"
        f"Final-Recipient: rfc822; {ANN}\nOriginal-Message-ID: <{OURS}>\nDisposition: {disposition}\n\n--b--\n"
    ).encode()


def of_receipts() -> Iterator[tuple[str, bytes]]:
    """Somebody has the mail, or has thrown it away."""
    by_hand, itself = "manual-action/MDN-sent-manually", "automatic-action/MDN-sent-automatically"
    unread = "Your message\n\n  To: Ann B\n  Subject: Your mail was rejected\n\nwas deleted without being read on 26 November."
    yield "unread, and about a rejected mail", receipt("Not read: Your mail was rejected", unread, f"{itself}; deleted")
    yield "unread, by hand", receipt("Not read: Rejected mail", unread, f"{by_hand}; deleted")
    yield (
        "unread, in German",
        receipt("Ungelesen: Abgelehnt", "Ihre Nachricht wurde ungelesen gelöscht.", f"{itself}; deleted"),
    )
    read = "The message that you sent, 'Your mail was rejected', was read."
    yield "read, and about a rejected mail", receipt("Read: Your mail was rejected", read, f"{by_hand}; displayed")
    yield "read, for a postmaster", receipt("Read: Printer", read, f"{by_hand}; displayed", "postmaster@b.example")


def of_older_forms() -> Iterator[tuple[str, bytes]]:
    """What servers and gateways of other days say, in the mail of a person, or of a program that says something else."""
    within = report(status("failed", "5.1.1")).decode()
    for subject in ("Fwd: Delivery Status Notification (Failure)", "Please see the attached report", "Printer"):
        yield (
            f"an administrator encloses a report: {subject}",
            with_part(
                subject, "Hello,\n\nwhat is this?", "message/rfc822", within, "admin@b.example", "<admin@b.example>"
            ),
        )
    yield (
        "an administrator encloses a mail",
        with_part(
            "Delivery notes of November",
            "All of them are in the attached mail.",
            "message/rfc822",
            BOUNCE,
            "admin@b.example",
            "<admin@b.example>",
        ),
    )
    yield (
        "a gateway tells of a virus",
        mail(
            "Virus found",
            f"A virus was removed from your message to {ANN}.\nIt was passed on without the file.\n",
            "mail_gateway@b.example",
            "<mail_gateway@b.example>",
        ),
    )
    yield (
        "a gateway tells of its week",
        mail("Weekly summary", f"Mails for {ANN}: 20\nHeld: 2\n", "antispam@b.example", "<antispam@b.example>"),
    )
    yield (
        "a customer with a list of names",
        mail(
            "Recipients",
            "Please send the parcel to the following recipients:\n\tann\n\tbob\n",
            PERSON,
            "<ann@b.example>",
        ),
    )
    yield (
        "a customer pastes an old report",
        mail(
            "Undeliverable Mail", f"Why?\n\nUnknown user: {BOB}\n\nOriginal message follows.\n\nMessage-ID: <{OURS}>\n"
        ),
    )


def of_people() -> Iterator[tuple[str, bytes]]:
    for asked in (
        "Fwd: Undelivered Mail Returned to Sender",
        "FW: failure notice",
        "WG: Unzustellbar: Drucker",
        "TR: Non remis",
        "Undeliverable",
        "failure notice",
        "Mail delivery failed",
    ):
        yield f"asks why, quoted: {asked}", mail(asked, f"Hello,\n\nwhy does this come back?\n\n{QUOTED}\n")
        yield f"asks why, below: {asked}", mail(asked, f"Hello,\n\nwhy does this come back?\n\n{BOUNCE}\n")
    fields = status("failed", "5.1.1").replace("\n\n", "\n", 1)
    yield (
        "forwards the parts",
        with_part("Fwd: Undelivered", "Why?", "message/delivery-status", status("failed", "5.1.1")),
    )
    yield "forwards the parts as text", with_part("Fwd: Undelivered", "Why?", 'text/plain; name="details.txt"', fields)
    yield (
        "forwards the report whole",
        with_part("Undeliverable", "Why?", "message/rfc822", report(status("failed", "5.1.1")).decode()),
    )
    yield "pastes the fields", mail("Delivery fails", f"Hello, what is this?\n\n{fields}\nMessage-ID: <{OURS}>")
    yield (
        "a postmaster forwards",
        mail("Fwd: Undeliverable: Printer", BOUNCE, "postmaster@b.example", "<postmaster@b.example>"),
    )
    yield (
        "a postmaster answers",
        mail("Re: Undeliverable: Printer", f"Fixed.\n\n{QUOTED}", "postmaster@b.example", "<postmaster@b.example>"),
    )
    yield (
        "a postmaster asks",
        mail(
            "Delivery failures",
            f"Hello,\n\nyour mail to\n\n{ANN}\n\nwas rejected with 550 5.7.1. Please see to your SPF.\nMessage-ID: <{OURS}>",
            "postmaster@b.example",
            "<postmaster@b.example>",
        ),
    )
    for subject in (
        "Delivery tips",
        "Failover on Sunday",
        "Warning: our MX moves",
        "Error in your SPF",
        "Nie wieder Spam",
    ):
        text = f"Mail to\n{ANN}\nwas rejected with 550 5.7.1.\n\nMessage-ID: <{OURS}>"
        yield f"a postmaster tells: {subject}", mail(subject, text, "postmaster@b.example", "<postmaster@b.example>")
    yield (
        "a postmaster who greets",
        mail(
            "Mail delivery problem",
            f"Hello support,\n\nyour mails to {ANN} bounce with 550 5.7.1.\n\nMessage-ID: <{OURS}>",
            "postmaster@b.example",
            "<postmaster@b.example>",
        ),
    )
    yield (
        "a postmaster announces",
        mail(
            "Maintenance",
            f"Mail to\n{ANN}\nwill not be delivered on Sunday (451 4.3.2).",
            "postmaster@b.example",
            "<postmaster@b.example>",
        ),
    )
    yield (
        "an administrator asks for help",
        mail(
            "Mailbox full?",
            f"Dear support,\n\n{ANN}\nsays 552 5.2.2. What is it?",
            "administrator@b.example",
            "<administrator@b.example>",
        ),
    )
    yield (
        "root writes by hand",
        mail("backup failed", f"The backup of {ANN} failed: 550 files", "root@b.example", "<root@b.example>"),
    )
    yield (
        "complains that nothing comes",
        mail("Your mail was not delivered", f"My colleague did not get your letter:\n\n{BOB}\n\nPlease send it again."),
    )
    yield (
        "says who has left",
        mail("User unknown", f"{BOB}\n\nno longer works with us. Mail to this address returns 550 User unknown."),
    )
    yield (
        "gives an address",
        mail(
            "Address not found", f"You asked for the address of Bob:\n\n{BOB}\n\nThe old one does not exist any more."
        ),
    )
    yield "reports a fault of ours", mail("550 5.1.1", f"Your form says: 550 5.1.1 user unknown\n\n{ANN}\n")
    yield (
        "writes as bounces@ of the firm's name",
        mail(
            "Trampolines",
            f"We sell bounces.\n\n{ANN}\n",
            "Bouncy Castles <sales@bounces.example>",
            "<sales@bounces.example>",
        ),
    )
    undelivered = f"Your order could not be delivered.\n\n{ANN}\n\nIts mail server says: mailbox full."
    yield "a shop's delivery@", mail("Delivery failed", f"Dear customer,\n\n{undelivered}", "delivery@shop.example")
    yield "a shop's bounces@", mail("Order 550", undelivered, "bounces@shop.example")
    yield (
        "in German",
        mail(
            "Zustellung fehlgeschlagen",
            f"Guten Tag,\n\nmeine Mail an\n\n{BOB}\n\nkonnte nicht zugestellt werden (550 5.1.1). Warum?",
        ),
    )
    yield (
        "in French",
        mail("Échec de la remise", f"Bonjour,\n\nmon message n'a pas pu être remis à\n\n{BOB}\n\n(550 5.1.1)."),
    )
    yield "without a return path", mail("Undeliverable", f"Why?\n\n{BOUNCE}", return_path="")


def of_shops() -> Iterator[tuple[str, bytes]]:
    parcel = (
        f"We were unable to deliver your parcel to the following address:\n\nAnn B\n{ANN}\n\nPlease choose a new day."
    )
    yield (
        "a parcel",
        mail("Delivery failed: parcel 4711", parcel, "no-reply@parcels.example", "<no-reply@parcels.example>"),
    )
    yield "a parcel, from nobody", mail("Delivery failed: parcel 4711", parcel, "no-reply@parcels.example", "<>")
    yield (
        "a parcel that is late",
        mail("Your delivery is delayed", f"Your delivery is delayed.\n\n{ANN}\n", "no-reply@parcels.example", "<>"),
    )
    yield (
        "an order",
        mail(
            "Order 550 returned",
            f"Order 550 was returned to sender.\n\nCustomer:\n{ANN}\n",
            "shop@shop.example",
            "<shop@shop.example>",
        ),
    )
    yield (
        "a payment",
        mail("Payment failed", f"The payment of\n{ANN}\nfailed permanently.", "billing@pay.example", "<>"),
    )
    yield (
        "a newsletter on deliverability",
        mail(
            "Why mail bounces: 550 5.1.1 explained",
            f"Undeliverable mail hurts. 550 5.1.1 user unknown means:\n\n{ANN}\n",
            "news@mailtips.example",
            "<news@mailtips.example>",
            List_Id="<tips>",
            Precedence="bulk",
        ),
    )
    yield (
        "a list's digest",
        mail(
            "[postfix-users] Undelivered Mail",
            BOUNCE,
            "Postfix Users <users@lists.example>",
            "<users-bounces@lists.example>",
            List_Id="<users>",
            Precedence="list",
        ),
    )
    yield (
        "a monitor",
        mail(
            "ALERT: delivery failures",
            f"5 messages could not be delivered, see\n{ANN}\n",
            "monitor@b.example",
            "<monitor@b.example>",
            Auto_Submitted="auto-generated",
        ),
    )
    yield (
        "a bill of a mail service",
        mail(
            "Your monthly report",
            f"Bounced: 12, 550 5.1.1\nTop:\n{ANN}\n",
            "reports@mailservice.example",
            "<reports@mailservice.example>",
        ),
    )


def of_machines() -> Iterator[tuple[str, bytes]]:
    final = (
        f"Reporting-UA: b.example\nFinal-Recipient: rfc822; {ANN}\nOriginal-Message-ID: <{OURS}>\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n"
    )
    yield (
        "a receipt",
        with_part(
            "Read: Printer",
            "It was read.",
            "message/disposition-notification",
            final,
            top="multipart/report; report-type=disposition-notification",
        ),
    )
    yield (
        "a receipt, from nobody",
        with_part(
            "Read: Printer",
            "It was read.",
            "message/disposition-notification",
            final,
            return_path="<>",
            top="multipart/report; report-type=disposition-notification",
        ),
    )
    deleted = final.replace("displayed", "deleted")
    yield (
        "deleted unread",
        with_part(
            "Not read: Printer",
            "Your message was deleted without being read.",
            "message/disposition-notification",
            deleted,
            return_path="<>",
            top="multipart/report; report-type=disposition-notification",
        ),
    )
    arf = f"Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: {ANN}\n"
    yield (
        "a complaint",
        with_part(
            "complaint about message",
            "This is an abuse report.",
            "message/feedback-report",
            arf,
            "feedback@isp.example",
            "<>",
            "multipart/report; report-type=feedback-report",
        ),
    )
    for kind in ("text/plain; name=x.txt", "application/octet-stream"):
        part = f"{arf}Final-Recipient: rfc822; {ANN}\nStatus: 5.7.1\n"
        top = "multipart/report; report-type=feedback-report"
        raw = with_part("complaint", "An abuse report.", kind, part, "MAILER-DAEMON@isp.example", "<>", top)
        yield f"a complaint, as {kind}", raw
        yield (
            f"a receipt, as {kind}",
            with_part("Not read", "Deleted.", kind, deleted, return_path="<>", top="multipart/report"),
        )
    failure = arf.replace("abuse", "auth-failure")
    yield (
        "a DMARC failure",
        with_part(
            "FW: Printer",
            "Delivery result: reject 550 5.7.1",
            "message/feedback-report",
            failure,
            "dmarc@isp.example",
            "<>",
            "multipart/report; report-type=feedback-report",
        ),
    )
    yield (
        "a DMARC aggregate",
        with_part(
            "Report Domain: desk.example Submitter: isp.example",
            "Aggregate.",
            'application/gzip; name="a!b!1!2.xml.gz"',
            "x",
            "noreply-dmarc@isp.example",
            "<>",
        ),
    )
    yield (
        "figures of TLS",
        with_part(
            "Report Domain: desk.example",
            "failure details",
            "application/tlsrpt+gzip",
            "x",
            "tls@isp.example",
            "<>",
            "multipart/report; report-type=tlsrpt",
        ),
    )
    yield (
        "figures of TLS as JSON",
        with_part(
            "Report Domain: desk.example",
            "failed sessions: 550",
            "application/tlsrpt+json",
            "{}",
            "mailer-daemon@isp.example",
            "<>",
            "multipart/report; report-type=tlsrpt",
        ),
    )
    away = f"I am out of the office and cannot be reached. Urgent mail goes to\n\n{BOB}\n\nMail to me is not delivered meanwhile."
    for subject in (
        "Out of office: Printer",
        "Automatic reply: Printer",
        "Automatische Antwort: Drucker",
        "Abwesend",
        "Réponse automatique : imprimante",
        "Respuesta automática: impresora",
        "Autosvar: printer",
        "Re: Printer",
    ):
        yield (
            f"away: {subject}",
            mail(subject, f"{away}\n\nMessage-ID: <{OURS}>", PERSON, "<>", Auto_Submitted="auto-replied"),
        )
    yield (
        "an answer that will be late",
        mail("Your request", f"Our answer will be delayed. Please ask\n\n{BOB}\n", "service@b.example", "<>"),
    )
    changed = f"This e-mail address is no longer in use. Your message was not delivered. The new address is:\n\n{BOB}\n"
    yield "an address that has changed", mail("Address changed", changed, PERSON, "<>", Auto_Submitted="auto-replied")
    closed = (
        f"The mailbox does not exist any more, and your mail could not be delivered (550). Please write to:\n\n{BOB}\n"
    )
    yield "a mailbox that is closed", mail("Mailbox closed", closed, PERSON, "<>")
    yield (
        "a ticket",
        mail("[Ticket 550] request received", f"Your message was received.\n\n{BOB}\n", "helpdesk@b.example", "<>"),
    )
    yield (
        "a moderated list",
        mail(
            "Your message awaits approval",
            f"Your mail to the list waits for a moderator.\n\n{BOB}\n",
            "users-bounces@lists.example",
            "<>",
        ),
    )
    yield (
        "a challenge",
        mail(
            "Please confirm", f"Before your message reaches\n\n{ANN}\n\nclick on the link.", "confirm@b.example", "<>"
        ),
    )
    yield (
        "a postmaster's transcript",
        mail(
            "Postfix SMTP server: errors from mx[192.0.2.9]",
            f"Transcript of session follows.\n\n Out: 220 b.example\n In:  RCPT TO:<{ANN}>\n Out: 450 4.1.1 busy",
            "MAILER-DAEMON@b.example",
            "<>",
        ),
    )
    yield "nothing", mail("failure", "Something went wrong.", "MAILER-DAEMON@b.example", "<>")
    yield "a daemon that greets", mail("Welcome", f"Your mailbox is ready:\n\n{ANN}\n", "MAILER-DAEMON@b.example", "<>")
    yield "a calendar's answer", mail("Accepted: Printer", f"{ANN} has accepted.", PERSON, "<>")
    yield (
        "a quarantine digest",
        mail("Quarantine summary", f"3 messages were held for\n\n{ANN}\n", "quarantine@b.example", "<>"),
    )
    empty = EmailMessage()
    empty["Return-Path"], empty["From"], empty["Subject"] = "<>", "MAILER-DAEMON@b.example", "Undelivered Mail"
    yield "an empty one", empty.as_bytes()


ALL = dict([*of_people(), *of_shops(), *of_machines(), *of_receipts(), *of_older_forms()])
