"""Properties of a case are each saved by themselves, and a customer is chosen by name."""

from __future__ import annotations

import re
from html import unescape

import pytest

from models.messages.api_cases import ChangeBody
from models.messages.cases import CommandKind
from tests.support.correspondence import open_by_mail
from tests.support.signed import Reader, signed_in
from tests.support.windows import Windows

K = CommandKind


async def fields_of(reader: Reader, case: str, name: str) -> dict[str, str]:
    """The hidden fields of the form of one property, as somebody's page has them."""
    page = await reader.page(f"/cases/{case}")
    form = re.search(rf'<form[^>]*action="/cases/{case}/fields/{re.escape(name)}".*?</form>', page, re.DOTALL)
    assert form is not None
    return {key: unescape(value) for key, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0])}


async def test_the_customer_of_a_case_is_chosen_by_name(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "grace") as reader:
        case = await open_by_mail(desk)
        page = await reader.page(f"/cases/{case}")
        field = re.search(r'<select id="field-customer".*?</select>', page, re.DOTALL)
        assert field is not None
        assert re.search(r'<option value="aurora" selected>Aurora</option>', field[0])
        hidden = await fields_of(reader, case, "customer")
        assert hidden["old"] == "aurora"


async def test_of_more_customers_than_a_list_holds_the_present_one_is_named_beside_its_field(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.case_pages.properties.MOST_OFFERED", 0)
    async with signed_in(windows.desk, "grace") as reader:
        case = await open_by_mail(windows.desk)
        page = await reader.page(f"/cases/{case}")
        field = re.search(r'<input id="field-customer".*?</form>', page, re.DOTALL)
        assert field is not None
        assert '<p class="hint"><bdi>Aurora</bdi></p>' in field[0]


async def test_two_fields_changed_at_once_both_hold_one_field_shows_both_values(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "grace") as reader:
        case = await open_by_mail(desk)
        priority, kind = await fields_of(reader, case, "priority"), await fields_of(reader, case, "case_type")
        await desk.send("mona", case, K.CHANGE, ChangeBody(priority="high"))
        # Another field: both hold.
        done = await reader.client.post(
            f"/cases/{case}/fields/case_type", data=kind | {"value": "problem"}, follow_redirects=True
        )
        assert done.status_code == 200
        row = await desk.case(case)
        assert (row.priority, row.case_type) == ("high", "problem")
        # The same field: both values, with who and when, and nothing is written.
        conflict = await reader.client.post(f"/cases/{case}/fields/priority", data=priority | {"value": "low"})
        assert conflict.status_code == 409
        said = " ".join(re.sub(r"<[^>]+>", " ", conflict.text).split())
        assert "Mona changed this at" in said
        assert "Now high Yours low" in said
        assert (await desk.case(case)).priority == "high"
        # Saved once more it takes the place of what was shown.
        again = await reader.send(conflict.text, f"/cases/{case}/fields/priority", {"value": "low"})
        assert again.status_code == 200
        assert (await desk.case(case)).priority == "low"
