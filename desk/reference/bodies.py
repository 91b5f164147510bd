"""From raw values to a checked message, and from pydantic's errors to sentences that name the field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from desk.errors import Invalid

B = TypeVar("B", bound=BaseModel)
Path = tuple[str | int, ...]

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
GROUP, CLAUSE = "ConditionGroup", "Clause"


def path_text(path: Iterable[str | int]) -> str:
    """`("items", 1, "fail_after")` as `items[1].fail_after`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def faults(error: ValidationError, raw: object) -> list[tuple[Path, str]]:
    """One (path, sentence) for each wrong field of `raw`.

    Pydantic reports every member of a union; here a path is told once, and of a condition only the member is told that
    the writer meant: a group if there is 'all' or 'any', else a clause.
    """
    found: dict[Path, str] = {}
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        path: Path = ()
        value = raw
        meant = True
        for part in each["loc"]:
            inside = _inside(value, part)
            if inside is not None:
                path, value = (*path, part), inside[0]
            elif (member := _member(part)) is not None:
                group = isinstance(value, Mapping) and bool(value.keys() & {"all", "any"})
                meant = meant and group == (member == GROUP)
        if each["type"] == "missing":
            path = (*path, each["loc"][-1])
        if meant:
            found.setdefault(path, _sentence(each["type"], each["msg"]))
    # A list counts only its sound elements: that too few are left says nothing new.
    short = {path for path in found if any(other != path and other[: len(path)] == path for other in found)}
    return [(path, sentence) for path, sentence in found.items() if path not in short]


def _member(part: str | int) -> str | None:
    """Which kind of condition a part of pydantic's location stands for: `Clause`, `function-after[..., Clause]`."""
    return next((name for name in (GROUP, CLAUSE) if str(part).rstrip("]").endswith(name)), None)


def _inside(value: object, part: str | int) -> tuple[object] | None:
    if isinstance(value, Mapping) and part in value:
        return (value[part],)
    if isinstance(value, list | tuple) and isinstance(part, int) and part < len(value):
        return (value[part],)
    return None


def _sentence(type: str, message: str) -> str:
    match type:
        case "missing":
            return "this field is required"
        case "extra_forbidden":
            return "there is no such field"
        case "value_error":
            return message.removeprefix("Value error, ")
        case _:
            return message[:1].lower() + message[1:]


def validated(model: type[B], raw: Mapping[str, Any]) -> B:
    """The message; `Invalid` names the first wrong field."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        path, sentence = faults(error, raw)[0]
        raise Invalid(path_text(path), sentence) from None


def storable(body: BaseModel) -> None:
    """`Invalid` on a text that PostgreSQL or UTF-8 cannot hold, whichever database is in use."""
    waiting: list[tuple[Path, Any]] = [((), plain(body))]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and UNSTORABLE.search(value):
            raise Invalid(path_text(path), "the text contains a NUL character or half a surrogate pair")
        if isinstance(value, Mapping):
            waiting += [((*path, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, position), inner) for position, inner in enumerate(value)]


def plain(body: BaseModel) -> dict[str, Any]:
    """The message as JSON values: what is kept, compared and audited."""
    return body.model_dump(mode="json")
