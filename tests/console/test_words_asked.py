"""What an address asks and nothing is called is refused; wrong days of a period are said beside their fields."""

from __future__ import annotations

import pytest

from tests.support.desks import DeskFactory
from tests.support.signed import signed_in

UNKNOWN = (
    *("/figures?by=nonsense", "/figures/incoming?by=nonsense", "/figures/incoming?part=nonsense"),
    *("/figures/incoming?without=nonsense", "/figures/surveys?kind=nonsense"),
    *("/figures/incoming?outcome=nonsense", "/figures/sla-compliance/cases?kind=nonsense"),
    *("/customers/new?kind=nonsense", "/customers/duplicates?kind=nonsense"),
    *("/operations/quarantine?verdict=nonsense", "/operations/quarantine?reason=nonsense"),
    *("/operations/incidents?state=nonsense", "/search?q=a&in=nonsense"),
    *("/articles?status=nonsense", "/articles?sort=nonsense", "/articles?visibility=nonsense"),
    *("/cases?status=nonsense", "/cases?view=nonsense"),
)
PERIODS = (
    *(("mona", "/figures"), ("mona", "/figures/incoming"), ("mona", "/figures/surveys"), ("mona", "/figures/articles")),
    *(("mona", "/figures/incoming/cases"), ("mona", "/figures/incoming/why"), ("mona", "/contracts/care")),
    ("ada", "/admin/audit"),
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_a_word_that_nothing_is_called_is_refused_with_those_that_would_do(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, signed_in(desk, "mona") as mona:
        for address in UNKNOWN:
            answer = await mona.get(address)
            assert (answer.status_code, "one of: " in answer.text) == (422, True), address
            assert "is not a valid" not in answer.text, address
        for name in ("by=", "kind=", "verdict=", "status="):
            for address in {each.partition("?")[0] for each in UNKNOWN if name in each}:
                assert (await mona.get(f"{address}?{name}", follow_redirects=True)).status_code == 200, (
                    address,
                    "an empty choice is none",
                )


async def test_wrong_days_are_said_beside_their_fields_and_stay(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        for agent, address in PERIODS:
            async with signed_in(desk, agent) as reader:
                given = {"from": "2026-02-01", "to": "2026-01-01"}
                answer = await reader.get(address, params=given)
                assert answer.status_code == 422, address
                for name, value in given.items():
                    assert f'name="{name}" value="{value}"' in answer.text, address
                assert 'aria-describedby="fault-to"' in answer.text, address
                assert "The last day, 2026-01-01, is before the first one, 2026-02-01." in answer.text, address
                both = await reader.get(address, params={"from": "0020-02-01", "to": "yesterday"})
                assert ('id="fault-from"' in both.text, 'id="fault-to"' in both.text) == (True, True), address
