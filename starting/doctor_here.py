"""What `doctor` sees of this machine: the data folder, its disk, and the keys."""

from __future__ import annotations

import shutil
import stat
import tempfile
from pathlib import Path

from bootstrap import keyring
from desk.findings import Finding, ok, problem, warning
from models.messages.said import said, word
from settings import Settings
from starting.data_folder import INCOMPLETE, DataFolder
from starting.houses import uses_a_cluster
from storage.secrets import Keyring, KeyringError

GIB = 1024**3
SCARCE, TOO_LITTLE = GIB, GIB // 10
"""Free bytes below which there is a warning, and a problem: SQLite and the file store stop with a full disk."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def examine_folder(settings: Settings) -> Finding:
    folder, check = DataFolder(settings.data), word("data folder")
    path = folder.path
    if not path.is_dir():
        return problem(
            check, said("{path} is not there", path=path), said("`starter.py up` makes it; --data names another one.")
        )
    if (path / INCOMPLETE).exists():
        return problem(
            check,
            said("{path} is half-written, because its first start did not come to its end", path=path),
            said("Run that command again with --reset, or remove the folder."),
        )
    if settings.database_url is None and not folder.is_complete:
        return problem(
            check,
            said("there is no Caseloom in {path}", path=path),
            said("`starter.py up` makes one; --data names another one."),
        )
    try:
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"written")
    except OSError as error:
        return problem(
            check,
            said("{path} cannot be written ({strerror})", path=path, strerror=error.strerror),
            said("Give it to the user that runs Caseloom (`chown -R`), or mount its disk for writing."),
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & OTHERS:
        return warning(
            check,
            said("{path} has mode {mode:04o}: others may look into it", path=path, mode=mode),
            said("`chmod 700 {path}` closes it to them.", path=path),
        )
    return ok(check, said("{path}, writable, mode {mode:04o}", path=path, mode=mode))


def examine_engine_data(settings: Settings) -> Finding:
    check, folder = said("data of the engine"), DataFolder(settings.data)
    if uses_a_cluster(settings):
        return ok(check, said("kept by the cluster"))
    if not folder.is_complete:
        return ok(check, said("none yet: the first start makes them"))
    if folder.has_lost_engine:
        return problem(
            check,
            said("{temporal} is gone, or was: no deadline of an open case is waited for", temporal=folder.temporal),
            said("`starter.py up` makes it anew, and starts the runs of all open cases again from the database."),
        )
    return ok(
        check,
        said("{temporal}, {st_size:.2f} GiB", temporal=folder.temporal, st_size=folder.temporal.stat().st_size / GIB),
    )


def examine_disk(settings: Settings) -> Finding:
    path = next(each for each in (settings.data.resolve(), *settings.data.resolve().parents) if each.is_dir())
    free, check = shutil.disk_usage(path).free, word("disk")
    found = said("{free:.1f} GiB free at {path}", free=free / GIB, path=path)
    if free < SCARCE:
        grade = problem if free < TOO_LITTLE else warning
        return grade(check, found, said("Free some space, or move the data folder to a larger disk."))
    return ok(check, found)


def examine_keys(settings: Settings) -> Finding:
    check, file = word("keys"), _file(settings)
    where = "CASELOOM_KEYS" if settings.keys is not None else str(file)
    if settings.keys is None and not file.exists():
        if settings.database_url is None and not DataFolder(settings.data).is_complete:
            return ok(check, said("none yet: the first start makes them"))
        return problem(
            check,
            said("{file} is not there", file=file),
            said("Bring it back from a copy, or set CASELOOM_KEYS; with new ones mailboxes need their passwords anew."),
        )
    if settings.keys is None and (mode := stat.S_IMODE(file.stat().st_mode)) & OTHERS:
        return problem(
            check,
            said("{file} has mode {mode:04o}: others may read it", file=file, mode=mode),
            said("`chmod 600 {file}` closes it to them.", file=file),
        )
    try:
        keys = keyring(settings)
    except (ValueError, OSError) as error:
        reason = str(error) if isinstance(error, KeyringError) else said("{where} cannot be read", where=where)
        way_out = said(
            "Bring it back from a copy (without it mailboxes need their passwords anew); `openssl rand -base64 32` "
            "makes a key, and docs/operators.md says how keys are changed."
        )
        return problem(check, reason, way_out)
    return ok(
        check,
        said(
            "{where} holds {count}, the current one is {current!r}",
            where=where,
            count=len(keys.keys),
            current=keys.current,
        ),
    )


def usable_keyring(settings: Settings) -> Keyring | None:
    """None if there is none, or it does not open anything. Where the file is missing, none is made."""
    if settings.keys is None and not _file(settings).exists():
        return None
    try:
        return keyring(settings)
    except (ValueError, OSError):  # which `examine_keys` tells
        return None


def _file(settings: Settings) -> Path:
    return settings.data.resolve() / "keys"
