#!/usr/bin/env python3
"""Runs Caseloom from a checkout; needs Python 3.11 or newer and nothing else.

    python3 dev.py [demo]         the whole scenario, live, on this machine
    python3 dev.py up             run Caseloom here
    python3 dev.py test ...       run the tests (what follows goes to pytest)
    python3 dev.py env            only make the environment, or bring it up to date
    python3 dev.py COMMAND ...    any other command goes to starter.py: apply, token, doctor, bench, faults, ...;
                                  `python3 dev.py demo --help` says what a command takes

The first run makes the environment in .venv from requirements.lock, which takes about a minute; a later run does so
again only when the lock or the Python has changed.
"""

import sys

# Before anything newer is used, and in words that every Python 3 can parse.
if sys.version_info < (3, 11):  # noqa: UP036 - not about what the code supports, but about what the user typed
    sys.exit(
        "Caseloom needs Python 3.11 or newer, but {} is Python {}.{}: call this with a newer one, "
        "such as `python3.12 dev.py`.".format(sys.executable, *sys.version_info[:2])
    )

import errno
import gc
import hashlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
ENVIRONMENT = ROOT / ".venv"
PROGRAMS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / ("python.exe" if os.name == "nt" else "python")
STAMP = ENVIRONMENT / ".made-from"
"""Written last: an environment without it was not finished."""
ALONE = ROOT / ".venv.lock"

SELDOM = 20_000
"""New objects before Python looks for circles among all: with its own 700 that is a fifth of the time that a start takes."""

PIP_LINES = 15
INTERRUPTED = 130


class Unusable(Exception):
    """Why the environment cannot be made, as a sentence that tells the user what to do."""


def main(arguments: list[str]) -> NoReturn:
    command, *rest = arguments or ["demo"]
    if command in ("-h", "--help", "help"):
        print(__doc__)
        sys.exit(0)
    try:
        make_environment()
    except Unusable as why:
        sys.exit(f"dev.py: {why}")
    except KeyboardInterrupt:
        say("stopped before the environment was ready.")
        sys.exit(INTERRUPTED)
    if command == "env":
        say(f"the environment is ready: {ENVIRONMENT}")
        sys.exit(0)
    os.environ["PATH"] = str(PROGRAMS) + os.pathsep + os.environ.get("PATH", os.defpath)
    if command == "test":
        os.chdir(ROOT)
        # Many tests start processes of their own, which would else compile all modules, each time again.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        # Three at once, as the tests wait more than they work, each with a third of the files in their order, because
        # what a file prepares for its tests would else be prepared by all; `-n 0` after it takes that back.
        hand_over([str(PYTHON), "-m", "pytest", "-n", "3", "--dist", "worksteal", *rest])
    # In the folder where the user is, because their files (`apply organisation.yaml`) are named from there.
    hand_over([str(PYTHON), str(ROOT / "starter.py"), command, *rest])


def hand_over(command: list[str]) -> NoReturn:
    """Become the command, so that Ctrl-C, kill and the exit code are its own."""
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    # Windows cannot: wait, and leave Ctrl-C, which the console sends to both, to the command.
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            with suppress(KeyboardInterrupt):
                process.wait()
    sys.exit(process.returncode)


def make_environment() -> None:
    """Make .venv, or bring it up to date with requirements.lock; does nothing when it is. Raises `Unusable`."""
    if not LOCK.exists():
        raise Unusable(f"{LOCK} is missing: the checkout is not complete.")
    wanted = f"{sys.version}\n{hashlib.sha256(LOCK.read_bytes()).hexdigest()}\n"
    if is_ready(wanted):
        return
    try:
        with one_at_a_time():
            if not is_ready(wanted):  # another run may have made it meanwhile
                # A `kill` would leave pip running behind us; as an exception it ends pip, too.
                signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
                build(wanted)
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise Unusable(disk_full()) from error
        raise Unusable(f"the environment cannot be made in {ENVIRONMENT}: {error}.") from error


def is_ready(wanted: str) -> bool:
    # The program is checked as well: it is a link into the Python that made it, which may have been uninstalled.
    return PYTHON.exists() and STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted


def enter(script: str) -> None:
    """Called by starter.py and worker.py before they import anything: returns where what they need can be imported.

    Else they are handed over to the environment in .venv, if that is ready; if it is not, one sentence ends them.
    """
    gc.set_threshold(SELDOM)
    why = unfit()
    if why is None:
        return
    here = Path(sys.prefix).resolve() == ENVIRONMENT.resolve()
    if not here and PYTHON.exists() and made_from_this_lock():
        hand_over([str(PYTHON), str(ROOT / script), *sys.argv[1:]])
    sys.exit(f"{script}: {why}: `python3 dev.py env` makes the environment, or brings it up to date.")


def unfit() -> "str | None":
    """Why this interpreter cannot run Caseloom; None if it can."""
    if Path(sys.prefix).resolve() == ENVIRONMENT.resolve() and made_from_this_lock():
        return None
    try:
        needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
        locked = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ ;]+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE))
    except (OSError, KeyError):
        return "the checkout is not complete"
    for name in (re.split(r"[^A-Za-z0-9._-]", each)[0] for each in needed):
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return f"{sys.executable} has no {name}, which requirements.lock names"
        if found != locked.get(name, found):
            return f"{sys.executable} has {name} {found}, and requirements.lock names {locked[name]}"
    return None


def made_from_this_lock() -> bool:
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest() if LOCK.exists() else ""
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8").endswith(f"\n{digest}\n")


def build(wanted: str) -> None:
    made_from = STAMP.read_text(encoding="utf-8") if STAMP.is_file() and PYTHON.exists() else ""
    if made_from.startswith(f"{sys.version}\n"):
        # Not made anew, because something may be running in it.
        say("requirements.lock has changed: bringing the environment up to date ...")
        STAMP.unlink()
    else:
        if made_from:
            say(f"the environment belongs to Python {made_from.split()[0]}: making it anew, about a minute ...")
        elif ENVIRONMENT.exists():
            say("the environment in .venv is broken or was not finished: making it anew, about a minute ...")
        else:
            say("making the environment in .venv, once: about a minute ...")
        make_empty()
    install()
    STAMP.write_text(wanted, encoding="utf-8")


def make_empty() -> None:
    if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
        raise Unusable(
            f"this Python ({sys.executable}) comes without venv or ensurepip, which make the environment: "
            "on Debian and Ubuntu, `apt install python3-venv` adds them."
        )
    import venv  # only here, because some systems ship it apart

    if ENVIRONMENT.is_symlink() or ENVIRONMENT.is_file():
        ENVIRONMENT.unlink()
    elif ENVIRONMENT.exists():
        shutil.rmtree(ENVIRONMENT)
    try:
        venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt").create(ENVIRONMENT)
    except subprocess.CalledProcessError as error:
        output = error.output.decode(errors="replace") if isinstance(error.output, bytes) else str(error.output or "")
        raise Unusable(failed("Python could not put pip into the environment", output)) from error


def install() -> None:
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
    pip = subprocess.run(
        [PYTHON, "-m", "pip", "install", *options, "--requirement", LOCK],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        # Someone's pip.conf may say `user = true`, which pip refuses inside an environment.
        env={**os.environ, "PIP_USER": "0"},
    )
    if pip.returncode != 0:
        raise Unusable(failed(f"pip could not install requirements.lock (exit code {pip.returncode})", pip.stdout))


def failed(what: str, output: str) -> str:
    if os.strerror(errno.ENOSPC) in output:
        return disk_full()
    return "\n    ".join([f"{what}. Its last lines:", *output.strip().splitlines()[-PIP_LINES:]])


def disk_full() -> str:
    return f"the disk is full: the environment needs about 600 MB in {ROOT}; free some and run this again."


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait while another run makes the environment; the system ends the wait when that run dies."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with ALONE.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run is making the environment: waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def say(words: str) -> None:
    """To stderr, so that the output of a command stays its own."""
    print(f"dev.py: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
