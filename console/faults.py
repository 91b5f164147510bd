"""What is wrong with a form, by field: bodies are checked by the models that the API has, and said in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from console.languages import N_
from desk.errors import Conflict, DeskError, Invalid
from models.messages.base import ADDRESS, CASE_NUMBER, WrongAt, sentence
from models.messages.said import Said

FILL_IN = N_("Please fill this in.")
WORDS: dict[str, str] = {
    "missing": FILL_IN,
    "string_too_short": FILL_IN,
    "string_too_long": N_("Please use at most %(max_length)s characters."),
    "string_pattern_mismatch": N_("This is not written as it should be."),
    "int_parsing": N_("Please give a whole number."),
    "int_type": N_("Please give a whole number."),
    "int_from_float": N_("Please give a whole number."),
    "greater_than_equal": N_("Please give at least %(ge)s."),
    "less_than_equal": N_("Please give at most %(le)s."),
    "too_short": FILL_IN,
}
"""By pydantic's name of the rule. What is not here says what the model says."""
PATTERNS: dict[str, str] = {
    ADDRESS: N_("Please give an address of one mailbox, such as casey@customer.example."),
    CASE_NUMBER: N_("Please give the number of a case, such as CAS-01043-B2C3D4."),
}
"""What is written in one way only, by its pattern."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`words`: a text of the catalogues, with places for `values`; or the desk's own sentence. Shown by `say(words, values)`."""

    field: str
    words: str
    values: Mapping[str, Any]


def faults_of(error: ValidationError, at: str = "") -> list[Fault]:
    """One for each field, the first that was found. `at`: where the model stands in the form."""
    found: dict[str, Fault] = {}
    for each in error.errors(include_url=False):
        raised = each.get("ctx", {}).get("error")
        within, further = (raised.place, raised.further) if isinstance(raised, WrongAt) else ((), ())
        here = [*([at] if at else []), *map(str, each["loc"])]
        field = ".".join([*here, *map(str, within)])
        words = (
            PATTERNS.get(each.get("ctx", {}).get("pattern", "")) or WORDS.get(each["type"]) or _plain(sentence(each))
        )
        if each["type"] == "string_pattern_mismatch" and not str(each["input"]).strip():
            words = FILL_IN
        found.setdefault(field, Fault(field, words, {k: v for k, v in each.get("ctx", {}).items() if k != "error"}))
        for place, rule in further:
            other = ".".join([*here, *map(str, place)])
            found.setdefault(other, Fault(other, _plain(rule), {}))
    return list(found.values())


def fault_of(error: DeskError) -> Fault:
    """A refusal as a fault of the form; of its field, if it names one."""
    if isinstance(error, Invalid | Conflict):
        return Fault(error.field, _plain(error.rule), {})
    return Fault("", _plain(error.detail), {})


def _plain(sentence: str) -> str:
    """Of the desk's, with no places for values of ours."""
    return sentence if isinstance(sentence, Said) else sentence.replace("%", "%%")
