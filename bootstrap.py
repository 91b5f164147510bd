"""The only wiring: settings to engines, clients, activities and workers. Used by starter, worker, API and tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import _Definition as WorkflowDefinition

from activities.article import ArticleActivities
from activities.case import CaseActivities
from activities.earlier import EarlierCaseActivities
from activities.entitlement import EntitlementActivities
from activities.family import FamilyActivities
from activities.housekeeping import HousekeepingActivities
from activities.mailbox import MailboxActivities
from activities.operation import OperationActivities
from activities.outbox import OutboxActivities
from activities.queue import QueueActivities
from activities.webhooks import WebhookActivities
from cases.article_reviews import ReviewSweep
from cases.article_sweep import ArticleSweep
from cases.article_times import ArticleTimes
from cases.contract_times import ContractTimes
from cases.digests import DigestSweep
from cases.family_orders import FamilyOrders
from cases.figure_reports import ReportSweep
from cases.free_reminders import ReminderSweep
from cases.operations import Operations
from cases.pending import PendingCommands, Pursuit
from cases.queue_looks import QueueLooks
from cases.queue_sweep import QueueSweep
from cases.sweeps import ContractSweep, DeliverySweep, OperationSweep, OverdueSweep
from cases.unit import CaseTools
from desk.entering.ways import ProviderSettings, Ways
from engine import failpoints
from engine.articles import ArticleTeller
from engine.commands import CommandSender
from engine.contracts import ContractTeller
from engine.dispatch import CaseDispatcher
from engine.housekeeping import Housekeeper, Sweep
from engine.operations import OperationStarter
from engine.patience import patient
from engine.proof import DeskProof
from engine.queues import QueueTeller
from engine.standing import ensure_housekeeping, ensure_mailbox_workflows, ensure_webhooks, retire_sweeps
from letters.accounts import active_mailboxes
from letters.composing import Letters
from letters.links import LinkSigner
from letters.outbox import OutboxSender
from letters.posting import Poster
from letters.webhook_signing import WebhookSigner
from letters.webhooks import WebhookSender
from mail.tokens import ReplyTokens, TokenKeys
from mailroom.considering import Considering
from mailroom.correlating import Correlating
from mailroom.intake import MailIntake
from mailroom.placing import Placing
from mailroom.quarantine import Quarantine
from models.messages.names import CASES_QUEUE, MAIL_IN_QUEUE, MAIL_OUT_QUEUE
from settings import Settings
from storage.definitions import Definitions
from storage.engines import Database
from storage.figures.sweep import FigureSweep
from storage.files import FileStore, FolderStore
from storage.secrets import Keyring
from workflows.article import ArticleWorkflow
from workflows.case import CaseWorkflow
from workflows.entitlement import EntitlementWorkflow
from workflows.family import FamilyWorkflow
from workflows.housekeeping import HousekeepingWorkflow
from workflows.mailbox import MailboxWorkflow
from workflows.operation import OperationWorkflow
from workflows.outbox import OutboxWorkflow
from workflows.queue import QueueWorkflow
from workflows.webhooks import WebhookWorkflow

GRACE = timedelta(seconds=30)
"""For running activities when a worker stops; below an orchestrator's usual patience."""
LOCAL_STEPS = 16
"""Short database steps at once: more would only wait for each other inside their 2 seconds."""
WORKFLOW_TASKS = 16
"""Taken from the server at once. One interpreter works them off one after another: what it has taken nobody can overtake,
so with the SDK's hundred an agent's command waited behind a hundred overdue deadlines (docs/performance.md)."""
HEARTBEAT_THROTTLE = timedelta(seconds=5)
"""A cancellation reaches an activity with its heartbeats: a mailbox's new settings must not wait for most of a minute."""
STICKY_PATIENCE = timedelta(seconds=5)
"""How long a task waits for the worker that has the case in memory, before any worker may take it."""

PASSED_THROUGH = (
    *("activities", "cases", "engine", "letters", "mail", "mailroom", "models", "policies", "storage"),
    *("workflows.presentation", "workflows.steps"),
)
"""Never reloaded a case: reloading them costs 2 to 18 MB and up to 0.4 s for every cached case."""


@dataclass
class House:
    """All that the running system is made of."""

    settings: Settings
    database: Database
    client: Client
    files: FileStore
    keyring: Keyring
    definitions: Definitions
    dispatcher: CaseDispatcher
    sender: CommandSender
    pending: PendingCommands
    queues: QueueTeller
    looks: QueueLooks
    letters: Letters
    intake: MailIntake
    quarantine: Quarantine
    outbox: OutboxSender
    webhooks: WebhookSender
    housekeeper: Housekeeper
    temporal_ui: str | None
    ways: Ways
    """By which agents may get in."""
    activities: dict[str, list[Callable[..., Any]]] = field(default_factory=dict)
    """By task queue: what the workers register, and what the tests generate their cases from."""

    @property
    def temporal_namespace(self) -> str:
        return self.settings.temporal_namespace


WORKFLOWS: dict[str, list[type]] = {
    CASES_QUEUE: [
        *(CaseWorkflow, MailboxWorkflow, OutboxWorkflow, HousekeepingWorkflow, EntitlementWorkflow),
        *(FamilyWorkflow, OperationWorkflow, QueueWorkflow, WebhookWorkflow, ArticleWorkflow),
    ],
    MAIL_IN_QUEUE: [],
    MAIL_OUT_QUEUE: [],
}


async def connect(settings: Settings) -> Client:
    """The Temporal client; `temporal_profile` names a profile of temporalio.envconfig for a cluster or the cloud."""
    if settings.temporal_profile is not None:
        options = ClientConfig.load_client_connect_config(profile=settings.temporal_profile)
        return await Client.connect(**options, data_converter=pydantic_data_converter)
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        api_key=settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None,
        tls=settings.temporal_tls,
        data_converter=pydantic_data_converter,
    )


def keyring(settings: Settings) -> Keyring:
    if settings.keys is not None:
        return Keyring.from_json(settings.keys.get_secret_value(), "CASELOOM_KEYS")
    return Keyring.load(settings.data / "keys")


def ways_in(settings: Settings) -> Ways:
    secret = settings.oidc_client_secret
    provider = (
        ProviderSettings(
            settings.oidc_issuer,
            settings.oidc_client_id,
            secret.get_secret_value() if secret else None,
            settings.oidc_name,
            settings.oidc_domains,
        )
        if settings.oidc_issuer and settings.oidc_client_id
        else None
    )
    local = f"http://127.0.0.1:{settings.api_port}"
    return Ways(settings.console_address, local, settings.password_sign_in, provider)


def considering(settings: Settings, database: Database, keys: Keyring) -> Considering:
    """The mailroom's reading and deciding alone: it needs no Temporal, and keeps nothing."""
    tokens = ReplyTokens(TokenKeys(current=keys.current, keys=keys.keys))
    definitions = Definitions()
    nobody: Any = None  # whom what is only looked at could be told
    proof = DeskProof(keys.current, keys.keys)
    tools = CaseTools(database, definitions, Letters(definitions, tokens), nobody, proof, nobody)
    return Considering(Placing(database, definitions, Correlating(tokens, settings.trusted_mail_servers)), tools)


def build(settings: Settings, database: Database, client: Client) -> House:
    """Wire a house over a database and a client that are there already."""
    failpoints.arm(settings.failpoints, settings.data / "stopped-at")
    keys = keyring(settings)
    files = FolderStore(settings.data / "files")
    definitions = Definitions()
    tokens = ReplyTokens(TokenKeys(current=keys.current, keys=keys.keys))
    dispatcher = CaseDispatcher(client)
    letters = Letters(definitions, tokens)
    proof = DeskProof(keys.current, keys.keys)
    sender = CommandSender(client, proof)
    queues = QueueTeller(client)
    tools = CaseTools(database, definitions, letters, dispatcher, proof, queues)
    servers = settings.trusted_mail_servers
    intake = MailIntake(database, definitions, files, dispatcher, tokens, keys, trusted_servers=servers)
    links = LinkSigner(keys.current, keys.keys)
    outbox = OutboxSender(database, files, dispatcher, keys, definitions=definitions, links=links)
    signer = WebhookSigner(keys.current, keys.keys)
    webhooks = WebhookSender(database, dispatcher, signer, Poster(settings.webhook_hosts))
    steps = CaseActivities(tools)
    earlier = EarlierCaseActivities(steps)
    pursuit = Pursuit(database, sender)
    pending = PendingCommands(pursuit)
    # All that housekeeping looks for: a new kind of work that nobody pursues any more is one more here.
    contracts = ContractSweep(database, ContractTeller(client))
    operations = OperationSweep(database, OperationStarter(client))
    looks = QueueLooks(database, definitions, pursuit)
    waiting = QueueSweep(database, definitions, queues)
    told: list[Sweep] = [DeliverySweep(database, dispatcher), contracts, operations, waiting]
    told += [ReminderSweep(database, letters), DigestSweep(database, definitions, letters)]
    told += [ArticleSweep(database, ArticleTeller(client)), ReviewSweep(database, definitions, letters)]
    sweeps = [*told, pending, OverdueSweep(database), FigureSweep(database, definitions)]
    sweeps.append(ReportSweep(database, definitions, letters, files))
    housekeeper = Housekeeper(sweeps)
    return House(
        settings=settings,
        database=database,
        client=client,
        files=files,
        keyring=keys,
        definitions=definitions,
        dispatcher=dispatcher,
        sender=sender,
        pending=pending,
        queues=queues,
        looks=looks,
        letters=letters,
        intake=intake,
        quarantine=intake.quarantine,
        outbox=outbox,
        webhooks=webhooks,
        housekeeper=housekeeper,
        temporal_ui=settings.temporal_ui,
        ways=ways_in(settings),
        activities={
            CASES_QUEUE: [
                steps.step,
                earlier.load_case,
                earlier.open_case,
                earlier.apply_command,
                earlier.lapse_clocks,
                earlier.apply_delivery,
                FamilyActivities(FamilyOrders(database, dispatcher)).order_family,
                OperationActivities(Operations(database, pursuit)).work_operation,
                ArticleActivities(ArticleTimes(database)).keep_article,
                EntitlementActivities(ContractTimes(database, definitions, letters)).keep_entitlement,
                QueueActivities(looks).look_at_queue,
                HousekeepingActivities(housekeeper).keep_house,
            ],
            MAIL_IN_QUEUE: [MailboxActivities(intake).watch_mailbox],
            MAIL_OUT_QUEUE: [OutboxActivities(outbox).drain_outbox, WebhookActivities(webhooks).send_webhooks],
        },
    )


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Engines and clients, from the settings; closed again at the end. The database is migrated already."""
    database = Database(settings.database)
    try:
        yield build(settings, database, await connect(settings))
    finally:
        await database.close()


class Sandbox(SandboxedWorkflowRunner):
    """Looks once at each class of workflow that it is to run: a process of tests makes thousands of workers and replayers, and
    looking at all classes for each of them would take an eighth of its time."""

    _looked_at: ClassVar[set[type]] = set()

    def prepare_workflow(self, defn: WorkflowDefinition) -> None:
        if defn.cls not in self._looked_at:
            super().prepare_workflow(defn)
            self._looked_at.add(defn.cls)


def sandbox() -> SandboxedWorkflowRunner:
    """What every test runs workflows in: a call that a replay could not repeat fails there (docs/decisions)."""
    return Sandbox(SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))


def make_workers(
    house: House,
    *,
    queues: Sequence[str] = (CASES_QUEUE, MAIL_IN_QUEUE, MAIL_OUT_QUEUE),
    grace: timedelta = GRACE,
    runner: WorkflowRunner | None = None,
) -> list[Worker]:
    """One worker a task queue; run them with `async with`.

    `runner`: None is the plain one, as in production. A sandbox costs a quarter of the processor time of an opening, and
    finds nothing there that the tests, which run in it, have not found before.
    """
    return [
        patient(
            Worker(
                house.client,
                task_queue=queue,
                workflows=WORKFLOWS[queue],
                activities=house.activities[queue],
                workflow_runner=runner or UnsandboxedWorkflowRunner(),
                max_cached_workflows=house.settings.cached_cases,
                max_concurrent_activities=house.settings.concurrent_activities,
                max_concurrent_local_activities=LOCAL_STEPS,
                max_concurrent_workflow_tasks=WORKFLOW_TASKS,
                graceful_shutdown_timeout=grace,
                max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
                sticky_queue_schedule_to_start_timeout=STICKY_PATIENCE,
                workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
                activity_task_poller_behavior=PollerBehaviorAutoscaling(),
            )
        )
        for queue in queues
    ]


async def ensure_running(house: House) -> None:
    """What is always there: housekeeping, webhooks, and both workflows of each active mailbox."""
    await retire_sweeps(house.client)
    await ensure_housekeeping(house.client)
    await ensure_webhooks(house.client)
    heartbeat = {"heartbeat_seconds": house.settings.mailbox_heartbeat_seconds}
    jobs = [job.model_copy(update=heartbeat) for job in await active_mailboxes(house.database)]
    await ensure_mailbox_workflows(house.client, jobs)
