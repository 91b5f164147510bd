from models.messages.api_cases import *
from models.messages.cases import CommandKind
from models.records.cases import Command, LedgerEntry
from sqlalchemy import select
from tests.support.desks import Desk
from tests.support.organisations import *
import json
async def dump(desk, n):
    import base64
    c = await desk.case(n)
    async with desk.house.database.read() as s:
        for r in await s.scalars(select(Command).where(Command.case_id == c.id).order_by(Command.recorded_at)):
            print(r.id, r.kind, r.state, r.result, r.applied_version, r.applied_on, r.recorded_at)
    async for run in desk.house.client.list_workflows(f"WorkflowId = 'case-{n}'"):
        h = await desk.house.client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        print("RUN", run.run_id, run.status)
        for e in h.to_json_dict()["events"]:
            t = e["eventType"].replace("EVENT_TYPE_","")
            extra = ""
            if "MARKER" in t:
                d = e["markerRecordedEventAttributes"]["details"]
                extra = {k: [base64.b64decode(p["data"])[:300] for p in v["payloads"]] for k, v in d.items()}
            if "UPDATE" in t: extra = str(e)[-700:]
            print("   ", e["eventId"], e["eventTime"], t, extra)

async def test_debug(desk: Desk) -> None:
    await add(desk, "tests/organisations/contracts.yaml")
    a, b, c = await desk.open(), await desk.open(**await customer(desk, "borealis")), await desk.open(**await customer(desk, "cumulus"))
    for i in range(4):
      for kind, body in ((CommandKind.RESOLVE, ResolveBody(resolution="S", billable_minutes=90)), (CommandKind.REACTIVATE, ReactivateBody()), (CommandKind.CANCEL, CancelBody()), (CommandKind.REACTIVATE, ReactivateBody())):
       for n in (a, b, c):
        try:
            answer = await desk.send("grace", n, kind, body)
        except Exception as e:
            print("FAILED", kind, e)
            answer = None
        case = await desk.case(n)
        print(i, n, kind, answer and (answer.version, answer.replayed, answer.command_id), case.status, case.version, case.status_reason)
        want = {"resolve": "resolved", "cancel": "cancelled"}.get(kind.value, "active")
        if case.status != want:
            await dump(desk, n)
            assert False
