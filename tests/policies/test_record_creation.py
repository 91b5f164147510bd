from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from models.messages.cases import CaseStatus
from models.messages.mail_facts import CreationVerdict, FileReason, MailFacts, RelatedAction
from models.messages.mailflow import HoldReason
from models.messages.record_creation import RecordCreationRule
from policies.record_creation import RelatedDecision, decide_new, decide_related

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OPEN, FILE, HOLD = CreationVerdict.OPEN, CreationVerdict.FILE, CreationVerdict.HOLD
SPAM = {"name": "Spam", "when": {"all": [{"field": "email.sender_domain", "value": "spam.example"}]}, "action": "file"}
URGENT = {
    "name": "Urgent",
    "when": {"all": [{"field": "email.subject", "op": "contains", "value": "urgent"}]},
    "priority": "high",
}
REST = {"name": "All mail"}
REOPEN = {
    "name": "Reopen",
    "when": {"all": [{"field": "email.related_status", "value": "resolved"}]},
    "action": "reopen",
}


def rule(**changes: Any) -> RecordCreationRule:
    return RecordCreationRule.model_validate(
        {"slug": "support", "name": "Support", "queue": "support", "items": [SPAM, URGENT, REST]} | changes
    )


def mail(**changes: Any) -> MailFacts:
    return MailFacts.model_validate({"sender": "anna@acme.example"} | changes)


@pytest.mark.parametrize(
    ("allow", "create_contact", "known", "action", "reason", "contact"),
    [
        (False, True, True, OPEN, None, False),
        (False, False, True, OPEN, None, False),
        (True, True, True, OPEN, None, False),
        (False, True, False, HOLD, HoldReason.SENDER_UNKNOWN, False),
        (False, False, False, HOLD, HoldReason.SENDER_UNKNOWN, False),
        (True, True, False, OPEN, None, True),
        (True, False, False, OPEN, None, False),
    ],
)
def test_unknown_senders(
    allow: bool, create_contact: bool, known: bool, action: CreationVerdict, reason: HoldReason | None, contact: bool
) -> None:
    decision = decide_new(
        rule(allow_unknown_senders=allow, create_contact=create_contact), mail(known_sender=known), {}
    )
    assert (decision.action, decision.reason, decision.create_contact) == (action, reason, contact)


@pytest.mark.parametrize(
    ("required", "entitled", "action"),
    [(False, False, OPEN), (False, True, OPEN), (True, True, OPEN), (True, False, HOLD)],
)
def test_entitlement_gate(required: bool, entitled: bool, action: CreationVerdict) -> None:
    decision = decide_new(rule(require_entitlement=required), mail(entitled=entitled), {})
    assert decision.action is action
    assert decision.reason is (HoldReason.NO_ENTITLEMENT if action is HOLD else None)


@pytest.mark.parametrize(
    ("facts", "action", "reason", "item"),
    [
        ({"email.subject": "URGENT: fire"}, OPEN, None, "Urgent"),
        ({"email.subject": "hello"}, OPEN, None, "All mail"),
        (
            {"email.subject": "urgent", "email.sender_domain": "spam.example"},
            FILE,
            FileReason.BY_ITEM,
            "Spam",
        ),
    ],
)
def test_the_first_item_that_matches_counts(
    facts: dict[str, Any], action: CreationVerdict, reason: FileReason | None, item: str
) -> None:
    decision = decide_new(rule(), mail(), facts)
    assert (decision.action, decision.reason) == (action, reason)
    assert decision.item is not None
    assert decision.item.name == item
    assert decision.looked_at[-1].item == item


def test_no_item_files_and_says_why() -> None:
    decision = decide_new(rule(items=[URGENT]), mail(), {"email.subject": "hello"})
    assert (decision.action, decision.reason, decision.item) == (FILE, FileReason.NO_ITEM, None)
    assert decision.why() == "file: no-item; item 'Urgent' failed: email.subject contains 'urgent' (was 'hello')"


def test_what_is_filed_passes_no_gate() -> None:
    strict = rule(require_entitlement=True)
    decision = decide_new(strict, mail(known_sender=False, entitled=False), {"email.sender_domain": "spam.example"})
    assert decision.action is FILE


def test_a_reopening_item_is_not_for_new_mail() -> None:
    assert decide_new(rule(items=[{"name": "R", "action": "reopen"}, REST]), mail(), {}).action is OPEN
    assert decide_new(rule(items=[{"name": "R", "action": "reopen"}]), mail(), {}).reason is FileReason.NO_ITEM


BLANK = {"has_subject": False, "has_text": False, "has_attachments": False}


@pytest.mark.parametrize(
    ("changes", "with_rule", "action", "reason"),
    [
        ({"automatic": "auto-submitted"}, True, FILE, FileReason.AUTOMATIC),
        ({"automatic": "auto-submitted"}, False, FILE, FileReason.AUTOMATIC),
        ({"automatic": "empty return path", "sender": None}, True, FILE, FileReason.AUTOMATIC),
        ({"sender": None}, True, HOLD, HoldReason.NO_SENDER),
        ({"sender": None}, False, HOLD, HoldReason.NO_SENDER),
        (BLANK, True, HOLD, HoldReason.BLANK),
        (BLANK | {"has_attachments": True}, True, OPEN, None),
        (BLANK | {"has_subject": True}, True, OPEN, None),
        (BLANK | {"has_text": True}, True, OPEN, None),
        ({}, False, HOLD, HoldReason.NO_RULE),
    ],
)
def test_what_never_reaches_the_items(
    changes: dict[str, Any], with_rule: bool, action: CreationVerdict, reason: HoldReason | FileReason | None
) -> None:
    decision = decide_new(rule() if with_rule else None, mail(**changes), {})
    assert (decision.action, decision.reason) == (action, reason)
    assert decision.why().startswith(action.value)


def test_an_automatic_mail_never_opens_a_case_whatever_the_rule() -> None:
    for allow, known, items in product((True, False), (True, False), ([REST], [SPAM, REST], [REOPEN])):
        decision = decide_new(
            rule(allow_unknown_senders=allow, items=items), mail(automatic="list", known_sender=known), {}
        )
        assert decision.action is FILE


# ---- mail about an existing case -------------------------------------------------------------------------------------

ATTACH, ATTACH_ONLY = RelatedAction.ATTACH, RelatedAction.ATTACH_ONLY
NEW, AGAIN = RelatedAction.NEW_CASE, RelatedAction.REOPEN
RESOLVED, CANCELLED = CaseStatus.RESOLVED, CaseStatus.CANCELLED


def related(
    rule: RecordCreationRule | None, status: CaseStatus, minutes_ago: int | None = 10, **changes: Any
) -> RelatedDecision:
    resolved_on = None if minutes_ago is None else NOW - timedelta(minutes=minutes_ago)
    return decide_related(rule, status, resolved_on, NOW, changes.pop("automatic", False), {}, **changes)


@pytest.mark.parametrize("status", [CaseStatus.OPENING, CaseStatus.ACTIVE])
def test_an_active_case_takes_its_mail(status: CaseStatus) -> None:
    for automatic, its_rule in product((True, False), (None, rule(), rule(items=[REOPEN, REST]))):
        assert related(its_rule, status, automatic=automatic).action is ATTACH


@pytest.mark.parametrize(
    ("changes", "minutes_ago", "expected"),
    [
        # without the setting nothing but attaching happens, whatever the items
        ({}, 10_000, ATTACH_ONLY),
        ({"items": [REOPEN, REST]}, 10_000, ATTACH_ONLY),
        # blank window: at once
        ({"new_case_after_resolved": True}, 0, NEW),
        ({"new_case_after_resolved": True}, None, NEW),
        # window: only if resolved longer ago
        ({"new_case_after_resolved": True, "resolved_window_minutes": 60}, 59, ATTACH_ONLY),
        ({"new_case_after_resolved": True, "resolved_window_minutes": 60}, 60, ATTACH_ONLY),
        ({"new_case_after_resolved": True, "resolved_window_minutes": 60}, 61, NEW),
        ({"new_case_after_resolved": True, "resolved_window_minutes": 60}, None, ATTACH_ONLY),
        # a reopening item above the creating one, never both
        ({"new_case_after_resolved": True, "items": [REOPEN, REST]}, 10, AGAIN),
        ({"new_case_after_resolved": True, "items": [REST, REOPEN]}, 10, NEW),
        ({"new_case_after_resolved": True, "resolved_window_minutes": 60, "items": [REOPEN, REST]}, 10, ATTACH_ONLY),
        ({"new_case_after_resolved": True, "resolved_window_minutes": 60, "items": [REOPEN, REST]}, 90, AGAIN),
        # items that open nothing
        ({"new_case_after_resolved": True, "items": [URGENT]}, 10, ATTACH_ONLY),
        ({"new_case_after_resolved": True, "items": [{"name": "F", "action": "file"}, REST]}, 10, ATTACH_ONLY),
    ],
)
def test_a_resolved_case(changes: dict[str, Any], minutes_ago: int | None, expected: RelatedAction) -> None:
    decision = related(rule(**changes), RESOLVED, minutes_ago)
    assert decision.action is expected
    assert (decision.item is not None) is (expected in (NEW, AGAIN))
    assert related(rule(**changes), RESOLVED, minutes_ago, automatic=True).action is ATTACH_ONLY


@pytest.mark.parametrize("after_resolved", [True, False])
def test_a_cancelled_case_makes_a_new_one_and_is_never_reopened(after_resolved: bool) -> None:
    for items in ([REST], [REOPEN, REST], [{"name": "R", "action": "reopen"}, REST]):
        its_rule = rule(items=items, new_case_after_resolved=after_resolved)
        assert related(its_rule, CANCELLED).action is NEW
        assert related(its_rule, CANCELLED, automatic=True).action is ATTACH_ONLY


def test_without_a_rule_a_closed_case_only_takes_the_mail() -> None:
    for status in (RESOLVED, CANCELLED):
        assert related(None, status).action is ATTACH_ONLY


def test_a_new_case_passes_the_entitlement_gate_and_a_reopening_does_not() -> None:
    strict = rule(require_entitlement=True, new_case_after_resolved=True)
    assert related(strict, RESOLVED, entitled=False).action is ATTACH_ONLY
    assert related(strict, RESOLVED, entitled=True).action is NEW
    reopening = strict.model_copy(update={"items": rule(items=[REOPEN, REST]).items})
    assert related(reopening, RESOLVED, entitled=False).action is AGAIN


def test_a_new_case_is_not_for_a_stranger_where_the_rule_says_so() -> None:
    for status in (RESOLVED, CANCELLED):
        guarded, open_to_all = (
            rule(new_case_after_resolved=True, allow_unknown_senders=allowed) for allowed in (False, True)
        )
        assert related(guarded, status, known_sender=False).action is ATTACH_ONLY
        assert related(guarded, status, known_sender=True).action is NEW
        assert related(open_to_all, status, known_sender=False).action is NEW
    reopening = rule(new_case_after_resolved=True, items=[REOPEN, REST])
    assert related(reopening, RESOLVED, known_sender=False).action is AGAIN, "no case is made"


@pytest.mark.parametrize(
    ("changes", "options", "expected"),
    [
        ({}, {"subject_changed": True}, ATTACH),
        ({"new_case_on_changed_subject": True}, {"subject_changed": False}, ATTACH),
        ({"new_case_on_changed_subject": True}, {"subject_changed": True}, NEW),
        ({"new_case_on_changed_subject": True}, {"subject_changed": True, "automatic": True}, ATTACH),
        ({"new_case_on_changed_subject": True, "items": [URGENT]}, {"subject_changed": True}, ATTACH),
        ({"new_case_on_changed_subject": True, "items": [REOPEN, REST]}, {"subject_changed": True}, NEW),
        ({"new_case_on_changed_subject": True}, {"subject_changed": True, "known_sender": False}, ATTACH),
    ],
)
def test_another_subject_while_the_case_is_active(
    changes: dict[str, Any], options: dict[str, bool], expected: RelatedAction
) -> None:
    assert related(rule(**changes), CaseStatus.ACTIVE, **options).action is expected
    resolved = related(rule(**changes), RESOLVED, **options)
    assert resolved.action is ATTACH_ONLY, "of a closed case its own settings decide"


def test_why_names_the_item() -> None:
    decision = related(rule(new_case_after_resolved=True, items=[REOPEN, REST]), RESOLVED)
    assert decision.why() == (
        "reopen: an item reopens the case; item 'Reopen' matched: email.related_status eq 'resolved'"
    )
