"""Documents as they were stored: a rule of writing that has come since, or a time zone that has gone, refuses none of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, create_model

from models.messages.faults import faults

B = TypeVar("B", bound=BaseModel)


def read_back(model: type[B], raw: Mapping[str, Any]) -> B:
    """The message of a stored document. What today's rules would refuse stands in it as it was stored.

    One document that nobody can read would keep all others from being read with it: then no case could be opened.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        refused = frozenset(str(path[0]) for path, _ in faults(error, raw) if path)
        if not refused <= raw.keys() or not refused:
            raise
        return lenient(model, refused).model_validate(raw)


def lenient(model: type[B], fields: frozenset[str]) -> type[B]:
    """The model with fields that take anything."""
    free: dict[str, Any] = dict.fromkeys(fields, (Any, ...))
    return create_model(model.__name__, __base__=model, **free)
