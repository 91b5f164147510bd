"""An address header cut into its pieces, by the signs of RFC 5322 as people and programs set them: quotes that are never closed,
brackets within brackets, comments within comments. One pass each, as hostile fields are long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_LOST_COMMENTS = 10
"""Parentheses that are looked for in vain: beyond, "(" is a sign like others. Each look costs the length of the field."""
ENCODED_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bq]\?(?:[^?<>]|<[^?<>@]*+>)*+\?=", re.IGNORECASE)
"""Of a name, whole: programs leave its commas and colons as they are, which RFC 2047 5 forbids. Not with an address in
brackets in it, which a server sees."""
SCHEME = re.compile(r"^(?:mailto|smtp)\s*:\s*", re.IGNORECASE)
"""Some programs write a link, or Exchange's kind of address, between the brackets."""


@dataclass
class Piece:
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


def pieces(value: str) -> Iterator[Piece]:
    """The field cut at commas, at a group's colon and semicolon, and behind an address that another one follows."""
    text = re.sub(r"\r?\n", "", value)
    piece, position, lost, closed = Piece(), 0, 0, True
    last_end = text.rfind(";")
    while position < len(text):
        sign = text[position]
        if sign == '"' and closed:
            end = end_of_quote(text, position)
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
        elif sign == "=" and (word := ENCODED_WORD.match(text, position)):
            piece.words.append(word[0])
            position = word.end()
        elif sign == "<":
            contents, comments, position = _angle(text, position)
            piece.angles += contents
            piece.comments += comments
            piece.words.append(" ")
        elif sign in ",;":
            piece.end = sign
            yield piece
            piece, position = Piece(), position + 1
        elif sign == ":" and position < last_end and not piece.angles and not SCHEME.match(f"{piece.text()}:"):
            if "@" in piece.text():  # a route without brackets, an address by number, or a name that is an address
                piece.words.append(sign)
            else:
                piece = Piece()  # a group's name
            position += 1
        else:
            piece.words.append(sign)
            position += 1
    yield piece


def _angle(text: str, start: int) -> tuple[list[str], list[str], int]:
    """What stands between the brackets without its comments, those, and where they end. Brackets within brackets begin
    an address of their own, and so does what follows a comma behind an address."""
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
        if sign in ",;" and _another_follows(text, position, "".join(content)):
            break
        end = None
        if sign == "<":
            before += ["".join(content)] if "".join(content).strip() else []
            content.clear()
        elif sign == '"' and closed and (end := end_of_quote(text, position)) is not None:
            content.append(text[position:end])
        elif sign == "(" and lost < MOST_LOST_COMMENTS and (end := _end_of_comment(text, position)) is not None:
            comments.append(_inner(text[position + 1 : end - 1]))
        else:
            closed = closed and sign != '"'
            lost += sign == "("
            content.append(sign)
        position = end or position + 1
    return [*before, "".join(content)], comments, position


def _another_follows(text: str, separator: int, content: str) -> bool:
    """Whether brackets that nobody closed end here: what they hold is an address and no route, and behind the separator
    stands another one, or nothing closes them at all."""
    if "@" not in content or content.lstrip(" ,").startswith("@"):
        return False
    closed, address = text.find(">", separator), text.find("@", separator)
    return closed < 0 or 0 <= address < closed


def end_of_quote(text: str, start: int) -> int | None:
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
