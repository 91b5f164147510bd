"""What may go wrong at a start without being a bug: one clear sentence each, with a way out, and no traceback."""

from __future__ import annotations

import errno
import os

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from desk.errors import DeskError
from desk.organisation.applied import ChangedElsewhere
from desk.organisation.faults import OrganisationErrors
from servers.errors import ServerError
from settings import Settings
from storage.secrets import KeyringError

KEPT_ELSEWHERE = (
    "the organisation file would undo what was changed elsewhere since it was applied, so nothing of it was applied"
)
WAYS_ON = (
    "See everything that it would change with `apply --dry-run`. Write these changes into the file (`export` prints the "
    "organisation as it is in force), or undo them with `apply --overwrite`."
)
PORT_ADVICE = "; `--help` names the options, and 0 takes a free port"


class Unusable(Exception):
    """Why a command cannot do its work; `str()` is the sentence to show, with the way out."""


def sentence(error: BaseException) -> str | None:
    """The words for an expected failure; None for anything else, whose traceback is wanted."""
    match error:
        case Unusable() | KeyringError():
            return str(error)
        case ServerError():
            text = str(error)
            return text.removesuffix(".") + PORT_ADVICE + "." if text.startswith("Port ") else text
        case OrganisationErrors():
            return "the organisation file is wrong, so nothing of it was applied:\n" + "\n".join(error.lines)
        case ChangedElsewhere():
            return f"{KEPT_ELSEWHERE}:\n" + "\n".join([*error.lines, WAYS_ON])
        case DeskError():
            return error.detail
        case ValidationError() if error.title == Settings.__name__:
            return "the settings are wrong: " + "; ".join(
                f"CASELOOM_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()
            )
        case SQLAlchemyError():
            reason = str(error.__cause__ or error).strip().splitlines()[0]
            return f"the database cannot be used ({reason}): check CASELOOM_DATABASE_URL and that its server runs."
        case OSError() if error.errno == errno.ENOSPC:
            return "the disk is full: free some space and start again; nothing that was confirmed is lost."
        case OSError() if error.filename is not None:
            return f"{error.filename}: {os.strerror(error.errno) if error.errno else error}."
        case _:
            return None
