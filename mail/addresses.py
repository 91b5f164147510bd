"""The addresses of a header field, read from what people, programs and forgers write there.

The stdlib's parser takes `casey@customer.example <noreply@bulk.example>` for casey's: the name becomes the sender. Here
an address in angle brackets is always that of its mailbox, and whatever stands before it is only its name. What stands in
quotes or in a comment is never an address, unless nothing else is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mail.charsets import header_text
from mail.message import Address
from models.messages.addresses import canonical_address, domain_of

NAME_IS_ADDRESS = "name-is-address"
SEVERAL_AUTHORS = "several-authors"
FROM_ROUTE, FROM_ENCODED = "from-route", "from-encoded"
"""Doubts about a From field, kept as defects of the mail; docs/parsing.md tells them."""

MOST_LOST_COMMENTS = 10
"""Parentheses that are looked for in vain: beyond, "(" is a sign like others. Each look costs the length of the field."""
BETWEEN_WORDS = re.compile(r"[\s<>,;:\"()\[\]]+")
SCHEME = re.compile(r"^(?:mailto|smtp)\s*:\s*", re.IGNORECASE)
"""Some programs write a link, or Exchange's kind of address, between the brackets."""
ENCODED = re.compile(r"=\?[^?\s]{1,60}\?[bq]\?[^?]*\?=", re.IGNORECASE)
ENTITY = re.compile(r"&(?:lt|gt|quot|commat|#(?:34|60|62|64|x22|x3c|x3e|x40));", re.IGNORECASE)
"""As a program writes that takes the header for HTML: `Ann &lt;ann@b.example&gt;`."""
AT = str.maketrans("\uff20\ufe6b", "@@")
BRACKETS = str.maketrans("\uff1c\uff1e\u2039\u203a\u00ab\u00bb\u3008\u3009", "<><><><>")
"""Signs of other scripts that stand for ours."""
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


@dataclass
class _Piece:
    """What stands between two separators of a field."""

    words: list[str] = field(default_factory=list)
    """Text outside of brackets and comments; quoted strings as they are written."""
    comments: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    end: str = ""
    """The sign that ends it."""

    def text(self) -> str:
        return "".join(self.words).strip()

    @property
    def empty(self) -> bool:
        return not (self.text() or self.angles or self.comments)


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
    return found, odd


def _meant(value: str) -> str:
    """With signs that stand for brackets or for "@" in their usual form, where the field has none of its own."""
    if ENTITY.search(value) and not ("<" in value and "@" in value):
        value = html.unescape(value)
    if "<" not in value and "@" in value.translate(AT):
        bracketed = value.translate(BRACKETS)
        value = bracketed if re.search(r"<[^<>]*[@\uff20\ufe6b][^<>]*>", bracketed) else value
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
    return any(canonical_address(word) != person.address for word in _words_with_address(person.name))


def _words_with_address(text: str) -> list[str]:
    words = (word.strip("'`.") for word in BETWEEN_WORDS.split(text))
    return [word for word in words if "@" in word.strip("@")]


def _people(value: str) -> tuple[list[Person], bool]:
    found: list[Person] = []
    odd = False
    begun: list[_Piece] = []
    for piece in _pieces(value):
        person, whole = _person(piece)
        odd |= not whole
        if person is None:
            begun.append(piece)
            continue
        if person.bracketed and begun:
            person = replace(person, name=_with_commas(begun, person.name))
        begun.clear()
        found.append(person)
    return found, odd


def _with_commas(begun: list[_Piece], name: str) -> str:
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


def _person(piece: _Piece) -> tuple[Person | None, bool]:
    """The mailbox of a piece, and whether the piece holds nothing but that."""
    text, comment = piece.text(), _name(" ".join(piece.comments))
    in_brackets = [bare for angle in piece.angles if (bare := _address(angle)) is not None]
    if in_brackets:
        address, routed, encoded = in_brackets.pop()
        name = _name(text)
        name = f"{name} ({comment})" if name and comment else name or comment
        whole = len(piece.angles) == 1 and not routed and not encoded
        return Person(name, address, True, routed, encoded, tuple(each for each, _, _ in in_brackets)), whole
    if piece.angles:
        return None, False
    bare, whole, hidden = _address(text), True, False
    if bare is None:  # `Ann Bell ann@b.example`
        open_words = _words_with_address(_outside_quotes(text))
        words = open_words or _words_with_address(text)
        bare, whole = (_address(words[-1]) if words else None), False
        comment = _name(text.replace(words[-1], " ")) if words else comment
        hidden = not open_words
    if bare is None:
        return None, piece.empty
    address, routed, encoded = bare
    return Person(comment, address, False, routed, encoded or hidden), whole and not routed and not encoded


def _address(text: str) -> tuple[str, bool, bool] | None:
    """Canonical; whether a route or scheme stood before it; whether it was encoded. None: it is no address."""
    bare = text.strip().strip("<>").strip()
    encoded = False
    if ENCODED.search(bare):
        bare, encoded = header_text(bare).strip().strip("<>").strip(), True
    scheme = SCHEME.match(bare)
    if scheme:
        bare = bare[scheme.end() :].partition("?")[0]
    routed = False
    if bare.startswith("@") and ":" in bare:
        bare, routed = bare[bare.index(":") + 1 :], True
    if "@" not in bare and "@" in bare.translate(AT):
        bare, encoded = bare.translate(AT), True
    quoted, rest = _quoted_head(bare)
    local, at, domain = rest.rpartition("@")
    domain = "".join(domain.split()).strip("'")
    if quoted:
        local = quoted + "".join(local.split())
        usable = rest.lstrip().startswith("@")
    else:
        if re.search(r"\S\s+[^\s@]", local) or '"' in local:
            return None
        local = "".join(local.split()).lstrip("'")
        usable = bool(local) and "@" not in local
    if not (at and usable and domain) or (re.search(r"[\"(),:;<>\[\]]", domain) and not LITERAL.search(f"@{domain}")):
        return None
    decoded = f"{local}@{domain}"
    if not (decoded.isascii() and decoded.isprintable()):
        decoded = header_text(decoded) if quoted else "".join(header_text(decoded).split())
    return canonical_address(decoded), routed or bool(scheme), encoded


def _quoted_head(text: str) -> tuple[str, str]:
    """`"ann b"@c` -> `"ann b"`, `@c`."""
    if not text.startswith('"'):
        return "", text
    end = _end_of_quote(text, 0)
    return ("", text) if end is None else (text[:end], text[end:])


def _name(text: str) -> str:
    """A display name as it is read: quotes undone, encoded words decoded, blanks together."""
    plain = re.sub(r'\\(["\\()])', r"\1", re.sub(r'(?<!\\)"', "", text))
    return " ".join(header_text(plain).split())


def _outside_quotes(text: str) -> str:
    kept, position = [], 0
    while (quote := text.find('"', position)) >= 0 and (end := _end_of_quote(text, quote)) is not None:
        kept += [text[position:quote], " "]
        position = end
    return "".join((*kept, text[position:]))


# ---- the field's signs -----------------------------------------------------------------------------------------------


def _pieces(value: str) -> Iterator[_Piece]:
    """The field cut at commas, at a group's colon and semicolon, and behind an address that another one follows."""
    text = re.sub(r"\r?\n", "", value)
    piece, position, lost, closed = _Piece(), 0, 0, True
    last_end = text.rfind(";")
    while position < len(text):
        sign = text[position]
        if sign == '"' and closed:
            end = _end_of_quote(text, position)
            if end is None:
                closed, end = False, position + 1  # nor is any that follows
                piece.words.append(" ")
            else:
                piece.words.append(text[position:end])
            position = end
        elif sign == "(" and lost < MOST_LOST_COMMENTS:
            end = _end_of_comment(text, position)
            if end is None:
                lost += 1
                piece.words.append(sign)
                position += 1
            else:
                piece.comments.append(_inner(text[position + 1 : end - 1]))
                piece.words.append(" ")
                position = end
        elif sign == "<":
            contents, comments, position = _angle(text, position)
            piece.angles += contents
            piece.comments += comments
            piece.words.append(" ")
        elif sign in ",;":
            piece.end = sign
            yield piece
            piece, position = _Piece(), position + 1
        elif sign == ":" and position < last_end and not piece.angles and not SCHEME.match(f"{piece.text()}:"):
            if "@" in piece.text():  # a route without brackets, an address by number, or a name that is an address
                piece.words.append(sign)
            else:
                piece = _Piece()  # a group's name
            position += 1
        else:
            piece.words.append(sign)
            position += 1
    yield piece


def _angle(text: str, start: int) -> tuple[list[str], list[str], int]:
    """What stands between the brackets without its comments, those, and where they end. Brackets within brackets begin
    an address of their own."""
    before: list[str] = []
    content: list[str] = []
    comments: list[str] = []
    position, lost, closed = start + 1, 0, True
    while position < len(text):
        sign = text[position]
        if sign == ">":
            position += 1
            while position < len(text) and text[position] == ">":
                position += 1
            break
        end = None
        if sign == "<":
            before += ["".join(content)] if "".join(content).strip() else []
            content.clear()
        elif sign == '"' and closed and (end := _end_of_quote(text, position)) is not None:
            content.append(text[position:end])
        elif sign == "(" and lost < MOST_LOST_COMMENTS and (end := _end_of_comment(text, position)) is not None:
            comments.append(_inner(text[position + 1 : end - 1]))
        else:
            closed = closed and sign != '"'
            lost += sign == "("
            content.append(sign)
        position = end or position + 1
    return [*before, "".join(content)], comments, position


def _end_of_quote(text: str, start: int) -> int | None:
    """Behind the quote that closes the one at `start`; None if none does."""
    position = start + 1
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] == '"':
            return position + 1
        position += 1
    return None


def _end_of_comment(text: str, start: int) -> int | None:
    depth, position = 0, start
    while position < len(text):
        sign = text[position]
        if sign == "\\":
            position += 1
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return None


def _inner(comment: str) -> str:
    """The words of a comment, those of comments within it included."""
    return re.sub(r"(?<!\\)[()]", " ", comment)
