"""The data folder: everything that a start must find again. One instance at a time, and never half of it."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starting.failures import Unusable

PRIVATE = 0o700
LOCK = "lock"
INCOMPLETE = ".incomplete"
"""It is in the folder from the first moment until the stores are made. A folder that still has it may hold half a database."""
FORMAT = "format"
"""Says that a folder is ours, and how it is laid out."""
FORMAT_NUMBER = "1"
ENGINE_LOST = ".engine-lost"
"""It is in the folder from when the engine's data were found to be gone until the runs of all open cases stand again."""
ENGINE_PORT = "engine-port"
"""Says where the engine of the last start listened."""
OURS = {LOCK, INCOMPLETE, FORMAT, "keys", "files", "logs"}
"""What a folder may hold and still become a new data folder. `worker.py`, started by itself, makes `keys` and `files`."""


class DataFolder:
    """A folder of mode 0700, locked by this process as long as `claim` is open."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def mail(self) -> Path:
        return self.path / "mail"

    @property
    def temporal(self) -> Path:
        return self.path / "temporal.db"

    @property
    def access(self) -> Path:
        return self.path / "access.json"

    @property
    def mail_users(self) -> Path:
        return self.path / "mail-users.json"

    @property
    def is_complete(self) -> bool:
        return (self.path / FORMAT).is_file() and not (self.path / INCOMPLETE).exists()

    @property
    def has_lost_engine(self) -> bool:
        """Whether the workflow engine kept its data here, and they are gone, or what they held is not yet made anew."""
        return self.is_complete and (not self.temporal.is_file() or (self.path / ENGINE_LOST).exists())

    def note_lost_engine(self, lost: bool) -> None:
        if lost:
            (self.path / ENGINE_LOST).touch()
        else:
            (self.path / ENGINE_LOST).unlink(missing_ok=True)

    @property
    def engine_port(self) -> int | None:
        """Where the workflow engine of the last start listened, for the commands that are given beside it."""
        try:
            return int((self.path / ENGINE_PORT).read_text())
        except (OSError, ValueError):
            return None

    def note_engine_port(self, port: int) -> None:
        write_private(self.path / ENGINE_PORT, f"{port}\n")

    @contextmanager
    def claim(self, *, reset: bool = False) -> Iterator[None]:
        """Make or take the folder; `reset` empties it first. Raises `Unusable` with the way out."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        except OSError as error:
            reason = "it is a file" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror
            raise Unusable(
                f"the data folder {self.path} cannot be made ({reason}): choose another with --data."
            ) from None
        self._refuse_foreign()
        with self._lock():
            if reset:
                self._empty(but=(LOCK,))
            if (self.path / INCOMPLETE).exists():
                raise Unusable(
                    f"the data folder {self.path} is half-written, because its first start did not come to its end: "
                    "run the same command with --reset, or remove the folder."
                )
            self._check_format()
            self.path.chmod(PRIVATE)
            yield

    @contextmanager
    def making(self) -> Iterator[None]:
        """Make the stores of a new folder. A first start that fails takes back what it made, but for the logs."""
        if self.is_complete:
            yield
            return
        there = {entry.name for entry in self.path.iterdir()} - {INCOMPLETE, FORMAT}
        (self.path / INCOMPLETE).touch()
        (self.path / FORMAT).write_text(FORMAT_NUMBER + "\n")
        try:
            yield
        except BaseException:
            if not self.is_complete:
                self._empty(but=(LOCK, self.logs.name, *there))
            raise

    def complete(self) -> None:
        """All stores are made: a later start may build upon them."""
        (self.path / INCOMPLETE).unlink(missing_ok=True)

    def _refuse_foreign(self) -> None:
        names = {entry.name for entry in self.path.iterdir()}
        if FORMAT not in names and (foreign := sorted(names - OURS)):
            raise Unusable(
                f"the folder {self.path} holds other files ({', '.join(foreign[:3])}): "
                "choose an empty or a new folder with --data."
            )

    def _check_format(self) -> None:
        file = self.path / FORMAT
        if file.is_file() and (found := file.read_text().strip()) != FORMAT_NUMBER:
            raise Unusable(
                f"the data folder {self.path} has format {found!r}, and this version reads {FORMAT_NUMBER}: "
                "use the version that made it, or choose another folder with --data."
            )

    def _empty(self, *, but: tuple[str, ...]) -> None:
        # The marker goes last: whoever is killed in between leaves a folder that is known to be half of one.
        for entry in sorted(self.path.iterdir(), key=lambda entry: entry.name == INCOMPLETE):
            if entry.name in but:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.path / LOCK).open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.EACCES):
                    raise
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise Unusable(
                    f"another Caseloom (process {holder}) uses the data folder {self.path}: "
                    "stop it, or choose another folder with --data."
                ) from None
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield
            file.truncate(0)


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, mode 0600: never half of it, never readable by others."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    partial.rename(path)
