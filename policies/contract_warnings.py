"""Which warnings of a contract are due, and when the next one will be (domain 3.7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from models.messages.contract_warnings import ContractWarning, DueWarning, WarnedContract
from policies.entitlements import LAST_DAY
from policies.zones import day_begins


def due_warnings(contract: WarnedContract, now: datetime, zone: str) -> Iterator[DueWarning]:
    """All that hold at `now` of a contract in force, those that were given before among them. `zone`: the organisation's."""
    for position, warning in enumerate(contract.warnings):
        balance = _balance(contract, warning)
        if warning.days_left is not None:
            instant = _instant(contract, warning.days_left, zone)
            if instant is not None and instant <= now:
                key = f"days/{warning.days_left}/before/{contract.end}/to/{warning.to}"
                yield DueWarning(position=position, key=key, left=warning.days_left)
        elif balance is not None:
            total, remaining = balance
            least = warning.threshold(total)
            if least is not None and remaining <= least:
                line = f"/{warning.origin}" if warning.origin else ""
                key = f"terms/{least.normalize():f}/of/{total.normalize():f}{line}/to/{warning.to}"
                yield DueWarning(position=position, key=key, left=remaining)


def next_warning(contract: WarnedContract, now: datetime, zone: str) -> datetime | None:
    """The next instant at which a warning becomes due by itself; movements of terms come when they come."""
    days = [warning.days_left for warning in contract.warnings if warning.days_left is not None]
    instants = [_instant(contract, each, zone) for each in days]
    return min((each for each in instants if each is not None and each > now), default=None)


def crosses(warning: ContractWarning, total: Decimal, before: Decimal, after: Decimal) -> bool:
    """Whether a movement from one balance to the other brings it to the warning's threshold."""
    least = warning.threshold(total)
    return least is not None and after <= least < before


def _instant(contract: WarnedContract, days: int, zone: str) -> datetime | None:
    """The midnight from which so many days are left. None: the whole contract is no longer than that, or has no end."""
    if contract.end >= LAST_DAY or (contract.end - contract.start).days < days:
        return None
    return day_begins(contract.end + timedelta(days=1 - days), zone)


def _balance(contract: WarnedContract, warning: ContractWarning) -> tuple[Decimal, Decimal] | None:
    if warning.origin is None:
        return contract.total_terms, contract.remaining_terms
    return contract.channels.get(warning.origin)
