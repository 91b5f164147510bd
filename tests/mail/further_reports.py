"""Reports in words of further servers, in forms of their own. All are written for this project."""

from __future__ import annotations

from collections.abc import Iterator

from tests.mail.old_reports import GONE, LATE, LIVES, REWRITTEN, SERVER_OF_B, beside
from tests.mail.reports import ANN, BOB, OURS, RETURNED, Report, report, status, words
from tests.mail.service_reports import NO_PATH, SUBJECT


def of_further_words() -> Iterator[Report]:
    six = (
        f"We had trouble delivering your message. Full details follow:\n\nSubject: '{SUBJECT}'\nDate: "
        "'Thu, 26 Nov 2026 23:34:45 +0000'\n\n"
        f"1 error(s):\n\nThe following recipients returned permanent errors: {ANN}. Reason: SMTP Server <192.0.2.223> refused to "
        "accept your message (DATA), with the following error message: [{said}]\n\nThe attachment "
        "contains the original mail headers. "
        "Please verify recipient(s) mail addresses and try resending this message or contact your IT department.\n"
    )
    for said in ("554 5.4.6 Hop count exceeded - possible mail loop", "552 5.2.2 Mailbox full"):
        raw = beside(
            six.replace("{said}", said), RETURNED, sender="mailer-daemon", subject="There was an error sending your mail",
            path="<>", kind='text/plain; name="mailheaders-4711.txt"',
        )  # fmt: skip
        raw = raw.replace(b"multipart/mixed", b"multipart/mx6d")
        yield Report(f"an unnamed server: {said}", raw, LIVES)
    bounced = (
        "########################################################################\n"
        "##       automatic bounce notification (english text below)           ##\n"
        "########################################################################\n\n"
        "This message is to inform you that an email you sent was rejected.\nYour message was rejected and discarded because it "
        "wasn't possible to\nsave the message in the target mailbox.\n\nPlease don't reply to this email because it is sent "
        "automatically.\nYou may want to wait some time to give the recipient the chance to\nsolve the "
        "problem (i.e. mailbox full).\n\n"
        f"reject reason: {{said}}\ntarget mail address: {ANN}\n\n"
        "------------------------------------------------------------------------\nbounced E-Mail:\n\n"
        f"From support@desk.example  Thu Nov 26 08:00:07 2026\n{RETURNED}"
    )
    for said, told in (("Mailbox full", LIVES), ("User unknown", GONE)):
        raw = words("email bounce notification", bounced.replace("{said}", said), "postmaster@b.example")
        yield Report(f"a target: {said}", raw, told)
    zoho = (
        "This message was created automatically by mail delivery software.\nA message that you sent "
        "could not be delivered to one "
        f"or more of its recipients. This is a permanent error. \n\n{ANN} Invalid Address, ERROR_CODE "
        f":550, ERROR_CODE :5.2.2 <{ANN}>"
        f"... Mailbox Full\n{BOB} Invalid Address, ERROR_CODE :550, ERROR_CODE :5.2.1 <{BOB}>... User Unknown\n\n\n"
        f"Received:from mail.desk.example by mx.b.example\nMessage-ID:<{OURS}>\n"
    )
    both = ((ANN, "failed", False), (BOB, "failed", True))
    yield Report(
        "Zoho: two", words("Undelivered Mail Returned to Sender", zoho, SERVER_OF_B, return_path=NO_PATH), both
    )
    five = (
        "   ----- Transcript of session follows -----\nWhile talking to mailin1.b.example:\n>>> MAIL "
        "From:<support@desk.example>\n"
        "<<< 501 <support@desk.example>... no access from mail server [192.0.2.55] which is an open relay.\n"
        f"554 <{ANN}>... Remote protocol error\n550 b.example (smtp)... 550 Host unknown\n"
        f"While talking to smtp.c.example:\n>>> RCPT To:<{BOB}>\n<<< 550 <{BOB}>... User unknown\n550 <{BOB}>... User unknown\n\n"
        f"   ----- Unsent message follows -----\n{RETURNED}"
    )
    yield Report("Sendmail 5: two", words("Returned mail: User unknown", five, SERVER_OF_B), both)
    gate = (
        "----- THIS IS AN AUTOMATED ERROR REPLY ---\nPLEASE CHECK THE SPELLING OF THE EMAIL-ADDRESS\n\n"
        "Dear Support (support@desk.example),\n\n"
        f'Your message\n"{SUBJECT}", sent to <{ANN}>\n\ncannot be delivered due to the following error:\n'
        f"{ANN} - no such mailbox at B.EXAMPLE.\n\nGenerally this means that\na) There _really_ isn't such an address here\n"
        f"b) You have misspelled the address\n\nBelow is the header from the original message:\n\n{RETURNED}"
    )
    sender = '"Mailer-Daemon@b.example" <mailerror@b.example>'
    yield Report("FTGate", words(f"B: Mail Delivery Error - {ANN}", gate, sender), GONE)
    gateway = (
        "============================================================================\n"
        "      This is an automatically generated Delivery Status Notification.      \n\n"
        f"Delevery to the following recipients was aborted after 5.0 hour(s):\n\n  * {ANN}\n\n\n"
        "============================================================================\n"
        "                             Technical details:                             \n\n"
        f"{{said}} {ANN}\n\n\n============================================================================\n"
    )
    dotted = "Mail Delivery System <Mail.Delivery.System@mx.b.example>"
    for said, dead in (
        ("Routing: Could not find a gateway for", LIVES),
        ("SMTP:RCPT host 192.0.2.5: 553 5.3.0 ... No such user:", GONE),
    ):
        raw = beside(
            gateway.replace("{said}", said),
            RETURNED,
            sender=dotted,
            subject="Delivery status notification",
            path=REWRITTEN,
        )
        yield Report(f"technical details: {said[:8]}", raw.replace(b"multipart/mixed", b"multipart/report"), dead)
    two = (
        f"Your message\n\n  To:      support@desk.example\n  Subject: {SUBJECT}\n  Sent:    Thu, 26 Nov 2026 16:51:29 -0500\n\n"
        "did not reach the following recipient(s):\n\n"
    ) + "".join(
        f"{each} on Thu, 26 Nov 2026 16:51:51 -0500\n    The recipient name is not recognized\n\tThe "
        "MTS-ID of the original message is: "
        "c=de;a= ;p=b\n;l=EXCHANGE0\n    MSEXCH:IMS:B:MAIN:EXCHANGE 0 (000C05A6) Unknown Recipient\n"
        for each in (ANN, BOB)
    )
    raw = beside(two, RETURNED, sender="postmaster@b.example", subject="Undeliverable: Printer", path=REWRITTEN)
    yield Report("Exchange 5.5: two", raw, ((ANN, "failed", True), (BOB, "failed", True)))


def of_more_words() -> Iterator[Report]:
    each_of = (
        "次のあて先へのメッセージはエラーのため送信できませんでした。\n\n送信先メールアドレスが見つからないか、\n"
        "送信先メールサーバの事由により送信できませんでした。\nメールアドレスをご確認の上、再送信してください。\n\n"
        "Each of the following recipients was rejected by a remote\nmail server.\n\n"
        f"    Recipient: <{ANN}>\n    >>> RCPT TO:<{ANN}>\n    <<< 550 <{ANN}>: User unknown\n"
    )
    yield Report("EZweb: each", words("Mail System Error - Returned Mail", each_of, "Postmaster@b.example"), GONE, None)
    exchange = (
        f"Your message\n\n  To:      {ANN}\n  Subject: {SUBJECT}\n  Sent:    Thu, 26 Nov 2026 23:34:45 +0000\n\n"
        f"did not reach the following recipient(s):\n\n{ANN.upper()} on Thu, 26 Nov 2026 23:34:45 +0000\n"
        "    The recipient name is not recognized\n\tThe MTS-ID of the original message is: c=de;a= ;p=b\nun;l=0P\n"
        "    MSEXCH:IMS:B:MAIN:MX 2 (000C05A6) Unknown\nRecipient\n"
    )
    raw = beside(
        exchange, RETURNED, sender="Mailer-Daemon <postmaster@x4.b.example>", subject="Undeliverable: Printer",
        path="<postmaster@desk.example>",
    )  # fmt: skip
    yield Report("Exchange 5.5, passed on", raw, GONE)
    attempts = (
        f"Delivery failed 20 attempts: {ANN}\n\n\nOriginal message follows.\n====================================END\n"
    )
    for path in ("<>", NO_PATH):
        raw = words("Undeliverable Mail", attempts, '"Postmaster" <postmaster@b.example>', return_path=path)
        yield Report(f"IMail gives up {path}", raw, LIVES, None)
    queue = (
        "Hi. This is the qmail-send program at mx.\nI'm afraid I wasn't able to deliver your message to "
        "the following addresses.\n"
        f"This is a permanent error; I've given up. Sorry it didn't work out.\n\n<{ANN}>:\n"
        "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n"
        "I'm not going to try again; this message has been in the queue too long.\n\n"
        f"--- Below this line is a copy of the message.\n\n{RETURNED}"
    )
    yield Report("qmail gives up", words("failure notice", queue, SERVER_OF_B), LIVES)
    domino = f"X-Notes; ユーザー ann ({ANN}) は Domino ディレクトリ\n には見つかりません。"
    yield Report("Domino in Japanese", report(status("failed", "5.0.0", domino), sender="Postmaster@b.example"), GONE)
    late = (
        "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.\n\n"
        "    A message is delayed for more than 10 minutes for the following\n    list of recipients:\n\n"
        f"{ANN}: Network error on destination MXs\n\n    Please note that this is only a temporary failure report.\n"
        "    The message is kept in the queue for up to 4 days.\n    You DO NOT NEED to re-send the "
        "message to these recipients.\n\n"
        f"    Below is a copy of the original message:\n\n{RETURNED}"
    )
    raw = words("Delivery status notification: warning", late, "Mailer Daemon <MAILER-DAEMON@b.example>")
    yield Report("OpenSMTPD is late", raw, LATE)
    gone = status("failed", "5.1.1", f"SMTP; 550 <{ANN}>: Recipient address rejected: User unknown")
    raw = report(
        gone, sender="Mail Delivery Subsystem <MAILER-DAEMON>", subject="Returned mail: see transcript for details"
    )
    yield Report("Sendmail without a domain or a path", raw.replace(b"Return-Path: <>\n", b""), GONE)


ALL = [*of_further_words(), *of_more_words()]
