"""Documents drawn from the OpenAPI description: right ones, ones that are nearly right, and ones that are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from random import Random
from typing import Any, TypeVar
from zlib import crc32

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.fuzz.api.samples import WORDS, sample
from tests.fuzz.api.values import EXTREMES, INSTANTS, NUMBERS, SPANS, TEMPLATES, TEXTS, Fresh, Known

T = TypeVar("T")
DEEPEST = 8
"""Levels of a document that is drawn from its schema: conditions hold conditions."""

EACH = 60
"""Values that are drawn of a strategy."""


class Leaves:
    """Values without structure, drawn by Hypothesis: the same ones for the same seed."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._drawn: dict[str, list[Any]] = {}

    def text(self) -> list[str]:
        return self._of("text", st.text(max_size=40))

    def uuid(self) -> list[str]:
        return self._of("uuid", st.uuids().map(str))

    def instant(self) -> list[str]:
        return self._of("instant", st.datetimes(timezones=st.timezones()).map(lambda it: it.isoformat()))

    def day(self) -> list[str]:
        return self._of("day", st.dates().map(lambda it: it.isoformat()))

    def number(self) -> list[Any]:
        return self._of("number", st.one_of(st.integers(), st.floats(), st.decimals().map(str)))

    def word(self, pattern: str) -> list[str]:
        return self._of(pattern, st.from_regex(pattern, fullmatch=pattern.endswith("$")))

    def _of(self, name: str, strategy: SearchStrategy[Any]) -> list[Any]:
        if name not in self._drawn:
            found: list[Any] = []

            @seed(self._number * 1_000_003 + crc32(name.encode()))
            @settings(
                max_examples=EACH,
                deadline=None,
                phases=[Phase.generate],
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(strategy)
            def take(value: Any) -> None:
                found.append(value)

            take()
            self._drawn[name] = found
        return self._drawn[name]


class Documents:
    """Draws documents of the description's schemas."""

    def __init__(self, chance: Random, components: Mapping[str, Any], leaves: Leaves) -> None:
        self._chance, self._components, self._leaves = chance, components, leaves

    def pick(self) -> int:
        return self._chance.randrange(10**6)

    def percent(self, chance: int) -> bool:
        return self._chance.random() * 100 < chance

    def one(self, choices: Sequence[T]) -> T:
        return self._chance.choice(choices)

    def extreme(self) -> Any:
        return self.one(self.one(EXTREMES))

    # ---- whole bodies ------------------------------------------------------------------------------------------------

    def body(self, schema: Mapping[str, Any], *, partial: bool = False) -> Any:
        """A body of the schema: as it should be, with one thing changed, or something else altogether."""
        if self.percent(3):
            return self.extreme()
        document = self._right(schema)
        if partial and isinstance(document, dict):
            names = [name for name in document if name != "slug" or self.percent(3)]
            document = {name: document[name] for name in names if len(names) == 1 or self.percent(50)}
        for _ in range(self.one((0, 0, 0, 0, 0, 1, 1, 1, 2, 3))):
            document = self.changed(document)
        return document

    def _right(self, schema: Mapping[str, Any]) -> Any:
        name = self._name(schema)
        made = sample(name, self.pick) if name else None
        if made is None or self.percent(25):
            return self.value(schema, "", 0)
        if self.percent(50):
            # More fields, and others in the place of some.
            drawn = self.value(schema, "", 0)
            made |= {key: inner for key, inner in (drawn or {}).items() if self.percent(30)}
        return made

    def _name(self, schema: Mapping[str, Any]) -> str | None:
        for each in (schema, *schema.get("anyOf", ())):
            if "$ref" in each:
                return str(each["$ref"]).rpartition("/")[2].removesuffix("-Input")
        return None

    # ---- by schema ---------------------------------------------------------------------------------------------------

    def value(self, schema: Mapping[str, Any], name: str, level: int) -> Any:
        """A value of the schema; `name` is the field's."""
        if "$ref" in schema:
            return self.value(self._components[schema["$ref"].rpartition("/")[2]], name, level)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.one(schema["enum"])
        if "anyOf" in schema:
            choices = [each for each in schema["anyOf"] if each.get("type") != "null"]
            if len(choices) < len(schema["anyOf"]) and (self.percent(25) or level > DEEPEST):
                return None
            return self.value(self.one(choices), name, level)
        match schema.get("type"):
            case "object":
                return self._object(schema, name, level)
            case "array":
                return self._array(schema, name, level)
            case "string":
                return self._string(schema, name)
            case "integer" | "number":
                return self._number(schema)
            case "boolean":
                return self.percent(50)
            case _:
                pass
        return self.extreme()

    def _object(self, schema: Mapping[str, Any], name: str, level: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        needed = schema.get("required", ())
        for field, inner in schema.get("properties", {}).items():
            if field in needed or (level < DEEPEST and self.percent(35)):
                made[field] = self.value(inner, field, level + 1)
        free = [*schema.get("patternProperties", {}).items()]
        if isinstance(schema.get("additionalProperties"), dict):
            free.append((r"^[a-z]{2}$", schema["additionalProperties"]))
        for pattern, inner in free:
            for _ in range(self.one((0, 1, 1, 2, 3))):
                key = (
                    self.one(("title", "priority", "custom.x", "x", "amount"))
                    if self.percent(50)
                    else self._word(pattern)
                )
                made[key] = self.value(inner, key, level + 1)
        return made

    def _array(self, schema: Mapping[str, Any], name: str, level: int) -> list[Any]:
        least, most = schema.get("minItems", 0), schema.get("maxItems", 1000)
        length = max(least, 0 if level > DEEPEST else self.one((0, 1, 1, 2, 3)))
        if most <= 200 and self.percent(2):
            length = most + self.pick() % 2
            return [self.value(schema.get("items", {}), name, DEEPEST + 1)] * length
        return [self.value(schema.get("items", {}), name, level + 1) for _ in range(length)]

    def _string(self, schema: Mapping[str, Any], name: str) -> Any:
        if name in WORDS and self.percent(85):
            return Known(self.one(WORDS[name]), self.pick())
        if name == "slug":
            return Fresh(self.pick())
        if schema.get("title") == "Span":
            return self.one(SPANS)
        match schema.get("format"):
            case "date" | "date-time":
                return self.one(INSTANTS) if self.percent(40) else self._instant(schema["format"])
            case "uuid":
                return self.one(self._leaves.uuid())
            case _:
                pass
        if name in ("subject", "body", "html") and self.percent(30):
            return self.one(TEMPLATES)
        if "maxLength" in schema and self.percent(12):
            return self.one(("a", "a", "ü", "𝄞")) * (schema["maxLength"] + self.one((0, 0, 1, -1)))
        if "pattern" in schema and self.percent(75):
            return self._word(schema["pattern"])
        return self.one(TEXTS) if self.percent(50) else self.one(self._leaves.text())

    def _number(self, schema: Mapping[str, Any]) -> Any:
        edges = [schema[edge] for edge in ("minimum", "maximum") if edge in schema]
        if edges and self.percent(30):
            return self.one([edge + step for edge in edges for step in (-1, 0, 0, 1)])
        if self.percent(25):
            return self.one(NUMBERS) if self.percent(50) else self.one(self._leaves.number())
        return self._chance.randint(int(schema.get("minimum", -3)), min(int(schema.get("maximum", 100)), 10**6))

    def _instant(self, form: str) -> str:
        if self.percent(20):
            return self.one(self._leaves.day() if form == "date" else self._leaves.instant())
        day = f"{self.one((2025, 2026, 2027, 2031))}-{self._chance.randint(1, 12):02}-{self._chance.randint(1, 28):02}"
        return day if form == "date" else f"{day}T{self.one(('00:00:00Z', '23:59:59.5+02:00', '12:00:00-11:00'))}"

    def _word(self, pattern: str) -> str:
        return self.one(self._leaves.word(pattern))

    # ---- what is nearly right ----------------------------------------------------------------------------------------

    def changed(self, document: Any) -> Any:
        """The document with one place of it changed: another value, none, a field more, a list around it."""
        made = deepcopy(document)
        places = list(_places(made))
        if not places:
            return self.extreme()
        inside, key = self.one(places)
        match self.one(("extreme",) * 6 + ("remove", "unknown", "wrap", "repeat", "null", "text")):
            case "extreme":
                inside[key] = self.extreme()
            case "remove":
                del inside[key]
            case "unknown" if isinstance(inside, dict):
                inside[self.one(("extra", "id", "version", "", "a\x00", "\ud800", "Slug"))] = self.extreme()
            case "wrap":
                inside[key] = [inside[key]]
            case "repeat" if isinstance(inside, list):
                inside.append(deepcopy(inside[key]))
            case "text":
                inside[key] = self.one(self._leaves.text())
            case _:
                inside[key] = None
        return made


def _places(document: Any) -> Any:
    keys = document.keys() if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ()
    for key in keys:
        yield document, key
        yield from _places(document[key])
