"""What follows once a contract was changed and that is committed: its run looks at it anew."""

from __future__ import annotations

from typing import Any

from desk.reference.records import Item
from desk.services import WiredHouse
from engine.contracts import ContractTeller


async def tell_run(house: WiredHouse, item: Item[Any]) -> None:
    """Have the contract's run look at it anew. A draft that was never in force has none, and needs none."""
    if item.version > 1:
        await ContractTeller(house.client).tell(item.id, item.body.slug)
