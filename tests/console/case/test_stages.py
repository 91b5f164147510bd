"""The process on the page of a case: where it stands, what is missing, and what a step offers."""

from __future__ import annotations

import re

from tests.support.correspondence import open_by_mail
from tests.support.signed import hidden_of, signed_in
from tests.support.windows import Windows


async def test_next_names_what_is_missing_and_leads_there(windows: Windows) -> None:
    async with signed_in(windows.desk, "grace") as reader:
        case = await windows.desk.open()
        address = f"/cases/{case}"
        page = await reader.page(address)
        next_button = re.search(r'<button[^>]*id="do-process-next"[^>]*>', page)
        assert next_button is not None
        assert "disabled" not in next_button[0]
        assert "Ask what it is about." in page
        early = await reader.send(page, f"{address}/process-next", {"case_type": ""})
        assert early.status_code == 409
        assert 'href="#ask-case_type"' in early.text
        assert 'id="ask-case_type"' in early.text
        on = await reader.send(early.text, f"{address}/process-next", {"case_type": "problem"})
        assert on.status_code == 200
        # "Must be Yes" is among what is missing.
        early = await reader.send(on.text, f"{address}/process-next", {"custom.article_sent": "no"})
        assert 'href="#ask-custom.article_sent"' in early.text
        assert "This must be Yes before the next stage." in early.text
        on = await reader.send(early.text, f"{address}/process-next", {"custom.article_sent": "yes"})
        # Finishing the flow and resolving the case stand side by side.
        assert 'id="do-process-finish"' in on.text
        assert 'id="resolve-beside"' in on.text
        given = hidden_of(on.text, f"{address}/process-next") | {"custom.confirmed": "yes"}
        finished = await reader.client.post(f"{address}/process-finish", data=given, follow_redirects=True)
        assert 'aria-current="step"' not in finished.text, "a finished process stands nowhere"
        assert "<summary>Process finished</summary>" in finished.text
        assert finished.text.count('<li class="done"') == 3


async def test_the_last_stage_speaks_of_the_end_of_the_process_and_of_no_next_stage(windows: Windows) -> None:
    async with signed_in(windows.desk, "grace") as reader:
        case = await windows.desk.open(case_type="problem")
        address = f"/cases/{case}"
        on = await reader.send(await reader.page(address), f"{address}/process-next", {"case_type": "problem"})
        assert "Must be Yes before the next stage." in on.text
        last = await reader.send(on.text, f"{address}/process-next", {"custom.article_sent": "yes"})
        assert "Must be Yes before the process is finished." in last.text
        early = await reader.client.post(
            f"{address}/process-finish", data=hidden_of(last.text, f"{address}/process-next"), follow_redirects=True
        )
        assert "This must be Yes before the process is finished." in early.text
        assert "before the next stage" not in last.text + early.text


async def test_a_step_names_what_it_offers_as_the_properties_do(windows: Windows) -> None:
    async with signed_in(windows.desk, "grace", **{"Accept-Language": "de"}) as reader:
        case = await windows.desk.open(case_type="problem")
        process = (await reader.page(f"/cases/{case}")).partition('id="case-process"')[2].partition("</section>")[0]
        assert re.findall(r'<option value="(\w+)"[^>]*>(\w+)', process) == [
            ("question", "Frage"),
            ("problem", "Problem"),
            ("request", "Anfrage"),
        ]


async def test_the_current_stage_is_announced_by_name_and_place(windows: Windows) -> None:
    async with signed_in(windows.desk, "grace") as reader:
        case = await windows.desk.open(case_type="problem")
        page = await reader.page(f"/cases/{case}")
        assert stage_of(page) == "Stage 1 of 3: Identify current"
        on = await reader.send(page, f"/cases/{case}/process-next", {"case_type": "problem"})
        assert stage_of(on.text) == "Stage 2 of 3: Research current"
        assert "done" in on.text
        assert "ahead" in on.text
        assert "2 of 3, Research" in on.text
        back = await reader.send(on.text, f"/cases/{case}/process-previous")
        assert stage_of(back.text).startswith("Stage 1 of 3: Identify")


def stage_of(page: str) -> str:
    (found,) = re.findall(r'<li[^>]*aria-current="step"[^>]*>(.*?)</li>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found).split()).partition(",")[0]


async def test_a_stage_saved_with_nothing_in_it_says_what_to_do(windows: Windows) -> None:
    async with signed_in(windows.desk, "grace") as reader:
        case = await open_by_mail(windows.desk)
        page = await reader.page(f"/cases/{case}")
        mark = hidden_of(page, f"/cases/{case}/process-next")
        nothing = await reader.client.post(f"/cases/{case}/process-save", data=mark)
        assert nothing.status_code == 422
        assert "Nothing was saved: fill in what is to be kept." in nothing.text
