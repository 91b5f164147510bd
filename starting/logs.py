"""Where the running parts write: a file in the data folder, so that the terminal shows what matters to its user.

What a customer wrote is in no log. Libraries log errors with their words, which may repeat a value: here every error, whoever
logs it, becomes its kind and the frames that it came through.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import threading
import warnings
from collections.abc import MutableMapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from storage.errors import frames_of, name_of

LARGEST_LOG = 10_000_000
KEPT_LOGS = 3
LONGEST_LINE = 4000
"""Characters of a message. Frames come on lines of their own."""

log = logging.getLogger(__name__)

ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def without_words(error: BaseException) -> str:
    """The kinds of an error and of those behind it, with their frames, the first cause first."""
    told: list[str] = []
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        told.append(f"{frames_of(each)}{name_of(each)}")
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return "\n".join(reversed(told))


class Wordless(logging.Formatter):
    """Lines whose errors have no words, wherever in the record they stand."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        plain = logging.makeLogRecord(record.__dict__)
        plain.exc_text = None
        if isinstance(plain.args, tuple):
            plain.args = tuple(map(_wordless, plain.args))
        elif isinstance(plain.args, dict):
            plain.args = {name: _wordless(value) for name, value in plain.args.items()}
        plain.msg = _wordless(plain.msg)
        return super().format(plain)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that logging calls
        line = super().formatMessage(record)
        return line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + " ..."

    def formatException(self, ei: ErrorInfo) -> str:  # noqa: N802 - the name that logging calls
        return without_words(ei[1]) if ei[1] is not None else ""


def _wordless(value: object) -> object:
    return name_of(value) if isinstance(value, BaseException) else value


class _Silent:
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """On a full disk. Python's own would print the record, with all its values."""


class _LogFile(_Silent, RotatingFileHandler):
    """Lost is only what comes while the disk is full."""


class _Terminal(_Silent, logging.StreamHandler):  # type: ignore[type-arg]  # generic in its stub alone
    """The same for a terminal, or for the file that somebody has made of it."""


def log_to(file: Path) -> None:
    """Send everything that this process logs, through logging or structlog, to `file` (rotated at 10 MB)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    _log_by(_LogFile(file, maxBytes=LARGEST_LOG, backupCount=KEPT_LOGS, encoding="utf-8"))


def log_to_terminal() -> None:
    """The same, to stderr: for a process whose output somebody else keeps."""
    _log_by(_Terminal(sys.stderr))


def _log_by(handler: logging.Handler) -> None:
    handler.setFormatter(Wordless())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # One line a request of each: the timeline and the API's own answers say more.
    for noisy in ("httpx", "httpcore", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[_told_without_words, structlog.processors.KeyValueRenderer(key_order=["event"])],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    warnings.showwarning = _warned
    threading.excepthook = _thread_ended
    sys.unraisablehook = _unraisable


def _told_without_words(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog's `exc_info`, and any value that is an error."""
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else sys.exception() if info is True else None
    if isinstance(info, tuple):
        error = info[1]
    told = {name: _wordless(value) for name, value in event.items()}
    return told if error is None else {**told, "error": without_words(error)}


def log_errors_of(loop: asyncio.AbstractEventLoop) -> None:
    """What nobody awaited: asyncio's own line would hold the task with its result or error."""

    def handle(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        # The words that it begins with are asyncio's; a bracket or colon brings a value.
        said = re.split(r"[:(<\[{'\"]", str(context.get("message", "an error that nobody awaited")))[0].strip()
        log.error("%s", said, exc_info=error if isinstance(error, BaseException) else None)

    loop.set_exception_handler(handle)


def _warned(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
    # The text may hold a value: pydantic's warnings of serialisation do.
    log.warning("%s at %s:%s", category.__name__, filename, lineno)


def _thread_ended(given: threading.ExceptHookArgs) -> None:
    log.error("a thread ended by an error", exc_info=given.exc_value)


def _unraisable(given: Any) -> None:
    log.error("an error that could not be raised", exc_info=given.exc_value)
