"""What `doctor` sees of this machine: the data folder, its disk, and the keys."""

from __future__ import annotations

import shutil
import stat
import tempfile
from pathlib import Path

from bootstrap import keyring
from desk.findings import Finding, ok, problem, warning
from settings import Settings
from starting.data_folder import INCOMPLETE, DataFolder
from starting.houses import uses_a_cluster
from storage.secrets import Keyring, KeyringError

GIB = 1024**3
SCARCE, TOO_LITTLE = GIB, GIB // 10
"""Free bytes below which there is a warning, and a problem: SQLite and the file store stop with a full disk."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def examine_folder(settings: Settings) -> Finding:
    folder, check = DataFolder(settings.data), "data folder"
    path = folder.path
    if not path.is_dir():
        return problem(check, f"{path} is not there", "`starter.py up` makes it; --data names another one.")
    if (path / INCOMPLETE).exists():
        return problem(
            check,
            f"{path} is half-written, because its first start did not come to its end",
            "Run that command again with --reset, or remove the folder.",
        )
    if settings.database_url is None and not folder.is_complete:
        return problem(check, f"there is no Caseloom in {path}", "`starter.py up` makes one; --data names another one.")
    try:
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"written")
    except OSError as error:
        return problem(
            check,
            f"{path} cannot be written ({error.strerror})",
            "Give it to the user that runs Caseloom (`chown -R`), or mount its disk for writing.",
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & OTHERS:
        return warning(
            check, f"{path} has mode {mode:04o}: others may look into it", f"`chmod 700 {path}` closes it to them."
        )
    return ok(check, f"{path}, writable, mode {mode:04o}")


def examine_engine_data(settings: Settings) -> Finding:
    check, folder = "data of the engine", DataFolder(settings.data)
    if uses_a_cluster(settings):
        return ok(check, "kept by the cluster")
    if not folder.is_complete:
        return ok(check, "none yet: the first start makes them")
    if folder.has_lost_engine:
        return problem(
            check,
            f"{folder.temporal} is gone, or was: no deadline of an open case is waited for",
            "`starter.py up` makes it anew, and starts the runs of all open cases again from the database.",
        )
    return ok(check, f"{folder.temporal}, {folder.temporal.stat().st_size / GIB:.2f} GiB")


def examine_disk(settings: Settings) -> Finding:
    path = next(each for each in (settings.data.resolve(), *settings.data.resolve().parents) if each.is_dir())
    free, check = shutil.disk_usage(path).free, "disk"
    found = f"{free / GIB:.1f} GiB free at {path}"
    if free < SCARCE:
        grade = problem if free < TOO_LITTLE else warning
        return grade(check, found, "Free some space, or move the data folder to a larger disk.")
    return ok(check, found)


def examine_keys(settings: Settings) -> Finding:
    check, file = "keys", _file(settings)
    where = "CASELOOM_KEYS" if settings.keys is not None else str(file)
    if settings.keys is None and not file.exists():
        if settings.database_url is None and not DataFolder(settings.data).is_complete:
            return ok(check, "none yet: the first start makes them")
        return problem(
            check,
            f"{file} is not there",
            "Bring it back from a copy, or set CASELOOM_KEYS; with new ones mailboxes need their passwords anew.",
        )
    if settings.keys is None and (mode := stat.S_IMODE(file.stat().st_mode)) & OTHERS:
        return problem(
            check, f"{file} has mode {mode:04o}: others may read it", f"`chmod 600 {file}` closes it to them."
        )
    try:
        keys = keyring(settings)
    except (ValueError, OSError) as error:
        reason = str(error) if isinstance(error, KeyringError) else f"{where} cannot be read"
        way_out = (
            "Bring it back from a copy (without it mailboxes need their passwords anew); `openssl rand -base64 32` "
        )
        return problem(check, reason, way_out + "makes a key, and docs/operators.md says how keys are changed.")
    return ok(check, f"{where} holds {len(keys.keys)}, the current one is {keys.current!r}")


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
