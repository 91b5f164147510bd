"""Record creation rules decided: what an arriving mail becomes (domain 6.2-6.4).

Items are looked at in order and the first that matches counts. The gates (unknown sender, entitlement) guard the
making of a case; what is filed anyway passes none. A mail written by a machine never opens and never reopens a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from models.messages.base import Message
from models.messages.cases import CaseStatus
from models.messages.mail_facts import CreationVerdict, FileReason, MailFacts, RelatedAction
from models.messages.mailflow import HoldReason
from models.messages.record_creation import CreationAction, CreationItem, RecordCreationRule
from policies.conditions import Explanation, evaluate

RELATED_STATUS_FIELD = "email.related_status"


class ItemLookedAt(Message):
    item: str
    explanation: Explanation


class CreationDecision(Message):
    """Of a mail without a case. `item` is the one that matched; its fields override those taken from the mail."""

    action: CreationVerdict
    reason: HoldReason | FileReason | None = None
    rule: str | None = None
    item: CreationItem | None = None
    create_contact: bool = False
    """The sender is unknown, and becomes a contact with the case."""
    looked_at: tuple[ItemLookedAt, ...] = ()

    def why(self) -> str:
        """For people, and the ledger row: `open; item 'All mail' always`, `hold: no-rule`."""
        words = f"{self.action}: {self.reason}" if self.reason else f"{self.action}"
        return f"{words}; {items}" if (items := _sentence(self.looked_at)) else words


class RelatedDecision(Message):
    """Of a mail about an existing case. `item` is the one that reopens or opens."""

    action: RelatedAction
    reason: str
    rule: str | None = None
    item: CreationItem | None = None
    looked_at: tuple[ItemLookedAt, ...] = ()

    def why(self) -> str:
        words = f"{self.action}: {self.reason}"
        return f"{words}; {items}" if (items := _sentence(self.looked_at)) else words


def decide_new(rule: RecordCreationRule | None, mail: MailFacts, facts: Mapping[str, Any]) -> CreationDecision:
    """`rule`: the active one of the mailbox's queue. `facts` as `policies.conditions` takes them."""
    if mail.automatic is not None:
        return CreationDecision(action=CreationVerdict.FILE, reason=FileReason.AUTOMATIC, rule=_slug(rule))
    if mail.sender is None:
        return _hold(HoldReason.NO_SENDER, rule)
    if mail.blank:
        return _hold(HoldReason.BLANK, rule)
    if rule is None:
        return _hold(HoldReason.NO_RULE, rule)
    # Without a related case there is nothing that a reopening item could reopen.
    item, looked_at = _first_match(rule, facts, without=CreationAction.REOPEN)
    if item is None or item.action is CreationAction.FILE:
        return CreationDecision(
            action=CreationVerdict.FILE,
            reason=FileReason.BY_ITEM if item else FileReason.NO_ITEM,
            rule=rule.slug,
            item=item,
            looked_at=looked_at,
        )
    if not mail.known_sender and not rule.allow_unknown_senders:
        return _hold(HoldReason.SENDER_UNKNOWN, rule, item, looked_at)
    if rule.require_entitlement and not mail.entitled:
        return _hold(HoldReason.NO_ENTITLEMENT, rule, item, looked_at)
    return CreationDecision(
        action=CreationVerdict.OPEN,
        rule=rule.slug,
        item=item,
        create_contact=rule.create_contact and not mail.known_sender,
        looked_at=looked_at,
    )


def decide_related(
    rule: RecordCreationRule | None,
    status: CaseStatus,
    resolved_on: datetime | None,
    now: datetime,
    automatic: bool,
    facts: Mapping[str, Any],
    entitled: bool = True,
) -> RelatedDecision:
    """Of a mail that belongs to a case with this status, decided in that case's run.

    Active: attach, never a new case. Resolved: only attach, unless the rule says `new_case_after_resolved` and the
    window is over or blank; then the items decide, so a reopening item above the creating one reopens. Cancelled: a
    new case, never a reopening. `entitled` is asked only where the rule requires an entitlement.
    `email.related_status` is added to `facts`.
    """
    if status in (CaseStatus.OPENING, CaseStatus.ACTIVE):
        return RelatedDecision(action=RelatedAction.ATTACH, reason="the case is active", rule=_slug(rule))
    if automatic:
        return _attach_only("an automatic mail wakes no case", rule)
    if rule is None:
        return _attach_only("no active record creation rule", rule)
    if status is CaseStatus.RESOLVED:
        if not rule.new_case_after_resolved:
            return _attach_only("the rule only attaches to a resolved case", rule)
        if not _window_is_over(rule, resolved_on, now):
            return _attach_only(f"resolved within the last {rule.resolved_window_minutes} minutes", rule)
    without = CreationAction.REOPEN if status is CaseStatus.CANCELLED else None
    item, looked_at = _first_match(rule, {**facts, RELATED_STATUS_FIELD: status.value}, without)
    if item is None or item.action is CreationAction.FILE:
        return _attach_only("no item opens or reopens a case", rule, looked_at)
    if item.action is CreationAction.REOPEN:
        action, reason = RelatedAction.REOPEN, "an item reopens the case"
    elif rule.require_entitlement and not entitled:
        return _attach_only("a new case would need an entitlement", rule, looked_at)
    else:
        action, reason = RelatedAction.NEW_CASE, f"the case is {status.value}"
    return RelatedDecision(action=action, reason=reason, rule=rule.slug, item=item, looked_at=looked_at)


def _window_is_over(rule: RecordCreationRule, resolved_on: datetime | None, now: datetime) -> bool:
    if rule.resolved_window_minutes is None:
        return True
    return resolved_on is not None and now - resolved_on > timedelta(minutes=rule.resolved_window_minutes)


def _first_match(
    rule: RecordCreationRule, facts: Mapping[str, Any], without: CreationAction | None
) -> tuple[CreationItem | None, tuple[ItemLookedAt, ...]]:
    looked_at: list[ItemLookedAt] = []
    for item in rule.items:
        if item.action is without:
            continue
        explanation = evaluate(item.when, facts)
        looked_at.append(ItemLookedAt(item=item.name, explanation=explanation))
        if explanation.holds:
            return item, tuple(looked_at)
    return None, tuple(looked_at)


def _hold(
    reason: HoldReason,
    rule: RecordCreationRule | None,
    item: CreationItem | None = None,
    looked_at: tuple[ItemLookedAt, ...] = (),
) -> CreationDecision:
    return CreationDecision(
        action=CreationVerdict.HOLD, reason=reason, rule=_slug(rule), item=item, looked_at=looked_at
    )


def _attach_only(
    reason: str, rule: RecordCreationRule | None, looked_at: tuple[ItemLookedAt, ...] = ()
) -> RelatedDecision:
    return RelatedDecision(action=RelatedAction.ATTACH_ONLY, reason=reason, rule=_slug(rule), looked_at=looked_at)


def _slug(rule: RecordCreationRule | None) -> str | None:
    return rule.slug if rule is not None else None


def _sentence(looked_at: tuple[ItemLookedAt, ...]) -> str:
    return "; ".join(f"item {looked.item!r} {looked.explanation.why()}" for looked in looked_at)
