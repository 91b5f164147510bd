"""Sentences that remember how they were made, so that a reader in another language can be told the same.

What the house says of a refusal or of a decision is English, in every answer of the API. `said("{number} is closed",
number=number)` is that finished sentence, a `str` like any other, and holds its template and its values beside it. A page
puts both into its reader's own language (`console/sayings.py`).

Through Temporal and in rows a sentence travels as it is, with its `How` beside it. Where there is none, as in what earlier
releases wrote, the English sentence is what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Value = str | int | float
How = dict[str, Any]
"""A sentence as JSON: its `template` and its `values` by name, each a scalar or `{"text", "how"}`; `glue` of a list."""


class Said(str):
    """`template`: a text of the catalogues, for `str.format`; without `values` it is the sentence itself, braces and all."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Value]

    def __new__(cls, text: str, template: str, values: Mapping[str, Value]) -> Said:
        made = super().__new__(cls, text)
        made.template, made.values = template, values
        return made

    def __getnewargs__(self) -> tuple[str, str, Mapping[str, Value]]:  # type: ignore[override]  # more than the text
        return str(self), self.template, self.values


class Listed(Said):
    """Several things in a row: `template` is what stands between them, and `values` are by their position."""

    __slots__ = ()


def said(template: str, /, **values: object) -> Said:
    """The sentence: `template` with its places filled as `str.format` does. Everything but numbers is kept as text."""
    if not values:
        return Said(template, template, {})
    kept = {name: _kept(value) for name, value in values.items()}
    return Said(template.format(**kept), template, kept)


def template(text: str) -> str:
    """Marks a text with places that `said` fills elsewhere, for the catalogues."""
    return text


def word(text: str) -> Said:
    """A word that catalogues know by itself, such as a status; never what people wrote."""
    return Said(str(text), str(text), {})


def joined(things: Iterable[object], glue: str = ", ") -> Listed:
    """Each in its turn, with `glue` between them: `, `, `; `, ` and ` or ` or `."""
    kept = [_kept(each) for each in things]
    return Listed(glue.join(map(str, kept)), glue, {str(place): value for place, value in enumerate(kept)})


def words(things: Iterable[str], glue: str = ", ") -> Listed:
    """The same of words that catalogues know."""
    return joined(map(word, things), glue)


OF_FIELD = template("{field}: {rule}")
AT_PATH = template("the active {kind} {slug!r} at {path}")
"""What names a record, and in which of its fields."""


def of_field(field: str, rule: str) -> str:
    """`rule` with the field that it is about before it, if there is one."""
    return said(OF_FIELD, field=field, rule=rule) if field else rule


def placed(sentence: str) -> tuple[str, str]:
    """The field that `of_field` was given, as `overflow.to`, and what it says of that; without one an empty text and the
    sentence itself."""
    if isinstance(sentence, Said) and sentence.template == OF_FIELD:
        return str(sentence.values["field"]), _text(sentence.values["rule"])
    return "", sentence


def without_field(sentence: str, field: str) -> str:
    """What `of_field` was given; a sentence that does not begin with the field stays as it is."""
    rule = sentence.values.get("rule") if isinstance(sentence, Said) else None
    if isinstance(rule, str) and sentence == f"{field}: {rule}":
        return rule
    begins = f"{field}: "
    return sentence[len(begins) :] if sentence.startswith(begins) else sentence


def how(sentence: str) -> How | None:
    """How it was made, as JSON; None of a plain text."""
    if not isinstance(sentence, Said):
        return None
    values = {name: _packed(value) for name, value in sentence.values.items()}
    return {"glue" if isinstance(sentence, Listed) else "template": sentence.template, "values": values}


def said_again(text: str, how: object) -> str:
    """The sentence that was kept as `text` and `how`; the text alone if `how` cannot be read."""
    match how:
        case {"template": str(template), "values": dict(values)}:
            return Said(text, template, {str(name): _unpacked(value) for name, value in values.items()})
        case {"glue": str(glue), "values": dict(values)}:
            return Listed(text, glue, {str(name): _unpacked(value) for name, value in values.items()})
        case _:
            return text


def _text(value: Value) -> str:
    return value if isinstance(value, str) else str(value)


def _kept(value: object) -> Value:
    if isinstance(value, Said):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return str(value)


def _packed(value: Value) -> object:
    return {"text": str(value), "how": how(value)} if isinstance(value, Said) else value


def _unpacked(value: object) -> Value:
    match value:
        case {"text": str(text), "how": made}:
            return said_again(text, made)
        case str() | int() | float():
            return value
        case _:
            return str(value)


def of_error(error: BaseException) -> str:
    """What an error was made with, if that was one sentence; else its text."""
    return error.args[0] if len(error.args) == 1 and isinstance(error.args[0], str) else str(error)


def whole(rule: str) -> Said:
    """The end of a sentence about a field as a sentence of its own."""
    return said("{rule}.", rule=rule)
