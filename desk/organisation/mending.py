"""A wrong entry read to its end: each wrong value is replaced by one that its field takes, until the rest can be judged.

The rules of a whole ("two stages have the same slug") are asked only once all its fields are right. So that whoever writes
a file hears of everything at once, wrong values are replaced here for the time of checking. What a replacement itself
would break is not told: an entry is mended twice, with different values, and only what both say is true of the file.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from desk.organisation.examples import example_of
from desk.organisation.writing import in_line
from desk.reference.unknown import did_you_mean
from models.messages.base import REQUIRED, Message, sentence
from models.messages.faults import CLAUSE, GROUP, faults_of
from models.messages.said import said
from models.messages.storable import Path

ROUNDS = 6
"""Of mending one entry: what is wrong lies at most so many rules deep."""
UNKNOWN = "extra_forbidden"
MEANT = "; did you mean '"
SHAPES = frozenset({sentence({"type": kind, "msg": ""}) for kind in ("list_type", "model_type")})
INVENTED = "invented-while-checking"
"""Part of every word that stands in for a wrong one, so that a rule that speaks of it can be told from the others."""

_WORDS = (f"{INVENTED}-one", f"{INVENTED}-two")
_SAMPLES: tuple[tuple[Any, ...], tuple[Any, ...]] = (
    ("1 minute", "00:00", 1, "2001-01-01", True),
    ("3000 days", "24:00", 900, "2100-01-01", False),
)
_SHAPES: tuple[Any, ...] = (
    # Before the empty list, which would be a day off: a week of those is another fault.
    [{"from": "09:00", "to": "17:00"}],
    [],
    {},
    {"all": [{"field": "case.title", "op": "not-empty"}]},
    {"from": "09:00", "to": "17:00"},
)
_FIXED: tuple[tuple[str, ...], tuple[str, ...]] = (
    (
        *("Europe/Berlin", "EUR", "en", "24x7", "case.title", "custom.invented", "title", "tls", "INVENTED", "agent"),
        *("active", "eq", "text", "open-case", "escalate", "warning", "cases", "resolution", "created_on", "flag"),
        *("password", "one-case"),
    ),
    (
        *("Asia/Tokyo", "USD", "de", "24x7", "case.origin", "custom.devised", "description", "none", "DEVISED"),
        *("manager", "resolved", "ne", "number", "file", "notify", "success", "hours", "creation", "escalated_on"),
        *("move", "xoauth2", "case-per-queue"),
    ),
)
"""What each field that takes no free word takes, one for each kind of field."""
_LATER = frozenset({"fail_after", "end", "to"})
"""Of two fields that have an order, the one that must be the greater."""


@dataclass
class Mended:
    """What is wrong with an entry, as (path, rule); the message as far as it is right, and where it is not."""

    faults: list[tuple[Path, str]]
    body: Message
    places: set[Path] = field(default_factory=set)


def mended(model: type[Message], raw: Mapping[str, Any]) -> Mended:
    """Never raises. Of a list in the message no element is missing; what is wrong and has no default is None."""
    first, second = (_Mending(model, raw, variant) for variant in (0, 1))
    both = [
        (path, rule) for path, rule in first.found.items() if second.found.get(path) == rule and INVENTED not in rule
    ]
    # A word that is misspelled is told once: not also that it is missing.
    meant = {
        (*path[:-1], word) for path, rule in both if (word := rule.rpartition(MEANT)[2].removesuffix("'?")) != rule
    }
    told = [(path, rule) for path, rule in both if not (path in meant and rule == REQUIRED)]
    return Mended(told, _built(model, first.whole), first.places)


class _Mending:
    """One entry mended: `values` until all its rules could be asked, `whole` with every element that it has."""

    def __init__(self, model: type[Message], raw: Mapping[str, Any], variant: int) -> None:
        self.model, self.variant = model, variant
        self.values: Any = copy.deepcopy(dict(raw))
        self.whole: Any = copy.deepcopy(dict(raw))
        self.found: dict[Path, str] = {}
        self.places: set[Path] = set()
        self._taken_out: list[tuple[Path, int]] = []
        self._robbed: set[Path] = set()
        """What lost a part here: its own rules may now miss that."""
        for _ in range(ROUNDS):
            if not self._round():
                break

    def _round(self) -> bool:
        """Whether anything was mended, so that more can be asked."""
        errors = _errors(self.model, self.values)
        unknown = {path for path, _ in faults_of([each for each in errors if each["type"] == UNKNOWN], self.values)}
        wrong = faults_of(errors, self.values)
        for path, rule in wrong:
            place = self._in_file(path)
            follows = place in self._robbed or any(place[: len(each)] == each for each in self.places)
            if not follows:
                meant = _meant(self.model, self.values, path) if path in unknown else ""
                self.found.setdefault(
                    place, rule + meant if meant else _with_example(self.model, self.values, path, rule)
                )
        # From the end, so that what is taken out of a list moves nothing that is still to be looked at.
        gone: list[Path] = []
        for path, _ in reversed(wrong):
            place = self._in_file(path)
            self.places.add(place)
            if not path:
                return False
            if any(path[: len(each)] == each for each in gone):
                continue
            if path in unknown or not self._replaced(path, place):
                gone.append(self._take_out(path, place))
        return bool(wrong)

    def _replaced(self, path: Path, place: Path) -> bool:
        """Put something in the place of what is wrong that its field takes; False where nothing is known that it does."""
        holder, key = _inside(self.values, path[:-1]), path[-1]
        if not isinstance(holder, dict | list):
            return False
        word = f"{_WORDS[self.variant]}-{len(path)}"
        before, absent = _inside(self.values, path), isinstance(holder, dict) and key not in holder
        samples = _SAMPLES[self.variant ^ (key in _LATER)]
        for candidate in (word, f"{word}@{INVENTED}.example", *samples, *_FIXED[self.variant], *_SHAPES):
            holder[key] = candidate  # type: ignore[index]
            if not any(
                told[: len(path)] == path for told, _ in faults_of(_errors(self.model, self.values), self.values)
            ):
                return True
        if absent:
            del holder[key]  # type: ignore[arg-type]
        else:
            holder[key] = before  # type: ignore[index]
        return False

    def _take_out(self, path: Path, place: Path) -> Path:
        """What is needed and was taken out before, without anything that its field would take, is followed by what holds it."""
        holder = _inside(self.values, path[:-1])
        if isinstance(holder, dict) and path[-1] not in holder and len(path) > 1:
            return self._take_out(path[:-1], place[:-1])
        with suppress(KeyError, IndexError, TypeError):
            del holder[path[-1]]
            self._robbed.add(place[:-1])
            if isinstance(place[-1], int):
                self._taken_out.append((place[:-1], place[-1]))
        return path

    def _in_file(self, path: Path) -> Path:
        """Where that is in the file, whose lists still have what was taken out here."""
        for holder, gone in sorted(self._taken_out, key=lambda each: each[1]):
            at = path[len(holder)] if len(path) > len(holder) and path[: len(holder)] == holder else None
            if isinstance(at, int) and at >= gone:
                path = (*holder, at + 1, *path[len(holder) + 1 :])
        return path


def _errors(model: type[Message], values: Any) -> list[Any]:
    try:
        model.model_validate(values)
    except ValidationError as error:
        return list(error.errors(include_url=False, include_input=False))
    return []


def _built(annotation: Any, value: Any) -> Any:
    """What is right of it as messages, whose own rules are not asked; None, or an empty list, for what is not."""
    bare = _bare(annotation, value)
    if _is_model(bare) and isinstance(value, Mapping):
        given = {
            name: _built(annotated(info), value[info.alias or name])
            if (info.alias or name) in value
            else (_nothing(info.annotation) if info.is_required() else info.get_default(call_default_factory=True))
            for name, info in bare.model_fields.items()
        }
        return bare.model_construct(**given)
    if get_origin(bare) in (tuple, list) and isinstance(value, list):
        return tuple(_part(_element(bare), each) for each in value)
    if get_origin(bare) is dict and isinstance(value, Mapping):
        return {key: _part(_element(bare), each) for key, each in value.items()}
    try:
        return TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return _nothing(annotation)


def _part(annotation: Any, value: Any) -> Any:
    """Where a message stands in a list, there one stays, so that the others keep their places."""
    made = _built(annotation, value)
    return _built(annotation, {}) if made is None and _is_model(_bare(annotation, {})) else made


def _nothing(annotation: Any) -> Any:
    """Of the kind that the field is, so that whoever reads on meets nothing strange."""
    bare = _bare(annotation, None)
    origin = get_origin(bare)
    if origin in (tuple, list):
        return ()
    if origin is dict:
        return {}
    if _is_model(bare):
        return _built(bare, {})
    plain = get_args(annotation)[0] if getattr(annotation, "__metadata__", None) else annotation
    return "" if plain is str else None


# ---- the model of a path ---------------------------------------------------------------------------------------------


def model_at(model: Any, values: Any, path: Path) -> Any:
    """What a path of a document is to be: a message's class, or the annotation of a list; None where nobody knows."""
    here: Any = model
    value = values
    for part in path:
        if _is_model(here):
            name = next((n for n, info in here.model_fields.items() if part in (n, info.alias)), None)
            if name is None:
                return None
            here = _bare(here.model_fields[name].annotation, _inside(value, (part,)))
        else:
            here = _bare(_element(here), _inside(value, (part,)))
        value = _inside(value, (part,))
    return here


def _meant(model: type[Message], values: Any, path: Path) -> str:
    owner = model_at(model, values, path[:-1])
    return did_you_mean(str(path[-1]), _fields(owner)) if owner is not None and _is_model(owner) else ""


def _with_example(model: type[Message], values: Any, path: Path, rule: str) -> str:
    """A wrong shape says little to whoever does not know the right one: it is shown as the reference shows it."""
    if rule not in SHAPES or not path:
        return rule
    owner = model_at(model, values, path[:-1])
    info = _fields(owner).get(str(path[-1]))
    if info is None:
        return rule
    return said("{rule}; for example {example}", rule=rule, example=in_line(example_of(owner, str(path[-1]), info)))


def _fields(model: Any) -> dict[str, FieldInfo]:
    return {info.alias or name: info for name, info in model.model_fields.items()} if _is_model(model) else {}


def annotated(info: FieldInfo) -> Any:
    return Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation


def _element(annotation: Any) -> Any:
    """Of a tuple or a mapping, what it holds."""
    arguments = [each for each in get_args(annotation) if each is not Ellipsis]
    return arguments[-1] if arguments and get_origin(annotation) in (tuple, list, dict) else None


def _bare(annotation: Any, value: Any) -> Any:
    """Without metadata and None; of several members the message that the writer meant."""
    origin = get_origin(annotation)
    if origin is not None and getattr(annotation, "__metadata__", None):
        return _bare(get_args(annotation)[0], value)
    if origin in (tuple, list, dict) or _is_model(annotation):
        return annotation
    members = [_bare(each, value) for each in get_args(annotation) if each is not type(None)]
    members = [each for each in members if _is_model(each) or get_origin(each) in (tuple, list, dict)]
    if {getattr(each, "__name__", "") for each in members} >= {GROUP, CLAUSE}:
        wanted = GROUP if isinstance(value, Mapping) and value.keys() & {"all", "any"} else CLAUSE
        return next(each for each in members if each.__name__ == wanted)
    return members[0] if members else None


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _inside(value: Any, path: Path) -> Any:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value
