"""A refusal as the error that callers of the desk know: one problem type, wherever it was found."""

from __future__ import annotations

from desk.errors import Conflict, DeskError, Forbidden, Invalid, Stale
from models.messages.cases import ProblemType, Refusal
from models.messages.incidents import StepFault
from models.messages.said import said, without_field, word


class Missing(DeskError):
    """404: what the command names is not there."""

    status = 404
    title = "Not found"


class NotMember(Forbidden):
    """403: the queue is private, and this agent no member of it; or a process is for other roles."""

    def __init__(self, detail: str, type: ProblemType = ProblemType.NOT_A_MEMBER) -> None:
        super().__init__(detail)
        self.type = type.value


class EngineUnavailable(DeskError):
    """503: the workflow engine does not answer. What was asked is kept; the same request with the same key goes on."""

    status = 503
    title = "The engine does not answer"

    def __init__(self) -> None:
        super().__init__(
            "engine-unavailable",
            said("the workflow engine does not answer; send the request again with the same Idempotency-Key"),
        )


class NotSigned(DeskError):
    """500: the case did not take this desk's signature for one of the house's. A fault of how the house is set up."""

    title = "The house's keys differ"

    def __init__(self) -> None:
        super().__init__(
            ProblemType.NOT_SIGNED.value,
            said(
                "the workers of this house do not know the key that this process signs with; its operator can mend that"
            ),
        )


class Faulted(DeskError):
    """500: a fault of ours kept the command from being done. It is an incident, and can be tried again after the repair."""

    status = 500
    title = "A fault of ours"

    def __init__(self, fault: StepFault) -> None:
        super().__init__(
            "fault", said("{step} could not be done, by a fault of ours; operators are told", step=word(fault.step))
        )
        self.incident = fault.incident


class KeyReused(Invalid):
    """422: this Idempotency-Key belongs to another request of this agent."""

    def __init__(self) -> None:
        super().__init__(
            "Idempotency-Key", said("was used for another request already"), type=ProblemType.KEY_REUSED.value
        )


_WRONG_BODY = frozenset({ProblemType.INVALID, ProblemType.ENTITLEMENT_NOT_APPLICABLE, ProblemType.FAMILY_FORBIDDEN})


def error_of(refusal: Refusal, version: int) -> DeskError:
    """The error for a refusal, of a case that is at `version`."""
    field = refusal.field
    rule = without_field(refusal.detail, field)
    match refusal.type:
        case ProblemType.STALE_VERSION:
            return Stale(version)
        case ProblemType.KEY_REUSED:
            return KeyReused()
        case ProblemType.NOT_A_MEMBER | ProblemType.PROCESS_NOT_YOURS | ProblemType.ACTIVITY_NOT_YOURS:
            return NotMember(refusal.detail, refusal.type)
        case ProblemType.NOT_SIGNED:
            return NotSigned()
        case ProblemType.NOT_FOUND if not field:
            return Missing(refusal.type.value, refusal.detail)
        case ProblemType.NOT_FOUND:
            # A body's field that names nothing: the resource of the address is there, the body is wrong.
            return Invalid(field, rule)
        case kind if kind in _WRONG_BODY:
            return Invalid(field, rule, type=kind.value)
        case _:
            return Conflict(refusal.type.value, refusal.detail, refusal.allowed, refusal.missing)
