"""Lists within lists in forms: nothing is left to text, what is drawn comes back, and faults stand at their fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.datastructures import FormData

from console.administering import forms
from console.administering.drawing import Control, Drawing, as_sent
from console.administering.filling import pressed
from console.administering.kinds import SETTINGS, SORTS
from console.administering.readable import Readable
from console.administering.shapes import How, shapes
from console.staff import Posted
from desk.organisation.differences import apart
from desk.organisation.file import load
from desk.reference.bodies import plain
from models.messages.calendars import Calendar
from models.messages.processes import ProcessDefinition
from models.messages.reference import AgentBody
from models.messages.slas import SlaDefinition
from tests.console.case.test_times import words

EXAMPLES = sorted(Path("examples").glob("*.yaml")) + sorted(Path("tests/organisations").glob("*.yaml"))
MODELS = {sort.model for sort in (*SORTS.values(), SETTINGS)}


class Filling:
    """A form without a browser: each step sends what stands in it, with some fields filled and a button pressed."""

    def __init__(self, model: type[BaseModel], values: dict[str, Any]) -> None:
        self.model, self.values = model, values
        self.faults: list[Any] = []

    @property
    def controls(self) -> list[Control]:
        return Drawing(self.faults).form(shapes(self.model), self.values)

    def names(self) -> set[str]:
        return {name for name, _ in as_sent(self.controls)}

    def send(self, do: str = "", **typed: str) -> None:
        fields = dict(as_sent(self.controls)) | {name.replace("__", "."): value for name, value in typed.items()}
        given = forms.read(self.model, Posted(FormData([*fields.items(), ("do", do)]), ""))
        self.values, self.faults = given.values, [] if do else given.faults
        if do:
            assert pressed(self.values, do) is not None


def test_no_field_of_any_definition_or_record_is_left_to_text() -> None:
    written = [
        (model.__name__, shape.name)
        for model in MODELS
        for outer in shapes(model)
        for shape in outer.every()
        if shape.how is How.YAML
    ]
    assert written == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_whatever_a_file_says_comes_back_from_its_form_as_it_was(path: Path) -> None:
    file = load(path.read_text(), path.name)
    # The order of an agent's roles says nothing, and is that of the form.
    bodies = [entry.body for entry in file.entries if type(entry.body) in MODELS - {AgentBody}]
    for body in bodies:
        given = forms.untouched(shapes(type(body)), plain(body))
        assert type(body).model_validate(given) == body, body


def test_an_sla_with_actions_and_an_escalation_is_filled_in_by_rows_and_buttons_alone() -> None:
    form = Filling(SlaDefinition, {})
    form.send("add:items", slug="s", name="S")
    form.send(
        "add:items.0.actions", items__0__name="Reply", items__0__kpi="first-response", items__0__fail_after="2 hours"
    )
    assert "items.0.actions.0.to" not in form.names(), "nothing is chosen yet"
    form.send("show:items.0.actions.0.do", items__0__actions__0__on="failure", items__0__actions__0__do="notify")
    assert "items.0.actions.0.to" in form.names()
    assert "items.0.actions.0.queue" not in form.names()
    form.send("add:items.0.escalation", items__0__actions__0__to="owner")
    form.send("add:items.0.escalation.0.actions", items__0__escalation__0__after="1 hour")
    place = "items__0__escalation__0__actions__0"
    form.send(f"show:{place.replace('__', '.')}.do", **{f"{place}__do": "set"})
    form.send(
        f"row:{place.replace('__', '.')}.values",
        **{f"{place}__values__0__=": "severity", f"{place}__values__0__value": "bad"},
    )
    row = {f"{place}__values__1__=": "custom.vip", f"{place}__values__1__value": "true"}
    form.send(
        items__0__success__is="all",
        items__0__success__0__field="case.status",
        items__0__success__0__value="resolved",
        **row,
    )
    assert form.faults == []
    (item,) = SlaDefinition.model_validate(form.values).items
    assert [(each.on, each.do, each.to) for each in item.actions] == [("failure", "notify", "owner")]
    (step,) = item.escalation
    assert step.actions[0].values == {"severity": "bad", "custom.vip": True}

    # Another deed: what only the first one needed is gone, and what the new one needs is asked for.
    form.send(items__0__actions__0__do="route")
    assert [path for path, _ in form.faults] == [("items", 0, "actions", 0, "queue")], "the field that it needs"
    assert "items.0.actions.0.queue" in form.names()
    form.send("drop:items.0.escalation.0.actions.0", items__0__actions__0__queue="gold")
    assert form.values["items"][0]["escalation"][0]["actions"] == []


def test_a_process_has_stages_with_steps_branches_and_actions_and_each_fault_stands_at_its_field() -> None:
    stage = {"slug": "a", "name": "A"}
    form = Filling(ProcessDefinition, {"slug": "p", "name": "P", "stages": [stage, {"slug": "b", "name": "B"}]})
    form.send("add:stages.0.steps")
    form.send("add:stages.0.branches", stages__0__steps__0__field="severity", stages__0__steps__0__label="How bad")
    branch = {"stages__0__branches__0__when__is": "all", "stages__0__branches__0__when__0__field": "case.nothing"}
    form.send("add:stages.0.on_entry", stages__0__branches__0__to="b", **branch)
    form.send("show:stages.0.on_entry.0.do", stages__0__on_entry__0__do="send")
    form.send(stages__0__on_entry__0__to="nobody at all", stages__0__on_entry__0__template="hello")
    told = {id for control in form.controls for each in control.every() for id, _ in each.faults}
    assert told == {"f-stages.0.branches.0.when.0.field", "f-stages.0.on_entry.0.to"}
    form.send(
        stages__0__branches__0__when__0__field="case.severity",
        stages__0__branches__0__when__0__value="bad",
        stages__0__on_entry__0__to="customer",
    )
    assert form.faults == []
    first = ProcessDefinition.model_validate(form.values).stages[0]
    assert (first.branches[0].to, first.on_entry[0].do, first.steps[0].field) == ("b", "send", "severity")
    form.send("down:stages.0")
    assert [each["slug"] for each in form.values["stages"]] == ["b", "a"]


def test_a_calendar_takes_further_weeks_changed_days_and_the_days_of_a_file() -> None:
    body = {
        "slug": "c",
        "name": "C",
        "time_zone": "UTC",
        "hours": "24x7",
        "further_weeks": ["24x7"],
        "first_week": "2031-01-06",
    }
    form = Filling(Calendar, plain(Calendar.model_validate(body)))
    form.send("add:changed_days")
    form.send(
        changed_days__0__date="2031-05-03", changed_days__0__hours="10:00-12:00", holidays="BEGIN:VCALENDAR\nnonsense"
    )
    assert [path for path, _ in form.faults] == [("holidays",)]
    day = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20310501\nSUMMARY:May Day\nEND:VEVENT\nEND:VCALENDAR\n"
    form.send("row:holidays", holidays=day)
    form.send(holidays__0__name="Labour Day")
    made = Calendar.model_validate(form.values)
    assert (made.holidays[0].name, made.changed_days[0].date.day, made.weeks[1].always) == ("Labour Day", 3, True)


def test_what_differs_is_read_by_labels_and_in_words() -> None:
    old = {
        "items": [
            {
                "name": "Reply",
                "kpi": "reply",
                "fail_after": "2 hours",
                "success": {"all": [{"field": "case.status", "value": "resolved"}]},
            }
        ],
        "business_hours": None,
    }
    new = {
        "items": [
            {
                "name": "Reply",
                "kpi": "reply",
                "fail_after": "3 hours",
                "success": {"all": [{"field": "account.tier", "op": "in", "value": ["gold", "silver"]}]},
                "actions": [{"on": "failure", "do": "notify", "to": "owner"}],
            }
        ],
        "description": "A long text. " * 20,
    }
    readable = Readable(words("UTC", "de").me, SlaDefinition)
    lines = {line.label: line for line in readable.lines(apart(old, new))}
    after = {label: (line.old.short, line.new.short) for label, line in lines.items() if line.old and line.new}
    assert after.pop("Beschreibung")[1].endswith("\N{HORIZONTAL ELLIPSIS}")
    assert after == {
        "Zusagen Reply, Verfehlt nach": ("2 hours", "3 hours"),
        "Zusagen Reply, Erfüllt, wenn": ("Status ist resolved", "Stufe des Kunden ist eines von gold, silver"),
        "Zusagen Reply, Aktionen": ("nichts", "Beim Ereignis: Verfehlt, Tun: Benachrichtigen, An: owner"),
    }
    whole = lines["Beschreibung"].new
    assert whole is not None
    assert whole.whole == new["description"]
    assert Readable(words("UTC").me).lines(apart({"password": "a"}, {"password": "b"}))[0].old is None


def test_lines_that_a_file_has_stay_lines_in_a_form() -> None:
    """A browser takes the ends of lines out of what stands in a line: such a value is a text, or its condition is written."""
    step = {"do": "set", "values": {"description": "One.\nTwo."}}
    clause = {"all": [{"field": "case.description", "op": "contains", "value": "One.\nTwo."}]}
    stage = {"slug": "a", "name": "A", "guidance": "Ask.\nLook.", "on_entry": [step]}
    form = Filling(ProcessDefinition, {"slug": "p", "name": "P", "applies_when": clause, "stages": [stage]})
    told = {each.name: each.how for outer in form.controls for each in outer.every()}
    assert told["stages.0.guidance"] == "text"
    assert told["stages.0.on_entry.0.values.0.value"] == "text"
    assert "applies_when.written" in form.names()


def test_a_fault_of_a_check_leads_to_the_field_of_the_form() -> None:
    values = {"stages": [{"slug": "a", "name": "A", "on_entry": [{"do": "set", "values": {"priority": "urgent"}}]}]}
    path = ("stages", 0, "on_entry", 0, "values", "priority")
    first, second = forms.placed(ProcessDefinition, values, [(path, "unknown"), (path, "too long")])
    assert (first.id, first.rule) == ("f-stages.0.on_entry.0.values.0.value", "unknown")
    assert (second.id, second.rule) == (first.id, "too long"), "of two at one field both are told"
    assert [name for _, name in first.within] == ["A", "1", "priority"]
