"""What can be done to a case, drawn at random: each deed makes one request, or None where there is nothing to do it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from models.messages.cases import CommandKind
from models.records.cases import Case
from tests.machine.seen import Seen

WORKERS = ("grace", "sam", "lee", "kit", "mona")
QUEUES = ("gold", "standard", "private", "inbox", "shared", "crowded")
ARTICLES = ("KA-01001", "KA-01002")
DATA = {
    "identify": {"case_type": "question"},
    "research": {"custom.article_sent": True},
    "resolve": {"custom.confirmed": True},
    "ask": {"custom.known": True},
}
"""By stage: what its data steps ask for."""
NEW = (
    {"customer": "aurora", "contact": "casey"},
    {"customer": "borealis", "contact": "bo"},
    {"customer": "cumulus", "contact": "cy"},
    {"customer": "casey"},
)


@dataclass
class Known:
    """What a deed draws from: the cases at work as the last look has found them."""

    rng: Random
    numbers: list[str]
    seen: Seen
    links: dict[str, list[str]] = field(default_factory=dict)
    """Ids of articles that were linked, by case."""

    def one(self, of: Any) -> Any:
        return self.rng.choice(list(of))

    def often(self, share: float) -> bool:
        return self.rng.random() < share

    def others(self, number: str, most: int) -> list[str]:
        rest = [each for each in self.numbers if each != number]
        return self.rng.sample(rest, min(len(rest), self.rng.randint(1, most)))

    def active(self, number: str) -> list[str]:
        """Other cases at work that are active; mostly those of the same family."""
        case = self.seen.cases[number]
        found = [
            each.number
            for each in self.seen.cases.values()
            if each.status == "active" and each.id != case.id and each.number in self.numbers
        ]
        kin = [each for each in found if self.seen.cases[each].parent_id == case.parent_id]
        return kin if kin and self.often(0.8) else found


@dataclass(frozen=True)
class Request:
    deed: str
    who: str
    method: str
    path: str
    body: Any = None
    case: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


Draw = Callable[[Known, Case], tuple[str, str, Any] | None]
"""Method, path below the case or from the root (`//...`), and body."""


def _activity(verb: str) -> Draw:
    def draw(known: Known, case: Case) -> tuple[str, str, Any] | None:
        rows = known.seen.activities[case.id]
        if not rows:
            return None
        id = known.one(rows).id
        if verb == "change":
            return "PATCH", f"//activities/{id}", {"title": f"Call {known.rng.randint(1, 9)}"}
        body = {"duration_minutes": known.rng.randint(1, 90)} if known.often(0.5) else {}
        return "POST", f"//activities/{id}/{verb}", body

    return draw


def _at(path: str, body: Callable[[Known, Case], Any] = lambda known, case: None, method: str = "POST") -> Draw:
    return lambda known, case: (method, path, body(known, case))


def _stage(path: str) -> Draw:
    return _at(path, lambda known, case: {"data": DATA.get(case.stage or "", {}) if known.often(0.7) else {}})


def _set_active(known: Known, case: Case) -> tuple[str, str, Any] | None:
    current = [row for row in known.seen.processes[case.id] if row.current]
    return ("POST", "/process/set-active", {"stage": known.one(current[0].state["path"])}) if current else None


def _reply(known: Known, case: Case) -> tuple[str, str, Any]:
    body: dict[str, Any] = {"text": "Hold the button.", "send_after_seconds": 100}
    more = known.one(("", "", "resolve", "wait"))
    if more:
        body[more] = _resolution(known, case) if more == "resolve" else {}
    return "POST", "/replies", body


def _resolution(known: Known, case: Case) -> dict[str, Any]:
    body: dict[str, Any] = {"resolution": "It works.", "cancel_open_activities": known.often(0.6)}
    if known.often(0.5):
        body["billable_minutes"] = known.rng.randint(0, 90)
    return body


def _undo(known: Known, case: Case) -> tuple[str, str, Any] | None:
    letters = [mail for mail in known.seen.mails[case.id] if mail.direction == "out"]
    return ("POST", f"/replies/{known.one(letters).id}/undo", None) if letters else None


def _change(known: Known, case: Case) -> tuple[str, str, Any]:
    choice = known.one(
        (
            {"priority": known.one(("high", "normal", "low"))},
            {"title": f"Title {known.rng.randint(1, 4)}"},
            {"customer": known.one(("aurora", "borealis", "cumulus", "casey"))},
            {"entitlement": known.one(("care", "prepaid", "by-the-hour", None))},
            {"origin": known.one(("phone", "email", "web"))},
            {"sla": known.one(("gold", "around-the-clock", None))},
            {"status_reason": known.one(("in-progress", "on-hold", "researching", "resolved"))},
            {"subject": known.one(("audio", None)), "custom": {"known": known.often(0.5)}},
            {"decrement": known.often(0.5)},
        )
    )
    return "PATCH", "", choice


def _child(known: Known, case: Case) -> tuple[str, str, Any] | None:
    if known.often(0.5):
        return "POST", "/children", {}
    others = known.active(case.number)
    return ("POST", "/children", {"case": known.one(others)}) if others else None


def _leave(known: Known, case: Case) -> tuple[str, str, Any] | None:
    parent = known.seen.by_id.get(case.parent_id) if case.parent_id else None
    return ("DELETE", f"//cases/{parent.number}/children/{case.number}", None) if parent else None


def _merge(known: Known, case: Case) -> tuple[str, str, Any] | None:
    others = known.active(case.number)
    if not others:
        return None
    return "POST", "/merge", {"losers": known.rng.sample(others, min(len(others), known.rng.randint(1, 3)))}


def _split(known: Known, case: Case) -> tuple[str, str, Any] | None:
    mails = [mail for mail in known.seen.mails[case.id] if mail.direction == "in"]
    return ("POST", "/split", {"message": str(known.one(mails).id)}) if mails else None


def _detach(known: Known, case: Case) -> tuple[str, str, Any] | None:
    links = known.links.get(case.number)
    return ("DELETE", f"/articles/{known.one(links)}", None) if links else None


def _bulk(known: Known, case: Case) -> tuple[str, str, Any]:
    numbers = [case.number, *known.others(case.number, 5)]
    action, body = known.one(
        (
            ("assign", {"agent": known.one(WORKERS)}),
            ("route", {"queue": known.one(QUEUES)}),
            ("apply-routing", {}),
            ("change", {"priority": known.one(("high", "low"))}),
            ("resolve", _resolution(known, case)),
            ("cancel", {}),
            ("merge", {"into": numbers[0]}),
        )
    )
    return "POST", "//cases/bulk", {"action": action, "numbers": numbers, "body": body}


def _owner(known: Known, case: Case) -> dict[str, Any]:
    return {"agent": known.one(WORKERS)} if known.often(0.7) else {"team": known.one(("lab", "shift"))}


def _activity_body(known: Known, case: Case) -> dict[str, Any]:
    kind = known.one(("task", "phone-call", "appointment"))
    due = {"due": "2031-04-02T09:00:00Z"} if known.often(0.3) else {}
    return {"kind": kind, "title": "Call back", "completed": known.often(0.3), "duration_minutes": 5, **due}


KIND = CommandKind
ON_A_CASE: dict[CommandKind, tuple[int, Draw]] = {
    KIND.PICK: (5, _at("/pick")),
    KIND.RELEASE: (3, _at("/release")),
    KIND.ASSIGN: (3, _at("/assign", _owner)),
    KIND.ROUTE: (4, _at("/route", lambda known, case: {"queue": known.one(QUEUES)})),
    KIND.APPLY_ROUTING: (2, _at("/apply-routing")),
    KIND.REMOVE_FROM_QUEUE: (1, _at("/remove-from-queue")),
    KIND.CHANGE: (6, _change),
    KIND.STAGE_NEXT: (4, _stage("/process/next")),
    KIND.STAGE_PREVIOUS: (1, _stage("/process/previous")),
    KIND.STAGE_SET_ACTIVE: (1, _set_active),
    KIND.PROCESS_FINISH: (2, _stage("/process/finish")),
    KIND.PROCESS_ABANDON: (1, _at("/process/abandon")),
    KIND.PROCESS_REACTIVATE: (2, _at("/process/reactivate")),
    KIND.PROCESS_SWITCH: (
        2,
        _at("/process/switch", lambda known, case: {"process": known.one(("three-stages", "short", "branching"))}),
    ),
    KIND.REPLY: (5, _reply),
    KIND.UNDO_REPLY: (4, _undo),
    KIND.FIRST_RESPONSE: (1, _at("/first-response", lambda known, case: {"reason": "At the counter."})),
    KIND.NOTE: (3, _at("/notes", lambda known, case: {"text": "A note."})),
    KIND.ADD_ACTIVITY: (4, _at("/activities", _activity_body)),
    KIND.CHANGE_ACTIVITY: (1, _activity("change")),
    KIND.COMPLETE_ACTIVITY: (3, _activity("complete")),
    KIND.CANCEL_ACTIVITY: (2, _activity("cancel")),
    KIND.ATTACH_ARTICLE: (2, _at("/articles", lambda known, case: {"article": known.one(ARTICLES)})),
    KIND.DETACH_ARTICLE: (1, _detach),
    KIND.RESOLVE: (4, _at("/resolve", _resolution)),
    KIND.CANCEL: (2, _at("/cancel")),
    KIND.REACTIVATE: (6, _at("/reactivate")),
    KIND.HOLD: (3, _at("/hold", lambda known, case: known.one(({}, {"status_reason": "waiting-for-details"})))),
    KIND.RESUME: (4, _at("/resume")),
    KIND.ACKNOWLEDGE: (1, _at("/acknowledge")),
    KIND.MERGE: (2, _merge),
    KIND.ADD_CHILD: (4, _child),
    KIND.LEAVE_PARENT: (2, _leave),
    KIND.SPLIT: (3, _split),
}
"""How often, and how, an agent asks for each verb; the house's own come by the queues that work by themselves."""
BULK = (2, _bulk)


def on_a_case(known: Known, number: str, allowed: tuple[str, ...]) -> Request | None:
    """A verb for the case, mostly one of those that its state allows; nothing where that finds nothing to act on."""
    case = known.seen.cases[number]
    kinds = [kind for kind in ON_A_CASE if kind.value in allowed] if allowed and known.often(0.8) else list(ON_A_CASE)
    weights = [ON_A_CASE[kind][0] for kind in kinds]
    kind = known.rng.choices([*kinds, None], [*weights, BULK[0]])[0]
    drawn = (BULK if kind is None else ON_A_CASE[kind])[1](known, case)
    if drawn is None:
        return None
    method, path, body = drawn
    path = path[1:] if path.startswith("//") else f"/cases/{number}{path}"
    headers: tuple[tuple[str, str], ...] = ()
    if kind is KIND.CHANGE or known.often(0.05):
        headers = (("If-Match", f'"v{max(0, case.version - known.often(0.1))}"'),)
    return Request(kind or "bulk", known.one(WORKERS), method, path, body, number, headers)
