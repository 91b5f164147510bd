"""Every entry of the audit that a test writes says something that pages have words for: a new action gets its words with it."""

from __future__ import annotations

from sqlalchemy import event

from models.messages.audited import is_known
from models.records.reference import Audit


@event.listens_for(Audit.action, "set")
def _known(_: Audit, action: str, *_before: object) -> None:
    if not is_known(action):
        raise TypeError(f"no page has words for {action!r}: ACTIONS does not have it")
