"""Reports about a letter of ours: those of tests/fixtures/reports.yaml, and those whose form is what they are about."""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import yaml

ANN, BOB = "ann@b.example", "bob@c.example"
"""Whom the letter went to."""
OURS = "cas-01042-a1b2c3.k1.mfzwizltoq5dcmrt.0198c1f2@desk.example"
"""Its Message-ID."""
FORMS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "fixtures" / "reports.yaml").read_text(encoding="utf-8")
)
READ = {"dead": ("failed", True), "alive": ("failed", False)}
GONE, FULL = "Action: failed\nStatus: 5.1.1", "Action: failed\nStatus: 5.2.2"
RETURNED = (
    f"Received: from desk.example\nMessage-ID: <{OURS}>\nFrom: support@desk.example\nSubject: Printer\n\nTry this.\n"
)
SERVER = "MAILER-DAEMON@mx.b.example"

Told = tuple[str, str, bool]


@dataclass(frozen=True)
class Report:
    """`told`: (address, outcome, hard) of each recipient, in order. `original`: which mail it names, if it names one."""

    name: str
    raw: bytes
    told: tuple[Told, ...]
    original: str | None = OURS


def words(subject: str, text: str, sender: str = SERVER, *, subtype: str = "plain", **headers: str) -> bytes:
    """A report in words alone, with the null return path. Header names in Python's spelling; "" leaves one out."""
    mail = EmailMessage()
    given = {"return_path": "<>", "from_": sender, "to": "support@desk.example", "subject": subject, **headers}
    for name, value in given.items():
        if value:
            mail[name.rstrip("_").replace("_", "-")] = value
    mail.set_content(text, subtype=subtype)
    return mail.as_bytes()


def report(
    fields: str,
    *,
    sender: str = SERVER,
    subject: str = "Undelivered Mail Returned to Sender",
    returned: str = "text/rfc822-headers",
    status_type: str = "message/delivery-status",
    **headers: str,
) -> bytes:
    """A multipart/report; `fields` are those of the status part, `returned` is the type of what comes back of our mail."""
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    back = f"\n--b\nContent-Type: {returned}\n\n{RETURNED}" if returned else ""
    return (
        f"Return-Path: <>\nFrom: {sender}\nTo: support@desk.example\nSubject: {subject}\n{more}MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nYour message could not be delivered.\n"
        f"--b\nContent-Type: {status_type}\n\n{fields}\n{back}--b--\n"
    ).encode()


def status(action: str, code: str, diagnostic: str = "", recipient: str = f"rfc822; {ANN}") -> str:
    """The fields of one recipient, behind those of the mail."""
    said = f"Diagnostic-Code: {diagnostic}\n" if diagnostic else ""
    return f"Reporting-MTA: dns; mx\n\nFinal-Recipient: {recipient}\nAction: {action}\nStatus: {code}\n{said}"


def copy(mark: str = "--- Below this line is a copy of the message.") -> str:
    return f"\n{mark}\n\n{RETURNED}"


def _filled(text: str) -> str:
    return text.replace("{ann}", ANN).replace("{bob}", BOB).replace("{ours}", OURS).replace("{returned}", RETURNED)


def of_the_table() -> Iterator[Report]:
    for server, form in FORMS["fields"].items():
        how = {name: _filled(value) for name, value in form.items() if name != "cases"}
        for number, (action, code, said, read) in enumerate(form["cases"]):
            raw = report(status(action, code, _filled(said)), **how)
            yield Report(
                f"{server} {number}: {action} {code} {said[:30]}", raw, ((ANN, *READ.get(read, (read, False))),)
            )
    for server, form in FORMS["words"].items():
        how = {name: _filled(value) for name, value in form.items() if name != "cases"}
        for number, (said, read) in enumerate(form["cases"]):
            raw = words(**{**how, "text": how["text"].replace("{said}", _filled(said))})
            yield Report(f"{server} {number}: {said[:30]}", raw, ((ANN, *READ.get(read, (read, False))),))


def in_languages() -> Iterator[Report]:
    """What servers say in their users' language, around a code that all of them share."""
    gone, full = ((ANN, "failed", True),), ((ANN, "failed", False),)
    found = f"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {ANN} not found by SMTP address lookup"
    exchange = "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@desk.example>"
    for subject, sentence, above in FORMS["languages"]:
        one = f"{_filled(sentence)}\n\n{found}\n\n{RETURNED}"
        listed = f"{above}\n\nAnn B ({ANN})\n\n{ANN}\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\n{RETURNED}"
        yield Report(f"a sentence: {subject}", words(subject, one, exchange), gone)
        yield Report(f"a list: {subject}", words(subject, listed, exchange), gone)
        path = "<postmaster@b.example>"
        yield Report(f"no null path: {subject}", words(subject, one, "postmaster@b.example", return_path=path), gone)
    # Nobody has listed this one.
    for code, told in (
        ("550 5.1.1 no such user", gone),
        ("552 5.2.2 full", full),
        ("451 4.4.1", ((ANN, "delayed", False),)),
    ):
        text = f"Uw berjocht is net oankommen.\n\n<{ANN}>:\n{code}\n{copy()}"
        yield Report(f"an unknown language: {code}", words("Net besoarge", text), told)
    for headline, sentence in FORMS["blocks"]:
        for said, told in (("550 5.1.1 User unknown", gone), ("552 5.2.2 Mailbox full", full)):
            text = f"{headline}\n\n{_filled(sentence)}\n\n{said}\n\n----- Original message -----\n\n{RETURNED}"
            raw = words("Delivery Status Notification (Failure)", text, "mailer-daemon@googlemail.com")
            yield Report(f"{headline} {said}", raw, told)


def of_several_recipients() -> Iterator[Report]:
    def two(first: str, second: str) -> str:
        to = "Final-Recipient: rfc822; "
        return f"Reporting-MTA: dns; mx\n\n{to}{ANN}\n{first}\n\n{to}{BOB}\n{second}\n"

    ann, bob = (ANN, "failed", False), (BOB, "failed", True)
    yield Report("two recipients", report(two(FULL, GONE)), (ann, bob))
    late = report(two(GONE, "Action: delayed\nStatus: 4.4.1"))
    yield Report("one failed, one is late", late, ((ANN, "failed", True), (BOB, "delayed", False)))
    arrived = report(two("Action: relayed\nStatus: 2.1.5", GONE))
    yield Report("one arrived, one failed", arrived, ((ANN, "relayed", False), bob))
    yield Report("no blank line between", report(two(FULL, GONE).replace("\n\nFinal", "\nFinal")), (ann, bob))
    yield Report("blank lines everywhere", report(two(FULL, GONE).replace("\nAction", "\n\nAction")), (ann, bob))
    hi = "Hi. This is the qmail-send program at mx.\n\n"
    qmail = f"{hi}<{ANN}>:\nuser is over quota (#5.2.2)\n\n<{BOB}>:\nno such user (#5.1.1)\n"
    yield Report("two in words", words("failure notice", qmail + copy()), (ann, bob))
    transcript = (
        f"   ----- The following addresses had permanent fatal errors -----\n<{ANN}>\n<{BOB}>\n\n"
        f"   ----- Transcript of session follows -----\n550 5.1.1 <{BOB}>... User unknown\n552 5.2.2 <{ANN}>... Mailbox full\n"
    )
    yield Report(
        "two by a transcript", words("Returned mail", transcript + copy("   ----- Original -----")), (ann, bob)
    )


def of_odd_fields() -> Iterator[Report]:
    gone = ((ANN, "failed", True),)

    def odd(name: str, fields: str, told: tuple[Told, ...] = gone, **how: str) -> Report:
        return Report(name, report(f"Reporting-MTA: dns; mx\n{fields}\n", **how), told)

    final = f"\nFinal-Recipient: rfc822; {ANN}\n"
    aliased = f"\nOriginal-Recipient: rfc822; {ANN}\nFinal-Recipient: rfc822; other@g.example\n{FULL}"
    yield odd("who we wrote to", aliased, ((ANN, "failed", False),))
    yield odd("without Action", f"{final}Status: 5.1.1")
    yield odd("brackets", f"\nFinal-Recipient: <{ANN}>\n{GONE}")
    yield odd("any letter case", f"\nfinal-recipient: RFC822;{ANN.upper()}\naction: FAILED\nstatus: 5.1.1")
    yield odd("folded", f"\nFinal-Recipient: rfc822;\n {ANN}\nAction:\n failed\nStatus:\n 5.1.1")
    action_first = (
        f"Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 No such user\nFinal-Recipient: rfc822; {ANN}"
    )
    yield odd("the recipient last", f"\n{action_first}")
    original = (
        f"Original-Recipient: <{ANN}>\nAction: failed\nDiagnostic-Code: smtp; 550 Unknown user\nRemote-MTA: 192.0.2.192"
    )
    yield odd("the original recipient alone", f"\n{original}")
    unitext = ("grün@b.example", "failed", True)
    yield odd("written for ASCII", f"\nFinal-Recipient: utf-8; gr\\x{{FC}}n@b.example\n{GONE}", (unitext,))
    ascii_domain = ("ann@bücher.example", "failed", True)
    yield odd("a domain in ASCII", f"\nFinal-Recipient: rfc822; ann@xn--bcher-kva.example\n{GONE}", (ascii_domain,))
    yield odd("the id in a field", f"X-Original-Message-ID: <{OURS}>\n{final}{GONE}", returned="")
    yield odd("the id in In-Reply-To", f"{final}{GONE}", returned="", In_Reply_To=f"<{OURS}>")
    yield odd("the id in References", f"{final}{GONE}", returned="", References=f"<first@x.example> <{OURS}>")
    quoted = f'\nFinal-Recipient: rfc822; "ann"@b.example\n{GONE}'
    yield odd("a quoted local part", quoted)
    yield odd("folded within the address", f"\nFinal-Recipient: rfc822; ann@\n b.example\n{GONE}")
    xtext = "\nOriginal-Recipient: rfc822;ann+2Bx@b.example\nFinal-Recipient: rfc822;ann+x@b.example\n"
    yield odd("as it was told to the server", f"{xtext}{GONE}", (("ann+x@b.example", "failed", True),))
    for action, code, read in (
        ("expired", "4.4.7", "alive"), ("bounced", "5.1.1", "dead"), ("rejected", "5.7.1", "alive"),
        ("delivery failed", "5.1.1", "dead"), ("not delivered", "5.1.1", "dead"), ("hard-bounce", "5.1.1", "dead"),
        ("delivery-delayed", "4.4.1", "delayed"), ("transient", "4.4.7", "delayed"), ("fehlgeschlagen", "5.1.1", "dead"),
        ("delivered; no error", "2.0.0", "delivered"),
    ):  # fmt: skip
        told = ((ANN, *READ.get(read, (read, False))),)
        yield odd(f"the action is {action}", f"{final}Action: {action}\nStatus: {code}", told)
    for kind in ("text/rfc822-header", "message/rfc2822", "application/octet-stream", 'text/plain; name="mail.eml"'):
        yield odd(f"our mail as {kind}", f"{final}{GONE}", returned=kind)
    yield odd("the status as text", f"{final}{GONE}", status_type='text/plain; name="details.txt"')


def of_encoded_parts() -> Iterator[Report]:
    """Composite parts have no encoding by RFC 2045 6.4, and get one all the same."""
    gone = ((ANN, "failed", True),)
    raw = report(status("failed", "5.1.1"), returned="message/rfc822")
    encoding = b"\nContent-Transfer-Encoding: base64\n\n"
    for kind in ("message/delivery-status", "message/rfc822"):
        head, begins, rest = raw.partition(f"Content-Type: {kind}".encode())
        body, boundary, tail = rest.lstrip(b"\n").partition(b"\n--b")
        yield Report(f"{kind} in base64", head + begins + encoding + encodebytes(body) + boundary + tail, gone)
    head, _, body = raw.partition(b"\n\n")
    yield Report("the whole in base64", head + encoding + encodebytes(body), gone)


def of_odd_headers() -> Iterator[Report]:
    gone = ((ANN, "failed", True),)
    text = f"This is the mail system.\n\n<{ANN}>: 550 5.1.1 user unknown\n{copy()}"
    for headers in (
        {"Precedence": "bulk"},
        {"Auto_Submitted": "auto-replied"},
        {"List_Id": "<x.b.example>"},
        {"X_Auto_Response_Suppress": "All"},
        {"Precedence": "junk", "Auto_Submitted": "auto-generated"},
    ):
        yield Report(f"MAILER-DAEMON and {headers}", report(status("failed", "5.1.1"), **headers), gone)
        yield Report(f"in words, and {headers}", words("Undelivered Mail", text, **headers), gone)
    undelivered = (
        f"Your message could not be delivered to these recipients:\n\n{ANN}\n   550 5.1.1 no such user\n{copy()}"
    )
    for name in ("postmaster", "Administrator", "admin", "hostmaster"):
        path = {"return_path": f"<{name}@b.example>"}
        raw = words("Undeliverable: Printer", undelivered, f"{name}@b.example", **path)
        yield Report(f"without the null path: {name}", raw, gone)
        fields = report(status("failed", "5.1.1"), sender=f"{name}@b.example").replace(
            b"<>", path["return_path"].encode()
        )
        yield Report(f"with fields, without the null path: {name}", fields, gone)
    raw = words("Undeliverable: Printer", undelivered, "postmaster@b.example", return_path="")
    yield Report("without any path", raw, gone)
    marked = f"<p>Your message could not be delivered to:</p><p>{ANN}</p><p>550 5.1.1 no such user</p>"
    html = words("Undeliverable", f"{marked}<p>Message-ID: &lt;{OURS}&gt;</p>", subtype="html")
    yield Report("HTML alone", html, gone)


def of_odd_lines() -> Iterator[Report]:
    for line in (
        f'"{ANN}":', f"* {ANN}", f"{ANN} [unknown]", f"<{ANN}> (reason)", f"{ANN} on Thu, 26 Nov 2026 10:00:00 +0000",
        f"- <{ANN}>", f"'{ANN}'", f"[{ANN}]", f"Address: <{ANN}>;", f"Recipient: {ANN}", f"mailto:{ANN}", f"{ANN.upper()}:",
        f"Failed recipient: <{ANN}>", f"Original-Recipient = {ANN}", f"• {ANN},", f"{ANN}... failed", f"Empfänger: {ANN}",
    ):  # fmt: skip
        text = (
            f"Your message could not be delivered to the following addresses.\n\n{line}\n    550 5.1.1 no such user\n"
        )
        yield Report(f"the address as {line}", words("Undeliverable mail", text + copy()), ((ANN, "failed", True),))
    for name, text in {
        "below": f"Your message could not be delivered to:\n\n{ANN}\n{BOB}\n\nReason: 550 5.1.1 user unknown",
        "above": f"Could not be delivered because of\n\n550 5.1.1 user unknown\n\nThe recipients are:\n  {ANN}\n  {BOB}",
        "by a transcript": f"The following addresses had permanent fatal errors\n{ANN}\n{BOB}\n\n-----\n550 user unknown",
    }.items():
        several = tuple((address, "failed", False) for address in (ANN, BOB))
        yield Report(f"one reason {name}", words("Undeliverable mail", text + "\n" + copy()), several)
    sent = f"Your message from support@desk.example to {ANN} could not be delivered: 550 5.1.1 user unknown."
    yield Report("our own address in a sentence", words("Undeliverable mail", sent + copy()), ((ANN, "failed", True),))
    instead = f"Your message to {ANN} could not be delivered: 550 5.1.1 user unknown. Please write to {BOB} instead."
    told = ((ANN, "failed", True), (BOB, "failed", False))
    yield Report("whom to write to instead", words("Undeliverable mail", instead + copy()), told)
    moved = f"This is the mail system.\n\n<{ANN}>: 550 5.1.6 has moved. The new address is\n\n{BOB}\n"
    yield Report("where somebody has moved to", words("Undeliverable mail", moved + copy()), told)
    table = f"<tr><td>To</td><td>{ANN}</td></tr><tr><td>Error</td><td>550 5.1.1 user unknown</td></tr>"
    table = f"<h1>It could not be delivered</h1><table>{table}<tr><td>ID</td><td>&lt;{OURS}&gt;</td></tr></table>"
    yield Report("a table", words("Undelivered Mail", table, subtype="html"), ((ANN, "failed", True),))
    arrived = f"Your message was delivered to:\n\n<{ANN}>: 250 2.0.0 Ok\n{copy()}"
    yield Report("an arrival in words", words("Successful Delivery", arrived), ((ANN, "delivered", False),))
    for name, text in {
        "expanded": f"<other@g.example> (expanded from <{ANN}>): host mx.g.example said: 552 5.2.2 full",
        "generated": f"  other@g.example\n    (generated from {ANN})\n    552 5.2.2 full",
    }.items():
        raw = words("Mail delivery failed", f"Your message could not be delivered:\n\n{text}\n{copy()}")
        yield Report(f"the address it was {name} from", raw, ((ANN, "failed", False),))


ALL = [
    *of_the_table(),
    *in_languages(),
    *of_several_recipients(),
    *of_odd_fields(),
    *of_encoded_parts(),
    *of_odd_headers(),
    *of_odd_lines(),
]
