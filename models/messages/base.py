"""What every message shares: frozen, closed to unknown fields, and small finite vocabularies."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema

from models.messages.addresses import canonical_address
from models.messages.said import of_error, said, template
from models.messages.storable import Path, day_fault, instant_fault

_NO_SCHEMAS = frozenset({"metadata", "default", "serialization"})


def _make_exact(schema: Any) -> None:
    if isinstance(schema, dict):
        if schema.get("type") in ("int", "float", "bool"):
            schema["strict"] = True
        for name, inner in schema.items():
            if name == "fields" and isinstance(inner, dict):
                # A field may have any of these names.
                _make_exact(list(inner.values()))
            elif name not in _NO_SCHEMAS:
                _make_exact(inner)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            _make_exact(inner)


class Message(BaseModel):
    """A frozen fact, command or definition; an unknown field is an error that names it.

    A number is a number and yes is yes: `true` is not taken for 1, nor "1" for either. Everything else (identifiers, instants,
    words of a list) comes as text, and is read from it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        _make_exact(schema)
        return schema


def _as_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_as_utc)]
"""An instant with its zone given, kept in UTC."""


def _given(value: datetime) -> datetime:
    # Before the change of the zone, which overflows at the ends of the calendar.
    if (rule := instant_fault(value)) is not None:
        raise ValueError(rule)
    return value.astimezone(UTC)


def _given_day(value: date) -> date:
    if (rule := day_fault(value)) is not None:
        raise ValueError(rule)
    return value


def _written(example: str) -> BeforeValidator:
    """Text alone: a number would be taken for seconds since 1970."""

    def check(value: object) -> object:
        plain = value.strip().lstrip("+-").replace(".", "", 1).isdecimal() if isinstance(value, str) else False
        if plain or isinstance(value, int | float):
            raise ValueError(said("must be written like {example}", example=example))
        return value

    return BeforeValidator(check)


GivenInstant = Annotated[AwareDatetime, AfterValidator(_given), _written("2026-03-02T09:00:00Z")]
"""An instant as people give it, within the years that can be stored and reckoned with."""

WrittenDay = Annotated[date, _written("2026-03-02")]
GivenDay = Annotated[WrittenDay, AfterValidator(_given_day)]

SLUG = r"^[a-z0-9][a-z0-9-]{0,62}$"
ONE_LINE = r"^[^\x00-\x1f\x7f]+$"
ONE_LINE_OF_A_LETTER = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
"""It may become a mail's subject: none of what Unicode calls a line break."""
CASE_NUMBER = r"^[A-Za-z0-9-]{1,30}$"
KEY = r"^[A-Za-z0-9-]{1,63}$"
"""A slug, or an id."""
ADDRESS = r"^[^@\s,;<>\"\x00-\x1f]+@[^@\s,;<>\"\x00-\x1f]+$"

Slug = Annotated[str, StringConstraints(pattern=SLUG)]
"""The human key of a reference record: lower-case letters, digits and hyphens, at most 63 characters."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=ONE_LINE)]
"""One line: it may end up in a header."""
LONGEST_ADDRESS = 254
"""Characters of an address that a server must accept (RFC 5321 4.5.3.1.3, less its angle brackets)."""

StoredAddress = Annotated[
    str,
    StringConstraints(pattern=ADDRESS, max_length=LONGEST_ADDRESS),
    AfterValidator(canonical_address),
]
"""One bare addr-spec (RFC 5322 3.4.1) in its canonical form (`models.messages.addresses`): a key for finding a contact."""


def _seen(address: str) -> str:
    if any(unicodedata.category(sign) in UNSEEN for sign in address):
        raise ValueError(said("holds a sign that nobody can see"))
    return address


UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
"""Categories of Unicode: control, format, surrogate, private, none, separators."""

EmailAddress = Annotated[StoredAddress, AfterValidator(_seen)]
"""The same as people give it: all of it can be seen."""


MOST_QUOTED = 60
"""Characters of a value that an error repeats."""


def quoted(value: object) -> str:
    """A value as an error names it: as Python writes it, its beginning if it is long."""
    text = repr(value[: MOST_QUOTED + 1] if isinstance(value, str) else value)
    return text if len(text) <= MOST_QUOTED + 2 else f"{text[:MOST_QUOTED]}..."


def counted(count: int, one: str, many: str = "") -> str:
    """`1 case`, `2 cases`; `many` where that is not `one` with an s."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def is_id(text: str) -> bool:
    """Whether a text is read as an id: in any of the forms that Python takes for a UUID."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class WrongAt(ValueError):
    """A rule that an object as a whole has found broken at one place within it, such as `("items", 1, "name")`; `further`: what
    else it has found, so that whoever writes it hears of everything at once."""

    def __init__(self, place: Path, rule: str, further: Iterable[tuple[Path, str]] = ()) -> None:
        super().__init__(rule)
        self.place, self.further = place, tuple(further)


def refuse(found: Iterable[tuple[Path, str]]) -> None:
    """Raises `WrongAt` for what an object as a whole has found broken in itself, if that is anything."""
    broken = list(found)
    if broken:
        raise WrongAt(*broken[0], further=broken[1:])


DATA_FIELD = r"^([a-z_]+|custom\.[a-z0-9_]+)$"
CLAUSE_FIELD = r"^[a-z_]+(\.[a-z0-9_]+){1,2}$"

PATTERNS = {
    SLUG: said("must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen"),
    ONE_LINE: said("must be one line, without control characters"),
    ONE_LINE_OF_A_LETTER: said("must be one line, without control characters"),
    CASE_NUMBER: said("must be the number of a case, such as CAS-01042-A1B2C3"),
    KEY: said("must be a slug or an id: letters, digits and hyphens, at most 63"),
    r"^[a-z0-9-]{1,63}$": said("must be a slug: lower-case letters, digits and hyphens, at most 63"),
    r"^[A-Za-z0-9-]{1,80}$": said("must be letters, digits and hyphens, at most 80"),
    r"^[A-Z]{1,8}-[0-9]{1,10}$": said("must be the number of an article, such as KA-01001"),
    r"^[a-z0-9_]{1,63}$": said("must be 1 to 63 lower-case letters, digits and '_'"),
    r"^[A-Za-z0-9.:_-]{1,253}$": said("must be the name of a host, such as hooks.example.com"),
    r"^[A-Z]{3}$": said("must be three capital letters, such as EUR"),
    r"^[A-Z]{2}$": said("must be two capital letters, such as DE"),
    r"^[A-Z]{1,8}$": said("must be 1 to 8 capital letters, such as CAS"),
    r"^(active|resolved|cancelled)$": said("must be active, resolved or cancelled"),
    r"^\d\d:\d\d$": said("must be a time of the day, such as 09:00"),
    r"^([01]\d|2[0-3]):[0-5]\d$": said("must be a time of the day, 00:00 to 23:59, such as 09:00"),
    r"^#[0-9a-fA-F]{6}$": said("must be a colour, such as #1d4ed8"),
    r"^[a-z0-9-]+$": said("must be a slug: lower-case letters, digits and hyphens"),
    r"^[^\x00]*$": said("holds NUL, which is no character of a text"),
    r"^[^\x00-\x1f]*$": said("holds control characters"),
    r"^[^\x00-\x1f]+$": said("holds control characters, or nothing"),
    ADDRESS: said("must be one address, such as ann@customer.example"),
    DATA_FIELD: said(
        "must be a field of the case, or 'custom.' and lower-case letters, digits and '_', such as custom.serial"
    ),
    CLAUSE_FIELD: said(
        "must be a field such as case.priority, in lower-case letters; one of your own is case.custom.serial"
    ),
}
"""What is said in place of a pattern: nobody who sends a wrong value should have to read one."""
WORDS: tuple[tuple[str, str], ...] = (
    (r"input should be a valid string.*", template("must be a text")),
    (r"input should be a valid integer.*", template("must be a whole number")),
    (r"input should be a valid number.*", template("must be a number")),
    (r"input should be a valid decimal.*", template("must be a number")),
    (r"decimal input should be an integer.*", template("must be a number")),
    (r"input should be a valid boolean.*", template("must be true or false")),
    (r"input should be a valid datetime.*", template("must be written like 2026-03-02T09:00:00Z")),
    (r"input should have timezone info.*", template("must be written with its zone, like 2026-03-02T09:00:00Z")),
    (r"input should be a valid date\b.*", template("must be written like 2026-03-02")),
    (r"input should be a valid UUID.*", template("must be an id")),
    (
        r"decimal input should have no more than (?P<places>\d+) decimal places?",
        template("must have at most {places} decimal places"),
    ),
    (r"input should be greater than or equal to (?P<least>.*)", template("must be at least {least}")),
    (r"input should be less than or equal to (?P<most>.*)", template("must be at most {most}")),
    (r"input should be greater than (?P<least>.*)", template("must be more than {least}")),
    (r"string should have at least 1 character", template("must not be empty")),
    (r"string should have at least (?P<least>\d+) characters?", template("must have at least {least} characters")),
    (r"string should have at most (?P<most>\d+) characters?", template("must have at most {most} characters")),
    (r"(?:tuple|list|dictionary) should have at least 1 item after validation.*", template("must not be empty")),
    (
        r"(?:tuple|list|dictionary) should have at least (?P<least>\d+) items? after validation.*",
        template("must have at least {least} entries"),
    ),
    (
        r"(?:tuple|list|dictionary) should have at most (?P<most>\d+) items? after validation.*",
        template("must have at most {most} entries"),
    ),
)
"""What pydantic says in words of its own or of Python's, and what is said in their place."""


REQUIRED = said("this field is required")


def sentence(error: Mapping[str, Any]) -> str:
    """What pydantic says of a wrong value (`type`, `msg` and `ctx` of its error), as the end of a sentence that begins with
    the field. It never repeats the value."""
    message: str = error["msg"]
    match error["type"]:
        case "missing":
            return REQUIRED
        case "extra_forbidden":
            return said("there is no such field")
        case "model_attributes_type" | "model_type" | "dict_type":
            return said("must be an object")
        case "tuple_type" | "list_type":
            return said("must be a list")
        case "enum" | "literal_error":
            return said("must be {expected}", expected=error["ctx"]["expected"])
        case "finite_number":
            return said("must be a number")
        case "value_error":
            raised = error.get("ctx", {}).get("error")
            return of_error(raised) if isinstance(raised, ValueError) else message.removeprefix("Value error, ")
        case "string_pattern_mismatch":
            pattern = message.partition("'")[2].rpartition("'")[0]
            return PATTERNS.get(pattern, message[:1].lower() + message[1:])
        case _:
            return _in_words(message[:1].lower() + message[1:])


def _in_words(message: str) -> str:
    for pattern, words in WORDS:
        if found := re.fullmatch(pattern, message):
            return said(words, **found.groupdict())
    return message
