"""Which part of a mail is its letter, whatever the parts are called, and in whatever form their headers come."""

from base64 import encodebytes

import pytest

from mail.kinds import AttachmentKind
from mail.message import ParsedMail
from mail.parse import parse

HEAD = "From: a@example.net\nSubject: x\n"
TEXT = "The lift is stuck."
PDF = "Content-Type: application/pdf; name=order.pdf\nContent-Disposition: attachment; filename=order.pdf\n\n%PDF-"
RICH = f"Content-Type: text/html\n\n<p>{TEXT}</p>"


def multipart(kind: str, *parts: str, boundary: str = "=_b") -> str:
    between = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{between}--{boundary}--\n'


def plain(text: str = TEXT, *headers: str) -> str:
    return "\n".join(headers or ("Content-Type: text/plain",)) + f"\n\n{text}"


def read(body: str | bytes) -> ParsedMail:
    raw = body if isinstance(body, bytes) else body.encode()
    return parse(HEAD.encode() + raw)


def files(mail: ParsedMail) -> list[str]:
    return [each.filename for each in mail.attachments]


NAMED = "Content-Type: text/plain; name=message.txt"
INLINE = "Content-Disposition: inline; filename=message.txt"
ATTACHED = "Content-Disposition: attachment"
ATT = "Content-Disposition: attachment; filename=ATT00001.txt"
NOTES = "Content-Disposition: attachment; filename=notes.txt"

LETTERS = {
    "it has a name": (plain(TEXT, NAMED), []),
    "it has a name, and is inline": (plain(TEXT, NAMED, INLINE), []),
    "it is called an attachment": (plain(TEXT, ATTACHED), []),
    "it is called an attachment, in HTML": (f"Content-Type: text/html\n{ATTACHED}\n\n<p>{TEXT}", []),
    "it has a program's name": (plain(TEXT, ATT), []),
    "it is attached under a name of its own": (plain(TEXT, NOTES), ["notes.txt"]),
    "HTML with a name": (f"Content-Type: text/html; name=body.html\n\n<p>{TEXT}", []),
    "beside a file": (multipart("mixed", plain(TEXT, NAMED, INLINE), PDF), ["order.pdf"]),
    "behind a file": (multipart("mixed", PDF, plain(TEXT, NAMED, INLINE)), ["order.pdf"]),
    "called an attachment beside a file": (multipart("mixed", plain(TEXT, ATTACHED), PDF), ["order.pdf"]),
    "alternatives with names": (
        multipart("alternative", plain(TEXT, NAMED, INLINE), f"Content-Type: text/html; name=message.html\n{INLINE}\n\n<p>x"),
        [],
    ),
    "alternatives, of which one has a name": (multipart("alternative", plain(), "Content-Type: text/html; name=b\n\n<p>x"), []),
    "alternatives with names, and a file": (
        multipart("mixed", multipart("alternative", plain(TEXT, NAMED, INLINE), RICH, boundary="=_n"), PDF),
        ["order.pdf"],
    ),
    "related with a name": (
        multipart("related", f"Content-Type: text/html; name=m.html\n\n<p>{TEXT}", "Content-Type: image/png; name=a.png\n\nx"),
        ["a.png"],
    ),
    "a text, and a file of text": (multipart("mixed", plain(), plain("a list", NOTES)), ["notes.txt"]),
    "a text, and a file of text inline": (multipart("mixed", plain(), plain("a list", NAMED, INLINE)), ["message.txt"]),
    "several named texts, the first inline": (
        multipart("mixed", plain(TEXT, NAMED, INLINE), plain("a list", NOTES)), ["notes.txt"],
    ),
    "no type": (plain(TEXT, "X-Nothing: here"), []),
    "no type, in HTML": (f"\n<!DOCTYPE html><html><body><p>{TEXT}</p></body></html>", []),
    "no type, in HTML behind a comment": (f"\n<!-- made by x -->\n<html><p>{TEXT}</p></html>", []),
    "no type, but a part": (multipart("mixed", f"\n{TEXT}", PDF), ["order.pdf"]),
    "markdown": (plain(TEXT, "Content-Type: text/markdown"), []),
    "a type of long ago": (plain(TEXT, "Content-Type: text"), []),
    "an AMP part beside it": (multipart("alternative", plain(), "Content-Type: text/x-amp-html\n\n<html amp4email>x", RICH), []),
    "an AMP part alone": (f"Content-Type: text/x-amp-html\n\n<html amp4email><p>{TEXT}</p>", []),
    "rich text alone": (r"Content-Type: text/rtf" + "\n\n" + r"{\rtf1\ansi{\fonttbl\f0 Arial;}\f0\pard The lift is stuck.\par}",
                        ["attachment.rtf"]),
}  # fmt: skip


@pytest.mark.parametrize("name", LETTERS)
def test_the_letter_is_found(name: str) -> None:
    body, kept = LETTERS[name]
    mail = read(body)
    assert mail.text.strip() == TEXT
    assert files(mail) == kept


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (multipart("mixed", plain(" "), plain("a list", NOTES)), ["notes.txt"]),
        (multipart("mixed", plain("a", NOTES), plain("b", "Content-Disposition: attachment; filename=more.txt")),
         ["notes.txt", "more.txt"]),
        (PDF, ["order.pdf"]),
        ("Content-Type: text/csv; name=a.csv\n\n1,2", ["a.csv"]),
    ],
    ids=["a blank letter with a file of text", "two files of text", "a file alone", "a table alone"],
)  # fmt: skip
def test_a_file_stays_a_file(body: str, kept: list[str]) -> None:
    mail = read(body)
    assert mail.text.strip() == ""
    assert files(mail) == kept


TYPES = {
    "no semicolon": "text/html charset=UTF-8",
    "a comma": "text/html, charset=UTF-8",
    "a colon": "text/html: charset=UTF-8",
    "no semicolon between": 'text/html; charset="utf-8" format=flowed',
    "on the next line": "text/html\n charset=utf-8",
    "on the next line, not folded": "text/html;\ncharset=utf-8",
    "a slash too many": "text/html/; charset=utf-8",
    "twice": "text/html/html; charset=utf-8",
    "in quotes": '"text/html"; charset=utf-8',
    "one word": "html; charset=utf-8",
    "a synonym": "text/htm; charset=utf-8",
    "its name again": "Content-Type: text/html; charset=utf-8",
    "an encoded word": "=?utf-8?q?text/html=3B_charset=3Dutf-8?=",
    "an encoded word, in base64": "=?unknown-8bit?b?dGV4dC9odG1sOyBjaGFyc2V0PXV0Zi04?=",
    "blanks around the slash": "text / html; charset = utf-8",
    "a comment": "text/html (rich); charset=utf-8 (Unicode)",
    "capitals": "TEXT/HTML; CHARSET=UTF-8",
    "letters the wrong way round": "text/htlm; charset=utf-8",
    "without a slash": "texthtml; charset=utf-8",
    "a dash for the slash": "text-html; charset=utf-8",
    "experimental": "x-text/html; charset=utf-8",
    "an application": "application/html; charset=utf-8",
    "the wrong way round": "html/text; charset=utf-8",
    "a backslash": "text\\html; charset=utf-8",
}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_that_can_be_guessed_is_guessed(name: str) -> None:
    mail = read(f"Content-Type: {TYPES[name]}\nContent-Transfer-Encoding: 8bit\n\n<p>Größe</p>\n")
    assert (mail.text, mail.html) == ("Größe", "<p>Größe</p>\n")
    inner = read(multipart("mixed", f"Content-Type: {TYPES[name]}\n\n<p>Größe</p>"))
    assert inner.text == "Größe"


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ("Content-Type: =?utf-8?q?application/pdf=3B_name=3D=22Gr=C3=B6=C3=9Fe=2Epdf=22?=", ("Größe.pdf", "application/pdf")),
        ("Content-Type: application/pdf name=a.pdf\nContent-Disposition: attachment", ("a.pdf", "application/pdf")),
        ("Content-Type: application/pdf\nContent-Disposition: attachment filename=a.pdf", ("a.pdf", "application/pdf")),
        ('Content-Type: application/pdf\nContent-Disposition: attachment, filename="a b.pdf"', ("a b.pdf", "application/pdf")),
        ("Content-Type: pdf\nContent-Disposition: attachment; filename=a.pdf", ("a.pdf", "application/pdf")),
        ("Content-Type: ???\nContent-Disposition: attachment; filename=a.pdf", ("a.pdf", "application/pdf")),
        ("Content-Type: ???\nContent-Disposition: attachment; filename=a.xyz", ("a.xyz", "application/octet-stream")),
        ("Content-Type: application/pdf;\nname=a.pdf\nContent-Disposition: attachment", ("a.pdf", "application/pdf")),
        ("Content-Disposition: =?utf-8?q?attachment=3B_filename=3Da=2Epdf?=\nContent-Type: application/pdf",
         ("a.pdf", "application/pdf")),
    ],
)  # fmt: skip
def test_a_file_keeps_its_name_and_type(headers: str, kept: tuple[str, str]) -> None:
    mail = read(multipart("mixed", plain(), f"{headers}\n\n%PDF-"))
    assert mail.text == TEXT
    assert [(each.filename, each.content_type, each.content) for each in mail.attachments] == [(*kept, b"%PDF-")]


UNKNOWN_TYPES = [
    "text/plane", "text/palin", "txt/plain", "plain/text", "message/plain", "text/unknown-thing", "words/plain",
    "application/octet-stream", "/plain", "text/x-letter; charset=utf-8",
]  # fmt: skip


@pytest.mark.parametrize("kind", UNKNOWN_TYPES)
def test_the_only_words_of_a_mail_are_its_text_whatever_their_type(kind: str) -> None:
    assert read(f"Content-Type: {kind}\n\n{TEXT}").text.strip() == TEXT
    assert read(multipart("mixed", f"Content-Type: {kind}\n\n{TEXT}", PDF)).text.strip() == TEXT


@pytest.mark.parametrize(
    "part",
    [
        "Content-Type: image/png\n\nwords",
        "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----",
        "Content-Type: application/octet-stream; name=a.bin\n\nwords",
        "Content-Type: text/x-log; name=a.log\n\nwords",
        "Content-Type: text/x-log\nContent-Disposition: attachment\n\nwords",
        "Content-Type: application/octet-stream\n\nPK\x03\x04\x00",
    ],
)
def test_what_is_a_file_all_the_same(part: str) -> None:
    mail = read(part)
    assert (mail.text, len(mail.attachments)) == ("", 1)


@pytest.mark.parametrize(
    "kind", ["text/unknown-thing", "words/html", "application/octet-stream", "/html", "text/x-letter"]
)
def test_the_only_words_of_a_mail_are_its_text_in_html_too(kind: str) -> None:
    assert read(f"Content-Type: {kind}\n\n<html><body><p>{TEXT}</p></body></html>").text == TEXT


@pytest.mark.parametrize(
    "kind",
    ["mulitpart/mixed", "multi-part/mixed", "multipart-mixed", "text/plain", "text/html", "application/octet-stream"],
)
def test_parts_between_boundaries_that_are_named_are_parts(kind: str) -> None:
    mail = read(multipart("mixed", plain(), PDF).replace("multipart/mixed", kind))
    assert (mail.text, files(mail)) == (TEXT, ["order.pdf"])


@pytest.mark.parametrize(
    "encoding",
    ["quoted-printable charset=utf-8", "quoted-printable, 8bit", "Quoted-Printable 7bit", "quoted-printable; x=y (z)",
     "quoted-printable format=flowed", "qp, please"],
)  # fmt: skip
def test_an_encoding_with_other_words_behind_it_is_read(encoding: str) -> None:
    body = "The lift is =\nstuck=2E"
    assert read(f"Content-Type: text/plain\nContent-Transfer-Encoding: {encoding}\n\n{body}").text == TEXT


SHORT_BESIDE_A_LETTER = [
    "null", "undefined", "[cid:image001.png]", "[image: logo]", "Sent from my iPhone", "{{text}}", "(no text)", "Yes, 12",
]  # fmt: skip
LETTER = "Dear support, my washing machine does not spin any more. The number is 123. Kind regards, Ann"


@pytest.mark.parametrize("text", SHORT_BESIDE_A_LETTER)
def test_a_short_text_does_not_hide_a_letter_in_html_and_is_not_hidden_itself(text: str) -> None:
    mail = read(multipart("alternative", plain(text), f"Content-Type: text/html\n\n<p>{LETTER}</p>"))
    assert mail.text == f"{text}\n\n{LETTER}"


@pytest.mark.parametrize("text", ["--", "==========", "...", "Dear support", "* * *", "Kind regards"])
def test_a_text_that_says_nothing_beside_a_letter_is_left_out(text: str) -> None:
    mail = read(multipart("alternative", plain(text), f"Content-Type: text/html\n\n<p>{LETTER}</p>"))
    assert mail.text == LETTER


STUBS = {
    "english": "This message is in HTML. Your mail program does not show it.",
    "english, support": "Your email client does not support HTML messages.",
    "english, browser": "To view this email, open it in your browser: https://shop.example/view?id=1",
    "german": "Diese Nachricht ist im HTML-Format. Ihr E-Mail-Programm kann sie nicht anzeigen.",
    "german, online": "Hier geht es zur Online-Version: https://shop.example/v",
    "french": "Votre logiciel de messagerie ne prend pas en charge le HTML.",
    "spanish": "Su cliente de correo no admite mensajes HTML.",
    "dutch": "Dit bericht is in HTML-formaat opgemaakt.",
    "russian": "Ваша почтовая программа не показывает HTML.",
    "japanese": "このメールはHTML形式です。",
    "links alone": "https://click.shop.example/abc\n<https://click.shop.example/def>\n",
    "a zero-width space": "\u200b\ufeff",
    "soft hyphens and joiners": "\u00ad\u200c\u200d\u2060 \u034f",
    "no-break spaces": "\u00a0\u00a0\n\u2003",
    "a blank of Braille": "\u2800\u3164",
    "marks of direction": "\u200e\u202a\u202c",
}


@pytest.mark.parametrize("name", STUBS)
def test_a_text_that_says_nothing_does_not_hide_the_html(name: str) -> None:
    assert (
        read(multipart("alternative", plain(STUBS[name], "Content-Type: text/plain; charset=utf-8"), RICH)).text == TEXT
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("My browser shows no HTML.", "<p>My browser shows no HTML.</p>"),
        (
            "Please send me the HTML version of the invoice.",
            "<p>Please send me the <b>HTML</b> version of the invoice.</p>",
        ),
        ("Yes", "<p>Yes, but rich</p>"),
        ("See https://shop.example/x", '<p>See <a href="https://shop.example/x">this</a></p>'),
        ("The mail program crashes", "<img src=x>"),
        ("👍", "<p>thumbs up</p>"),
        ("42", "<p>42</p>"),
    ],
)
def test_a_text_that_says_something_is_the_text(text: str, html: str) -> None:
    parts = plain(text, "Content-Type: text/plain; charset=utf-8"), f"Content-Type: text/html\n\n{html}"
    assert read(multipart("alternative", *parts)).text == text


@pytest.mark.parametrize(
    "before",
    [
        '<img src="data:image/png;base64,' + "A" * 600_000 + '">',
        "<img src='data:image/png;base64," + "A\n" * 300_000 + "'>",
        '<div style="background:url(data:image/png;base64,' + "A" * 600_000 + ')"></div>',
        "<style>" + "p{color:red}" * 60_000 + "</style>",
        "<!--[if mso]>" + "x" * 600_000 + "<![endif]-->",
        "<script>" + "x()" * 200_000 + "</script>",
        "<svg><path d='" + "M0 0 " * 120_000 + "'/></svg>",
        '<img src="data:image/png;base64,' + "A" * 1_500_000 + '">',
        " \n" * 300_000,
        "<p>" + "&nbsp;" * 100_000 + "</p>",
    ],
    ids=[
        "picture",
        "picture in lines",
        "picture in a style",
        "style",
        "comment",
        "script",
        "drawing",
        "large picture",
        "blank lines",
        "blanks",
    ],
)
def test_words_behind_something_long_are_read(before: str) -> None:
    mail = read(f"Content-Type: text/html\n\n<html><body>{before}<p>{TEXT}</p></body></html>")
    assert mail.text == TEXT
    assert mail.html is not None
    assert TEXT in mail.html


VISIT = (
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Visit\nLOCATION:Hall 3\nDTSTART:20261120T100000Z\n"
    "DESCRIPTION:Bring the\n  key\\, please\\nThanks\nEND:VEVENT\nEND:VCALENDAR"
)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (VISIT, "Visit\n2026-11-20 10:00 UTC\nHall 3\nBring the key, please\nThanks"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=Europe/Berlin:20261120T100000\nSUMMARY;LANGUAGE=de:Besuch\nEND:VEVENT",
         "Besuch\n2026-11-20 10:00 Europe/Berlin"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261120\nSUMMARY:All day\nEND:VEVENT", "All day\n2026-11-20"),
        ('BEGIN:VEVENT\nDESCRIPTION;ALTREP="cid:x@y.example":Come\nLOCATION;ALTREP="http://x.example:1/":Hall', "Hall\nCome"),
        ("BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:Send the part\nDUE:20261201T090000Z\nEND:VTODO",
         "Send the part\n2026-12-01 09:00 UTC"),
        ("no calendar at all", ""),
    ],
)  # fmt: skip
def test_an_invitation_alone_tells_what_it_is(body: str, text: str) -> None:
    mail = read(f"Content-Type: text/calendar; method=REQUEST\n\n{body}\n")
    assert mail.text == text
    assert [(each.kind, each.method) for each in mail.attachments] == [(AttachmentKind.CALENDAR, "REQUEST")]


@pytest.mark.parametrize(
    ("method", "status", "said"),
    [
        ("REPLY", "DECLINED", "DECLINED"), ("reply", "accepted", "ACCEPTED"), ("REPLY", "TENTATIVE", "TENTATIVE"),
        ("COUNTER", "TENTATIVE", "COUNTERPROPOSAL"), ("DECLINECOUNTER", "NEEDS-ACTION", "COUNTERPROPOSAL DECLINED"),
        ("CANCEL", "NEEDS-ACTION", "CANCELLED"),
    ],
)  # fmt: skip
def test_an_answer_to_an_invitation_tells_which_it_is(method: str, status: str, said: str) -> None:
    body = (
        f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\n"
        f'ATTENDEE;CN="Bell: Ann";PARTSTAT={status}:mailto:ann@b.example\r\nSUMMARY:Visit\r\nEND:VEVENT\r\n'
    )
    assert read(f"Content-Type: text/calendar; method={method}\n\n{body}").text == f"{said}\nVisit"


def test_an_invitation_tells_nothing_of_who_comes() -> None:
    body = VISIT.replace("BEGIN:VEVENT", "METHOD:REQUEST\nBEGIN:VEVENT\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example")
    assert read(f"Content-Type: text/calendar; method=REQUEST\n\n{body}\n").text.startswith("Visit\n")


def test_winmail_dat_is_kept_and_the_text_beside_it_read() -> None:
    tnef = encodebytes(b"\x78\x9f\x3e\x22\x00").decode()
    part = f"Content-Type: application/octet-stream; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{tnef}"
    mail = read(multipart("mixed", plain(TEXT, NAMED, INLINE), part))
    assert (mail.text, [each.kind for each in mail.attachments]) == (TEXT, [AttachmentKind.TNEF])
