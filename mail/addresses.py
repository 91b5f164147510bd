"""The addresses of a header field, read from what people, programs and forgers write there.

The stdlib's parser takes `casey@customer.example <noreply@bulk.example>` for casey's: the name becomes the sender. Here
an address in angle brackets is always that of its mailbox, and whatever stands before it is only its name. What stands in
quotes or in a comment is never an address, unless nothing else is.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace

from mail.address_pieces import ENCODED_WORD, SCHEME, Piece, end_of_quote, pieces
from mail.charsets import header_text
from mail.message import Address
from models.messages.addresses import canonical_address, domain_of

NAME_IS_ADDRESS = "name-is-address"
SEVERAL_AUTHORS = "several-authors"
FROM_ROUTE, FROM_ENCODED = "from-route", "from-encoded"
"""Doubts about a From field, kept as defects of the mail; docs/parsing.md tells them."""

BETWEEN_WORDS = re.compile(r"[\s<>,;:\"()\[\]{}]+")
ENCODED = re.compile(r"=\?[^?\s]{1,60}\?[bq]\?[^?]*\?=", re.IGNORECASE)
EMPTIED = re.compile(r"[<\[({]\s{0,9}(?:(?:mailto|smtp)\s{0,9}:)?\s{0,9}[>\])}]", re.IGNORECASE)
"""Brackets from which the address was taken: `Ann Bell [mailto:ann@b.example]`."""
ENTITY = re.compile(r"&(?:lt|gt|quot|commat|#(?:34|60|62|64|x22|x3c|x3e|x40));", re.IGNORECASE)
"""As a program writes that takes the header for HTML: `Ann &lt;ann@b.example&gt;`."""
AT = str.maketrans("\uff20\ufe6b", "@@")
BRACKETS = str.maketrans("\uff1c\uff1e\u2039\u203a\u00ab\u00bb\u3008\u3009", "<><><><>")
"""Signs of other scripts that stand for ours."""
UNSEEN = re.compile("[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Joiners, marks of direction and the like, which come with an address that was copied from a page."""
DOT_ATOM = re.compile(r"\"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\"")
ROUTE = re.compile(r"[\s,]{0,9}(?:@\s{0,9}(?:\[[^\[\]<>]{1,99}\]|[^\s:,@\[\]<>]{1,253})[\s,]{0,9}){1,20}:")
"""The way to an address: `@old.example,@[IPv6:2001:db8::1]:`."""
SPACED_DOT = re.compile(r"\s{1,99}\.\s{0,99}|\.\s{1,99}")
"""As RFC 5322 4.4 still allows: `ann . bell @ b . example`."""
NO_END = "!?*/\\|{}~^`=+#$%&_"
"""Signs that end no domain: what stands around the address, as `{ann@b.example}` and `*ann@b.example*`."""
LITERAL = re.compile(r"@\s*\[[^\[\]\s<>@]+\]$")
"""An address by the number of its host: `ann@[IPv6:2001:db8::1]`."""


@dataclass(frozen=True)
class Person:
    """One mailbox of a field. `bracketed`: its address stood between angle brackets."""

    name: str
    address: str
    bracketed: bool = False
    routed: bool = False
    """The brackets held a way to the address, or a link: `<@relay.example:ann@b.example>`."""
    encoded: bool = False
    """The address stood in an encoded word or in quotes, where no server looks for one."""
    beside: tuple[str, ...] = ()
    """Addresses in further brackets beside its own: `<ann@b.example> <bob@c.example>`."""

    @property
    def read(self) -> Address:
        return Address(name=self.name, address=self.address)


def people(value: str) -> tuple[list[Person], bool]:
    """The mailboxes of a field (its raw value, 8-bit bytes as surrogates), in order; and whether something in it was no
    address. Names of groups (`Team: ann@b.example;`) are left out, and so is who is `undisclosed`."""
    if (meant := _meant(value)) != value:
        return _hidden(meant), True
    found, odd = _people(value)
    if not found and ENCODED.search(value):
        # Some programs encode the whole of `Name <address>`.
        plain = header_text(value)
        found, odd = _hidden(_meant(plain)), _people(plain)[1]
    if not found and "@" in value:  # `Ann Bell (ann@b.example)`, where nobody else is named
        found = [replace(each, encoded=True) for each in _people(value, in_comments=True)[0]]
    return found, odd


def _meant(value: str) -> str:
    """With signs that stand for brackets or for "@" in their usual form, where the field has none of its own."""
    if ENTITY.search(value) and not ("<" in value and "@" in value):
        value = html.unescape(value)
    if "<" not in value and "@" in value.translate(AT):
        bracketed = value.translate(BRACKETS)
        value = bracketed if re.search(r"<[^<>@\uff20\ufe6b]*+[@\uff20\ufe6b][^<>]*+>", bracketed) else value
    return value


def _hidden(value: str) -> list[Person]:
    """The mailboxes of a field in which a server sees none, or others."""
    return [replace(each, encoded=True) for each in _people(value)[0]]


def author(found: list[Person]) -> tuple[Person | None, list[str]]:
    """Who wrote a mail, of all that its one From field names, and what is doubtful about that.

    The last address in angle brackets; without any, the last address.
    """
    if not found:
        return None, []
    chosen = next((each for each in reversed(found) if each.bracketed), found[-1])
    doubts = {
        NAME_IS_ADDRESS: _names_another(chosen),
        SEVERAL_AUTHORS: len({domain_of(one) for each in found for one in (each.address, *each.beside)}) > 1,
        FROM_ROUTE: chosen.routed,
        FROM_ENCODED: chosen.encoded,
    }
    return chosen, [doubt for doubt, holds in doubts.items() if holds]


def _names_another(person: Person) -> bool:
    return any(canonical_address(word) != person.address for word in _words_with_address(person.name.translate(AT)))


def _words_with_address(text: str) -> list[str]:
    words = (word.strip("'`.") for word in BETWEEN_WORDS.split(text))
    return [word for word in words if "@" in word.strip("@")]


def _people(value: str, *, in_comments: bool = False) -> tuple[list[Person], bool]:
    found: list[Person] = []
    odd = False
    begun: list[Piece] = []
    for piece in pieces(value):
        person, whole = _person(piece)
        if person is None and in_comments:
            person = _in_comment(piece)
        odd |= not whole
        if person is None:
            begun.append(piece)
            continue
        if person.bracketed and begun:
            person = replace(person, name=_with_commas(begun, person.name))
        begun.clear()
        found.append(person)
    return found, odd


def _with_commas(begun: list[Piece], name: str) -> str:
    """`Bell, Ann <ann@b.example>`: the name as it is meant, though RFC 5322 wants it in quotes. Behind an address, or a
    group's name, a new one begins."""
    parts: list[str] = []
    for piece in begun:
        if piece.angles or not piece.text():
            parts.clear()
            continue
        comment = _name(" ".join(piece.comments))
        parts += [_name(piece.text()), f" ({comment})" if comment else "", f"{piece.end} "]
    return "".join((*parts, name)).strip()


def _person(piece: Piece) -> tuple[Person | None, bool]:
    """The mailbox of a piece, and whether the piece holds nothing but that."""
    text, comment = piece.text(), _name(" ".join(piece.comments))
    in_brackets = [bare for angle in piece.angles if (bare := _address(angle, bracketed=True)) is not None]
    if in_brackets:
        address, routed, encoded = in_brackets.pop()
        name = _name(text)
        name = f"{name} ({comment})" if name and comment else name or comment
        whole = len(piece.angles) == 1 and not routed and not encoded
        return Person(name, address, True, routed, encoded, tuple(each for each, _, _ in in_brackets)), whole
    empty = bool(piece.angles)
    if empty and any(angle.strip() for angle in piece.angles):
        return None, False
    bare, whole, hidden = _address(text), not empty, empty  # `ann@b.example <>`: no server looks for it there
    if bare is None:  # `Ann Bell ann@b.example`
        plain = ENCODED_WORD.sub(" ", text)
        open_words = _words_with_address(_outside_quotes(plain))
        words = open_words or _words_with_address(plain)
        bare, whole = (_address(words[-1]) if words else None), False
        comment = _name(EMPTIED.sub(" ", text.replace(words[-1], " "))).strip(" :,;|-") if words else comment
        hidden = hidden or not open_words
    if bare is None:
        return None, piece.empty
    address, routed, encoded = bare
    return Person(comment, address, False, routed, encoded or hidden), whole and not routed and not encoded


def _in_comment(piece: Piece) -> Person | None:
    """The mailbox of a piece that has an address nowhere but in parentheses."""
    comment = " ".join(piece.comments)
    words = _words_with_address(comment)
    bare = _address(words[-1]) if words else None
    if bare is None:
        return None
    rest = SCHEME.sub("", EMPTIED.sub(" ", comment.replace(words[-1], " ")).strip())
    name = _name(f"{piece.text()} {rest}")
    return Person(name, bare[0], encoded=True)


def _address(text: str, *, bracketed: bool = False) -> tuple[str, bool, bool] | None:
    """Canonical; whether a route or scheme stood before it; whether it was encoded. None: it is no address.

    `bracketed`: it stood between brackets, where blanks belong to the address; elsewhere they end it.
    """
    bare = text.strip().strip("<>").strip()
    encoded = False
    if ENCODED.search(bare):
        bare, encoded = header_text(bare).strip().strip("<>").strip(), True
    scheme = SCHEME.match(bare)
    if scheme:
        bare = bare[scheme.end() :].partition("?")[0]
    routed = False
    if (route := ROUTE.match(bare)) is not None:
        bare, routed = bare[route.end() :], True
    elif bare.startswith("@") and ":" in bare:
        bare, routed = bare[bare.index(":") + 1 :], True
    if "@" not in bare and "@" in bare.translate(AT):
        bare, encoded = bare.translate(AT), True
    if UNSEEN.search(bare):
        bare, encoded = UNSEEN.sub("", bare), True
    quoted, rest = _quoted_head(bare)
    if quoted and not rest.strip() and '"' not in quoted[1:-1]:  # the whole of it in quotes
        inner = _address(quoted[1:-1], bracketed=bracketed)
        return inner and (inner[0], inner[1], True)
    if DOT_ATOM.fullmatch(quoted):  # quoted without need: the same mailbox (RFC 5322 3.2.4)
        quoted, rest = "", quoted[1:-1] + rest
    local, at, domain = rest.rpartition("@")
    domain = SPACED_DOT.sub(".", domain).strip()
    if not bracketed and len(domain.split()) > 1:
        return None
    domain = "".join(domain.split()).strip("'")
    bare_domain = domain.rstrip(NO_END)
    if bare_domain != domain and not quoted:
        local, domain = local.lstrip(NO_END), bare_domain
    if bracketed:
        local = SPACED_DOT.sub(".", local)
    if quoted:
        local = quoted + "".join(local.split())
        usable = rest.lstrip().startswith("@")
    else:
        if re.search(r"\S\s+[^\s@]", local) or '"' in local:
            return None
        local = "".join(local.split()).lstrip("'")
        usable = bool(local) and "@" not in local
    if not (at and usable and domain) or (re.search(r"[\"(),:;<>\[\]{}]", domain) and not LITERAL.search(f"@{domain}")):
        return None
    decoded = f"{local}@{domain}"
    if not (decoded.isascii() and decoded.isprintable()):
        decoded = header_text(decoded) if quoted else "".join(header_text(decoded).split())
    return canonical_address(decoded), routed or bool(scheme), encoded


def _quoted_head(text: str) -> tuple[str, str]:
    """`"ann b"@c` -> `"ann b"`, `@c`."""
    if not text.startswith('"'):
        return "", text
    end = end_of_quote(text, 0)
    return ("", text) if end is None else (text[:end], text[end:])


def _name(text: str) -> str:
    """A display name as it is read: quotes undone, encoded words decoded, blanks together."""
    plain = re.sub(r'\\(["\\()])', r"\1", re.sub(r'(?<!\\)"', "", text))
    return " ".join(UNSEEN.sub("", header_text(plain)).split())


def _outside_quotes(text: str) -> str:
    kept, position = [], 0
    while (quote := text.find('"', position)) >= 0 and (end := end_of_quote(text, quote)) is not None:
        kept += [text[position:quote], " "]
        position = end
    return "".join((*kept, text[position:]))
