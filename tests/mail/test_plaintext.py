"""What a text body says: HTML as text, flowed paragraphs, uuencoded files."""

import pytest

from mail.plaintext import extract_uuencoded, html_to_text, unflow


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


class TestUuencode:
    def test_a_file_between_texts(self) -> None:
        assert extract_uuencoded("a\nbegin 644 x y\n#0V%T\n`\nend\nb") == ("a\nb", [("x y", b"Cat")])

    @pytest.mark.parametrize(
        "text",
        ["begin 644 x\n#0V%T\n", "begin 644 x\nno code at all!\nend", "begin again\nend", "the end\nbegin 644 x", ""],
    )
    def test_what_is_none_stays_text(self, text: str) -> None:
        assert extract_uuencoded(text) == (text, [])
