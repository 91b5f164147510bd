"""The classes of errors, in one place (design, "One bad command stops nobody").

Whoever does a piece of work for a case or a mail asks here what an exception means: the database is away, so the same
thing is tried for as long as it takes; a value cannot be, so it is refused; or it is a fault of ours, which is tried a few
times and then set aside.
"""

from __future__ import annotations

import traceback
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models.messages.said import of_error, said
from models.messages.storable import Unstorable

ROOT = Path(__file__).resolve().parents[1]

AWAY_STATES = frozenset({"08", "53", "57", "58"})
"""Classes of SQLSTATE: connection, resources, operator (shutting down, starting up), system."""
REPEATABLE_STATES = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATE of a serialization failure, a deadlock and a lock that was not to be had: the same thing may work next time."""
DATA_STATE, CONSTRAINT_STATE = "22", "23"
"""Classes of SQLSTATE: a value that cannot be, and one that breaks a constraint."""
SQLITE_AWAY = frozenset(
    {
        *("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY"),
        *("SQLITE_NOMEM", "SQLITE_INTERRUPT", "SQLITE_PROTOCOL", "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_PERM"),
    }
)
"""What SQLite calls the file being in use, full or out of reach. Its SQLITE_ERROR, such as a missing table, is not among
them: no waiting mends that."""


class ErrorKind(StrEnum):
    AWAY = "away"
    """The database could not do its work, whatever it was asked."""
    DATA = "data"
    """A value that cannot be stored or computed with."""
    CONSTRAINT = "constraint"
    """A value that breaks a constraint: perhaps of somebody who was quicker, so it is tried again before it is refused."""
    FAULT = "fault"
    """Everything else: our code is wrong, or the rows are."""


def kind_of(error: BaseException) -> ErrorKind:
    """What an exception of a step means."""
    if is_away(error):
        return ErrorKind.AWAY
    state = _sqlstate(error)
    if state[:2] == CONSTRAINT_STATE or _sqlite_name(error).startswith("SQLITE_CONSTRAINT"):
        return ErrorKind.CONSTRAINT
    if state[:2] == DATA_STATE or _sqlite_name(error) in ("SQLITE_TOOBIG", "SQLITE_MISMATCH"):
        return ErrorKind.DATA
    if isinstance(error, ArithmeticError | UnicodeError | ValidationError | Unstorable):
        return ErrorKind.DATA
    # A column's type refuses a value as it is bound to a statement; the driver was not asked then.
    if isinstance(error, StatementError) and isinstance(error.orig, ArithmeticError | ValueError):
        return ErrorKind.DATA
    return ErrorKind.FAULT


def is_away(error: BaseException) -> bool:
    """Whether the database could not do its work, whatever it was asked: to be tried again, and nobody's fault.

    asyncpg's "the database system is starting up" comes as a plain DBAPIError, of a connection that never was.
    """
    if isinstance(error, InterfaceError | OSError | PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = _sqlstate(error)
    if state:
        return state[:2] in AWAY_STATES or state in REPEATABLE_STATES
    name = _sqlite_name(error)
    if name:
        return any(name == away or name.startswith(f"{away}_") for away in SQLITE_AWAY)
    return isinstance(error, OperationalError)


def field_of(error: BaseException) -> str | None:
    """The field that a value was meant for, if the error says it: never the value."""
    if isinstance(error, ValidationError):
        return ".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"])) or None
    cause = error.orig if isinstance(error, StatementError) else error
    named = getattr(cause, "field", None) or getattr(getattr(cause, "__cause__", None), "column_name", None)
    return str(named) if named else None


def rule_of(error: BaseException) -> str:
    """What the value breaks, in words that hold nothing of the value."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        raised = first.get("ctx", {}).get("error")
        return of_error(raised) if isinstance(raised, ValueError) else first["msg"]
    cause = error.orig if isinstance(error, StatementError) else error
    rule = getattr(cause, "rule", None)
    if isinstance(rule, str) and rule:
        return rule
    match kind_of(error):
        case ErrorKind.CONSTRAINT:
            return said("a value contradicts another row that is there already")
        case _:
            return said("a value cannot be stored or computed with")


def name_of(error: BaseException) -> str:
    """The error's class, and that of the driver below it: never its text, which may repeat a customer's words."""
    below = error.orig if isinstance(error, StatementError) else None
    return type(error).__name__ + (f" ({type(below).__name__})" if below is not None else "")


def place_of(error: BaseException) -> str:
    """Where in our code it was raised, as `cases/verbs/process.py:88 in fill`."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _inside(frame.filename)]
    if not ours:
        return "unknown"
    last = ours[-1]
    return f"{Path(last.filename).resolve().relative_to(ROOT).as_posix()}:{last.lineno} in {last.name}"


def frames_of(error: BaseException, most: int = 12) -> str:
    """The innermost places that an error came through, without its words and without any value."""
    return "".join(traceback.format_tb(error.__traceback__)[-most:])


def _inside(filename: str) -> bool:
    path = Path(filename)
    return path.is_absolute() and path.resolve().is_relative_to(ROOT) and ".venv" not in path.parts


def _sqlstate(error: BaseException) -> str:
    return str(getattr(_below(error), "sqlstate", None) or "")


def _sqlite_name(error: BaseException) -> str:
    return str(getattr(_below(error), "sqlite_errorname", None) or "")


def _below(error: BaseException) -> Any:
    return error.orig if isinstance(error, StatementError) else error
