"""What an operator decides about a mail that is on no case."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, StringConstraints

from models.messages.base import Message


class MailCase(Message):
    """The case that a mail is filed on, by its number."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"case": "CAS-00001-4JYRVZ"}]})
    case: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30, pattern=r"^[^\x00]*$")]


class MailReason(Message):
    """Why a mail is filed without a case, in the operator's words."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "an advertisement"}]})
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00]*$")] = ""
