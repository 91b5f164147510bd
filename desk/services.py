"""What API and console need of the house, and what the desk does for the whole process: one of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from temporalio.client import Client

from desk.bulk import BulkDesk
from desk.commands import CaseDesk
from desk.entering.own import OwnAccessDesk
from desk.entering.signing_in import SigningIn
from desk.entering.ways import Ways
from desk.incidents import IncidentDesk
from desk.live import Live
from desk.opening import CaseOpenings
from desk.pulse import Pulse
from engine.commands import CommandSender
from engine.dispatch import CaseDispatcher
from engine.operations import OperationStarter
from letters.composing import Letters
from mailroom.quarantine import Quarantine
from models.messages.names import case_workflow_id
from storage.definitions import Definitions
from storage.engines import Database
from storage.files import FileStore
from storage.secrets import Keyring


class WiredHouse(Protocol):
    """What `bootstrap` builds, as far as those who ask know it."""

    @property
    def database(self) -> Database: ...
    @property
    def client(self) -> Client: ...
    @property
    def sender(self) -> CommandSender: ...
    @property
    def definitions(self) -> Definitions: ...
    @property
    def files(self) -> FileStore: ...
    @property
    def keyring(self) -> Keyring: ...
    @property
    def letters(self) -> Letters: ...
    @property
    def ways(self) -> Ways: ...
    @property
    def quarantine(self) -> Quarantine: ...
    @property
    def settings(self) -> Any: ...
    @property
    def temporal_ui(self) -> str | None:
        """Base address of the Temporal UI, for links; None: no links."""
        ...

    @property
    def temporal_namespace(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Services:
    """What the desk does for the whole process: one of each."""

    cases: CaseDesk
    openings: CaseOpenings
    incidents: IncidentDesk
    pulse: Pulse
    bulk: BulkDesk
    signing_in: SigningIn
    own_access: OwnAccessDesk
    live: Live

    @classmethod
    def of(cls, house: WiredHouse) -> Services:
        cases = CaseDesk(house.database, house.sender, house.definitions)
        signing_in = SigningIn(house.database, house.definitions, house.keyring, house.letters, house.ways)
        return cls(
            cases,
            CaseOpenings(house.database, house.client, house.definitions),
            IncidentDesk(house.database, cases.pursuit, CaseDispatcher(house.client)),
            Pulse(house.database, house.files),
            BulkDesk(house.database, house.definitions, OperationStarter(house.client)),
            signing_in,
            OwnAccessDesk(signing_in),
            Live(house.database),
        )


def workflow_link(house: WiredHouse, number: str) -> str | None:
    """The page of the case's workflow in the Temporal UI; None if the house knows no UI."""
    if house.temporal_ui is None:
        return None
    return f"{house.temporal_ui.rstrip('/')}/namespaces/{house.temporal_namespace}/workflows/{case_workflow_id(number)}"
