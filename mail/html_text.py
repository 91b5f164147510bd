"""An HTML letter as text: what its reader sees, where its links lead, and what it quotes."""

import html as html_entities
import re
import textwrap

from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml.html import HtmlElement, document_fromstring

LONGEST_HTML = 500_000
"""Characters that are rendered as text, without pictures, styles and comments: layout takes time with every table."""
LONGEST_LINK = 2_000
"""Characters of an address that stands in the text."""
MOST_LINKS = 5_000
MOST_QUOTES = 200
"""Quoted mails that are marked as such; beyond, they are shown unmarked."""

TAG = re.compile(r"<(!--|[/!?]?[a-z][a-z0-9]{0,20}|[/!?])", re.IGNORECASE)
UNSEEN = {"!--", "script", "style", "title", "head"}
BREAKING = {"br", "p", "/p", "div", "/div", "tr", "/tr", "li", "h1", "h2", "h3", "blockquote", "/blockquote", "pre"}
WITHOUT_WORDS = re.compile(r"<(!--|style\b|script\b|svg\b)", re.IGNORECASE)
BLANKS = re.compile(r"(?:\s|&nbsp;|&#160;){8,}")
MOST_BLANKS = 400
"""Characters of them that are kept: more sets nothing off, and would use up what is rendered."""
DATA_URI = re.compile(r"([\"'(=])\s{0,9}data:[^\"'()<>]*", re.IGNORECASE)
XML_DECLARATION = re.compile(r"<\?xml .{0,200}?>")
LEADS_SOMEWHERE = re.compile(r"(https?|ftps?|mailto|tel|sms|callto|sips?):", re.IGNORECASE)
SCHEME = re.compile(r"^(?:https?://(?:www\.)?|www\.|mailto:|tel:)", re.IGNORECASE)
QUOTE = re.compile(r"quote|cite", re.IGNORECASE)
AS_SHOWN = ParserConfig(css=CSS_PROFILES["strict"])
"""As a browser lays it out: the other profile sets off each <div> and each <span>."""
WITH_PICTURES = ParserConfig(css=CSS_PROFILES["strict"], display_images=True)
QUOTED = "\ue000{}\ue001"
"""Stands for a quote until the text around it is laid out. Of the private use area: an honest mail has none."""
PLACE = re.compile(r"^[^\S\n]*\ue000(\d{1,4})\ue001[^\S\n]*$", re.MULTILINE)


def html_to_text(html: str) -> str:
    """The visible text: a link's address behind its words, `>` before each line of a quoted mail. Without layout where
    the document is too odd for it; the descriptions of pictures where it has nothing else. Never raises."""
    source = lightened(html)[:LONGEST_HTML].replace("\ue000", "").replace("\ue001", "")
    if TAG.search(source) is None:  # text that is called HTML
        return _tidy(html_entities.unescape(source))
    try:
        text = _laid_out(source)
    except Exception:  # noqa: BLE001 a renderer over lxml: any of a dozen errors means "too odd"
        text = ""
    if not text.strip("> \n\t\xa0"):  # also what it answers to ten thousand nested tags
        text = html_entities.unescape(_without_tags(source))
    return _tidy(text)


def lightened(html: str) -> str:
    """Without what has no words and may be long: pictures within addresses, styles, scripts, comments, runs of blanks."""
    bare = _without_blocks(without_data(html))
    return BLANKS.sub(lambda found: found[0] if len(found[0]) <= MOST_BLANKS else "\n", bare)


def without_data(html: str) -> str:
    """Without the pictures that stand in the addresses (`data:`) themselves."""
    return DATA_URI.sub(r"\1", html) if "data:" in html or "DATA:" in html else html


def _laid_out(source: str) -> str:
    tree = _tree(source)
    if tree is None:
        return ""
    _show_links(tree)
    quotes = _take_quotes(tree)
    text: str = Inscriptis(tree, AS_SHOWN).get_text()
    if not text.strip():
        text = Inscriptis(tree, WITH_PICTURES).get_text()
    return PLACE.sub(lambda found: quotes[int(found[1])], text)


def _tree(source: str) -> HtmlElement | None:
    bare = XML_DECLARATION.sub("", source.strip(), count=1) if source.lstrip().startswith("<?xml ") else source.strip()
    return document_fromstring(bare) if bare else None


def _show_links(tree: HtmlElement) -> None:
    for number, link in enumerate(tree.iter("a")):
        if number == MOST_LINKS:
            return
        address = re.sub(r"[\x00-\x20\x7f]+", "", link.get("href") or "")
        if not LEADS_SOMEWHERE.match(address) or len(address) > LONGEST_LINK:
            continue
        words = " ".join(link.text_content().split())
        if address.lower().startswith("mailto:"):
            address = address[7:].partition("?")[0]
        if not address or _bare(address) in _bare(words):
            continue
        shown = f" <{address}>" if words else f"<{address}>"
        if len(link):
            link[-1].tail = (link[-1].tail or "") + shown
        else:
            link.text = (link.text or "") + shown


def _bare(address: str) -> str:
    """In which an address and the words for it are compared: `www.a.example` is `https://a.example/`."""
    text = SCHEME.sub("", address.strip()).rstrip("/").casefold()
    return re.sub(r"[\s()/.-]", "", text) if re.fullmatch(r"[+\d\s()/.-]+", text) else text


def _take_quotes(tree: HtmlElement) -> list[str]:
    """Replaces each quoted mail by its place, the inner ones first; their texts, marked."""
    quotes: list[str] = []
    found = [each for each in tree.iter("blockquote") if QUOTE.search(f"{each.get('type')} {each.get('class')}")]
    for element in reversed(found[:MOST_QUOTES]):
        # Laid out alone, and then taken for one word: what layout does with margins is not what `>` says.
        text = PLACE.sub(lambda found: quotes[int(found[1])], Inscriptis(element, AS_SHOWN).get_text())
        lines = _tidy(text).split("\n")
        place = QUOTED.format(len(quotes))
        quotes.append("\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines))
        tail = element.tail
        element.clear()
        element.tag, element.text, element.tail = "div", place, tail
    return quotes


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.replace("\xa0", " ").splitlines()]
    return textwrap.dedent(re.sub(r"\n{3,}", "\n\n", "\n".join(lines))).strip("\n")


def _without_blocks(html: str) -> str:
    found, position = [], 0
    endless: set[str] = set()
    while (start := WITHOUT_WORDS.search(html, position)) is not None:
        name = start[1].lower()
        end = None if name in endless else re.compile("-->" if name == "!--" else f"</{name}[^>]{{0,99}}>", re.I).search(
            html, start.start() + 2 if name == "!--" else start.end()
        )  # fmt: skip
        if end is None:  # as a browser would read it, all the rest is no text; but it may be the letter
            endless.add(name)
            found.append(html[position : start.end()])
            position = start.end()
            continue
        found.append(html[position : start.start()])
        position = end.end()
    return "".join([*found, html[position:]])


def _without_tags(html: str) -> str:
    """What stands between the tags, in one pass that only ever moves on: nh3 takes 40 s for 500 kB of nested <div>."""
    lower = html.translate(SMALL)  # not lower(), under which a text can grow
    found: list[str] = []
    position = 0
    while (start := html.find("<", position)) >= 0:
        found.append(html[position:start])
        tag = TAG.match(lower, start)
        if tag is None:
            found.append("<")
            position = start + 1
            continue
        name = tag[1]
        if name in UNSEEN:
            start = lower.find("-->" if name == "!--" else f"</{name}", tag.end())
        end = html.find(">", start) if start >= 0 else -1
        if end < 0:
            return "".join(found)
        if name in BREAKING:
            found.append("\n")
        position = end + 1
    return "".join([*found, html[position:]])


SMALL = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}
