"""Record creation rules decided: what an arriving mail becomes (domain 6.2-6.4).

Items are looked at in order and the first that matches counts. The gates (unknown sender, entitlement) guard the
making of a case; a mail that is only filed passes no gate. A mail written by a machine never opens and never reopens a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from models.messages.base import Message
from models.messages.cases import OPEN_STATUSES, CaseStatus
from models.messages.mail_facts import CreationVerdict, FileReason, MailFacts, RelatedAction
from models.messages.mailflow import HoldReason
from models.messages.record_creation import MAIL, CreationAction, CreationItem, RecordCreationRule
from models.messages.said import joined, said, word
from models.messages.telling import Sentence
from policies.conditions import Explanation, evaluate

A_MINUTE = timedelta(minutes=1)
RELATED_STATUS_FIELD = "email.related_status"


class ItemLookedAt(Message):
    item: str
    explanation: Explanation


class CreationDecision(Message):
    """What becomes of a mail without a case. `item` is the one that matched; its fields override those taken from the mail."""

    action: CreationVerdict
    reason: HoldReason | FileReason | None = None
    rule: str | None = None
    item: CreationItem | None = None
    create_contact: bool = False
    """The sender is unknown, and becomes a contact with the case."""
    looked_at: tuple[ItemLookedAt, ...] = ()

    def why(self) -> str:
        """For people, and for the row of the mail log: `open; item 'All mail' always`, `hold: no-rule`."""
        action: str = word(self.action)
        words = said("{action}: {reason}", action=action, reason=word(self.reason)) if self.reason else action
        return joined((words, items), "; ") if (items := _sentence(self.looked_at)) else words


class RelatedDecision(Message):
    """What becomes of a mail about an existing case. `item` is the one that reopens it or opens another."""

    action: RelatedAction
    reason: Sentence
    rule: str | None = None
    item: CreationItem | None = None
    looked_at: tuple[ItemLookedAt, ...] = ()

    def why(self) -> str:
        words = said("{action}: {reason}", action=word(self.action), reason=self.reason)
        return joined((words, items), "; ") if (items := _sentence(self.looked_at)) else words


def rule_for(rules: Iterable[RecordCreationRule], source: str, queue: str | None) -> RecordCreationRule | None:
    """The active rule that watches this queue; of an activity without one, or whose queue no rule watches, that without a
    queue (domain 6.6)."""
    watching = {rule.queue: rule for rule in rules if rule.source == source}
    return watching.get(queue) or (watching.get(None) if source != MAIL else None)


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
    *,
    entitled: bool = True,
    known_sender: bool = True,
    subject_changed: bool = False,
) -> RelatedDecision:
    """Of a mail that belongs to a case with this status, decided in that case's run.

    Active: attach, never a new case, unless the rule says `new_case_on_changed_subject`. Resolved: only attach, unless
    the rule says `new_case_after_resolved` and the window is over or blank; then the items decide, so a reopening item
    above the creating one reopens. Cancelled: a new case, never a reopening. A new case passes the same gates as one
    without a related case: `entitled` and `known_sender` count where the rule asks for them. `email.related_status` is
    added to `facts`.
    """
    active = status in OPEN_STATUSES
    attach = RelatedAction.ATTACH if active else RelatedAction.ATTACH_ONLY

    def attached(reason: str, looked_at: tuple[ItemLookedAt, ...] = ()) -> RelatedDecision:
        return RelatedDecision(action=attach, reason=reason, rule=_slug(rule), looked_at=looked_at)

    if active and (automatic or rule is None or not (rule.new_case_on_changed_subject and subject_changed)):
        return attached(said("the case is active"))
    if automatic:
        return attached(said("an automatic mail wakes no case"))
    if rule is None:
        return attached(said("no active record creation rule"))
    if status is CaseStatus.RESOLVED:
        if not rule.new_case_after_resolved:
            return attached(said("the rule only attaches to a resolved case"))
        if not _window_is_over(rule, resolved_on, now):
            return attached(
                said(
                    "resolved within the last {resolved_window_minutes} minutes",
                    resolved_window_minutes=rule.resolved_window_minutes,
                )
            )
    without = None if status is CaseStatus.RESOLVED else CreationAction.REOPEN
    item, looked_at = _first_match(rule, {**facts, RELATED_STATUS_FIELD: status.value}, without)
    if item is None or item.action is CreationAction.FILE:
        return attached(said("no item opens or reopens a case"), looked_at)
    if item.action is CreationAction.REOPEN:
        action, reason = RelatedAction.REOPEN, said("an item reopens the case")
    elif not known_sender and not rule.allow_unknown_senders:
        return attached(said("a new case is not for an unknown sender"), looked_at)
    elif rule.require_entitlement and not entitled:
        return attached(said("a new case would need an entitlement"), looked_at)
    else:
        action = RelatedAction.NEW_CASE
        reason = said("the subject changed") if active else said("the case is {status}", status=word(status.value))
    return RelatedDecision(action=action, reason=reason, rule=rule.slug, item=item, looked_at=looked_at)


def _window_is_over(rule: RecordCreationRule, resolved_on: datetime | None, now: datetime) -> bool:
    if rule.resolved_window_minutes is None:
        return True
    return resolved_on is not None and (now - resolved_on) / A_MINUTE > rule.resolved_window_minutes


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


def _slug(rule: RecordCreationRule | None) -> str | None:
    return rule.slug if rule is not None else None


def _sentence(looked_at: tuple[ItemLookedAt, ...]) -> str:
    items = (said("item {item!r} {why}", item=looked.item, why=looked.explanation.why()) for looked in looked_at)
    return joined(items, "; ")
