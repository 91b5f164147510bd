"""One problem type for a refusal, wherever it was found, and the status that the design gives it."""

from __future__ import annotations

import pytest

from desk.errors import Conflict, Invalid, Stale
from desk.refusals import error_of
from models.messages.cases import ProblemType, Refusal

STATUSES = {
    ProblemType.STALE_VERSION: 412,
    ProblemType.NOT_FOUND: 404,
    ProblemType.INVALID: 422,
    ProblemType.ENTITLEMENT_NOT_APPLICABLE: 422,
    ProblemType.KEY_REUSED: 422,
    ProblemType.NOT_A_MEMBER: 403,
    ProblemType.PROCESS_NOT_YOURS: 403,
    ProblemType.ACTIVITY_NOT_YOURS: 403,
    ProblemType.FAMILY_FORBIDDEN: 422,
    ProblemType.NOT_SIGNED: 500,
}


@pytest.mark.parametrize("kind", ProblemType)
def test_every_type_has_its_status(kind: ProblemType) -> None:
    error = error_of(Refusal(type=kind, detail="A sentence: it names no field."), 7)
    assert error.status == STATUSES.get(kind, 409)
    assert error.type == kind.value


def test_ways_on_are_kept() -> None:
    error = error_of(Refusal(type=ProblemType.STAGE_FORBIDDEN, detail="No.", allowed=("a",), missing=("b",)), 1)
    assert isinstance(error, Conflict)
    assert (error.allowed, error.missing) == (("a",), ("b",))


def test_a_field_is_pointed_at() -> None:
    for kind in (ProblemType.INVALID, ProblemType.NOT_FOUND):
        error = error_of(Refusal(type=kind, detail="data.custom.x: must be yes or no", field="data.custom.x"), 1)
        assert isinstance(error, Invalid)
        assert (error.field, error.rule, error.status) == ("data.custom.x", "must be yes or no", 422)


def test_a_stale_version_tells_the_present_one() -> None:
    error = error_of(Refusal(type=ProblemType.STALE_VERSION, detail="Stale."), 7)
    assert isinstance(error, Stale)
    assert error.version == 7
