"""How the answer to what was asked of many cases is put, whoever asked for it (design, "API")."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Response

from api.auth import CaseWorker
from api.dependencies import HouseDep
from api.problems import REPLAY
from desk.bulk import Asked
from desk.identity import Identity
from desk.queries.operations import operation
from desk.services import WiredHouse
from models.messages.api_operations import Operation


class ManyCases:
    """One request that asks something of many cases."""

    def __init__(self, response: Response, house: WiredHouse, identity: Identity) -> None:
        self.response, self.house, self.identity = response, house, identity

    async def shows(self, asked: Asked) -> Operation:
        """The operation as far as it is: 200 if it has ended, else 202 with its address."""
        if asked.replayed:
            self.response.headers[REPLAY] = "true"
        if not asked.ended:
            self.response.status_code = 202
            self.response.headers["Location"] = f"/api/v1/operations/{asked.id}"
            self.response.headers["Retry-After"] = "1"
        async with self.house.database.read() as session:
            return await operation(session, self.identity, asked.id)


def _many(response: Response, house: HouseDep, identity: CaseWorker) -> ManyCases:
    return ManyCases(response, house, identity)


Many = Annotated[ManyCases, Depends(_many)]
