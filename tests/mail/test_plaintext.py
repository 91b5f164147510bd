"""What a text body says: HTML as text, flowed paragraphs, uuencoded files."""

import pytest

from mail.html_text import html_to_text
from mail.plaintext import enriched_to_text, extract_uuencoded, unflow


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two", "one\n\ntwo"),
        ("a&amp;b &lt;x&gt;", "a&b <x>"),
        ("<style>p{}</style><script>evil()</script>hello", "hello"),
        ("", ""),
        ("<", "<"),
        ('<?xml version="1.0" encoding="utf-8"?><p>x</p>', "x"),
        ("<div>" * 10_000 + "deep", "deep"),
        ("a<br>b", "a\nb"),
    ],
)
def test_html_to_text(html: str, text: str) -> None:
    assert html_to_text(html).strip() == text


@pytest.mark.parametrize(
    ("flowed", "text"),
    [
        ("one \ntwo\nthree", "one two\nthree"),
        ("> one \n> two\nown", "> one two\nown"),
        (">> one \n> two", ">> one \n> two"),
        (" From \n >x", "From >x"),
        ("me \n-- \nsig", "me \n-- \nsig"),
        ("", ""),
    ],
)
def test_unflow(flowed: str, text: str) -> None:
    assert unflow(flowed, delsp=False) == text


def test_unflow_delsp() -> None:
    assert unflow("日本 \n語", delsp=True) == "日本語"


@pytest.mark.parametrize(
    ("enriched", "text"),
    [
        ("<bold>a</bold>\nb\n\nc\n\n\nd", "a b\nc\n\nd"),
        ("1 << 2", "1 < 2"),
        ("<fontfamily><param>x</param>y</fontfamily>", "y"),
        ("<" * 10_000, "<" * 5_000),
    ],
)
def test_enriched(enriched: str, text: str) -> None:
    assert enriched_to_text(enriched) == text


DEEP = "<div>" * 5000


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f"{DEEP}a<br>b</div>c", "a\nb\nc"),
        (f"{DEEP}a<!-- b > <p> -->c", "ac"),
        (f"{DEEP}a<style>p > q {{}}</style>c<script>x</script >d", "acd"),
        (f"{DEEP}1 < 2 &lt; 3", "1 < 2 < 3"),
        (f"{DEEP}a<p title='x", "a"),
        (f"{DEEP}a<!-- never closed <p>b", "a"),
    ],
)
def test_html_that_is_too_deep_for_layout(html: str, text: str) -> None:
    assert html_to_text(html) == text


class TestUuencode:
    def test_not_more_files_than_wanted(self) -> None:
        file = "begin 644 x\n#0V%T\n`\nend\n"
        text, files = extract_uuencoded(file * 3, 2)
        assert (text.strip(), files) == (file.strip(), [("x", b"Cat")] * 2)

    def test_a_file_between_texts(self) -> None:
        assert extract_uuencoded("a\nbegin 644 x y\n#0V%T\n`\nend\nb", 100) == ("a\nb", [("x y", b"Cat")])

    @pytest.mark.parametrize(
        "text",
        [
            "begin 644 x\n#0V%T\n`\nend", "begin 0644 x\n#0V%T\n \nend", "begin 644 x\n#0V%T\n\nend ",
            "begin-base64 644 x\nQ2F0\n====",
        ],
    )  # fmt: skip
    def test_the_forms_of_a_file(self, text: str) -> None:
        assert extract_uuencoded(f"a\n{text}\nb", 100) == ("a\nb", [("x", b"Cat")])

    @pytest.mark.parametrize(
        "text",
        [
            "begin 644 x\n#0V%T\n",
            "begin 644 x\nno code at all!\nend",
            "begin again\nend",
            "begin 2026 with a new one\nend",
            "begin 2026 x\n\nend",
            "begin 644 x\nPLEASE HELP ME WITH THE LOG\nend",
            "the end\nbegin 644 x",
            "",
        ],
    )
    def test_what_is_none_stays_text(self, text: str) -> None:
        assert extract_uuencoded(text, 100) == (text, [])
