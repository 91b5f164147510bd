"""What a text must begin with, so that a regular expression comes to each of its repetitions without an end."""

import re
from collections.abc import Iterator
from re import _constants as kinds  # type: ignore[attr-defined] # the parser of the stdlib has no public name
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MANY = 200
"""Times, beyond which a repetition counts as endless."""
OF_CATEGORY: dict[Any, str] = {
    kinds.CATEGORY_DIGIT: "1", kinds.CATEGORY_NOT_DIGIT: "x", kinds.CATEGORY_SPACE: " ", kinds.CATEGORY_NOT_SPACE: "x",
    kinds.CATEGORY_WORD: "x", kinds.CATEGORY_NOT_WORD: "-",
}  # fmt: skip
SOME = "x a1-.@<:\n"


def beginnings(pattern: re.Pattern[Any]) -> set[str]:
    """One for each endless repetition, the shortest that is easily found; "" for what has nothing before it."""
    return set(_leading(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG), "")) | {""}


def _leading(nodes: Any, before: str) -> Iterator[str]:
    for operation, value in nodes:
        match operation:
            case kinds.MAX_REPEAT | kinds.MIN_REPEAT | kinds.POSSESSIVE_REPEAT:
                _, most, body = value
                if most >= MANY:
                    yield before
                yield from _leading(body, before)
            case kinds.SUBPATTERN:
                yield from _leading(value[3], before)
            case kinds.ATOMIC_GROUP:
                yield from _leading(value, before)
            case kinds.BRANCH:
                for branch in value[1]:
                    yield from _leading(branch, before)
            case _:
                pass
        before += _sample([(operation, value)])


def _sample(nodes: Any) -> str:
    return "".join(_of(operation, value) for operation, value in nodes)


def _of(operation: Any, value: Any) -> str:
    match operation:
        case kinds.LITERAL:
            return chr(int(value))
        case kinds.NOT_LITERAL:
            return next(sign for sign in SOME if sign != chr(value))
        case kinds.ANY:
            return "x"
        case kinds.IN:
            return _of_set(value)
        case kinds.MAX_REPEAT | kinds.MIN_REPEAT | kinds.POSSESSIVE_REPEAT:
            return _sample(value[2]) * int(value[0])
        case kinds.SUBPATTERN:
            return _sample(value[3])
        case kinds.ATOMIC_GROUP:
            return _sample(value)
        case kinds.BRANCH:
            return _sample(value[1][0])
        case _:  # an anchor, or what is looked for around
            return ""


def _of_set(members: Any) -> str:
    if members[0][0] is kinds.NEGATE:
        taken = re.compile("".join(("[", *map(_written, members[1:]), "]")))
        return next((sign for sign in SOME + "\u00e9\u3042" if not taken.match(sign)), "")
    operation, value = members[0]
    if operation is kinds.CATEGORY:
        return OF_CATEGORY[value]
    return chr(value[0] if operation is kinds.RANGE else value)


def _written(member: Any) -> str:
    operation, value = member
    match operation:
        case kinds.LITERAL:
            return re.escape(chr(value))
        case kinds.RANGE:
            return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
        case _:
            return {"1": r"\d", " ": r"\s", "x": r"\w", "-": r"\W"}[OF_CATEGORY[value]]
