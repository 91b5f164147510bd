"""What servers say in the fields of a report, and around what another server said. All is written for this project."""

from __future__ import annotations

from collections.abc import Iterator

from tests.mail.old_reports import GONE, LATE, LIVES
from tests.mail.reports import ANN, BOB, Report, report, status


def of_words_in_fields() -> Iterator[Report]:
    """Which of the words of large hosts say that the address is dead."""
    for name, code, said, told in (
        ("Postfix", "5.4.4", ("X-Postfix; Name service error for name=b.example\n    type=MX: "
        "Malformed "
        "or unexpected name server reply"), LIVES),
        ("Courier", "5.0.0", "unknown; No such domain.", GONE),
        ("EZweb", "5.2.0", "SMTP; 550 : User unknown", GONE),
        ("Docomo", "5.2.0", f"SMTP; 550 Unknown user {ANN}", GONE),
        ("I.UA", "5.0.0", "smtp; 550 Mailbox is frozen. See http://mail.b.example/err/3/", LIVES),
        ("QQ", "5.0.0", ("smtp; 550 Ip frequency limited [ABC=/DEF Blocked IP 192.0.2.22]. "
        "http://b.example/cgi-bin/help?id=2"), LIVES),
        ("Mimecast", "5.0.0", "smtp; 554 Host network not allowed - https://b.example/docs/DOC-1369#554 [z7q.us222]", LIVES),
        ("Spectrum", "5.1.0", ("smtp; 550 5.1.0 <support@desk.example> sender rejected. Please see "
        "https://b.example/codes AUP#In-7"), LIVES),
        ("Orange", "5.1.1", ("SMTP; 550 5.1.1 Adresse d au moins un destinataire invalide. Invalid "
        "recipient. OFR_416 [416]"), GONE),
        ("PowerMTA", "5.2.1 (mailbox disabled, not accepting messages)", f"smtp;550 5.2.1 <{ANN}>... User Unknown", GONE),
        ("Mail.Ru", "5.7.1", ("smtp; 550 5.7.1 This message was not accepted due to domain "
        "(desk.example) "
        "owner DMARC policy (RFC 7489)"), LIVES),
        ("SendGrid", "5.1.1", f"550 5.1.1 sid=a07B4711 Address rejected {ANN}. [code=28] ", LIVES),
        ("Comcast", "", ("554 mta7.b.example b 192.0.2.140 block for spam.  Please see "
        "http://b.example/codes.php#BL4711 "), LIVES),
        ("a gateway", "5.0.0 (permanent failure)", f"smtp;  550 '{ANN}' is not a\n registered gateway user", GONE),
        ("Gmail", "5.2.1", "smtp; 550 5.2.1 The email account that you tried to reach is disabled. a4711b.07", GONE),
        ("Exim", "5.0.0", "smtp; 550 Unroutable sender address", LIVES),
        ("Exim, too", "5.0.0", "X-Str; \"Sorry, you are sending to/from an address that has been blacklisted\"", LIVES),
    ):  # fmt: skip
        yield Report(f"said by {name}", report(status("failed", code, said)), told)
    late = status("Delayed", "4.4.0 (other or undefined network or routing status)")
    yield Report(
        "CommuniGate is late",
        report(late, sender="Mail Delivery Service <boss@b.example>", List_Id="<x.b.example>"),
        LATE,
    )
    expanded = (
        "Reporting-MTA: dns; mx.b.example\n\nFinal-Recipient: rfc822; ann-mail@mx.b.example\n"
        f"Original-Recipient: rfc822;{ANN}\nAction: delayed\nStatus: 4.3.0\nDiagnostic-Code: x-unix; Quota exceeded message\n"
    )
    raw = report(expanded, subject="Delayed Mail (still being retried)")
    raw = raw.replace(b"multipart/report; report-type=delivery-status", b"multipart/mixed").replace(
        b"Return-Path: <>\n", b""
    )
    yield Report("Postfix, passed on by a program", raw, LATE)
    three = (
        f"Reporting-MTA: dns; mx\n\nOriginal-Recipient: rfc822;{ANN}\nFinal-Recipient: rfc822;{ANN}\nAction: failed\n"
        f"Status: 5.0.0 (permanent failure)\nDiagnostic-Code: smtp;  550 '{ANN}' is not a\n registered gateway user\n"
        "Remote-MTA: dns; b.example\n\nOriginal-Recipient: rfc822;late@d.example\nFinal-Recipient: rfc822;late@d.example\n"
        "Action: delayed\nStatus: 4.0.0 (d.example: host name lookup failure)\n\n"
        f"Original-Recipient: rfc822;{BOB}\nFinal-Recipient: rfc822;{BOB}\nAction: failed\nStatus: 5.0.0\n"
        "Diagnostic-Code: smtp; 550 user unknown\n"
    )
    all_three = ((ANN, "failed", True), ("late@d.example", "delayed", False), (BOB, "failed", True))
    yield Report("three in fields", report(three), all_three)
    raw = report(three).replace(
        b"\n--b\nContent-Type: message/delivery-status", b"\n --b\ncontent-type: message/delivery-status"
    )
    yield Report("three, and a boundary that is indented", raw, all_three)


def of_no_address_in_the_fields() -> Iterator[Report]:
    """What a server keeps mail in, or hands it to, is nobody's address."""
    for name, at in (("a file", "/var/spool/b.example/22r/ann"), ("a pipe", "|/usr/bin/vacation ann")):
        fields = f"Reporting-MTA: dns; mx.b.example\n\nAction: failed\nFinal-Recipient: rfc822;{at}\nStatus: 5.0.0\n"
        text = (
            "This message was created automatically by mail delivery software.\n\nA message that you "
            "sent could not be delivered to "
            f"one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  save to {at}\n"
            f"    generated by {ANN}\n    mailbox is full: retry timeout exceeded\n"
        )
        raw = report(fields, X_Failed_Recipients=ANN, subject="Mail delivery failed: returning message to sender")
        raw = raw.replace(b"Your message could not be delivered.\n", text.encode())
        yield Report(f"Exim: {name}", raw, LIVES)


def of_comments() -> Iterator[Report]:
    """What stands in brackets behind the status is said by the server, too."""
    for comment, told in (
        ("5.1.1 (mailbox full)", LIVES),
        ("5.2.1 (mailbox temporarily disabled)", LIVES),
        ("5.1.1 (the directory is down)", LIVES),
        ("5.1.1 (bad destination mailbox address)", GONE),
        ("5.1.2 (bad destination system: no such domain)", GONE),
        ("5.1.2 (bad destination system address)", GONE),
        ("5.2.1 (mailbox disabled, not accepting messages)", GONE),
        ("5.4.4 (unable to route)", GONE),
        ("5.4.4 (Illegal host/domain name found)", GONE),
        ("5.4.4 (unable to route: no mail hosts for domain)", GONE),
        ("5.0.0 (permanent failure)", LIVES),
        ("5.1.10 (null mx)", GONE),
    ):
        yield Report(f"a comment: {comment}", report(status("failed", comment)), told)


def of_labels() -> Iterator[Report]:
    """What some servers put before whatever another one answered."""
    for said, told in (
        (
            "5.1.0 - Unknown address error 550-'Requested action not taken: mailbox unavailable' (delivery attempts: 0)",
            LIVES,
        ),
        ("5.1.0 - Unknown address error 550-'rejected' (delivery attempts: 0)", LIVES),
        (f"5.1.0 - Unknown address error 550-'5.2.2 <{ANN}>... Mailbox Full' (delivery attempts: 0)", LIVES),
        (f"5.1.0 - Unknown address error 550-'5.1.1 <{ANN}>... User Unknown' (delivery attempts: 0)", GONE),
        (
            "5.1.2 - Bad destination host 'DNS Soft Error looking up b.example (MX) while asking ns. Error was: timed out'",
            LIVES,
        ),
        ("5.1.2 - Bad destination host 'DNS Soft Error looking up b.example (MX)'", LIVES),
        ("5.1.2 - Bad destination host 'DNS Hard Error looking up b.example (MX):  NXDomain'", GONE),
        ("5.3.0 - Other mail system problem 554-'delivery error: dd not accepted'", LIVES),
        ("5.4.7 - Delivery expired (message too old) 'timeout' (delivery attempts: 9)", LIVES),
    ):
        fields = status("failed", "5.0.0 (permanent failure)", f"smtp; {said}")
        yield Report(f"IronPort: {said[8:90]}", report(fields), told)


ALL = [
    *of_words_in_fields(),
    *of_no_address_in_the_fields(),
    *of_comments(),
    *of_labels(),
]
