"""Warnings of contracts: who is told when terms or time run low (domain 3.7)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from models.messages.base import Message, Slug
from models.messages.notices import Reader
from models.messages.said import said
from models.messages.terms import TermCount

NOT_OF_CONTRACTS = ("queue", "customer")
"""Readers that only a case has."""


def _reader(value: str) -> str:
    if value in NOT_OF_CONTRACTS:
        raise ValueError(
            said("a contract has no {value}; one of: owner, manager, team:<slug>, an email address", value=value)
        )
    return value


ContractReader = Annotated[Reader, AfterValidator(_reader)]
"""`owner`: the contract's owner, or without one all managers; `manager`: all managers; a team's members; an address."""


class ContractWarning(Message):
    """A notice when little is left of a contract, once: exactly one of `remaining_terms`, `remaining_percent` and `days_left`."""

    remaining_terms: TermCount | None = None
    """So many terms are left, or fewer."""
    remaining_percent: int | None = Field(default=None, ge=0, le=99)
    """That share of the total is left, or less."""
    days_left: int | None = Field(default=None, ge=1, le=3650)
    """From so many days before the end of its last day."""
    origin: Slug | None = None
    """Of that channel's terms alone; nothing: of all."""
    to: ContractReader = "owner"
    """`owner`, `manager`, `team:sales`, or an address."""
    template: Slug | None = None
    """In whose words it is said; without one, in the engine's own."""

    @model_validator(mode="after")
    def _check(self) -> ContractWarning:
        given = [each for each in (self.remaining_terms, self.remaining_percent, self.days_left) if each is not None]
        if len(given) != 1:
            raise ValueError(
                said("a warning has exactly one of 'remaining_terms', 'remaining_percent' and 'days_left'")
            )
        if self.days_left is not None and self.origin is not None:
            raise ValueError(said("'origin' is for terms: all channels end with the contract"))
        return self

    def threshold(self, total: Decimal) -> Decimal | None:
        """The terms at which it is due, of so many in all; None: it looks at the dates."""
        if self.remaining_percent is not None:
            return total * self.remaining_percent / 100
        return self.remaining_terms


class WarnedContract(Message):
    """What warnings look at: a contract in force, in days of the organisation and terms as they stand."""

    start: date
    end: date
    total_terms: Decimal
    remaining_terms: Decimal
    channels: dict[str, tuple[Decimal, Decimal]] = Field(default_factory=dict)
    """By origin: total and remaining terms."""
    warnings: tuple[ContractWarning, ...] = ()


class DueWarning(Message):
    """A warning that is due. `key` names it for ever on its contract: another total or another end makes it another one."""

    position: int
    key: str
    left: Decimal | int
    """Terms, or days."""
