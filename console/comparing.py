"""How conditions compare, as people say it: in forms, in what is kept of a definition, and in why a case went its way."""

from __future__ import annotations

from console.languages import N_
from models.messages.conditions import Op

OPS: dict[str, str] = {
    Op.EQ: N_("is"),
    Op.NE: N_("is not"),
    Op.IN: N_("is one of"),
    Op.NOT_IN: N_("is none of"),
    Op.GT: N_("is more than"),
    Op.GE: N_("is at least"),
    Op.LT: N_("is less than"),
    Op.LE: N_("is at most"),
    Op.CONTAINS: N_("contains"),
    Op.NOT_CONTAINS: N_("does not contain"),
    Op.STARTS_WITH: N_("begins with"),
    Op.ENDS_WITH: N_("ends with"),
    Op.EMPTY: N_("is empty"),
    Op.NOT_EMPTY: N_("is filled"),
}
