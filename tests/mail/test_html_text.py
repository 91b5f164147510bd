"""An HTML letter as text: links with their addresses, quotes with their marks; and as a page that harms nobody."""

import pytest

from mail.html_text import html_to_text
from mail.quotes import strip_quote
from mail.sanitised import Images, page


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('See <a href="https://a.example/x?y=1&amp;z=2">our page</a>.', "See our page <https://a.example/x?y=1&z=2>."),
        ('<a href="https://a.example/"><b>bold</b></a>', "bold <https://a.example/>"),
        ('<a href="https://www.a.example/">www.a.example</a>', "www.a.example"),
        ('<a href="https://a.example/x">a.example/x</a>', "a.example/x"),
        ('<a href="https://evil.example/">https://bank.example/</a>', "https://bank.example/ <https://evil.example/>"),
        ('<a href="mailto:x@y.example?subject=hi">write us</a>', "write us <x@y.example>"),
        ('<a href="mailto:x@y.example">x@y.example</a>', "x@y.example"),
        ('<a href="tel:+49301234">call</a>', "call <tel:+49301234>"),
        ('<a href="tel:+49301234">+49 (30) 12-34</a>', "+49 (30) 12-34"),
        ('<a href="https://a.example/"><img src="x"></a>', "<https://a.example/>"),
        ('<a href="https://a.ex\n ample/x">here</a>', "here <https://a.example/x>"),
        ('<a href="#top">top</a> <a href="javascript:x()">x</a> <a href="/y">y</a> <a>z</a>', "top x y z"),
        ('<a href="data:text/html,x">d</a> <a href="file:///etc/passwd">f</a>', "d f"),
        ('<a href="ftp://a.example/f">file</a>', "file <ftp://a.example/f>"),
        (f'<a href="https://a.example/{"x" * 5000}">long</a>', "long"),
        ("<a href=https://a.example/1>one</a><a href=https://a.example/2>two</a>", "one <https://a.example/1>two <https://a.example/2>"),
        ('<table><tr><td><a href="https://a.example/">a</a></td><td>b</td></tr></table>', "a <https://a.example/>  b"),
    ],
)  # fmt: skip
def test_a_links_address_stands_in_the_text(html: str, text: str) -> None:
    assert html_to_text(f"<body>{html}</body>").strip() == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<!--[if mso]>no<![endif]-->yes", "yes"),
        ("<!--[if !mso]><!-->yes<!--<![endif]-->", "yes"),
        ("<![if !mso]>yes<![endif]>", "yes"),
        ("<!--[if gte mso 9]><xml><o:x>no</o:x></xml><![endif]--><p>yes", "yes"),
        ('<div style="display:none">no</div>yes', "yes"),
        ("<title>no</title><style>no</style><script>no</script>yes", "yes"),
        ("<STYLE>no</STYLE>yes", "yes"),
        ("İ<style>no</style>yes", "İyes"),
        ('<img alt="The lift" src="x">', "[The lift]"),
        ("<p>a<br>b<ul><li>c<li>d</ul>", "a\nb\n* c\n* d"),
    ],
)
def test_what_is_seen(html: str, text: str) -> None:
    assert html_to_text(f"<body>{html}</body>").replace("\n\n", "\n").replace("  *", "*").strip() == text


QUOTES = {
    "cite": '<blockquote type="cite">Is it on?</blockquote>',
    "gmail": '<div class="gmail_quote"><blockquote class="gmail_quote">Is it on?</blockquote></div>',
    "proton": '<blockquote class="protonmail_quote" type="cite"><div>Is it on?</div></blockquote>',
    "cite in cite": '<blockquote type="cite"><blockquote type="cite">Older</blockquote>Is it on?</blockquote>',
}


@pytest.mark.parametrize("name", QUOTES)
def test_a_quote_is_marked_so_that_answers_are_told_from_it(name: str) -> None:
    attribution = "<div>On Mon, Nov 16, 2026 at 10:30 AM Support &lt;s@example.com&gt; wrote:</div>"
    above = html_to_text(f"<div>Yes.</div>{attribution}{QUOTES[name]}")
    assert strip_quote(above)[0].strip() == "Yes."
    below = html_to_text(f"{attribution}{QUOTES[name]}<div>Yes.</div>")
    assert strip_quote(below) == (below, "")
    assert "> Is it on?" in below
    between = html_to_text(f"{attribution}{QUOTES[name]}<p>Yes.</p>{QUOTES[name]}<p>No.</p>")
    assert strip_quote(between) == (between, "")
    assert between.index("Yes.") < between.rindex("> Is it on?") < between.index("No.")


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "html",
    ["<!--" * 100_000, '<a href="https://x.example/">' * 15_000, "<blockquote type=cite>" * 20_000, "<svg>" * 80_000,
     "'data:" * 80_000, "<blockquote type=cite>x</blockquote>" * 10_000, "<style" * 80_000, "\ue0001\ue001" * 50_000],
)  # fmt: skip
def test_hostile_html_takes_no_time(html: str) -> None:
    assert "bottom" in html_to_text(f"bottom<p>{html}")


DANGEROUS = [
    "<script>evil()</script>", "<img src=x onerror=evil()>", "<svg onload=evil()>", '<a href="javascript:evil()">x</a>',
    '<a href="JaVaScRiPt&#58;evil()">x</a>', '<a href="data:text/html,evil">x</a>', "<iframe src=//evil></iframe>",
    "<form action=//evil><input name=evil></form>", "<object data=//evil></object>", "<embed src=//evil>",
    "<base href=//evil>", '<meta http-equiv=refresh content="0;url=//evil">', "<link rel=stylesheet href=//evil>",
    "<style>@import '//evil';</style>", '<p style="background:url(//evil)">x</p>', '<table background="//evil"><tr><td>x</table>',
    '<img srcset="//evil 2x">', "<video src=//evil></video>", '<img src="data:image/svg+xml,evil">', "<math><evil>",
    "<noscript><p title='</noscript><img src=x onerror=evil()>'>", "<template><script>evil()</script></template>",
    '<img src="//evil/p.gif">', '<a href="//evil">x</a>', "<title>evil</title>", "<select><style>evil</style></select>",
    '<img src="cid:unknown-evil">', '<area href="javascript:evil()">', "<button formaction=javascript:evil()>x</button>",
]  # fmt: skip


@pytest.mark.parametrize("images", Images)
@pytest.mark.parametrize("html", DANGEROUS)
def test_a_page_runs_loads_and_sends_nothing(html: str, images: Images) -> None:
    shown = page(f"<p>The words.</p>{html}", "", images)
    assert "The words." in shown
    assert "evil" not in shown.lower()


@pytest.mark.parametrize("images", Images)
def test_pictures_come_when_they_are_asked_for(images: Images) -> None:
    html = '<img src="https://a.example/p.png" alt="far"><img src="cid:a%40b" alt="near"><img src="data:image/png;base64,AAAA">'
    shown = page(html, "", images, {"a@b": "data:image/png;base64,BBBB"})
    assert ('alt="far"' in shown, 'alt="near"' in shown) == (True, True)
    assert ("https://a.example" in shown) is (images is Images.REMOTE)
    assert ("base64,BBBB" in shown, "base64,AAAA" in shown) == ((images is not Images.NONE),) * 2


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "html",
    ["<div>" * 150_000, "<ul><li>" * 60_000, "".join(f"<font color=c{n}>" for n in range(400)) + "<p>x" * 100_000,
     "<b>" * 200_000 + "<p>x" * 50_000, "<p " + "a=1 " * 100_000 + ">x", "<table><tr><td>" * 40_000],
    ids=["div", "ul", "font", "b", "attributes", "table"],
)  # fmt: skip
def test_html_that_would_exhaust_is_shown_as_text(html: str) -> None:
    shown = page(html, "the text")
    assert "<pre>the text</pre>" in shown


def test_a_letter_of_usual_size_is_shown_as_html() -> None:
    row = '<tr><td style="x"><p>Hello <b>world</b> <a href="https://x.example">x</a></p></td></tr>'
    letter = "<table><tbody>" * 30 + row * 3000 + "</table>" * 30
    assert page(letter, "").count("<b>world</b>") == 3000
