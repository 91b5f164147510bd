"""Run by `test_new_field.py` in a process of its own, whose table of case fields has the row `region`."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from storage.engines import Database
from tests.support.applied import ROOT
from tests.support.asking import asked, problem
from tests.support.desks import DeskFactory
from tests.support.region import MIGRATION

ASKED_FOR = "          - {field: region, label: Region}\n      - slug: research"
ROUTED_BY = "    rules:\n      - {name: North, when: {all: [{field: case.region, value: north}]}, queue: private}"


async def test_it_works_everywhere(open_desk: DeskFactory, database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    async with database.write() as session:
        await session.execute(text(MIGRATION))
    await database.close()
    file = (ROOT / "tests/organisations/desk.yaml").read_text()
    file = file.replace("      - slug: research", ASKED_FOR, 1).replace("    rules:", ROUTED_BY, 1)
    (tmp_path / "region.yaml").write_text(file)

    async with open_desk(organisation=str(tmp_path / "region.yaml")) as desk, asked(desk) as http:
        number = await http.open(region="north")
        case = (await http("grace", "GET", f"/cases/{number}")).json()
        assert (case["region"], case["queue"]) == ("north", "private"), (
            "opened with it, and routed by a condition on it"
        )

        wrong = await http("grace", "PATCH", f"/cases/{number}", {"region": "The North"}, If_Match="*")
        assert problem(wrong) == (422, "invalid")
        assert wrong.json()["errors"][0]["field"] == "/region"
        patched = await http("grace", "PATCH", f"/cases/{number}", {"region": "south"}, If_Match="*")
        assert (patched.status_code, patched.json()["region"]) == (200, "south")
        told = (await http("grace", "GET", f"/cases/{number}/timeline")).json()["items"]
        assert next(each for each in told if each["kind"] == "changed")["data"] == {
            "changes": {"region": ["north", "south"]}
        }

        data = {"case_type": "problem", "region": "The North"}
        wrong = await http("grace", "POST", f"/cases/{number}/process/next", {"data": data})
        assert problem(wrong) == (422, "invalid")
        assert wrong.json()["errors"][0]["field"] == "/data/region"
        data["region"] = "east"
        moved = await http("grace", "POST", f"/cases/{number}/process/next", {"data": data})
        assert (moved.status_code, moved.json()["region"], moved.json()["stage"]) == (200, "east", "research")
        shown = (await http("grace", "GET", f"/cases/{number}/process")).json()["stages"][0]["steps"]
        assert {step["field"]: step["value"] for step in shown} == {"case_type": "problem", "region": "east"}

        routed = await http("grace", "POST", f"/cases/{number}/apply-routing")
        assert (routed.status_code, routed.json()["queue"]) == (200, "gold"), "the facts have its value of today"
        cleared = await http("grace", "PATCH", f"/cases/{number}", {"region": None}, If_Match="*")
        assert (cleared.status_code, cleared.json()["region"]) == (200, None)
