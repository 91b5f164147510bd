"""The table of case fields, held to everything that names a field by itself."""

from __future__ import annotations

from dataclasses import fields as fields_of

from desk.queries.cases import CaseFilter
from models.messages.api_case_views import CaseView
from models.messages.api_cases import ChangeBody, NewCaseBody
from models.messages.case_fields import BY_NAME, CASE_FIELDS, FieldKind, names
from models.messages.cases import CaseSnapshot, CaseStatus
from models.messages.conditions import FIELDS
from models.messages.organisation import OrganisationSettings
from models.messages.slas import ApplicableFrom
from models.records.base import new_id
from models.records.cases import Case
from workflows.presentation import search_attributes


def test_a_field_stands_once() -> None:
    assert len(BY_NAME) == len(CASE_FIELDS)


def test_the_record_has_each_stored_field_as_the_table_says() -> None:
    columns = Case.__table__.columns
    for field in CASE_FIELDS:
        assert (field.name in columns) is field.stored, field.name
        if not field.stored:
            continue
        assert columns[field.name].nullable is field.nullable, field.name
        length = getattr(columns[field.name].type, "length", None)
        assert length in (None, field.longest), field.name


def test_bodies_take_what_the_table_lets_in_and_nothing_else() -> None:
    assert set(ChangeBody.model_fields) == set(names(lambda field: field.change))
    assert set(NewCaseBody.model_fields) == set(names(lambda field: field.opening))


def test_a_case_shows_what_people_can_write() -> None:
    written = set(names(lambda field: field.change or field.step)) - {"contact"}
    assert written <= set(CaseView.model_fields), "the contact is part of the customer"


def test_a_word_belongs_to_a_list_of_the_organisation() -> None:
    for field in CASE_FIELDS:
        if field.words is not None:
            assert field.kind in (FieldKind.WORD, FieldKind.SKILLS)
            assert field.words in OrganisationSettings.model_fields


def test_conditions_and_promises_look_at_fields_of_the_table() -> None:
    assert {name for name in FIELDS if name.startswith("case.")} == {
        f"case.{name}" for name in names(lambda field: field.condition)
    }
    # The stage is the process's.
    of_case = {each.value for each in ApplicableFrom} - {ApplicableFrom.STAGE_ENTERED_ON.value}
    assert of_case <= set(names(lambda field: field.kind is FieldKind.INSTANT))


def test_lists_are_filtered_by_fields_of_the_table() -> None:
    by_field = {field.name for field in fields_of(CaseFilter)} - {"sla", "q"}
    assert by_field == set(names(lambda field: field.filter)), "sla is the state of promises, q a search"


def test_search_attributes_are_those_of_the_table() -> None:
    snapshot = CaseSnapshot(
        case_id=new_id(),
        number="CAS-00001-AAAAAA",
        origin="phone",
        status=CaseStatus.ACTIVE,
        status_reason="in-progress",
        version=1,
        priority="normal",
    )
    shown = set(search_attributes(snapshot))
    named = {field.search for field in CASE_FIELDS if field.search is not None}
    assert named <= shown
    assert shown - named == {"CaseAccount", "CaseSla", "CaseNextDue"}, "of related rows and of promises"
