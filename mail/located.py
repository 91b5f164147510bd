"""Pictures that the HTML shows by where they were found (RFC 2557) or by their names, told by content ids as all others are.

Nothing is fetched: what no part of the mail is stays the address that it was.
"""

import html as html_entities
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from hashlib import sha256
from urllib.parse import quote, unquote, urldefrag, urljoin

from mail.charsets import header_text
from mail.kinds import picture_type
from mail.message import MailAttachment
from mail.parts import Mime

HERE = "http://thismessage.invalid/"
"""Stands for `thismessage:/`, the base of what names none (RFC 2557 5): the stdlib joins only schemes that it knows."""
THIS_MESSAGE = re.compile(r"thismessage:/{1,3}", re.IGNORECASE)
LONGEST = 2_000
"""Characters of an address."""
MOST_SOURCES = 5_000
MOST_BASES = 5
"""Of the HTML parts of one mail."""
SHOWING = re.compile(
    r"<(?:img|image|input|table|tbody|tr|td|th)\b(?:[^<>\"']|\"[^\"<]{0,4000}\"|'[^'<]{0,4000}'){1,4000}+>",
    re.IGNORECASE,
)
SOURCE = re.compile(
    r"(?<=[\s\"'/])(?P<name>(?:src|background)\s{0,9}=\s{0,9})"
    rf"(?:\"(?P<a>[^\"<>]{{1,{LONGEST}}})\"|'(?P<b>[^'<>]{{1,{LONGEST}}})'|(?P<c>[^\s\"'<>]{{1,{LONGEST}}}))",
    re.IGNORECASE,
)
BASE = re.compile(rf"<base\b[^<>]{{0,200}}?\bhref\s{{0,9}}=\s{{0,9}}[\"']?([^\s\"'<>]{{1,{LONGEST}}})", re.IGNORECASE)
CID = re.compile(r"cid:", re.IGNORECASE)
MID = re.compile(r"mid:[^/]{1,998}/", re.IGNORECASE)
"""A part of a mail that is named with it (RFC 2392)."""
REMOTE = re.compile(r"(?:https?|ftps?):|//", re.IGNORECASE)
ELSEWHERE = re.compile(r"(?!file:|cid:|mid:|thismessage:|[a-z]:[\\/])[a-z][a-z\d+.-]{0,20}:", re.IGNORECASE)
"""In a scheme, so that it names no file; `C:\\` is a drive."""
FOLD = re.compile(r"[\r\n]+[ \t]*")


def place(part: Mime, base: str) -> str:
    """Where a part says that it was found, as sources are compared; "" if it does not. `base`: of the multipart around it."""
    told = _told(part, "content-location")
    return _key(_joined(_joined(base or HERE, _told(part, "content-base")), told)) if told else ""


def base_of(part: Mime, base: str) -> str:
    """What the addresses within a part, or of parts within it, are relative to."""
    return _joined(_joined(base or HERE, _told(part, "content-base")), _told(part, "content-location"))


def by_content_ids(
    html: str, files: Sequence[MailAttachment], places: Mapping[str, str], bases: Sequence[str]
) -> tuple[str, tuple[MailAttachment, ...]]:
    """The HTML with each source that is a picture among `files` as that picture's `cid:`, and the files, of which those have
    content ids. `places`: SHA-256 by where a part was found. `bases`: of the HTML."""
    sources = _Sources(html, files, places, bases)
    if sources.pictures:
        html = SHOWING.sub(lambda tag: SOURCE.sub(sources.told, tag[0]), html)
    return html, tuple(
        each.model_copy(update={"content_id": sources.given[each.sha256]})
        if sources.pictures.get(each.sha256) is each and each.sha256 in sources.given
        else each
        for each in files
    )


class _Sources:
    """What the HTML of one mail shows."""

    def __init__(
        self, html: str, files: Sequence[MailAttachment], places: Mapping[str, str], bases: Sequence[str]
    ) -> None:
        self.pictures = {each.sha256: each for each in reversed(files) if picture_type(each.content)}
        self.given: dict[str, str] = {}
        """Content ids by SHA-256, of pictures that are shown here."""
        self._places, self._left = places, MOST_SOURCES
        self._ids = Counter(each.content_id for each in files if each.content_id)
        document = BASE.search(html)
        href = html_entities.unescape(document[1]) if document else ""
        self._bases = [_joined(each, href) for each in bases[:MOST_BASES] or (HERE,)]
        named: defaultdict[str, set[str]] = defaultdict(set)
        for each in self.pictures.values():
            named[each.filename.casefold()].add(each.sha256)
        self._named = {name: next(iter(found)) for name, found in named.items() if len(found) == 1}

    def told(self, found: re.Match[str]) -> str:
        """A source by its content id, or as it stands."""
        self._left -= 1
        identifier = self._content_id(_source(found["a"] or found["b"] or found["c"])) if self._left >= 0 else None
        return f'{found["name"]}"cid:{quote(identifier, safe="@$+=!*")}"' if identifier else found[0]

    def _content_id(self, source: str) -> str | None:
        if MID.match(source):
            source = MID.sub("cid:", source, count=1)
            if unquote(source[4:]) in self._ids:
                return unquote(source[4:])
        elif CID.match(source) and unquote(source[4:]) in self._ids:
            return None
        digest = self._by_place(source) or self._by_name(source)
        return self._id_of(self.pictures[digest]) if digest in self.pictures else None

    def _by_place(self, source: str) -> str | None:
        keys = (_key(_joined(base, source)) for base in self._bases)
        return next((self._places[key] for key in keys if key in self._places), None)

    def _by_name(self, source: str) -> str | None:
        if REMOTE.match(source) or ELSEWHERE.match(source):
            return None
        bare = CID.sub("", source, count=1)
        last = unquote(re.split(r"[/\\]", re.split(r"[?#]", bare, maxsplit=1)[0])[-1]).strip().casefold()
        # Outlook makes content ids of names: image001.png@01DC5F2A.3C4D5E60.
        return self._named.get(last) or self._named.get(last.partition("@")[0])

    def _id_of(self, picture: MailAttachment) -> str:
        """Its own, if no other part has the same, else one that no part has."""
        if picture.sha256 not in self.given:
            made = picture.content_id
            if not made or self._ids[made] > 1:
                made = f"{picture.sha256[:32]}@thismessage.invalid"
                while made in self._ids:
                    made = f"{sha256(made.encode()).hexdigest()[:32]}@thismessage.invalid"
                self._ids[made] = 1
            self.given[picture.sha256] = made
        return self.given[picture.sha256]


def _source(told: str) -> str:
    """As a browser reads an address: line ends and tabs in it are nothing."""
    return re.sub(r"[\t\r\n]", "", html_entities.unescape(told)).strip()


def _told(part: Mime, name: str) -> str:
    """An address in a header, which may be folded within, or in encoded words (RFC 2557 4.4)."""
    told = str(part.get(name, ""))
    return header_text(told if "=?" in told else FOLD.sub("", told)).strip(' \t"<>')[:LONGEST]


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, THIS_MESSAGE.sub(HERE, address, count=1))
    except ValueError:
        return address


def _key(address: str) -> str:
    """In which two addresses are compared: what is escaped in one is what is not in the other."""
    return unquote(urldefrag(address).url)
