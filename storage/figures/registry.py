"""Every key figure (domain 10) in one table: what it says in words, and what of the facts it sums up.

A figure is a numerator over a denominator, summed over the facts of its kind in a period; it is a count where it has no
denominator. `docs/kpis.md` is written from here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, literal_column, or_
from sqlalchemy.orm import InstrumentedAttribute

from models.messages.figures import FigureName, FigurePart, FigureUnit
from models.messages.organisation import OrganisationSettings
from models.records.base import TERM_SCALE
from models.records.figures import FigureFact as Fact
from storage.figures.facts import ESCALATED, FIRST_CONTACT, REOPENED, TASK, FactKind, Waited

Term = ColumnElement[int]
ONE: Term = literal_column("1")


def _if(condition: ColumnElement[bool]) -> Term:
    return case((condition, 1), else_=0)


@dataclass(frozen=True)
class Figure:
    """`numerator` and `denominator` are summed over the facts of `kind` that are `among`; the value is the one over the other,
    times `scale`. `measure`: what the median and the 90th percentile are of."""

    name: FigureName
    title: str
    words: str
    unit: FigureUnit
    kind: FactKind
    numerator: Term | Callable[[OrganisationSettings], Term] = ONE
    denominator: Term | None = None
    among: ColumnElement[bool] | Callable[[OrganisationSettings], ColumnElement[bool]] | None = None
    scale: float = 1
    measure: InstrumentedAttribute[int | None] | None = None
    cumulative: bool = False
    """It stands at the end of the period, and counts all that was before."""
    apart: tuple[str, ...] = ()
    """Outcomes that are in neither sum, and are shown beside the figure."""

    def summed(self, organisation: OrganisationSettings) -> Term:
        numerator = self.numerator
        return cast(numerator(organisation) if callable(numerator) else numerator, BigInteger)

    @property
    def counted(self) -> Term:
        return ONE if self.denominator is None else self.denominator

    def facts(self, organisation: OrganisationSettings, *, apart: bool = False) -> ColumnElement[bool]:
        """The condition that a fact is this figure's; `apart`: that it is shown beside it."""
        of_kind = Fact.kind == self.kind.value
        if apart:
            return and_(of_kind, Fact.outcome.in_(self.apart))
        among = self.among(organisation) if callable(self.among) else self.among
        return of_kind if among is None else and_(of_kind, among)

    def in_part(self, organisation: OrganisationSettings, part: FigurePart) -> ColumnElement[bool]:
        """The condition that a fact is in this part of the figure."""
        match part:
            case FigurePart.ALL:
                return self.facts(organisation)
            case FigurePart.NUMERATOR:
                return and_(self.facts(organisation), self.summed(organisation) != 0)
            case FigurePart.DENOMINATOR:
                return and_(self.facts(organisation), self.counted != 0)
            case FigurePart.APART:
                return self.facts(organisation, apart=True)

    def value(self, numerator: int, denominator: int) -> float | None:
        """None: there is nothing that it could be of."""
        if self.denominator is None:
            return numerator
        return round(self.scale * numerator / denominator, 4) if denominator else None


# ---- terms that are more than a column ----------------------------------------------------------------------------------

_SCORE = Fact.amount
_PICKED = Fact.outcome.in_((Waited.PICKED, Waited.TRANSFERRED))
SATISFIED, PROMOTER, DETRACTOR = 4, 9, 6
"""The lowest score of the satisfied (1 to 5) and of a promoter, the highest of a detractor (0 to 10)."""


def _cost(organisation: OrganisationSettings) -> Term:
    costs = organisation.contact_costs
    if not costs:
        return literal_column("0")
    return case({channel: int(cost * TERM_SCALE) for channel, cost in costs.items()}, value=Fact.channel, else_=0)


def _priced(organisation: OrganisationSettings) -> ColumnElement[bool]:
    return Fact.channel.in_(sorted(organisation.contact_costs))


def _took(measure: InstrumentedAttribute[int | None]) -> Term:
    return measure  # type: ignore[return-value] # it is never null among the facts that are asked


def _duration(
    name: FigureName,
    title: str,
    words: str,
    kind: FactKind,
    among: ColumnElement[bool] | None = None,
    *,
    business: bool = False,
) -> Figure:
    measure = Fact.business_seconds if business else Fact.seconds
    known = measure.is_not(None)
    return Figure(
        name,
        title,
        words,
        FigureUnit.SECONDS,
        kind,
        numerator=_took(measure),
        denominator=ONE,
        among=known if among is None else and_(known, among),
        measure=measure,
    )


FIGURES: tuple[Figure, ...] = (
    Figure(
        FigureName.INCOMING,
        "Incoming cases",
        "Cases that were opened in the period.",
        FigureUnit.CASES,
        FactKind.OPENED,
    ),
    Figure(
        FigureName.RESOLVED,
        "Resolved cases",
        "Resolutions in the period; a case that was resolved again after it was reactivated counts again.",
        FigureUnit.CASES,
        FactKind.RESOLVED,
    ),
    Figure(
        FigureName.BACKLOG,
        "Backlog",
        "Cases that are open at the end of the period: opened or reactivated before, and neither resolved nor cancelled since.",
        FigureUnit.CASES,
        FactKind.BALANCE,
        numerator=_SCORE,  # type: ignore[arg-type] # never null here
        cumulative=True,
    ),
    Figure(
        FigureName.CONTACTS,
        "Contacts",
        "Times that customers turned to us: each case's opening, each later mail of a person, each activity that arrived.",
        FigureUnit.CONTACTS,
        FactKind.CONTACT,
    ),
    Figure(
        FigureName.FIRST_CONTACT_RESOLUTION,
        "First contact resolution",
        "Resolutions of cases with no contact but the first until then, which were not reactivated within the organisation's "
        "`first_contact_days`, of all resolutions in the period. One that is younger than that can still lose it.",
        FigureUnit.PERCENT,
        FactKind.RESOLVED,
        numerator=_if(Fact.outcome.like(f"{FIRST_CONTACT}%")),
        denominator=ONE,
        scale=100,
    ),
    Figure(
        FigureName.REOPEN_RATE,
        "Reopen rate",
        "Resolutions in the period whose case was reactivated later, of all resolutions in the period.",
        FigureUnit.PERCENT,
        FactKind.RESOLVED,
        numerator=_if(Fact.outcome.like(f"%{REOPENED}")),
        denominator=ONE,
        scale=100,
    ),
    Figure(
        FigureName.ESCALATION_RATE,
        "Escalated",
        "Cases opened in the period that were escalated at some time, of all cases opened in the period.",
        FigureUnit.PERCENT,
        FactKind.OPENED,
        numerator=_if(Fact.outcome == ESCALATED),
        denominator=ONE,
        scale=100,
    ),
    _duration(
        FigureName.WAIT_TIME,
        "Wait time",
        "How long cases that entered a queue in the period waited there, until somebody picked them first or they left without; "
        "those that still wait are in none.",
        FactKind.QUEUED,
        Fact.outcome != Waited.WAITING,
    ),
    _duration(
        FigureName.SPEED_TO_ANSWER,
        "Average speed to answer",
        "How long cases that entered a queue in the period waited until somebody picked them first; only those that were picked.",
        FactKind.QUEUED,
        _PICKED,
    ),
    Figure(
        FigureName.ABANDONMENT_RATE,
        "Abandoned",
        "Stays in a queue that began in the period and ended with the cancellation of the case before anybody picked it, of all "
        "stays that began in the period.",
        FigureUnit.PERCENT,
        FactKind.QUEUED,
        numerator=_if(Fact.outcome == Waited.ABANDONED),
        denominator=ONE,
        scale=100,
    ),
    Figure(
        FigureName.TRANSFER_RATE,
        "Transferred",
        "Stays in a queue that began in the period, in which somebody picked the case and which ended with its move to another "
        "queue, of all in which somebody picked it.",
        FigureUnit.PERCENT,
        FactKind.QUEUED,
        numerator=_if(Fact.outcome == Waited.TRANSFERRED),
        denominator=ONE,
        among=_PICKED,
        scale=100,
    ),
    _duration(
        FigureName.FIRST_RESPONSE_TIME,
        "First response time",
        "From the opening of a case to its first response, of cases that were first answered in the period. One that was taken "
        "back or did not arrive is none.",
        FactKind.ANSWERED,
    ),
    _duration(
        FigureName.FIRST_RESPONSE_BUSINESS_TIME,
        "First response time, in working hours",
        "As `first-response-time`, counted in the working hours of the organisation's `figures_calendar`.",
        FactKind.ANSWERED,
        business=True,
    ),
    _duration(
        FigureName.RESOLUTION_TIME,
        "Resolution time",
        "From the opening of a case to its resolution, of resolutions in the period.",
        FactKind.RESOLVED,
    ),
    _duration(
        FigureName.RESOLUTION_BUSINESS_TIME,
        "Resolution time, in working hours",
        "As `resolution-time`, counted in the working hours of the organisation's `figures_calendar`.",
        FactKind.RESOLVED,
        business=True,
    ),
    Figure(
        FigureName.HANDLE_TIME,
        "Average handle time",
        "Minutes of all activities that were completed in the period, of those that were with a customer: all but tasks, whose "
        "minutes are the work after a contact.",
        FigureUnit.MINUTES,
        FactKind.HANDLED,
        numerator=Fact.amount,  # type: ignore[arg-type] # never null here
        denominator=_if(Fact.detail != TASK),
    ),
    Figure(
        FigureName.HANDLE_TIME_PER_CASE,
        "Handle time per resolved case",
        "Minutes of completed activities that a case had taken when it was resolved, of resolutions in the period.",
        FigureUnit.MINUTES,
        FactKind.RESOLVED,
        numerator=Fact.amount,  # type: ignore[arg-type] # never null here
        denominator=ONE,
        measure=Fact.amount,
    ),
    Figure(
        FigureName.COST_PER_CONTACT,
        "Cost per contact",
        "What the contacts of the period cost by the organisation's `contact_costs`, of all contacts of channels that have one.",
        FigureUnit.MONEY,
        FactKind.CONTACT,
        numerator=_cost,
        denominator=ONE,
        among=_priced,
        scale=float(1 / TERM_SCALE),
    ),
    Figure(
        FigureName.SLA_COMPLIANCE,
        "SLA compliance",
        "Promises that fell due in the period and were kept, of those that were kept or broken. Cancelled ones are in neither, "
        "nor are those that are paused or still run.",
        FigureUnit.PERCENT,
        FactKind.PROMISED,
        numerator=_if(Fact.outcome == "succeeded"),
        denominator=ONE,
        among=or_(Fact.outcome == "succeeded", Fact.outcome == "noncompliant"),
        scale=100,
        apart=("cancelled", "paused", "in-progress", "nearing-noncompliance"),
    ),
    Figure(
        FigureName.CSAT,
        "Customer satisfaction",
        "Answers of 4 or 5, of all answers from 1 to 5 that were given in the period.",
        FigureUnit.PERCENT,
        FactKind.SURVEYED,
        numerator=_if(_SCORE >= SATISFIED),
        denominator=ONE,
        among=Fact.detail == "csat",
        scale=100,
    ),
    Figure(
        FigureName.CSAT_SCORE,
        "Customer satisfaction, mean score",
        "The mean of the answers from 1 to 5 that were given in the period.",
        FigureUnit.SCORE,
        FactKind.SURVEYED,
        numerator=_SCORE,  # type: ignore[arg-type] # never null here
        denominator=ONE,
        among=Fact.detail == "csat",
        measure=Fact.amount,
    ),
    Figure(
        FigureName.NPS,
        "Net promoter score",
        "The share of answers of 9 or 10 less the share of those from 0 to 6, of all answers from 0 to 10 that were given in the "
        "period: from -100 to 100.",
        FigureUnit.POINTS,
        FactKind.SURVEYED,
        numerator=case((_SCORE >= PROMOTER, 1), (_SCORE <= DETRACTOR, -1), else_=0),
        denominator=ONE,
        among=Fact.detail == "nps",
        scale=100,
    ),
    Figure(
        FigureName.CES,
        "Customer effort score",
        "The mean of the answers that were given in the period; the higher, the easier it was for the customer.",
        FigureUnit.SCORE,
        FactKind.SURVEYED,
        numerator=_SCORE,  # type: ignore[arg-type] # never null here
        denominator=ONE,
        among=Fact.detail == "ces",
        measure=Fact.amount,
    ),
)
BY_NAME: dict[str, Figure] = {figure.name.value: figure for figure in FIGURES}
