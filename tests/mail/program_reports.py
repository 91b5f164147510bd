"""Reports as small mail programs and old ones write them. All are written for this project."""

from __future__ import annotations

from collections.abc import Iterator

from tests.mail.old_reports import GONE, LATE, LIVES, REWRITTEN, SERVER_OF_B, beside
from tests.mail.reports import ANN, OURS, RETURNED, Report, report, status, words
from tests.mail.service_reports import NO_PATH, SUBJECT


def of_small_programs() -> Iterator[Report]:
    imail = f"{{said}}: {ANN}\n\n\nOriginal message follows.\n\n{RETURNED}"
    for said, told in (
        ("User mailbox exceeds allowed size", LIVES),
        ("Unknown user", GONE),
        ("Invalid final delivery userid", LIVES),  # perhaps of an alias that leads on
    ):
        raw = words(
            "Undeliverable Mail",
            imail.replace("{said}", said),
            '"Postmaster" <postmaster@b.example>',
            X_Mailer="<SMTP32 v8.22>",
        )
        yield Report(f"IMail: {said}", raw, told)
    openmail = (
        "The original message was received at Thu, 26 Nov 2026 23:34:45 +0900 (JST) \nfrom support@desk.example\n\n"
        f"---The following addresses had delivery errors---\n\n{ANN} [{{said}}]\n"
    )
    for said, told in (("User unknown", GONE), ("Mailbox full", LIVES)):
        for sender in ("MAILER-DAEMON@b.example", "<MAILER-DAEMON>"):
            raw = beside(
                openmail.replace("{said}", said), RETURNED, sender=f'"Mail Deliver System" {sender}',
                subject="Returned Mail: User unknown", path="<>", kind="text/plain",
            )  # fmt: skip
            yield Report(f"OpenMail: {said} {sender}", raw, told)
    account = (
        "Message from b.example.\nUnable to deliver message to the following address(es).\n\n"
        f"<{ANN}>:\nThis user doesn't have a b.example account ({ANN}) [-9]\n\n--- Original message follows.\n\n{RETURNED}"
    )
    yield Report("no account", words("Delivery failure", account, SERVER_OF_B, return_path=REWRITTEN), GONE)
    folder = (
        "Your mail message to the following address(es) could not be delivered. This\nis a permanent error. Please verify the "
        "addresses and try again. If you are\nstill having difficulty sending mail to these addresses, please contact\n"
        f"Customer Support at 480-555-2500.\n\n<{ANN}>:\nchild status 100...The e-mail message could not "
        "be delivered because the "
        f"user's mailfolder is full.\n\n--- Below this line is a copy of the message.\n\n{RETURNED}"
    )
    yield Report("a mail folder", words("failure notice", folder, SERVER_OF_B), LIVES)
    within = report(status("failed", "5.1.1", "smtp; 550 5.1.1 User unknown")).decode()
    text = (
        "The original message was received at Thu Nov 26 15:22:22 2026\n\n----- The following "
        "addresses had permanent delivery errors -----\n\n"
    )
    raw = beside(text, within, sender=SERVER_OF_B, subject="Returned mail: User unknown", path=REWRITTEN)
    yield Report("a report within one", raw, GONE)
    late = (
        f"Original-envelope-id: 0A1@mx\nReporting-MTA: dns;mx (tcp-daemon)\n\nOriginal-recipient: rfc822;{ANN}\n"
        f"Final-recipient: rfc822;{ANN}\nAction: delayed\nStatus: 4.4.7 (unable to deliver this message after 1 day)\n"
    )
    sender = "Internet Mail Delivery <postmaster@mx.b.example>"
    raw = report(late, sender=sender, subject="Delivery Notification: Delivery has been delayed", returned="text/plain")
    yield Report("Oracle", raw, LATE)
    oracle = (
        f"This report relates to a message you sent with the following header fields:\n\n  Message-id: <{OURS}>\n"
        f"  Date: Thu, 26 Nov 2026 02:52:05 +0900\n  From: Support <support@desk.example>\n  To: {ANN}\n  Subject: {SUBJECT}\n\n"
        f"Your message cannot be delivered to the following recipients:\n\n  Recipient address: {ANN}\n  Reason: {{said}}\n"
    )
    for said, told in (
        (
            "Remote SMTP server has rejected address\n  Diagnostic code: smtp;550 5.1.1 <" + ANN + ">... User Unknown",
            GONE,
        ),
        ("Server rejected MAIL FROM address.\n  Diagnostic code: smtp;550 5.7.1 denied", LIVES),
        ("unknown host or domain", GONE),
    ):
        raw = words("Delivery Notification: Delivery has failed", oracle.replace("{said}", said), sender)
        yield Report(f"Oracle in words: {said[:25]}", raw, told)
    waiting = oracle.replace(
        "Your message cannot be delivered", "Your message has been enqueued and undeliverable for 1 day\n"
    ).replace("{said}", "unable to deliver this message after 1 day") + (
        "\n\nDelivery attempt history for your mail:\n\nThu, 26 Nov 2026 19:17:37 +0000 (GMT)\n"
        "TCP active open: Failed connect() to TCP port 25 of 192.0.2.240    Error: Connection timed out\n\n"
        "The mail system will continue to try to deliver your message\nfor an additional 3 days.\n"
    )
    yield Report("Oracle is late", words("Delivery Notification: Delivery has been delayed", waiting, sender), LATE)
    notes = f"------- Failure Reasons  --------\n\n{{said}}\n{ANN}\n\n\n------- Returned Message --------\n{RETURNED}"
    for said, told in (
        ("User  not listed in public Name & Address Book", GONE),
        ("Mailbox is full", LIVES),
        ("User ann (ann@b.example) not listed in public Name & Address Book", GONE),
    ):
        raw = words("Undeliverable message", notes.replace("{said}", said), "POSTMASTER@smtp-gw6.b.example")
        yield Report(f"Notes: {said}", raw, told)
    five = (
        f"   ----- Transcript of session follows -----\nWhile talking to smtp.b.example:\n>>> RCPT To:<{ANN}>\n{{said}}\n\n"
        f"   ----- Unsent message follows -----\n{RETURNED}"
    )
    for said, told in (
        (f"<<< 550 <{ANN}>, User Unknown\n550 <{ANN}>... User unknown", GONE),
        (
            f"<<< 550 <{ANN}>, User Unknown\n550 <{ANN}>... User unknown\n421 b.example (smtp)... Deferred: Connection timed out",
            LIVES,
        ),
        (f"<<< 552 <{ANN}>... Mailbox full", LIVES),
    ):
        raw = words("Returned mail: User unknown", five.replace("{said}", said), SERVER_OF_B)
        yield Report(f"Sendmail 5: {said[-22:]}", raw, told)
    exchange = (
        f"Your message\n\n  To:      {ANN}\n  Subject: {SUBJECT}\n  Sent:    Thu, 26 Nov 2026 23:34:45 +0900\n\n"
        f"did not reach the following recipient(s):\n\n{ANN} on Thu, 26 Nov 2026 23:34:45 +0900\n    The "
        "recipient name is not recognized\n"
        "\tThe MTS-ID of the original message is: c=jp;a=\n;p=b;l=MAIN-0\n    MSEXCH:IMS:B:MAIN:MX 0 "
        "(000C05A6) Unknown Recipient\n"
    )
    raw = beside(
        exchange,
        RETURNED,
        sender="System Administrator <postmaster@b.example>",
        subject="Undeliverable: Printer",
        path="<>",
    )
    yield Report("Exchange 5.5", raw, GONE)
    reach = status(
        "failed", "5.5.0",
        "smtp;554 The mail could not be delivered to the recipient because the domain is not reachable. Please check the domain "
        "and try again (-4711:308:-4712)",
    )  # fmt: skip
    yield Report("Hotmail: a domain", report(reach, sender="postmaster@mail.hotmail.com"), LIVES)
    plain = (
        "The original message was received at Thu, 26 Nov 2026 23:34:45 +0900 (JST)\nfrom [192.0.2.230]\n\n"
        f"   ----- The following addresses had permanent fatal errors -----\n<{ANN}>\n\n"
        f"   ----- Transcript of session follows -----\nmail.local: unknown user: ann\n554 <{ANN}>... Service unavailable\n\n"
        "Reporting-MTA: dns; mx.b.example\nArrival-Date: Thu, 26 Nov 2026 23:34:45 +0900 (JST)\n\n"
        f"Final-Recipient: RFC822; <{ANN}>\n"
        "Action: failed\nStatus: 5.5.0\nLast-Attempt-Date: Thu, 26 Nov 2026 23:34:45 +0900 (JST)\n\n"
        f"Return-Path: <support@desk.example>\n{RETURNED}"
    )
    head = (
        f"Return-Path: <>\nFrom: {SERVER_OF_B}\nTo: support@desk.example\nSubject: Returned mail: "
        "Service unavailable\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="A1/mx.b.example"\n\n'
    )
    yield Report("a report without its boundaries", (head + plain).encode(), LIVES)
    pipe = (
        plain.replace(
            f"<{ANN}>\n\n   ---",
            f"\"|IFS=' ' && exec /usr/local/bin/procmail -f- || exit 75 #ann\"\n    (expanded from: <{ANN}>)\n\n   ---",
        )
        .replace(
            f"mail.local: unknown user: ann\n554 <{ANN}>",
            "554 \"|IFS=' ' && exec /usr/local/bin/procmail -f- || exit 75 #ann\"",
        )
        .replace(
            f"RFC822; <{ANN}>\n",
            (
                "RFC822; ann@b.example\nX-Actual-Recipient: RFC822; |IFS=' ' && exec "
                "/usr/local/bin/procmail "
                "-f- || exit 75 #ann@b.example\n"
            ),
        )
    )
    yield Report("a pipe", (head + pipe).encode(), LIVES)
    loop = report(
        status("failed", "4.4.6"), sender="postmaster@b.example", subject="Delivery Status Notification (Failure)"
    )
    yield Report("a loop", loop, LIVES)
    smtpd = (
        "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.\n\n"
        "    {head}\n\n"
        f"{ANN}: {{said}}\n\n    Below is a copy of the original message:\n\n{RETURNED}"
    )
    error = "An error has occurred while attempting to deliver a message for\n    the following list of recipients:"
    delay = "A message is delayed for more than 4 hours for the following\n    list of recipients:"
    for begin, said, subject, told in (
        (error, "Envelope expired", "error", LIVES),
        (error, f"550 5.1.1 <{ANN}>... User Unknown", "error", GONE),
        (error, "550 5.2.2 <ann@b.example>... Mailbox Full", "error", LIVES),
        (error, "Could not retrieve source address", "error", LIVES),
        (delay, "IO Error", "warning", LATE),
    ):
        for sender in ("Mailer Daemon <MAILER-DAEMON@b.example>", '"Mailer Daemon" <smtpd@b.example>'):
            raw = words(
                f"Delivery status notification: {subject}",
                smtpd.replace("{head}", begin).replace("{said}", said),
                sender,
            )
            yield Report(f"OpenSMTPD: {said[:20]} {sender[:4]}", raw, told)
    full = (
        "Hi. This is the qmail-send program at b.example.\nI'm afraid I wasn't able to deliver your "
        "message to the following addresses.\n"
        f"This is a permanent error; I've given up. Sorry it didn't work out.\n\n<{ANN}>:\n192.0.2.7 does not like recipient.\n"
        f"Remote host said: {{said}}\nGiving up on 192.0.2.7.\n\n--- Below this line is a copy of the message.\n\n{RETURNED}"
    )
    for said, told in (
        ("552 Error: disk quota exceeded", LIVES),
        ("550 5.1.1 User unknown", GONE),
        ("550 user unknown", GONE),
    ):
        yield Report(f"qmail: {said}", words("failure notice", full.replace("{said}", said), SERVER_OF_B), told)
    dragon = (
        "This is the DragonFly Mail Agent v0.13 at mx.b.example.\n\nThere was an error delivering your "
        f"mail to <{ANN}>.\n\n{{said}}\n\n"
        "Message headers follow.\n\n" + RETURNED
    )
    for said, told in (
        (
            (
                "mx.b.example [192.0.2.27] did not like our final DATA:\n550-5.7.26 Unauthenticated email is not accepted "
                "due to domain's\n\n550-5.7.26 DMARC policy. Please contact the administrator of desk.example\n\n550 5.7.26 to"
            ),
            LIVES,
        ),
        ("mx.b.example [192.0.2.27] did not like our RCPT TO:\n550 5.1.1 User unknown", GONE),
        ("mail delivery failed for 5 days", LIVES),
    ):
        for sender, path in (("MAILER-DAEMON <>", NO_PATH), ("MAILER-DAEMON <>", "<>"), (SERVER_OF_B, "<>")):
            raw = words("Mail delivery failed", dragon.replace("{said}", said), SERVER_OF_B, return_path=path)
            raw = raw.replace(f"From: {SERVER_OF_B}".encode(), f"From: {sender}".encode())
            yield Report(f"DragonFly: {said[-20:]} {sender} {path}", raw, told)
    name = (
        "This message was created automatically by mail delivery software.\n\nA message that you sent "
        "could not be delivered to one or "
        "more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        "  ann\n    SMTP error from remote mail server after MAIL FROM:<support@desk.example> SIZE=1543:\n"
        "    host mx.b.example [192.0.2.20]: 550 5.7.0 <support@desk.example>... Please use the smtp server of your ISP.\n\n"
        f"------ This is a copy of the message, including all the headers. ------\n\n{RETURNED}"
    )
    raw = words(
        "Mail delivery failed: returning message to sender", name, "Mail Delivery System <Mailer-Daemon@b.example>",
        X_Failed_Recipients=ANN, return_path=NO_PATH,
    )  # fmt: skip
    yield Report("Exim names a mailbox alone", raw, LIVES)
    two = status("failed", "5.2.1", "SMTP; 550 5.2.1 The email account that you tried to reach is disabled. a4711b.07")
    yield Report("a postmaster's copy", report(two, subject="Postmaster notify: see transcript for details"), GONE)


ALL = list(of_small_programs())
