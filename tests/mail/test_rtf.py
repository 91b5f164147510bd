"""Rich Text Format: code pages, characters of two bytes or of two halves, and the HTML that Outlook puts into it."""

import struct

import pytest

from mail import tnef
from mail.filenames import kind_of
from mail.rtf import html_in_rtf, rtf_to_text
from tests.support import tnef as make

FONTS = (
    r"{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fcharset204 Arial CYR;}{\f2\fcharset128 MS Gothic;}"
    r"{\f3\fcharset238 Arial CE;}}"
)


def text(body: str, head: str = r"\ansi\ansicpg1252\deff0") -> str:
    return rtf_to_text(rf"{{\rtf1{head}{FONTS}{body}}}")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (r"\pard The lift is stuck.\par", "The lift is stuck."),
        (r"Gr\'fc\'dfe", "Grüße"),
        (r"\f1\'cf\'f0\'e8\'e2\'e5\'f2", "Привет"),
        (r"{\f1\'cf\'f0} caf\'e9", "Пр café"),
        (r"\f1\'cf\'f0\plain  caf\'e9", "Пр café"),
        (r"\f2\'82\'b1\'82\'f1", "こん"),
        (r"\f2\'82\'b1\'83e", "こテ"),
        (r"\f3 \'9elut\'fd k\'f9\'f2", "žlutý kůň"),
        (r"\u8364?uro", "€uro"),
        (r"\u8364 \'80uro", "€uro"),
        (r"\uc0\u8364 uro", "€uro"),
        (r"\uc2\u26085\'93\'fa!", "日!"),
        (r"{\uc2\u26085\'93\'fa}\u8364?", "日€"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"\u55357?", "\ufffd"),
        (r"a\{b\}\\c", r"a{b}\c"),
        (r"10\~kg", "10\u00a0kg"),
        (r"one\line two\tab three", "one\ntwo\tthree"),
        (r"{\*\generator Riched20;}{\pict 0102}seen", "seen"),
        (r"{\field{\*\fldinst HYPERLINK http://a.example}{\fldrslt here}}", "here"),
        (r"\f2\'82", "\ufffd"),
        (r"}}}\'fc", "ü"),
    ],
)
def test_words_come_in_the_code_page_of_their_font(body: str, says: str) -> None:
    assert text(body).strip() == says


@pytest.mark.parametrize(
    ("head", "body", "says"),
    [
        (r"\ansi\ansicpg1251", r"\'cf\'f0", "Пр"),
        (r"\ansi\ansicpg1251", r"\f0\'cf\'f0", "Пр"),
        (r"\ansi\ansicpg932", r"\'82\'b1", "こ"),
        (r"\ansi\ansicpg932", r"\f0 caf\'e9", "café"),
        (r"\ansi\ansicpg99999", r"\'fc", "ü"),
        (r"\ansi\ansicpg65001", r"\'c3\'bc", "ü"),
        (r"\mac", r"\'9f", "ü"),
        (r"\pc", r"\'81", "ü"),
    ],
)
def test_without_a_character_set_the_page_of_the_whole_counts(head: str, body: str, says: str) -> None:
    assert text(body, head) == says


def test_what_is_no_rtf_stays() -> None:
    assert rtf_to_text(r"C:\users\'fc") == r"C:\users\'fc"
    assert html_in_rtf(r"{\rtf1\ansi\ansicpg1252\pard plain}") is None


HTML_LETTER = (
    r"{\rtf1\ansi\ansicpg1252\fromhtml1 \fbidis \deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fcharset204 Arial;}}"
    r"{\*\htmltag19 <html>}{\*\htmltag50 <body>}{\*\mhtmltag84 <img src=old>}"
    r"{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Gr\'fc\'dfe {\*\htmltag84 &amp;}\htmlrtf &\htmlrtf0  {\f1\'cf\'f0}"
    r'{\*\htmltag84 <img src="cid:logo@x" alt="logo">}\htmlrtf {\b logo}\htmlrtf0 '
    r"\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}\htmlrtf seen by others only\htmlrtf0{\*\htmltag58 </body>}}"
)


def test_the_html_that_outlook_put_into_it_comes_out_as_it_was() -> None:
    letter = '<html><body><p>Grüße &amp; Пр<img src="cid:logo@x" alt="logo"></p></body>'
    assert html_in_rtf(HTML_LETTER) == letter


def test_the_html_in_the_rtf_of_a_container_is_its_letter() -> None:
    rtf = HTML_LETTER.encode("latin-1")
    packed = struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf
    properties = make.attribute(tnef.MESSAGE_PROPERTIES, make.properties((tnef.RTF_BODY, packed)))
    bodies = dict(tnef.opened(make.container(properties)).bodies)
    assert "Пр" in bodies["text/html"]
    assert "seen by others only" not in bodies["text/html"]


@pytest.mark.parametrize(
    ("name", "kind"), [("a.txt", "text/plain"), ("A.XML", "application/xml"), ("a.htm", "text/html")]
)
def test_a_file_is_of_the_kind_that_its_name_is_usual_for(name: str, kind: str) -> None:
    assert kind_of(name) == kind
