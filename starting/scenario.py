"""The scenario, played from outside: one mail of a gold customer becomes a resolved case, and 14 of 15 remain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from starting.checks import Checks
from starting.outsider import Api, CaseHistory, NotSeen, Person, body_of, until
from starting.show import Show

CUSTOMER = "casey@customer.example"
CONTACT = "casey"
SUPPORT = "support@desk.example"
AGENT = "grace"
QUEUE = "gold"
CONTRACT = "gold-care"
FIRST_RESPONSE_MINUTES = 15
EVENTS_AT_MOST = 60
"""The budget of design.md for the whole scenario's history."""

QUESTION = """\
Hello,

since yesterday my Northwind One headphones do not show up in the Bluetooth list of my phone any more.
I have switched both off and on again. What can I do?

Casey Rivera, Aurora Hotels
"""
ANSWER = "That did it, thank you! They are connected again.\n\nCasey\n"


@dataclass
class Scene:
    """Everything that the play needs from outside the house."""

    agent: Api
    manager: Api
    casey: Person
    temporal: Any
    """A client of the Temporal server."""
    api: str


class Scenario:
    """Nine steps; each says what happens, why, and where to look, and is checked before the next."""

    def __init__(self, scene: Scene, show: Show) -> None:
        self.scene, self.show, self.checks = scene, show, Checks(show)
        self.number = ""

    async def play(self) -> bool:
        """True if every step held."""
        try:
            await self._play()
        except NotSeen as error:
            self.checks.missing(error)
        return not self.checks.failed

    async def _play(self) -> None:
        before = await self._contract()
        total, remaining = Decimal(str(before["total_terms"])), Decimal(str(before["remaining_terms"]))
        if remaining <= 0:
            left = f"{remaining:f} of {total:f}"
            raise NotSeen(f"the contract {CONTRACT} has cases left", "at least one; --reset begins anew", left)
        question = await self._casey_writes()
        await self._the_case_opens(question)
        acknowledgement = await self._casey_is_told(question)
        await self._grace_picks()
        await self._identify()
        await self._research()
        article = await self._casey_reads_the_article(question, acknowledgement)
        await self._casey_confirms(article)
        await self._resolve()
        await self._the_contract_counts(total, remaining)
        await self._the_history_is_complete()

    # ---- the steps ---------------------------------------------------------------------------------------------------

    async def _casey_writes(self) -> EmailMessage:
        self.show.step(1, f"Casey, a gold customer, writes to {SUPPORT}")
        before = await self._newest()
        mail = letter("My headphones do not pair any more", QUESTION)
        await self.scene.casey.send(mail)
        self.checks.that("the SMTP server took the mail", True, expected="250", found="250")
        case = await until("the mail becomes a case", self._newest, lambda case: case is not None and case != before)
        self.number = str(case)
        return mail

    async def _the_case_opens(self, question: EmailMessage) -> None:
        self.show.step(2, f"It becomes case {self.number}, which finds its contract, its promise and its queue")
        case = await until("the case is open", self._case, lambda case: case["status"] != "opening")
        why = await self._timeline()
        self.show.why(f"record creation rule: {_of(why, 'opened').get('rule')}")
        self.show.why(f"contract: {_explained(_of(why, 'entitlement'))}")
        self.show.why(f"promise: {_explained(_of(why, 'sla'))}")
        self.show.why(f"routing: {_explained(_of(why, 'routed'))}")
        promise = await self._first_response()
        if promise is not None:
            self.show.why(
                f"deadline: first response by {_clock(promise['failure_at'])}, warned {_clock(promise['warning_at'])}"
            )
        self.show.where(f"the case      {self.scene.api}/api/v1/cases/{self.number}")
        self.show.where(f"its workflow  {case['links']['workflow']}")
        self.checks.equal("its title is the mail's subject", str(question["Subject"]), case["title"])
        self.checks.equal("it came by mail", "email", case["origin"])
        self.checks.equal("it waits in the gold queue", QUEUE, case["queue"])
        self.checks.equal("it counts on the gold contract", CONTRACT, (case["entitlement"] or {}).get("slug"))
        self.checks.equal("its process begins with Identify", "identify", case["stage"])
        self.checks.equal("a first response is owed in 15 minutes", FIRST_RESPONSE_MINUTES, _minutes(promise))
        history = CaseHistory(self.scene.temporal, self.number)
        self.checks.equal("its workflow runs on the Temporal server", "running", await history.status())
        found = (await history.search_attributes()).get("CaseQueue")
        self.checks.equal("the Temporal UI can list it by its queue", QUEUE, found)

    async def _casey_is_told(self, question: EmailMessage) -> EmailMessage:
        self.show.step(3, "Casey gets an acknowledgement")
        mail = await self.scene.casey.receives(
            "the acknowledgement is in Casey's mailbox",
            lambda mail: mail["In-Reply-To"] == question["Message-ID"] and "auto" in str(mail["Auto-Submitted"]),
        )
        self.show.where(f'Casey\'s mailbox: "{mail["Subject"]}"')
        self.checks.contains("it names the case", self.number, str(mail["Subject"]))
        self.checks.equal("it says that a machine wrote it (RFC 3834)", "auto-replied", str(mail["Auto-Submitted"]))
        self.checks.contains("a mail program shows both as one thread", question["Message-ID"], str(mail["References"]))
        return mail

    async def _grace_picks(self) -> None:
        self.show.step(4, "Grace, an agent of the gold queue, picks the case")
        case = await self.scene.agent.post(f"cases/{self.number}/pick")
        self.show.why("she is a member of the queue and has capacity for one more case")
        self.checks.equal("she owns it", AGENT, (case["owner"] or {}).get("slug"))
        self.checks.equal("she works on it", AGENT, case["worked_by"])

    async def _identify(self) -> None:
        self.show.step(5, "Identify: Grace notes what it is about, and goes on")
        data = {"case_type": "problem", "custom.device": "Northwind One"}
        case = await self.scene.agent.post(f"cases/{self.number}/process/next", {"data": data})
        self.show.why("the stage's required data step, the kind of request, is filled")
        self.checks.equal("the process is in Research", "research", case["stage"])

    async def _research(self) -> None:
        self.show.step(6, "Research: she finds an article, mails it from the case, and goes on")
        found = (await self.scene.agent.get("articles", q="headphones pairing bluetooth"))["items"]
        if not found:
            raise NotSeen("the search finds an article", "at least one", "none")
        article = found[0]
        self.show.why(f'the search for "headphones pairing bluetooth" finds {article["number"]}: {article["title"]}')
        made = await self.scene.agent.post(
            f"cases/{self.number}/articles", {"article": article["number"], "send": "content"}
        )
        case = made["case"]
        linked = [each["number"] for each in case["articles"]]
        self.checks.equal("the article is linked to the case", [article["number"]], linked)
        self.checks.equal("it counts as the first response", True, case["first_response_sent"])
        promise = await self._first_response()
        self.checks.equal("the promise is kept", "succeeded", (promise or {}).get("status"))
        if promise is not None:
            self.show.why(
                f"first response at {_clock(promise['succeeded_on'])}, owed by {_clock(promise['failure_at'])}"
            )
        case = await self.scene.agent.post(f"cases/{self.number}/process/next", {"data": {"custom.article_sent": True}})
        self.checks.equal("the process is in Resolve", "resolve", case["stage"])

    async def _casey_reads_the_article(self, question: EmailMessage, acknowledgement: EmailMessage) -> EmailMessage:
        self.show.step(7, "Casey reads the article in her mailbox")
        mail = await self.scene.casey.receives(
            "the article is in Casey's mailbox",
            lambda mail: (
                question["Message-ID"] in str(mail["References"])
                and mail["Message-ID"] != acknowledgement["Message-ID"]
            ),
        )
        self.show.where(f'Casey\'s mailbox: "{mail["Subject"]}"')
        self.checks.contains(
            "it holds the article's text", 'remove "Northwind One" from the known devices', body_of(mail)
        )
        self.checks.contains("it names the case", self.number, str(mail["Subject"]))
        self.checks.that(
            "a person wrote it, so it is not marked as automatic",
            mail["Auto-Submitted"] is None,
            expected="no Auto-Submitted",
            found=mail["Auto-Submitted"],
        )
        return mail

    async def _casey_confirms(self, article: EmailMessage) -> None:
        self.show.step(8, "Casey answers: it works")
        newest = await self._newest()
        reply = letter(f"Re: {str(article['Subject']).removeprefix('Re: ')}", ANSWER, answers=article)
        await self.scene.casey.send(reply)
        case = await until("the answer reaches the case", self._case, lambda case: bool(case["customer_replied_last"]))
        mail = _of(await self._timeline(), "mail")
        self.show.why(f"it belongs to {self.number} by its {mail.get('method') or 'thread'}: {_explained(mail)}")
        self.checks.equal("it is on the case, which stays open", "active", case["status"])
        self.checks.equal("no second case was made of it", newest, await self._newest())

    async def _resolve(self) -> None:
        self.show.step(9, "Resolve: the customer has confirmed, so Grace finishes the process and resolves the case")
        case = await self.scene.agent.post(
            f"cases/{self.number}/process/finish", {"data": {"custom.customer_confirmed": True}}
        )
        self.checks.equal("the process is finished", "finished", case["process_status"])
        body = {
            "resolution_type": "problem-solved",
            "resolution": "Paired again after the reset that the article describes.",
            "billable_minutes": 10,
        }
        case = await self.scene.agent.post(f"cases/{self.number}/resolve", body)
        self.checks.equal("the case is resolved", "resolved", case["status"])
        promises = (await self.scene.agent.get(f"cases/{self.number}/sla"))["items"]
        self.checks.equal("both promises are kept", {"succeeded"}, {promise["status"] for promise in promises})

    async def _the_contract_counts(self, total: Decimal, before: Decimal) -> None:
        self.show.step(10, "The contract's balance has fallen by one")
        contract = await self._contract()
        remaining = Decimal(str(contract["remaining_terms"]))
        self.show.where(f"{self.scene.api}/api/v1/entitlements/{CONTRACT}/ledger")
        if before == total:
            self.show.why(f"{CONTRACT} is decremented on resolution, and this is its first case")
            self.checks.equal("14 of 15 cases remain", ("14", "15"), (f"{remaining:f}", f"{total:f}"))
        else:
            self.show.why(f"{CONTRACT} is decremented on resolution; earlier runs in this data folder left {before:f}")
            self.checks.equal(f"{before - 1:f} of {total:f} cases remain, one less than before", before - 1, remaining)
        ledger = (await self.scene.manager.get(f"entitlements/{CONTRACT}/ledger", limit=200))["items"]
        mine = [Decimal(str(entry["terms"])) for entry in ledger if entry["case"] == self.number]
        self.checks.equal("the ledger has one movement of this case", [Decimal(-1)], mine)

    async def _the_history_is_complete(self) -> None:
        self.show.step(11, "The Temporal history tells the same story")
        history = CaseHistory(self.scene.temporal, self.number)
        status = await until("the workflow ends with its case", history.status, lambda status: status != "running")
        events = await history.events()
        case = await self._case()
        self.show.where(str(case["links"]["workflow"]))
        self.checks.equal("the workflow is completed", "completed", status)
        updates = events["WorkflowExecutionUpdateCompleted"]
        self.checks.equal("six commands: pick, next, article, next, finish, resolve", 6, updates)
        self.checks.equal("one signal: the customer's answer", 1, events["WorkflowExecutionSignaled"])
        self.checks.equal("no step had to fall back or was retried", 0, events["ActivityTaskScheduled"])
        total = sum(events.values())
        self.checks.that(
            f"{total} events in all, at most {EVENTS_AT_MOST}",
            total <= EVENTS_AT_MOST,
            expected=f"at most {EVENTS_AT_MOST}",
            found=dict(events),
        )

    # ---- looking from outside ----------------------------------------------------------------------------------------

    async def _newest(self) -> str | None:
        """The number of the customer's newest case."""
        cases = (await self.scene.manager.get("cases", customer="casey", sort="-created", limit=1))["items"]
        return str(cases[0]["number"]) if cases else None

    async def _case(self) -> dict[str, Any]:
        return await self.scene.agent.get(f"cases/{self.number}")

    async def _timeline(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.scene.agent.get(f"cases/{self.number}/timeline", limit=200))["items"]
        return items

    async def _first_response(self) -> dict[str, Any] | None:
        promises = (await self.scene.agent.get(f"cases/{self.number}/sla"))["items"]
        return next((promise for promise in promises if promise["kpi"] == "first-response"), None)

    async def _contract(self) -> dict[str, Any]:
        return await self.scene.manager.get(f"entitlements/{CONTRACT}")


def letter(subject: str, text: str, *, answers: EmailMessage | None = None) -> EmailMessage:
    """A mail from Casey to support; an answer carries the headers of RFC 5322 3.6.4, as every mail program sets them."""
    mail = EmailMessage()
    mail["From"] = f"Casey Rivera <{CUSTOMER}>"
    mail["To"] = str(answers["Reply-To"] or answers["From"]) if answers is not None else SUPPORT
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = make_msgid(domain="customer.example")
    if answers is not None:
        mail["In-Reply-To"] = str(answers["Message-ID"])
        mail["References"] = f"{answers['References'] or ''} {answers['Message-ID']}".strip()
    mail.set_content(text)
    return mail


def _of(timeline: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """What the newest entry of a kind says."""
    return next((dict(entry["data"]) for entry in timeline if entry["kind"] == kind), {})


def _explained(data: dict[str, Any]) -> str:
    return str(data.get("why") or ", ".join(f"{name} {value}" for name, value in data.items() if value is not None))


def _clock(instant: str | None) -> str:
    return "never" if instant is None else f"{datetime.fromisoformat(instant).astimezone(UTC):%H:%M:%S} UTC"


def _minutes(promise: dict[str, Any] | None) -> float | None:
    if promise is None:
        return None
    begin, end = (datetime.fromisoformat(promise[name]) for name in ("applicable_from", "failure_at"))
    return (end - begin).total_seconds() / 60
