"""Every word of an organisation file, from the models that check it: keys, types, defaults, examples, and what they mean."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from desk.organisation.examples import example_of
from desk.organisation.file import ACTIVE, SECTIONS, SETTINGS, SWITCHED
from desk.organisation.writing import in_line
from desk.reference.templates import FACTS, NARROW
from models.messages.base import EmailAddress, GivenDay, GivenInstant, Name, Slug
from models.messages.calendars import Span
from models.messages.conditions import FIELDS, OPEN_FIELDS, WEEKDAYS, CaseField, ConditionGroup, Op
from models.messages.languages import Language, StoredLanguage
from models.messages.organisation import OrganisationSettings
from models.messages.process_actions import DataField
from models.messages.shares import Share
from models.messages.work_hours import WallTime

HEAD = """\
# The organisation file

This page is printed by `starter.py reference`, from the models that check a file; a test keeps it as it is printed.
`starter.py check` says everything that is wrong with a file. [Recipes](recipes.md) show how what many want is written,
[For operators](operators.md#connecting-a-mailbox) how a mailbox is connected.

A file is YAML 1.2 without anchors, aliases and tags: the section `organisation`, and lists. Each entry of a list has a
`slug`, by which others name it and which never changes. What a file leaves out keeps its default; what it does not
list at all stays as it is. A key without a default is required.
"""

TYPES = f"""\
| type | is |
|---|---|
| slug | 1 to 63 lower-case letters, digits and hyphens, the first no hyphen; never in the form of an id |
| line | one line of text, at most 200 characters |
| span | an amount and a unit: `15 minutes`, `4 business hours`, `2 business days`, `90m`, `2 days` |
| share | a part of a span, `80%` |
| wall time | `HH:MM` from `00:00` to `24:00` |
| date | `2026-12-24`; a contract may have `start: today` (of the first apply), and `end: +1 year`, `+6 months`, `+90 days` |
| instant | `2031-03-28T08:00:00Z`, with its zone |
| language | a tag (BCP 47) of the registry, in any letter case: `en`, `de-AT`, `zh-Hant` |
| condition | `{{all: [...]}}` or `{{any: [...]}}`, of clauses `{{field, op, value}}` and conditions; left out, it always holds |

A clause's `op` is one of {", ".join(f"`{op}`" for op in Op)} (left out: `eq`). Its `field` is one of your own,
{" or ".join(f"`{begin}*`" for begin in OPEN_FIELDS)}, or one of:
{", ".join(f"`{name}`" for name in sorted(FIELDS))}.

Routing rules alone may ask for the instant: `now.time` is the time of day (`{{field: now.time, op: ge, value: "22:00"}}`),
`now.weekday` one of {", ".join(f"`{day}`" for day in WEEKDAYS)},
and `now.within` holds the slugs of the calendars that are at work
(`{{field: now.within, value: office}}`; with `op: ne` outside of it). The time of day and the weekday are those
in the organisation's time zone, or in the clause's own `time_zone`.

`contact.language` and `account.language` are what stands at the contact and at the account themselves: a contact without a
language has none, also if their account has one, and so does whoever writes for the first time.

Texts of templates, with `{{{{ ... }}}}`, may name
{", ".join(f"`{root}.{name}`" for root, known in FACTS.items() for name in known)}.
Of these {"; ".join(f"`{root}.*` stands in {' and '.join(uses)} alone" for root, uses in NARROW.items())}.
A digest knows `digest.*` and `organisation.*` alone; a letter by which an agent gets in `agent.*`, `entry.*` and
`organisation.*`.
"""


def reference(section: str | None = None) -> str:
    """The whole page, or the part of one section, as Markdown."""
    wanted: dict[str, type[BaseModel]] = {
        SETTINGS: OrganisationSettings,
        **{key: model for key, (_, model) in SECTIONS.items()},
    }
    if section is not None:
        return "\n".join(_section(section, wanted[section], {}))
    told: dict[type[BaseModel], str] = {}
    parts = [HEAD, TYPES]
    for key, model in wanted.items():
        parts.append("\n".join(_section(key, model, told)))
    return "\n".join(parts)


def _section(key: str, model: type[BaseModel], told: dict[type[BaseModel], str]) -> Iterator[str]:
    yield f"## {key}"
    yield ""
    yield from _table(model, key)
    for inner in inner_messages(model):
        if inner in told:
            yield f"`{_title(inner)}` is described under [{told[inner]}](#{told[inner]})."
            yield ""
        else:
            told[inner] = key
            yield f"### {_title(inner)}"
            yield ""
            yield from _table(inner, None)


def _table(model: type[BaseModel], section: str | None) -> Iterator[str]:
    if model.__doc__ and inspect.getdoc(model) != inspect.getdoc(BaseModel):
        yield _plain(inspect.getdoc(model) or "")
        yield ""
    yield "| key | type | default | example | |"
    yield "|---|---|---|---|---|"
    kind = SECTIONS[section][0] if section in SECTIONS else ""
    for name, info in model.model_fields.items():
        if section == SETTINGS and name == "slug":
            continue
        key = info.alias or name
        required = info.is_required() or (name == "slug" and section in SECTIONS)
        default = "required" if required else _default(info)
        example = in_line(example_of(model, key, info))
        says = sentences_of(model).get(name, "")
        yield f"| `{key}` | {_type(info.annotation, tuple(info.metadata))} | {default} | `{example}` | {says} |"
    if kind in SWITCHED:
        yield f"| `{ACTIVE}` | true or false | `true` | `false` | False takes it out of use. |"
    yield ""


# ---- types -----------------------------------------------------------------------------------------------------------

NAMED: dict[Any, str] = {
    Slug: "slug",
    Name: "line",
    EmailAddress: "address",
    GivenDay: "date",
    GivenInstant: "instant",
    WallTime: "wall time",
    CaseField: "field of a condition",
    Language: "language",
    StoredLanguage: "language",
}


def _type(annotation: Any, metadata: tuple[Any, ...] = ()) -> str:
    for alias, words in NAMED.items():
        base, *marks = get_args(alias)
        if annotation == alias or (annotation == base and metadata and list(metadata) == marks):
            return words
    if get_origin(annotation) is not None and hasattr(annotation, "__metadata__"):
        return _type(get_args(annotation)[0], annotation.__metadata__)
    if isinstance(annotation, type):
        return _class(annotation, metadata)
    arguments = [each for each in get_args(annotation) if each not in (type(None), Ellipsis)]
    match get_origin(annotation):
        case origin if origin is tuple:
            return f"list of {_type(arguments[0])}{_limits(metadata)}"
        case origin if origin is dict:
            key = "field" if arguments[0] == DataField else "slug" if arguments[0] == Slug else "language"
            return f"by {key}: {_type(arguments[1])}"
        case origin if origin is Literal:
            return _one_of(arguments)
        case _:
            inner = dict.fromkeys(_type(each, metadata if len(arguments) == 1 else ()) for each in arguments)
            return " or ".join(inner)


def _class(annotation: type, metadata: tuple[Any, ...]) -> str:
    if annotation is ConditionGroup:
        return "condition"
    if annotation is Share:
        return "share"
    if annotation is Span:
        return "span"
    if issubclass(annotation, StrEnum):
        return _one_of(list(annotation))
    if issubclass(annotation, BaseModel):
        return f"[{_title(annotation)}](#{_title(annotation).replace(' ', '-')})"
    names = {bool: "true or false", int: "whole number", float: "number", Decimal: "number", str: "text"}
    return names.get(annotation, annotation.__name__) + _limits(metadata)


def _one_of(words: list[Any]) -> str:
    return " or ".join(f"`{word}`" for word in words)


def _limits(metadata: tuple[Any, ...]) -> str:
    found = []
    for each in metadata:
        for name, words in (("ge", "at least"), ("gt", "over"), ("le", "at most"), ("lt", "under")):
            if getattr(each, name, None) is not None:
                found.append(f"{words} {getattr(each, name)}")
        if getattr(each, "min_length", None):
            found.append(f"at least {each.min_length}")
        if getattr(each, "max_length", None):
            found.append(f"at most {each.max_length}")
        if pattern := getattr(each, "pattern", None):
            found.append(f"as `{pattern.replace('|', chr(92) + '|')}`")
    return f", {', '.join(found)}" if found else ""


def _default(info: FieldInfo) -> str:
    default = info.get_default(call_default_factory=True, validated_data={})
    if default is None or default == () or default == "":
        return "nothing"
    if isinstance(default, tuple) and isinstance(default[0], BaseModel):
        return ", ".join(f"`{getattr(each, 'slug', each)}`" for each in default)
    if isinstance(default, BaseModel):
        return f"`{in_line(default.model_dump(mode='json', exclude_defaults=True))}`"
    return f"`{in_line(default)}`"


# ---- the models themselves -------------------------------------------------------------------------------------------


def inner_messages(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The messages within it that have keys of their own, in the order in which it names them."""
    found: dict[type[BaseModel], None] = {}
    for info in model.model_fields.values():
        for each in _models(info.annotation):
            if each not in (ConditionGroup, Share, Span) and each not in found:
                found[each] = None
                found |= dict.fromkeys(inner_messages(each))
    return list(found)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)


def _title(model: type[BaseModel]) -> str:
    """`SlaItem` -> `sla item`"""
    return "".join(f" {sign.lower()}" if sign.isupper() else sign for sign in model.__name__).strip()


@cache
def sentences_of(model: type[BaseModel]) -> dict[str, str]:
    """The sentence below each field of the class, and of those that it extends."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and each is not BaseModel and each.__module__ in sys.modules:
            found |= _of_module(each.__module__).get(each.__name__, {})
    return found


@cache
def _of_module(module: str) -> dict[str, dict[str, str]]:
    """By class; reading its source is slow, and many classes stand in one."""
    body = ast.parse(inspect.getsource(sys.modules[module])).body
    return {node.name: _sentences(node) for node in body if isinstance(node, ast.ClassDef)}


def _sentences(node: ast.ClassDef) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, below in zip(node.body, node.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = _plain(text)
            case _:
                pass
    return found


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


__all__ = ["inner_messages", "reference", "sentences_of"]
