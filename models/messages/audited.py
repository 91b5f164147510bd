"""What the audit says was done: the words with which its entries begin, for all who write such entries and all who read them."""

from __future__ import annotations

ACTIONS = frozenset(
    {
        *("create", "change", "update", "delete", "activate", "deactivate", "set-default", "merge"),
        *(
            "submit",
            "approve",
            "reject",
            "redraft",
            "discard",
            "publish",
            "schedule",
            "unschedule",
            "expire",
            "archive",
        ),
        *("plan expiry", "waiting", "active", "expired", "archived", "cancel"),
        *("invite", "reset", "password", "sign-in", "sign-in-failed", "end", "revoke", "known-to-provider"),
        *("second-factor-on", "second-factor-off", "recovery-code", "preferences", "notices", "presence"),
        *("release", "rerun", "attach", "dismiss", "retry", "completed", "cancelled"),
    }
)
"""What else is said after one of them is which version or part: `activate version 2`, `publish en 1.1`."""


def is_known(action: str) -> bool:
    """Whether pages have words for it."""
    return action in ACTIONS or action.partition(" ")[0] in ACTIONS
