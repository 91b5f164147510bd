from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.messages.mailbox_status import MailboxFigures, MailboxState, MailboxTrouble, SendQueue
from policies.mailboxes import ADVICE, LATE_AFTER, UNREAD_AFTER, mailbox_state

NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
JUST_NOW = NOW - timedelta(seconds=20)
LONG_AGO = NOW - LATE_AFTER - timedelta(seconds=1)


def figures(**given: Any) -> MailboxFigures:
    well: dict[str, Any] = {
        "mailbox": "support",
        "address": "support@house.example",
        "active": True,
        "last_success": JUST_NOW,
        "last_error": None,
        "trouble": None,
        "uidvalidity": 1,
        "last_uid": 7,
        "backlog": 0,
        "oldest_unfetched": None,
        "quarantined": 0,
        "quarantine": (),
        "taken_in_24h": {},
        "outbox": {},
        "send_queue": SendQueue(),
        "suppressed_addresses": 0,
    }
    return MailboxFigures(**(well | given))


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, "ok"),
        ({"backlog": 9, "oldest_unfetched": JUST_NOW}, "ok"),
        ({"backlog": 9, "oldest_unfetched": LONG_AGO}, "behind"),
        ({"send_queue": SendQueue(queued=1, due=1, due_since=JUST_NOW)}, "ok"),
        ({"send_queue": SendQueue(queued=1, due=1, due_since=LONG_AGO)}, "behind"),
        ({"trouble": MailboxTrouble.SENDING}, "ok"),  # nothing waits any more, so the trouble is over
        ({"trouble": MailboxTrouble.SENDING, "send_queue": SendQueue(queued=1, due=1, due_since=JUST_NOW)}, "ok"),
        (
            {"trouble": MailboxTrouble.SENDING, "send_queue": SendQueue(queued=1, due=1, due_since=LONG_AGO)},
            "cannot-send",
        ),
        ({"trouble": MailboxTrouble.TIDYING}, "untidy"),
        ({"last_success": None}, "not-read"),
        ({"last_success": NOW - UNREAD_AFTER}, "ok"),
        ({"last_success": NOW - UNREAD_AFTER - timedelta(seconds=1)}, "not-read"),
        ({"last_success": None, "trouble": MailboxTrouble.READING}, "cannot-connect"),
        ({"last_success": None, "trouble": MailboxTrouble.LOGIN}, "auth-failed"),
        ({"active": False, "last_success": None, "trouble": MailboxTrouble.LOGIN}, "inactive"),
    ],
)
def test_one_word_says_what_to_see_to_first(given: dict[str, Any], state: str) -> None:
    assert mailbox_state(figures(**given), NOW) == state


def test_every_state_comes_with_advice() -> None:
    assert set(ADVICE) == set(MailboxState)
