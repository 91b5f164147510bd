"""An HTML letter made harmless for whoever looks at it (email promise 10). Pure: what it shows of pictures is given to it.

Two walls: here nothing is left that runs, loads or submits, and whoever serves the page adds `POLICY`, under which a
browser would not run it either.
"""

import html as html_entities
import re
from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import unquote
from uuid import uuid4

import nh3

from mail.html_text import html_to_text, lightened, without_data

MOST_NODES = 500_000
"""Elements that a browser's rules make of open <b>, <font> and their like: each paragraph gets them anew."""
DEEPEST = 500
"""Levels; the sanitiser takes time in the square of them."""

TAG = re.compile(r"<(/?)([a-z][a-z0-9]{0,15})", re.IGNORECASE)
ENDLESS_TAG = re.compile(r"<[a-z][^<>]{20000}", re.IGNORECASE)
CLOSED_BY_THEMSELVES = frozenset(
    (
        "br", "hr", "img", "input", "meta", "link", "base", "area", "col", "embed", "source", "track", "wbr", "p", "li",
        "td", "th", "tr", "dd", "dt", "option", "thead", "tbody", "tfoot",
    )
)  # fmt: skip
REMOTE = re.compile(r"https?://", re.IGNORECASE)
TAGS = (nh3.ALLOWED_TAGS | {"center", "font", "u", "big", "tt"}) - {"map", "area"}
WITH_BACKGROUND = ("table", "tbody", "tr", "td", "th")
"""Which may show a picture behind their words."""
ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "font": {"color", "size", "face"},
    **{tag: nh3.ALLOWED_ATTRIBUTES.get(tag, set()) | {"background"} for tag in WITH_BACKGROUND},
    "*": {"dir", "lang", "title", "align", "valign"},
}
UNSEEN = {"script", "style", "title", "template", "noscript", "object", "embed", "iframe", "select"}


class Images(StrEnum):
    NONE = "none"
    INLINE = "inline"
    """Those that the mail itself brings."""
    REMOTE = "remote"
    """Also those of other servers, which thereby learn that, when and where the mail is read."""


POLICY = {
    Images.NONE: "default-src 'none'; sandbox",
    Images.INLINE: "default-src 'none'; img-src data:; sandbox",
    Images.REMOTE: "default-src 'none'; img-src data: https: http:; sandbox",
}
"""Content-Security-Policy of the page."""


def page(html: str | None, text: str, images: Images = Images.NONE, inline: Mapping[str, str] | None = None) -> str:
    """A whole document of the letter: its HTML made harmless, or its text where it has none or is too odd to be cleaned.

    `inline`: by content id, the `data:` address of a picture that the mail brings.
    """
    body = cleaned(html, images, inline or {}) if html else None
    if body is None:
        words = text if text.strip() or not html else html_to_text(html)
        body = f"<pre>{html_entities.escape(words)}</pre>"
    return f'<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def framed(html: str, images: Images, inline: Mapping[str, str]) -> str | None:
    """The letter's HTML made harmless, for a frame of our own pages. Its links open windows of their own.

    `inline`: by content id, the path below our address at which a picture that the mail brings is found. None for HTML that
    is built to exhaust its reader.
    """
    # The sanitiser drops addresses without a host. What stands for ours meanwhile, no mail can know.
    marks = {f"cid:{uuid4().hex}": address for address in inline.values()}
    marked = dict(zip(inline, marks, strict=True))
    body = cleaned(html, images, marked, {"a": {"target": "_blank"}})
    return body and re.sub(
        r'(src|background)="(cid:[0-9a-f]{32})"',
        lambda found: f'{found[1]}="{html_entities.escape(marks.get(found[2], ""))}"',
        body,
    )


def cleaned(
    html: str, images: Images, inline: Mapping[str, str], given: Mapping[str, Mapping[str, str]] | None = None
) -> str | None:
    """None for HTML that is built to exhaust its reader. `given`: attributes that every tag of that name gets."""
    source = lightened(html) if images is Images.NONE else html
    if _exhausting(source):
        return None

    def kept(tag: str, name: str, value: str) -> str | None:
        if (name == "src" and tag == "img") or name == "background":
            return _picture(value, images, inline)
        return None if value.lstrip().lower().startswith(("data:", "cid:")) else value

    return nh3.clean(
        source,
        tags=TAGS,
        clean_content_tags=UNSEEN,
        attributes=ATTRIBUTES,
        attribute_filter=kept,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={tag: dict(each) for tag, each in (given or {}).items()},
    )


def _picture(address: str, images: Images, inline: Mapping[str, str]) -> str | None:
    bare = address.strip()
    if images is Images.NONE:
        return None
    if bare.lower().startswith("cid:"):
        return inline.get(unquote(bare[4:]))
    if re.match(r"data:image/(png|jpe?g|gif|webp|bmp)[;,]", bare, re.IGNORECASE):
        return bare
    return bare if images is Images.REMOTE and REMOTE.match(bare) else None


def _exhausting(html: str) -> bool:
    depth = deepest = count = 0
    bare = without_data(html)
    if ENDLESS_TAG.search(bare):
        return True
    for found in TAG.finditer(bare):
        count += 1
        if found[2].lower() in CLOSED_BY_THEMSELVES:
            continue
        depth = max(depth - 1, 0) if found[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest > DEEPEST or deepest * count > MOST_NODES * 10
