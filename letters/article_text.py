"""An article's words in a letter and on a page: its plain text, its address, or paragraphs of HTML."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from models.records.articles import Article, ArticleVersion

LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
BREAK = re.compile(r"\n[ \t]*\n")


def whole(content: ArticleVersion) -> str:
    return f"{content.title}\n\n{content.content}"


def address(root: Article, content: ArticleVersion, pattern: str) -> str:
    """Its title and its address by the organisation's `article_url`."""
    return f"{content.title}\n\n{pattern.replace('{number}', root.number)}"


def as_html(text: str) -> Markup:
    """Plain text as paragraphs: blank lines part them, line ends stay, and addresses of the web become links. All else is
    escaped, so that it is safe to be put into a page as it is."""
    paragraphs = [each.strip("\n") for each in BREAK.split(text.replace("\r\n", "\n")) if each.strip()]
    return Markup("\n").join(Markup("<p>{}</p>").format(_with_breaks(each)) for each in paragraphs)


def _with_breaks(paragraph: str) -> Markup:
    return Markup("<br>\n").join(map(_linked, paragraph.split("\n")))


def _linked(line: str) -> Markup:
    made, at = Markup(), 0
    for link in LINK.finditer(line):
        anchor = Markup('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>').format(link.group())
        made, at = made + escape(line[at : link.start()]) + anchor, link.end()
    return made + escape(line[at:])
