"""What must hold of a case's rows after whatever was done to it. Each rule yields what is wrong, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from models.messages.cases import CaseStatus, CommandKind
from models.messages.organisation import ClosingParents, OrganisationSettings
from models.messages.slas import OPEN_KPI_STATUSES, ROLES_BY_SLUG, KpiInstance, KpiStatus
from models.records.cases import Case
from policies.lifecycle import on_hold
from tests.machine.seen import Past, Seen, standing

ACTIVE, RESOLVED, CANCELLED = CaseStatus.ACTIVE.value, CaseStatus.RESOLVED.value, CaseStatus.CANCELLED.value
OPENING = CaseStatus.OPENING.value
WAYS = {
    (OPENING, ACTIVE): {"opened", "kpi-created", "sla-unapplied"},
    (ACTIVE, RESOLVED): {"resolved"},
    (ACTIVE, CANCELLED): {"cancelled", "merged"},
    (RESOLVED, ACTIVE): {"reactivated", "mail", "reply-undone"},
    (CANCELLED, ACTIVE): {"reactivated"},
}
"""A state is reached only so: from which to which, and by what the timeline tells."""
SAYS_NOTHING = frozenset({"webhook"})
"""Deliveries that change nothing of their case's version."""


def all_of(seen: Seen, past: Mapping[str, Past], teams: Mapping[UUID, set[UUID]]) -> Iterator[str]:
    """`past`: what the last look found. `teams`: the members of each."""
    for number, case in seen.cases.items():
        for fault in _of_case(seen, case, past.get(number) or _beginning(seen, case), teams):
            yield f"{number} ({case.status}, version {case.version}): {fault}"


def closures(now: Seen, all: Seen, past: Mapping[str, Past], mode: ClosingParents) -> Iterator[str]:
    """A parent that was closed has left no child open that was open then, if the organisation says so (domain 1.4)."""
    if mode is ClosingParents.INDEPENDENT:
        return
    for case in now.cases.values():
        before = past.get(case.number)
        if before is None or before.standing["status"] != ACTIVE or case.status == ACTIVE or case.merged_into:
            continue
        for child in all.cases.values():
            known = past.get(child.number)
            if child.parent_id != case.id or child.status != ACTIVE or known is None:
                continue
            new = [entry for entry in all.timeline[child.id] if entry.id not in known.entries]
            excused = {entry.kind for entry in new if (entry.changes or {}).get("status", ("", ""))[1] == ACTIVE}
            excused |= {entry.kind for entry in new if entry.kind in ("linked", "kept")}
            if not excused:
                yield f"{case.number} was closed, and its child {child.number} is open ({mode})"


def remembered(seen: Seen) -> dict[str, Past]:
    """What the next look compares with."""
    return {number: _past(seen, case) for number, case in seen.cases.items()}


def _past(seen: Seen, case: Case) -> Past:
    return Past(
        standing(case),
        case.version,
        {entry.id for entry in seen.timeline[case.id]},
        {row.id for row in seen.commands[case.id] if row.state == "done"},
        {row.id for row in seen.deliveries[case.id] if row.done},
    )


def _of_case(seen: Seen, case: Case, before: Past, teams: Mapping[UUID, set[UUID]]) -> Iterator[str]:
    yield from _place(seen, case, teams)
    yield from _closed(seen, case)
    yield from _promises(seen, case)
    yield from _lives(seen, case)
    yield from _merged(seen, case)
    yield from _undecided(seen, case)
    yield from _told(seen, case, before)


def _place(seen: Seen, case: Case, teams: Mapping[UUID, set[UUID]]) -> Iterator[str]:
    """One owner; one place in a queue, which the case repeats; whoever works on it is its owner, or of the team that is."""
    live = [item for item in seen.items[case.id] if item.live]
    if case.owner_id is not None and case.owner_team_id is not None:
        yield "it has two owners"
    if len(live) != (case.queue is not None):
        yield f"it is in queue {case.queue}, and has {len(live)} live items"
    if live and case.status != ACTIVE:
        yield "it is closed, and in a queue"
    for item in seen.items[case.id]:
        if not item.live and item.worked_by is not None:
            yield "somebody works on an item that has ended"
    worker = live[0].worked_by if live else None
    of_team = teams.get(case.owner_team_id, set()) if case.owner_team_id else set()
    if worker is not None and worker != case.owner_id and worker not in of_team:
        yield "somebody works on it who does not own it"


def _closed(seen: Seen, case: Case) -> Iterator[str]:
    open_ones = sum(activity.status == "open" for activity in seen.activities[case.id])
    if seen.snapshots[case.number].open_activities != open_ones:
        yield f"{open_ones} activities are open, and the snapshot counts {seen.snapshots[case.number].open_activities}"
    current = [process for process in seen.processes[case.id] if process.current]
    if len(current) > 1:
        yield "it shows two processes"
    if current and case.stage != current[0].state["stage"]:
        yield f"its stage is {case.stage}, and that of its process {current[0].state['stage']}"


def _promises(seen: Seen, case: Case) -> Iterator[str]:
    kept = Counter(kpi.kpi for kpi in seen.kpis[case.id] if kpi.status in OPEN_KPI_STATUSES)
    if kept and case.status != ACTIVE:
        yield f"it is closed, and promises {sorted(kept)}"
    if any(count > 1 for count in kept.values()):
        yield f"it promises the same twice: {kept}"
    promised = [clock.due for clock in seen.snapshots[case.number].clocks if clock.kpi != "activity"]
    promised += _owed(seen, case)
    if case.next_due != min(promised, default=None):
        yield f"it shows that {case.next_due} is due next, and its promises say {promised}"


def _owed(seen: Seen, case: Case) -> Iterator[datetime]:
    """Since when a first response or a resolution is owed that was missed."""
    if case.status != ACTIVE or on_hold(OrganisationSettings(), case.status_reason):
        return
    known = [KpiInstance.model_validate(kpi.body) for kpi in seen.kpis[case.id]]
    for last in {each.kpi: each for each in sorted(known, key=lambda each: each.ordinal)}.values():
        given = last.kpi == "first-response" and case.first_response_sent
        if last.status is KpiStatus.NONCOMPLIANT and last.kpi in ROLES_BY_SLUG and not given:
            yield last.failure_at


def _lives(seen: Seen, case: Case) -> Iterator[str]:
    """A resolution for each life that was resolved, and a life for each way back."""
    ends = [entry for entry in seen.timeline[case.id] if (entry.changes or {}).get("status", ("", ""))[1] == RESOLVED]
    if len(ends) != len(seen.resolutions[case.id]):
        yield f"it was resolved {len(ends)} times, and has {len(seen.resolutions[case.id])} resolutions"
    back = sum((entry.changes or {}).get("status", ("", ""))[1] == ACTIVE for entry in seen.timeline[case.id]) - 1
    if case.life != back and case.status != OPENING:
        yield f"it came back {back} times, and is in life {case.life}"
    if case.status == RESOLVED and case.life not in {row.life for row in seen.resolutions[case.id]}:
        yield "it is resolved without a resolution of this life"
    if (case.resolved_on is not None) != (case.status == RESOLVED):
        yield f"it was resolved on {case.resolved_on}"


def _merged(seen: Seen, case: Case) -> Iterator[str]:
    if (case.merged_into is not None) != (case.status_reason == "merged"):
        yield f"it was merged into {case.merged_into}, and its reason is {case.status_reason}"
    if case.merged_into is None:
        return
    if case.status != CANCELLED:
        yield "it is merged and not cancelled"
    left = {"activities": seen.activities[case.id], "mails": seen.mails[case.id]}
    for what, rows in left.items():
        if rows:
            yield f"{len(rows)} {what} were left behind when it was merged"


def _undecided(seen: Seen, case: Case) -> Iterator[str]:
    """Everything has been decided, and nothing by a fault of ours."""
    for command in seen.commands[case.id]:
        if command.state not in ("done", "refused"):
            yield f"{command.kind} is {command.state}"
    for delivery in seen.deliveries[case.id]:
        if not delivery.done or delivery.outcome == "set-aside":
            yield f"the delivery {delivery.kind} is {delivery.outcome or 'not heard'}"
    for incident in seen.incidents[case.id]:
        yield f"incident: {incident.step} {incident.error} at {incident.place}"
    if case.open_incidents != sum(incident.state == "open" for incident in seen.incidents[case.id]):
        yield f"it counts {case.open_incidents} open incidents"
    if case.status == OPENING:
        yield "it is still opening"


def _told(seen: Seen, case: Case, before: Past) -> Iterator[str]:
    """The timeline leads from what the case was to what it is; each write is one version, and each command one entry."""
    entries, commands = seen.timeline[case.id], [row for row in seen.commands[case.id] if row.state == "done"]
    heard = [row for row in seen.deliveries[case.id] if row.done and row.kind not in SAYS_NOTHING]
    new = [entry for entry in entries if entry.id not in before.entries]
    yield from _chain(case, before, new)
    for entry in new:
        old, now = (entry.changes or {}).get("status", (None, None))
        if now is not None and entry.kind not in WAYS.get((old, now), set()):
            yield f"it went from {old} to {now} by {entry.kind!r}"
    told = {entry.key.rpartition("/")[2]: entry for entry in entries if entry.key.startswith(("command/", "reply/"))}
    changed = [row for row in commands if row.id not in before.commands and row.kind != "open" and str(row.id) in told]
    for row in changed:
        if told[str(row.id)].actor_id not in (row.actor_id, None):
            yield f"{row.kind} is told of somebody else"
        if told[str(row.id)].actor_id is None and row.kind not in (CommandKind.QUEUE_ASSIGN, CommandKind.OVERFLOW):
            yield f"{row.kind} is told of nobody"
    # What a clock has set off has entries without an agent, and is counted by their keys.
    writes = len(changed) + sum(row.id not in before.deliveries for row in heard)
    by_clock = {entry.at for entry in new if _of_the_clock(entry)}
    grown = case.version - before.version
    if not writes <= grown <= writes + len(by_clock):
        kinds = [row.kind for row in changed] + [row.kind for row in heard if row.id not in before.deliveries]
        yield f"its version grew by {grown} with {kinds} and {len(by_clock)} deadlines"


def _of_the_clock(entry: object) -> bool:
    kind = str(getattr(entry, "kind", ""))
    return kind in {"kpi-warned", "kpi-failed", "reminded", "not-reminded"}


def _beginning(seen: Seen, case: Case) -> Past:
    """Of a case that is seen for the first time: what each field was before the first entry that changed it."""
    first = standing(case)
    for entry in reversed(seen.timeline[case.id]):
        first |= {name: old for name, (old, _) in (entry.changes or {}).items()}
    return Past(first)


def _chain(case: Case, before: Past, new: list[object]) -> Iterator[str]:
    reached = dict(before.standing)
    for entry in new:
        for name, (old, now) in (getattr(entry, "changes", None) or {}).items():
            if reached.get(name) != old:
                yield f"{getattr(entry, 'kind', '')} says that {name} was {old!r}, and it was {reached.get(name)!r}"
            reached[name] = now
    final = standing(case)
    for name in final:
        if reached[name] != final[name]:
            yield f"{name} is {final[name]!r}, and its timeline says {reached[name]!r}"
