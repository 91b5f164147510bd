"""What applying a file did, or would do."""

from __future__ import annotations

from dataclasses import dataclass

from desk.organisation.applied import Dropped, Elsewhere
from desk.organisation.differences import Apart


@dataclass(frozen=True, slots=True)
class AppliedChange:
    """`sla gold: version 2, active`; `differences` say what of it, a line each. `done`: a sentence of the catalogues; `status`:
    what it is afterwards, of what has a life of its own."""

    kind: str
    slug: str
    done: str
    fields: tuple[str, ...] = ()
    status: str = ""
    apart: tuple[Apart, ...] = ()

    @property
    def what(self) -> str:
        done = " ".join(each for each in (str(self.done), ", ".join(self.fields)) if each)
        return ", ".join(each for each in (done, self.status) if each)

    @property
    def differences(self) -> tuple[str, ...]:
        return tuple(each.line for each in self.apart)

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}: {self.what}"


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What applying a file did, or would do; `lines` are ready to print."""

    changes: tuple[AppliedChange, ...]
    dropped: tuple[Dropped, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    """What was overwritten, or would have been."""
    notes: tuple[str, ...] = ()
    """What would be in order, and yet not do what is meant (`desk.organisation.advice`)."""

    @property
    def lines(self) -> list[str]:
        count = len(self.changes)
        summary = "nothing changed" if count == 0 else "1 change" if count == 1 else f"{count} changes"
        return [*map(str, self.changes), *(each.line for each in self.dropped), summary]
