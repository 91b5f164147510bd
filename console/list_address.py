"""The address of a list of cases: what it says is read as a `CaseList`, and written back in one fixed order, so that the same
list always has the same address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode

from console.words_asked import one_of
from desk.errors import Invalid
from desk.queries.list_questions import MOST_VALUES, PERSONAL, CaseList, ListView
from models.messages.cases import CaseStatus, SlaState
from models.messages.said import said

LISTS = "/cases"
LONGEST = 600


class Column(StrEnum):
    STATUS = "status"
    FIRST_RESPONSE = "first-response"
    RESOLUTION = "resolution"
    OWNER = "owner"
    CUSTOMER = "customer"
    PRIORITY = "priority"
    QUEUE = "queue"
    ORIGIN = "origin"
    CREATED = "created"
    MODIFIED = "modified"


USUAL = (
    *(Column.STATUS, Column.FIRST_RESPONSE, Column.RESOLUTION, Column.CUSTOMER),
    *(Column.OWNER, Column.PRIORITY, Column.QUEUE, Column.CREATED),
)
BY_VIEW = {
    ListView.MINE: tuple(column for column in USUAL if column is not Column.OWNER),
    ListView.AVAILABLE: tuple(column for column in USUAL if column is not Column.OWNER),
}
"""Columns that a view shows, where the address names none."""

FIELDS = {
    "queue": "queues",
    "status": "statuses",
    "reason": "reasons",
    "owner": "owners",
    "priority": "priorities",
    "sla": "slas",
    "origin": "origins",
}
"""Filters of several values: the parameter, and the field of `CaseList`."""
PARAMETERS = frozenset({*FIELDS, "view", "agent", "customer", "q", "sort", "column", "cursor"})


@dataclass(frozen=True, slots=True)
class ListAddress:
    """A list with its columns, and the page of it; `cursor` None: the first."""

    wanted: CaseList = field(default_factory=CaseList)
    columns: tuple[Column, ...] = ()
    cursor: str | None = None

    @property
    def shown(self) -> tuple[Column, ...]:
        return self.columns or BY_VIEW.get(self.wanted.view, USUAL)

    @property
    def query(self) -> str:
        """What stands behind the question mark, without it."""
        return urlencode(list(self._pairs()))

    @property
    def list_query(self) -> str:
        """The same without the page: of the list itself."""
        return replace(self, cursor=None).query

    @property
    def narrowed(self) -> str:
        """What decides which cases are in it, without their order and columns."""
        return ListAddress(replace(self.wanted, sort="next_due")).query

    def __str__(self) -> str:
        return f"{LISTS}?{self.query}" if self.query else LISTS

    def pairs(self, *but: str) -> list[tuple[str, str]]:
        """As hidden fields of a form, without those that the form asks for itself."""
        return [pair for pair in self._pairs() if pair[0] not in but]

    def of(self, agent: str) -> ListAddress:
        """A view of somebody's cases that does not say whose is this agent's."""
        if self.wanted.view not in PERSONAL or self.wanted.agent is not None:
            return self
        return replace(self, wanted=replace(self.wanted, agent=agent))

    def at(self, cursor: str | None) -> ListAddress:
        return replace(self, cursor=cursor)

    def sorted(self, sort: str) -> ListAddress:
        return replace(self, wanted=replace(self.wanted, sort=sort), cursor=None)

    def unfiltered(self) -> ListAddress:
        kept = CaseList(view=self.wanted.view, agent=self.wanted.agent, sort=self.wanted.sort)
        return ListAddress(kept, self.columns)

    def _pairs(self) -> Iterable[tuple[str, str]]:
        wanted = self.wanted
        if wanted.view is not ListView.ALL:
            yield "view", wanted.view.value
        if wanted.agent is not None:
            yield "agent", wanted.agent
        for name, attribute in FIELDS.items():
            yield from ((name, str(value)) for value in getattr(wanted, attribute))
        if wanted.customer is not None:
            yield "customer", wanted.customer
        if wanted.q is not None:
            yield "q", wanted.q
        if wanted.sort != "next_due":
            yield "sort", wanted.sort
        yield from (("column", column.value) for column in self.columns)
        if self.cursor is not None:
            yield "cursor", self.cursor


def view_address(view: ListView, agent: str | None = None, **filters: str) -> str:
    """The address of a view, for links from elsewhere."""
    given = {attribute: (filters[name],) for name, attribute in FIELDS.items() if name in filters}
    wanted = CaseList(view=view, agent=agent if view in PERSONAL else None, **given)  # type: ignore[arg-type]  # read above, each by its kind
    return str(ListAddress(wanted))


def read_query(query: str) -> ListAddress:
    """As `read_address`, from the text behind a question mark. `Invalid` if it is none of ours."""
    return read_address(parse_qsl(query[:4_000], max_num_fields=500))


def read_address(pairs: Iterable[tuple[str, str]]) -> ListAddress:
    """The list that these parameters name. Empty ones do not count; others that are no list's are passed over. `Invalid`
    names a wrong one."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        value = value.strip()
        if not value or name not in PARAMETERS:
            continue
        if len(value) > LONGEST or "\x00" in value:
            raise Invalid(name, said("at most {longest} characters, no NUL", longest=LONGEST))
        given.setdefault(name, []).append(value)
    several = {name: tuple(dict.fromkeys(given.get(name, ()))) for name in FIELDS}
    for name, values in several.items():
        if len(values) > MOST_VALUES:
            raise Invalid(name, said("at most {most_values} values", most_values=MOST_VALUES))
    view = one_of(ListView, "view", given.get("view", [ListView.ALL.value])[-1])
    wanted = CaseList(
        view=view,
        agent=_last(given, "agent") if view in PERSONAL else None,
        queues=several["queue"],
        statuses=tuple(one_of(CaseStatus, "status", value) for value in several["status"]),
        reasons=several["reason"],
        owners=several["owner"],
        priorities=several["priority"],
        slas=tuple(one_of(SlaState, "sla", value) for value in several["sla"]),
        origins=several["origin"],
        customer=_last(given, "customer"),
        q=_last(given, "q"),
        sort=_last(given, "sort") or "next_due",
    )
    columns = tuple(dict.fromkeys(one_of(Column, "column", value) for value in given.get("column", ())))
    if frozenset(columns) == frozenset(BY_VIEW.get(view, USUAL)):
        columns = ()
    return ListAddress(wanted, columns, _last(given, "cursor"))


def _last(given: Mapping[str, list[str]], name: str) -> str | None:
    return given[name][-1] if name in given else None
