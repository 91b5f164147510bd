"""Reports as gateways of firms and mail services write them. All are written for this project."""

from __future__ import annotations

from collections.abc import Iterator

from tests.mail.old_reports import GONE, LATE, LIVES, REWRITTEN, SERVER_OF_B, beside
from tests.mail.reports import ANN, OURS, RETURNED, Report, report, status, words

NO_PATH = ""
SUBJECT = "Printer"


def of_gateways_of_filters() -> Iterator[Report]:
    active = (
        "The original message was received at Thu, 26 Nov 2026 23:34:45 +0900\nfrom desk.example\n\n"
        f"  ----- The following addresses had permanent fatal errors -----\n\n>>> {ANN} <{ANN}>\n\n"
        "  ----- Transcript of session follows -----\n550 sorry, no mailbox here by that name (#5.1.1 - chkusr)\n"
    )
    raw = beside(active, RETURNED, sender=SERVER_OF_B, subject=f"FAILURE NOTICE : {SUBJECT}", path="<>")
    yield Report(
        "Active! hunter", raw.replace(b"multipart/mixed", b"multipart/report; report-type=delivery-status"), GONE
    )
    amavis = status(
        "failed", "5.1.1", f"smtp; 550 5.1.1 <{ANN}>: Recipient address rejected: User unknown in virtual mailbox table"
    )
    sender = '"Content-filter at mx.b.example" <postmaster@mx.b.example>'
    yield Report("amavisd-new", report(amavis, sender=sender, subject="Undeliverable mail, MTA-BLOCKED"), GONE)
    barracuda = status("failed", "5.7.1", "smtp; 550 5.7.1 Message content rejected, UBE, id=04711-02")
    subject = "**Message you sent blocked by our bulk email filter**"
    yield Report("a Barracuda", report(barracuda, sender="MAILER-DAEMON <>", subject=subject), LIVES)
    m_filter = (
        "このメールは「m-FILTER」が自動的に生成して送信しています。\nメールサーバーとの通信中、下記の理由により\n"
        f"このメールは送信できませんでした。\n\n以下のメールアドレスへの送信に失敗しました。\n{ANN}\n\n\n-------server message\n"
        f"550 5.1.1 <{ANN}>: Recipient address rejected: User unknown in local recipient table\n\n-------SMTP command\nDATA\n\n"
        f"-------original message\n{RETURNED}"
    )
    post = "POSTMASTER <postmaster@b.example>"
    yield Report(
        "m-FILTER",
        words("failure notice", m_filter, post, return_path="<postmaster@b.example>", X_Mailer="m-FILTER"),
        GONE,
    )
    marshal = (
        f"Your message:\n   From:    support@desk.example\n   Subject: {SUBJECT}\n\nCould not be delivered because of\n\n"
        f"550 5.1.1 User unknown\n\nThe following recipients were affected: \n    {ANN}\n\n\n\n\nAdditional Information\n"
        "======================\nOriginal Sender:    <support@desk.example>\nSender-MTA:         <10.11.12.13>\n"
        "Remote-MTA:\t\t\t<10.0.0.1>\nReporting-MTA:      <relay.b.example>\nMessageName:        "
        "<B4711.0001.mml>\n"
    )
    raw = words(f'Undeliverable Mail: "{SUBJECT}"', marshal, "postmaster@b.example", return_path=NO_PATH)
    yield Report("MailMarshal", raw, GONE, None)
    scan = (
        f"...\n\n\nSent <<< RCPT TO:<{ANN}>\nReceived >>> 550 5.1.1 <{ANN}>... user unknown\n\n...\n\n"
        "************************     End of message     **********************\n"
    )
    for subject in ("メッセージを配信できません。", "Mail could not be delivered"):
        raw = beside(
            scan,
            RETURNED,
            sender='"InterScan MSS" <postmaster@b.example>',
            subject=subject,
            path="<postmaster@b.example>",
        )
        yield Report(f"InterScan: {subject}", raw, GONE)
    foundry = (
        f"Unable to deliver message to: <{ANN}>\nDelivery failed for the following reason:\n"
        f"Server mx.b.example[192.0.2.222] failed with: 550 <{ANN}> No such user here\n\n"
        "This has been a permanent failure.  No further delivery attempts will be made.\n"
    )
    raw = beside(foundry, RETURNED, sender=SERVER_OF_B, subject="Message delivery has failed", path="<>")
    yield Report("MailFoundry", raw, GONE)
    mcafee = (
        f"Original-Recipient: <{ANN}>\nAction: failed\nDiagnostic-Code: smtp; 550 Unknown user "
        f"{ANN}\nRemote-MTA: 192.0.2.192\n"
    )
    text = f"    --- The following addresses had delivery problems ---\n\n<{ANN}>   (Unknown user {ANN})\n"
    for path in ("<>", REWRITTEN):
        raw = beside(
            text,
            mcafee,
            sender=f"<{SERVER_OF_B}>",
            subject="Delivery Status",
            path=path,
            kind="message/delivery-status",
        )
        yield Report(f"McAfee, {path}", raw, GONE, None)
    yield Report("McAfee without fields", words("Delivery Status", text, SERVER_OF_B), GONE, None)
    logic = (
        "This message was created automatically by mail delivery software.\n\nA message that you have "
        "sent could not be delivered "
        "to one or more\nrecipients.  This is a permanent error.  The following address failed:\n\n"
        f"  <{ANN}>: 550 5.1.1 <{ANN}>: Recipient address rejected: User unknown in local recipient table\n\n"
        f"Included is a copy of the message header:\n-----------------------------------------\n{RETURNED}"
    )
    yield Report("MX Logic", words("Mail delivery failed", logic, SERVER_OF_B), GONE)
    surf = (
        f"Reporting-MTA: dns; mx\n\nAction: failed\nFinal-Recipient: rfc822;{ANN}\n"
        "Diagnostic-Code: "
        f"smtp; 550 {ANN}... No such user\nStatus: 5.0.0\n"
    )
    yield Report("SurfControl", report(surf, subject=SUBJECT, X_Mailer="SurfControl E-mail Filter"), GONE)
    labs = (
        f"Reporting-MTA: dns; server-7.b.example\n\nAction: failed\nStatus: 5.0.0\nRemote-MTA: dns; mail.b.example\n"
        f"Diagnostic-Code: smtp; 550 {ANN}... No such user\nFinal-Recipient: rfc822; {ANN}\n"
    )
    raw = report(labs, sender="MAILER-DAEMON@messagelabs.com", subject="Mail Delivery Failure")
    yield Report("MessageLabs", raw.replace(b"Return-Path: <>\n", b""), GONE)


def of_services() -> Iterator[Report]:
    fields = (
        f"Reporting-MTA: dsn; a7-11.smtp-out.example\n\nAction: failed\nFinal-Recipient: rfc822; {ANN}\n"
        f"Diagnostic-Code: smtp; 550 5.1.1 <{ANN}>... User Unknown\nStatus: 5.1.1\n"
    )
    text = (
        "An error occurred while trying to deliver the mail to the following recipients:\n"
        f"{ANN}\n\n"
        f"Technical report:\n\n{fields}\n"
    )
    amazon = "MAILER-DAEMON@us-west-2.amazonses.com"
    raw = beside(text, RETURNED, sender=amazon, subject="Delivery Status Notification (Failure)", path="<>")
    yield Report("Amazon WorkMail", raw, GONE)
    james = (
        "Error: Invalid user address\n\nError message below:\n550 - Requested action not taken: no such user here\n\n"
        f"Message details:\n  Subject: {SUBJECT}\n  Sent date: Thu Nov 26 02:21:53 GMT 2026\n  MAIL FROM: support@desk.example\n"
        f"  RCPT TO: {ANN}\n  From: support@desk.example\n  CC: recipient list not shown: ;\n  Size (in bytes): 39\n"
        "  Number of lines: 2\n"
    )
    raw = words(f"Re:{SUBJECT}", james, "post_master@b.example", In_Reply_To=f"<{OURS}>")
    yield Report("Apache James", raw, GONE)
    foot = (
        f"Final-Recipient: RFC822; <{ANN}>\nAction: failed\nStatus: 5.7.1\nRemote-MTA: DNS; mx1.b.example\n"
        f"Diagnostic-Code: SMTP; 553 Invalid recipient {ANN} (Mode: normal)\n"
    )
    subject = "Returned mail: Requested action not taken: mailbox name not allowed"
    yield Report(
        "LiteMail", report(f"Reporting-MTA: dns; mx\n\n{foot}", subject=subject, returned="message/partial"), LIVES
    )
    courier = status("failed", "5.0.0", f"smtp; 550 5.1.1 <{ANN}>... User Unknown")
    raw = report(courier, sender="postmaster@b.example", subject="NOTICE: mail delivery status.")
    yield Report("Courier", raw.replace(b"Return-Path: <>\n", b""), GONE)
    one = (
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to "
        f"one or more of\nits recipients. This is a permanent error.\n\nThe following address failed:\n\n{ANN}\n\n"
        "For the following reason:\n\n{said}\n\n--- The header of the original message is following. ---\n\n" + RETURNED
    )
    for said, told in (
        (
            "Mail size limit exceeded. For explanation visit\nhttp://postmaster.b.example/en/error-messages?ip=%1s",
            LIVES,
        ),
        ("Invalid recipient", GONE),
        ("550 Requested action not taken: mailbox unavailable", LIVES),
    ):
        raw = words(
            "Mail delivery failed: returning message to sender",
            one.replace("{said}", said),
            SERVER_OF_B,
            return_path=NO_PATH,
        )
        yield Report(f"1&1: {said[:20]}", raw, told)
    gmx = (
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to "
        "one or more of\nits recipients. This is a permanent error. The following address\nfailed:\n\n"
        f'"{ANN}":\nSMTP error from remote server after RCPT command:\nhost: mx.b.example\n5.1.1 <{ANN}>... User Unknown\n\n\n'
        f"--- The header of the original message is following. ---\n\n{RETURNED}"
    )
    yield Report("GMX", words("Mail delivery failed: returning message to sender", gmx, SERVER_OF_B), GONE)
    face = (
        "Reporting-MTA: dns; 10.1.2.3\n\nDiagnostic-Code: smtp; 550 5.1.1 RCP-P2 "
        f"http://postmaster.b.example/response_codes?ip=192.0.2.7#rcp {{said}}\nStatus: 5.1.1\nFinal-Recipient: rfc822; {ANN}\n"
        "Last-Attempt-Date: Thu, 26 Nov 2026 23:34:45 -0700\nAction: failed\n"
    )
    for said, told in (
        ("Refused due to recipient preferences", LIVES),
        ("Invalid recipient", GONE),
        ("This recipient's messages are turned off", LIVES),
    ):
        raw = report(face.replace("{said}", said), subject="Sorry, your message could not be delivered", returned="")
        yield Report(f"Facebook: {said}", raw, told, None)
    big = (
        f"   ----- The following addresses had delivery problems -----\n{ANN}\n\n   ----- "
        f"Non-delivered information -----\n{{said}}\n"
    )
    for said, told in (
        ("The number of messages in recipient's mailbox exceeded the local limit.", LIVES),
        ("User unknown", GONE),
    ):
        for path in ("<>", "<MAILER-DAEMON>"):
            raw = beside(
                big.replace("{said}", said),
                RETURNED,
                sender="postmaster@b.example",
                subject="Returned mail: Service unavailable",
                path=path,
            )
            yield Report(f"Biglobe: {said} {path}", raw, told)
    kddi = (
        "送信先のメールボックスが一杯のため、送信できませんでした。\n\n※本メールはメールシステムより配信しております。\n"
        "このメールには直接返信いただけません。\n\n（　以下、サーバから出力されたエラーメッセージ　）\n\n"
        "Your mail sent on: Thu, 26 Nov 2026 23:45:22 +0900\n"
        f"     Could not be delivered to: <{ANN}>\n     As their mailbox is full.\n"
    )
    raw = beside(kddi, RETURNED, sender="no-reply@b.example", subject="メールエラー通知", path="<>")
    yield Report("KDDI", raw, LIVES)
    ez = (
        "次のあて先へのメッセージはエラーのため送信できませんでした。\n\n送信先メールアドレスが見つかりませんでした。\n"
        "メールアドレスをご確認の上、再送信してください。\n\nThe user(s) account is disabled.\n\n"
    )
    system = "Mail System Error - Returned Mail"
    for path in ("<MAILER-DAEMON>", "<>"):
        raw = words(system, f"{ez}<{ANN}>\n", "Postmaster@b.example", return_path=path)
        yield Report(f"EZweb {path}", raw, GONE, None)
    raw = words(
        system,
        f"{ez}<{ANN}>: 550 user unknown (in reply to RCPT TO command)\n",
        "Postmaster@b.example",
        return_path="<MAILER-DAEMON>",
    )
    yield Report("EZweb, with a code", raw, GONE, None)
    ses = (
        f"Reporting-MTA: dns; inbound-smtp.example\n\nAction: failed\nFinal-Recipient: rfc822; {ANN}\n"
        f"Original-Recipient: rfc822; {ANN}\nDiagnostic-Code: smtp; 550 5.1.1 Mailbox does not exist\nStatus: 5.1.1\n"
    )
    yield Report("Amazon SES receiving", report(ses, sender="postmaster@b.example"), GONE)
    yahoo = (
        "Sorry, we were unable to deliver your message to the following address.\n\n"
        f"<{ANN}>:\nRemote host said: 550 5.1.1 <{ANN}>... User Unknown [RCPT_TO]\n\n"
        f"--- Below this line is a copy of the message.\n\n{RETURNED}"
    )
    yield Report("Yahoo", words("Failure Notice", yahoo, SERVER_OF_B, return_path=NO_PATH), GONE)
    zoho = (
        "This message was created automatically by mail delivery software.\nA message that you sent "
        "could not be delivered to one "
        f"or more of its recipients. This is a permanent error. \n\n{ANN} {{said}}\n\n\n"
        f"Received:from mail.desk.example by mx.b.example\nMessage-ID:<{OURS}>\nFrom:<support@desk.example>\nTo:<{ANN}>\n"
    )
    for said, told in (
        ("Invalid Address, ERROR_CODE :550, ERROR_CODE :Requested action not taken: mailbox unavailable", LIVES),
        ("Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <" + ANN + ">... User Unknown", GONE),
    ):
        raw = words(
            "Undelivered Mail Returned to Sender", zoho.replace("{said}", said), SERVER_OF_B, return_path=NO_PATH
        )
        yield Report(f"Zoho: {said[-12:]}", raw, told)
    russian = (
        "Это письмо создано автоматически сервером, отвечать на него не нужно.\n\n"
        "К сожалению, Ваше письмо не может быть доставлено одному или нескольким получателям:\n\n"
        f"  {ANN}\n    SMTP error from remote mail server after RCPT TO:<{ANN}>:\n"
        f"    host mx.b.example [192.0.2.222]: {{said}}\n\nРекомендуем Вам проверить корректность "
        "указания адресов получателей.\n\n"
        "**********************\n\n\nThis message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. "
        f"The following address(es) failed:\n\n  {ANN}\n    SMTP error from remote mail server after RCPT TO:<{ANN}>:\n"
        f"    host mx.b.example [192.0.2.222]: {{said}}\n\n"
        f"------ This is a copy of the message, including all the headers. ------\n\n{RETURNED}"
    )
    for said, told in ((f"550 5.2.2 <{ANN}>... Mailbox Full", LIVES), (f"550 5.1.1 <{ANN}>... User Unknown", GONE)):
        raw = words(
            "Ваше сообщение не доставлено. Mail failure.",
            russian.replace("{said}", said),
            SERVER_OF_B,
            X_Failed_Recipients=ANN,
        )
        yield Report(f"Mail.Ru: {said[:9]}", raw, told)
    yandex = status("failed", "4.4.1", "X-Yandex; connect to b.example[192.0.2.79]:25:\n    Connection timed out")
    yield Report("Yandex", report(yandex, subject="Недоставленное сообщение"), LIVES)
    aol = report(
        status("failed", "5.1.1", f"smtp; 550 5.1.1 <{ANN}>... User Unknown"),
        sender="Postmaster <Postmaster@aol.com>",
        subject="Undeliverable: Printer",
    )
    yield Report("AOL", aol.replace(b"<>", b"<Postmaster@aol.com>"), GONE)
    grid = (
        "X-SendGrid-QueueID: 40711\nX-SendGrid-Sender: \nArrival-Date: 2026-11-26 10-00-00\n\n"
        f"Final-Recipient: rfc822; {ANN}\n"
        f"Original-Recipient: rfc822; {ANN}\n{{said}}\n"
    )
    for said, told in (
        ("Action: expired\nStatus: \nDiagnostic-Code: Connection timed out", LIVES),
        ("Action: failed\nStatus: 5.1.1\nDiagnostic-Code: 550 5.1.1 <" + ANN + ">... User Unknown", GONE),
        ("Action: delayed\nStatus: 4.0.0\nDiagnostic-Code: 450 greylisted", LATE),
    ):
        yield Report(
            f"SendGrid: {said[:15]}", report(grid.replace("{said}", said)).replace(b"<>", b"<apps@sendgrid.net>"), told
        )
    group = (
        "support@desk.example 様\n\n連絡しようとしたグループ（ann）が存在しないか、グループにメッセージを"
        "投稿する権限がない可能性があります。"
        "投稿できなかった詳しい理由をいくつか紹介します:\n\n * グループ名のスペルや形式が間違っている。\n\n"
        f"Google Groups\n\n\n\n----- Original message -----\n\n{RETURNED}"
    )
    english = (
        "Hello support@desk.example,\n\nWe're writing to let you know that the group you tried to "
        "contact (ann) may not exist, or you may "
        "not have permission to post messages to the group. A few more details on why you weren't able to post:\n\n"
        " * You might have spelled or formatted the group name incorrectly.\n\nGoogle Groups\n\n\n\n"
        f"----- Original message -----\n\n{RETURNED}"
    )
    for text in (group, english):
        raw = words(
            "Delivery Status Notification (Failure)",
            text,
            "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            X_Failed_Recipients=ANN,
            Auto_Submitted="auto-replied",
            In_Reply_To=f"<{OURS}>",
        )
        yield Report(f"Google Groups: {text[:8]}", raw, LIVES)
    socket = (
        f"Delivery to the following recipient failed permanently:\n\n     {ANN}\n\nTechnical details of permanent failure: \n"
        "The recipient server did not accept our requests to connect. Learn more at http://support.g.example/?answer=7720 \n"
        "[(0) b.example. [2001:db8::7]:25: socket error]\n[(0) b.example. [192.0.2.119]:25: socket error]\n\n"
        f"----- Original message -----\n\n{RETURNED}"
    )
    yield Report(
        "Gmail: no connection",
        words(
            "Delivery Status Notification (Failure)", socket, "mailer-daemon@googlemail.com", X_Failed_Recipients=ANN
        ),
        LIVES,
    )


ALL = [
    *of_gateways_of_filters(),
    *of_services(),
]
