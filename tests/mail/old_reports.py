"""Reports as older servers, gateways and filters write them, in forms of their own. All are written for this project."""

from __future__ import annotations

from collections.abc import Iterator

from tests.mail.reports import ANN, BOB, OURS, RETURNED, Report, report, status, words

GONE, LIVES, LATE = ((ANN, "failed", True),), ((ANN, "failed", False),), ((ANN, "delayed", False),)
POSTMASTER = '"Postmaster" <postmaster@mx.b.example>'
FOLLOWS = f"\nOriginal message follows.\n\n{RETURNED}"
REWRITTEN = "<MAILER-DAEMON@mx.desk.example>"
"""The null return path, as a Sendmail hands it to a program."""
SOMEBODY = "<support-owner@desk.example>"
"""Of a report that a list or an alias passed on."""


def beside(text: str, part: str, *, sender: str, subject: str, path: str, kind: str = "message/rfc822") -> bytes:
    """A report in words, with something beside it."""
    return (
        f"Return-Path: {path}\nFrom: {sender}\nTo: support@desk.example\nSubject: {subject}\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\n'
        f"{text}\n--x\nContent-Type: {kind}\n\n{part}\n--x--\n"
    ).encode()


def of_rewritten_paths() -> Iterator[Report]:
    a_list = f"Delivery to the following recipients failed.\n\n       {ANN}\n"
    domino = (
        f"Your message\n\n  Subject: Printer\n\nwas not delivered to:\n\n  {ANN}\n\nbecause:\n\n"
        f"  User ann ({ANN}) not listed in Domino Directory\n"
    )
    local = (
        f"Your message has encountered delivery problems\nto local user ann.\n(Originally addressed to {ANN})\n\n"
        f"User not known\n\nYour message reads (in part):\n\n{RETURNED}"
    )
    nobody = f"Your Message\n\nTo:      <{ANN}>\n\nSubject: Printer\n\nDid not reach the following recipient: {ANN}\n"
    aborted = f"Delevery to the following recipients was aborted after 5.0 hour(s):\n\n  * {ANN}\n"
    dotted = "Mail Delivery System <Mail.Delivery.System@mx.b.example>"
    for subject, text, sender, told in (
        ("Delivery Status Notification (Failure)", a_list, "postmaster@b.example", LIVES),
        ("DELIVERY FAILURE: User ann not listed", domino, "postmaster@b.example", GONE),
        ("Delivery failure", local, "postmaster@b.example", GONE),
        (f"Undeliverable: {ANN}", nobody, "Postmaster <>", LIVES),
        ("Delivery status notification", aborted, dotted, LIVES),
    ):
        raw = words(subject, text, sender, return_path=REWRITTEN)
        yield Report(f"a rewritten null path: {subject}", raw, told, OURS if RETURNED in text else None)


def of_exchange_5() -> Iterator[Report]:
    at = "on Thu, 26 Nov 2026 11:08:59 -0700"
    for name, line in (
        ("an address", f"{ANN} {at}"),
        ("an address of X.400", f"c=US;a= ;p=B;o=Main;dda:SMTP={ANN}; {at}"),
    ):
        text = (
            "Your message\n\n  To:      support@desk.example\n  Subject: Printer\n  Sent:    Thu, 26 Nov 2026 08:53:08\n\n"
            f"did not reach the following recipient(s):\n\n{line}\n    The recipient name is not recognized\n"
            "    MSEXCH:IMS:B:MAIN:MX 0 (000C05A6) Unknown Recipient\n"
        )
        for path in ("<>", SOMEBODY):
            raw = beside(
                text,
                RETURNED,
                sender="System Administrator <postmaster@b.example>",
                subject="Undeliverable: Printer",
                path=path,
            )
            yield Report(f"Exchange 5.5: {name}, {path}", raw, GONE)


def of_imail() -> Iterator[Report]:
    for line, told in (
        (f"Delivery failed 20 attempts: {ANN}", LIVES),
        (f"undeliverable to {ANN}", LIVES),
        (f"Invalid final delivery userid: {ANN}", LIVES),
        (f"Unknown user: {ANN}\n\nRCPT TO generated following response:\n553 5.3.0 <{ANN}>... Addressee unknown", GONE),
        (f"User mailbox exceeds allowed size: {ANN}", LIVES),
    ):
        for path in (REWRITTEN, SOMEBODY, ""):
            raw = words(
                " Undeliverable Mail",
                f"{line}\n\n\nOriginal message follows.\n\n{RETURNED}",
                POSTMASTER,
                return_path=path,
            )
            yield Report(f"IMail: {line[:30]} {path}", raw, told)
    two = "\n\n".join(f"Unknown user: {each}\n\n553 5.3.0 <{each}>... Addressee unknown" for each in (BOB, ANN))
    both = ((BOB, "failed", True), (ANN, "failed", True))
    yield Report(
        "IMail: two", words("Undeliverable Mail", f"{two}\nOriginal message follows.\n\n{RETURNED}", POSTMASTER), both
    )


def of_gateways() -> Iterator[Report]:
    failed = (
        f"------ Failed Recipients ------\n\n<{ANN}>: mailbox not found. [SMTP Error Code 550]\n"
        "-------- Returned Mail --------\n\n"
    )
    sender = "G500_SMTP_Mail_Service@b.example"
    for path in ("", f"<{sender}>"):
        raw = words("Returned Mail - Error During Delivery", failed + RETURNED, sender, return_path=path)
        yield Report(f"a gateway for SMTP {path}", raw, GONE)
    late = (
        f"Your message with Subject: Printer\ncould not be delivered to the following recipients:\n\n{ANN}\n\n"
        "Please do not resend your original message.\n\nDelivery attempts will continue to be made for 5  day(s).\n"
    )
    for name in ("Some_AntiVirus_for_SMTP_Gateways", "AntiSpam-Gateway", "mail-gateway"):
        raw = words("Delivery failure notification", late, f"{name}@b.example", return_path=f"<{name}@b.example>")
        yield Report(f"it is late: {name}", raw, LATE, None)
    suite = f"****** Message from a messaging suite ******\n\nSent <<< RCPT TO:<{ANN}>\n\nUnable to deliver message to <{ANN}>.\n"
    raw = beside(suite, RETURNED, sender="imss@b.example", subject="Mail could not be delivered", path=REWRITTEN)
    yield Report("a messaging suite", raw, LIVES)
    text = (
        "--- Non-Delivery Report ---\nThe email below could not be delivered to the following user:\n\n"
        f'"{ANN}" <{ANN}>\n\nOld message:\n{RETURNED}'
    )
    yield Report(
        "an old message below",
        words("Non-Delivery: Printer", text, "admin@b.example", return_path=""),
        LIVES,
    )
    quoted = (
        f"Could not deliver message to the following recipient(s):\n\nFailed Recipient: {ANN}\n"
        f"Reason: Remote host said: 550 unknown user <{ANN}>\n\n   -- The header and top 20 lines of the message follows --\n\n"
    )
    sender = '"System Administrator"@b.example'
    yield Report("a quoted sender", words("Delivery Failure", quoted + RETURNED, sender, return_path=SOMEBODY), GONE)
    full = (
        f'This is an advisory-only email.\nDelivery of email to this address\n"{ANN}"\n'
        "has been postponed due to a full mailbox.\n"
        "We will continue to try to deliver your message over the next few days.\n"
        f"The first 50 lines of your original message follow:\n{RETURNED}"
    )
    yield Report("postponed", words("Mail Delivery Warning", full, "postmaster@b.example", return_path=SOMEBODY), LATE)


def of_reports_within() -> Iterator[Report]:
    whole = report(status("failed", "5.1.1")).decode()
    inner = whole.partition("MIME-Version: 1.0\n")[2]
    for path in (REWRITTEN, SOMEBODY):
        wrapped = (
            f"Return-Path: {path}\nFrom: postmaster@b.example\nTo: support@desk.example\nMIME-Version: 1.0\n"
            "Subject: Delivery Status Notification (Failure)\n"
            f'Content-Type: multipart/mixed; boundary="outer"\n\n--outer\n{inner}\n--outer\nContent-Type: text/plain\n\n'
            "This mail was scanned.\n--outer--\n"
        )
        yield Report(f"within another multipart, {path}", wrapped.encode(), GONE)
        for kind in ("message/rfc822", 'message/rfc822; name="report.eml"'):
            raw = beside(
                "",
                whole,
                sender="postmaster@b.example",
                subject="Delivery Status Notification (Failure)",
                path=path,
                kind=kind,
            )
            yield Report(f"a report within a mail: {kind}, {path}", raw, GONE)


def of_mailboxes_alone() -> Iterator[Report]:
    local, domain = ANN.split("@")
    for why in ("they are not accepting mail from support@desk.example", "they do not take attachments"):
        text = f"\nYour mail to the following recipients could not be delivered because {why}:\n\t{local}\n"
        raw = words("Mail Delivery Problem", text, f"MAILER-DAEMON@{domain}")
        yield Report(f"a mailbox without its domain: {why}", raw, LIVES, None)


def of_filters() -> Iterator[Report]:
    """A filter of the recipient's answers by a receipt (RFC 5429 2.1)."""
    for subject, text in (
        ("Rejected: Printer", f"Your message to <{ANN}> was automatically rejected:\nQuota exceeded"),
        ("Automatically rejected mail", f"Your message to <{ANN}> was automatically rejected:\nuser unknown"),
        (
            "Automatically rejected mail",
            "Your message was automatically rejected by Sieve.\n\nThe following reason was given:\nno",
        ),
        ("Abgelehnt: Drucker", f"Ihre Nachricht an <{ANN}> wurde automatisch abgelehnt:\nPostfach voll"),
        ("Returned", f"The message for {ANN} was refused by the recipient's mail filtering program."),
    ):
        for sender in ("Mail Delivery Subsystem <postmaster@b.example>", SERVER_OF_B):
            raw = (
                f"Return-Path: <>\nFrom: {sender}\nTo: support@desk.example\nSubject: {subject}\nMIME-Version: 1.0\n"
                "Auto-Submitted: auto-replied\n"
                'Content-Type: multipart/report; report-type=disposition-notification; boundary="x"\n\n'
                f"--x\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--x\nContent-Type: message/disposition-notification\n\n"
                f"Reporting-UA: mail; a delivery agent\nFinal-Recipient: rfc822; {ANN}\nOriginal-Message-ID: <{OURS}>\n"
                "Disposition: automatic-action/MDN-sent-automatically; deleted\n\n"
                f"--x\nContent-Type: message/rfc822\n\n{RETURNED}\n--x--\n"
            )
            yield Report(f"a filter: {text[:60]!r} {sender}", raw.encode(), LIVES)


SERVER_OF_B = "MAILER-DAEMON@b.example"
ALL = [
    *of_rewritten_paths(),
    *of_exchange_5(),
    *of_imail(),
    *of_gateways(),
    *of_reports_within(),
    *of_mailboxes_alone(),
    *of_filters(),
]
