"""A house with one case field more, for `tests/cases/test_new_field.py`: a row in the table, before anything reads it.

`python -m pytest -p tests.support.region`: it must be in before the modules that follow the table are imported.
"""

from __future__ import annotations

from types import MappingProxyType

from models.messages import case_fields
from models.messages.case_fields import CaseField, FieldKind

ROW = CaseField("region", FieldKind.WORD, opening=True, change=True, step=True, condition=True)
MIGRATION = "ALTER TABLE service_case ADD COLUMN region VARCHAR(63)"

case_fields.CASE_FIELDS = (*case_fields.CASE_FIELDS, ROW)
case_fields.BY_NAME = MappingProxyType({field.name: field for field in case_fields.CASE_FIELDS})
