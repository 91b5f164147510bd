"""From raw values to a checked message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from desk.errors import Invalid
from models.messages.faults import faults, pointed
from models.messages.reading_back import lenient
from models.messages.storable import Unstorable, check, path_text

B = TypeVar("B", bound=BaseModel)


def validated(model: type[B], raw: Mapping[str, Any]) -> B:
    """The message; `Invalid` names the first wrong field."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        path, rule = faults(error, raw)[0]
        raise Invalid(path_text(path), rule, path=pointed(path, rule, raw)) from None


def patched(model: type[B], old: Mapping[str, Any], patch: Mapping[str, Any]) -> B:
    """The message after a merge patch. Only what the patch gives is held to today's rules: what stands there may stay."""
    raw = {**old, **patch}
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        stale = {path[0] for path, _ in faults(error, raw) if path} - patch.keys()
    # `validated` names what the patch itself got wrong.
    return validated(lenient(model, frozenset(map(str, stale & old.keys()))), raw)


def as_stored(model: type[B], **values: Any) -> B:
    """The message of a row, without the rules of writing: whatever could be stored can be read back."""
    return model.model_construct(**values)


def storable(body: BaseModel) -> None:
    """`Invalid` on a value that no row can hold, whichever database is in use."""
    try:
        check(plain(body))
    except Unstorable as error:
        raise Invalid(error.field, error.rule, path=error.path) from None


def plain(body: BaseModel) -> dict[str, Any]:
    """The message as JSON values: what is kept, compared and audited."""
    return body.model_dump(mode="json")


def shown(body: BaseModel) -> dict[str, Any]:
    """The message's own values by field: what a view is made of."""
    return {name: getattr(body, name) for name in type(body).model_fields}
