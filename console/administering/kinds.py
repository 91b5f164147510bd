"""What there is to administer: each kind with its address, its words, who may change it, and where the desk keeps it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from console.languages import N_
from desk.contract_runs import tell_run
from desk.mailbox_runs import take_up
from desk.reference.entitlements import ENTITLEMENTS
from desk.reference.kinds import AGENTS, MAILBOXES, PRODUCTS, QUEUES, SUBJECTS, TEAMS
from desk.reference.records import Item, Kind
from desk.reference.uses import Use
from desk.services import WiredHouse
from models.messages.reference import Role
from storage.definitions import MODELS, DefinitionKind

MANAGERS = (Role.MANAGER, Role.ADMINISTRATOR)
ADMINISTRATORS = (Role.ADMINISTRATOR,)


@dataclass(frozen=True, slots=True)
class Sort:
    """`plural`: its word in addresses. `one`: of a new one. `record`: of plain records; `definition`: of versioned ones.

    `after`: what follows when a record was made, activated or deactivated.
    """

    plural: str
    title: str
    one: str
    says: str
    writers: tuple[Role, ...] = MANAGERS
    record: Kind[Any] | None = None
    definition: DefinitionKind | None = None
    after: Callable[[WiredHouse, Item[Any]], Awaitable[None]] | None = None

    @property
    def name(self) -> str:
        """As the desk and the audit call it."""
        if self.record is not None:
            return self.record.name
        if self.definition is None:
            raise TypeError(f"{self.plural} are neither records nor definitions")
        return self.definition.value

    @property
    def model(self) -> type[BaseModel]:
        if self.record is not None:
            return self.record.body
        return MODELS[DefinitionKind(self.name)]

    @property
    def address(self) -> str:
        return f"/admin/{self.plural}"


SETTINGS = Sort(
    "organisation",
    N_("Organisation"),
    N_("Organisation"),
    N_("Name, time zone, words for cases, limits, pages for customers"),
    ADMINISTRATORS,
    definition=DefinitionKind.ORGANISATION,
)

GROUPS: tuple[tuple[str, tuple[Sort, ...]], ...] = (
    (
        N_("People"),
        (
            Sort(
                "agents",
                N_("People"),
                N_("Person"),
                N_("Who works here, in which roles; invitations and tokens"),
                ADMINISTRATORS,
                record=AGENTS,
            ),
            Sort("teams", N_("Teams"), N_("Team"), N_("People who own cases together"), record=TEAMS),
            Sort("queues", N_("Queues"), N_("Queue"), N_("Where cases wait, for whom"), record=QUEUES),
        ),
    ),
    (
        N_("What arrives"),
        (
            Sort(
                "mailboxes",
                N_("Mailboxes"),
                N_("Mailbox"),
                N_("Accounts from which mail is read and sent"),
                ADMINISTRATORS,
                record=MAILBOXES,
                after=take_up,
            ),
            Sort(
                "record-creation-rules",
                N_("Record creation rules"),
                N_("Record creation rule"),
                N_("What becomes of a mail or an activity that arrives"),
                definition=DefinitionKind.RECORD_CREATION_RULE,
            ),
            Sort(
                "routing-rule-sets",
                N_("Routing rule sets"),
                N_("Routing rule set"),
                N_("To which queue, team or person a case goes"),
                definition=DefinitionKind.ROUTING_RULE_SET,
            ),
            Sort(
                "assignment-rules",
                N_("Assignment rules"),
                N_("Assignment rule"),
                N_("Which queues hand out their cases by themselves, and where they go on to"),
                definition=DefinitionKind.ASSIGNMENT_RULE,
            ),
        ),
    ),
    (
        N_("What is promised"),
        (
            Sort(
                "slas",
                N_("SLAs"),
                N_("SLA"),
                N_("What is promised, when it is due, what follows"),
                definition=DefinitionKind.SLA,
            ),
            Sort(
                "kpi-definitions",
                N_("KPIs"),
                N_("KPI"),
                N_("What SLAs can promise, and what pauses it"),
                definition=DefinitionKind.KPI,
            ),
            Sort(
                "calendars",
                N_("Calendars"),
                N_("Calendar"),
                N_("Working hours and holidays"),
                definition=DefinitionKind.CALENDAR,
            ),
            Sort(
                "entitlements",
                N_("Contracts"),
                N_("Contract"),
                N_("What a customer has bought, and what is left of it"),
                record=ENTITLEMENTS,
                after=tell_run,
            ),
            Sort(
                "entitlement-templates",
                N_("Templates of contracts"),
                N_("Template of contracts"),
                N_("What contracts are made of"),
                definition=DefinitionKind.ENTITLEMENT_TEMPLATE,
            ),
        ),
    ),
    (
        N_("How cases are worked"),
        (
            Sort(
                "processes",
                N_("Processes"),
                N_("Process"),
                N_("Stages of a case, with branches"),
                definition=DefinitionKind.PROCESS,
            ),
            Sort(
                "templates",
                N_("Letters"),
                N_("Letter"),
                N_("Words of mails that leave by themselves, by language"),
                definition=DefinitionKind.TEMPLATE,
            ),
            Sort("subjects", N_("Subjects"), N_("Subject"), N_("What cases and articles are about"), record=SUBJECTS),
            Sort("products", N_("Products"), N_("Product"), N_("What customers have"), record=PRODUCTS),
            Sort(
                "surveys",
                N_("Surveys"),
                N_("Survey"),
                N_("What is asked after a case is resolved"),
                definition=DefinitionKind.SURVEY,
            ),
            Sort(
                "figure-reports",
                N_("Reports"),
                N_("Report"),
                N_("Key figures that are mailed on a day of their own"),
                definition=DefinitionKind.FIGURE_REPORT,
            ),
        ),
    ),
)

SORTS: dict[str, Sort] = {sort.plural: sort for _, sorts in GROUPS for sort in sorts}
BY_NAME: dict[str, Sort] = {sort.name: sort for sort in (*SORTS.values(), SETTINGS)}
"""As the audit calls them."""


def linked(uses: Iterable[Use]) -> list[tuple[str, str]]:
    """Where each has its page, empty if it has none, and what it is."""
    return [(_page_of(use), use.place) for use in uses]


def _page_of(use: Use) -> str:
    sort = BY_NAME.get(use.kind)
    if sort is None:
        return ""
    return sort.address if sort is SETTINGS else f"{sort.address}/{use.slug}"
