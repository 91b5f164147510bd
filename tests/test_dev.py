"""dev.py, run as a user runs it, in a folder of its own and offline: with an empty lock and a starter that prints."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STARTER = "import os, sys; print(os.getcwd(), sys.argv[1:], flush=True); sys.exit(7)"


class Checkout:
    """A folder with dev.py, whose requirements.lock names nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = folder / ".venv"
        self.stamp = self.environment / ".made-from"
        self.python = self.environment / "bin" / "python"
        folder.mkdir()
        shutil.copy(ROOT / "dev.py", folder)
        (folder / "starter.py").write_text(STARTER)
        self.lock("# nothing\n")

    def lock(self, text: str) -> None:
        (self.folder / "requirements.lock").write_text(text)

    def pretend(self, python: str = sys.version, program: str | None = None) -> None:
        """An environment that looks as if dev.py had made it from the present lock."""
        self.python.parent.mkdir(parents=True)
        if program is None:
            self.python.symlink_to(sys.executable)
        else:
            self.python.write_text(f"#!/bin/sh\n{program}\n")
            self.python.chmod(0o755)
        digest = hashlib.sha256((self.folder / "requirements.lock").read_bytes()).hexdigest()
        self.stamp.write_text(f"{python}\n{digest}\n")

    def run(self, *arguments: str, cwd: Path | None = None, before: str = "") -> subprocess.CompletedProcess[str]:
        """Run dev.py; `before` is Python that runs first in the same interpreter."""
        program = f"import runpy, sys\n{before}\nrunpy.run_path(sys.argv[0], run_name='__main__')"
        script = str(self.folder / "dev.py")
        command = [sys.executable, script, *arguments]
        if before:
            command = [sys.executable, "-c", f"import sys; sys.argv.pop(0)\n{program}", script, *arguments]
        return subprocess.run(
            command,
            cwd=cwd or self.folder,
            env={**os.environ, "PIP_NO_INDEX": "1"},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


def test_help_needs_no_environment(checkout: Checkout) -> None:
    for word in ("--help", "-h", "help"):
        answer = checkout.run(word)
        assert answer.returncode == 0
        assert "python3 dev.py test" in answer.stdout
    assert not checkout.environment.exists()


def test_demo_is_what_no_words_mean(checkout: Checkout) -> None:
    checkout.pretend()
    answer = checkout.run()
    assert answer.stdout.strip() == f"{checkout.folder} ['demo']"
    assert answer.returncode == 7, "the exit code is the command's"


def test_a_command_gets_its_words_where_the_user_is(checkout: Checkout, tmp_path: Path) -> None:
    checkout.pretend()
    answer = checkout.run("apply", "organisation.yaml", "--help", cwd=tmp_path)
    assert answer.stdout.strip() == f"{tmp_path} ['apply', 'organisation.yaml', '--help']"


def test_test_goes_to_pytest_in_the_checkout(checkout: Checkout, tmp_path: Path) -> None:
    checkout.pretend(program='echo "$PWD" "$@"')
    answer = checkout.run("test", "-k", "dev", cwd=tmp_path)
    assert answer.stdout.strip() == f"{checkout.folder} -m pytest -n 3 --dist worksteal -k dev"


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_signals_reach_the_command_itself(checkout: Checkout, with_signal: signal.Signals) -> None:
    checkout.pretend()
    (checkout.folder / "starter.py").write_text("print('up', flush=True); import time; time.sleep(60)")
    with subprocess.Popen(
        [sys.executable, str(checkout.folder / "dev.py"), "up"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background has them ignore Ctrl-C, which children inherit.
        preexec_fn=lambda: signal.signal(with_signal, signal.SIG_DFL),
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "up\n"
        run.send_signal(with_signal)
        run.communicate(timeout=20)
    assert run.returncode == -with_signal, "dev.py has become the command"


def test_the_environment_is_made_once_and_again_when_broken(checkout: Checkout) -> None:
    first = checkout.run("env")
    assert "making the environment in .venv, once" in first.stderr, first.stderr
    assert first.returncode == 0
    assert checkout.stamp.exists()

    second = checkout.run("env")
    assert "making" not in second.stderr

    # Python was uninstalled, or replaced by another: the link leads nowhere.
    checkout.python.unlink()
    checkout.python.symlink_to("/nowhere/python")
    third = checkout.run("env")
    assert "is broken or was not finished: making it anew" in third.stderr
    assert third.returncode == 0

    checkout.lock("# still nothing\n")
    kept = checkout.environment / "kept"
    kept.touch()
    fourth = checkout.run("env")
    assert "requirements.lock has changed: bringing the environment up to date" in fourth.stderr
    assert kept.exists()
    assert "making" not in checkout.run("env").stderr


def test_another_pythons_environment_is_made_anew(checkout: Checkout) -> None:
    checkout.pretend(python="3.10.2 (main, earlier)")
    answer = checkout.run("env", before="import venv; venv.EnvBuilder = None")
    assert "the environment belongs to Python 3.10.2: making it anew" in answer.stderr


def test_pips_last_lines_are_shown_and_the_next_run_starts_anew(checkout: Checkout) -> None:
    checkout.pretend(program="seq 1 40; echo 'ERROR: no such wheel' >&2; exit 3")
    checkout.lock("# another\n")
    answer = checkout.run("env")
    assert answer.returncode == 1
    assert "dev.py: pip could not install requirements.lock (exit code 3). Its last lines:" in answer.stderr
    assert answer.stderr.rstrip().endswith("39\n    40\n    ERROR: no such wheel")
    assert "    26\n" not in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not checkout.stamp.exists()


def test_a_full_disk_is_told(checkout: Checkout) -> None:
    checkout.pretend(program="echo 'OSError: [Errno 28] No space left on device: wheel' >&2; exit 2")
    checkout.lock("# another\n")
    answer = checkout.run("env")
    assert answer.returncode == 1
    assert "dev.py: the disk is full: the environment needs about" in answer.stderr


def test_a_python_without_venv_is_told_the_remedy(checkout: Checkout) -> None:
    answer = checkout.run("env", before="sys.modules['ensurepip'] = None")
    assert answer.returncode == 1
    assert "`apt install python3-venv` adds them" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_missing_lock_is_told(checkout: Checkout) -> None:
    (checkout.folder / "requirements.lock").unlink()
    answer = checkout.run("env")
    assert "requirements.lock is missing: the checkout is not complete" in answer.stderr


def test_an_old_python_is_told_so(checkout: Checkout) -> None:
    source = (checkout.folder / "dev.py").read_text()
    ast.parse(source, feature_version=(3, 7))  # the oldest that the parser can play; the sentence needs the whole file
    answer = checkout.run("env", before="sys.version_info = (3, 9, 2, 'final', 0)")
    assert answer.returncode == 1
    assert "needs Python 3.11 or newer" in answer.stderr
    assert "is Python 3.9: call this with a newer one" in answer.stderr


def test_a_second_run_waits_for_the_first(checkout: Checkout) -> None:
    fcntl = pytest.importorskip("fcntl")
    checkout.pretend(python="3.10.2 (main, earlier)")
    with (checkout.folder / ".venv.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with subprocess.Popen(
            [sys.executable, str(checkout.folder / "dev.py"), "env"], stderr=subprocess.PIPE, text=True
        ) as waiting:
            assert waiting.stderr is not None
            assert "another run is making the environment: waiting" in waiting.stderr.readline()
            shutil.rmtree(checkout.environment)
            checkout.pretend()  # the first run has finished
            fcntl.flock(held, fcntl.LOCK_UN)
            assert "the environment is ready" in waiting.stderr.readline()
    assert waiting.returncode == 0


# ---- starter.py and worker.py outside of the environment -------------------------------------------------------------

ENTERING = "import sys, dev; dev.enter('starter.py'); print('here', sys.argv[1:]); sys.exit(5)"
HERE = importlib.metadata.version("pytest")


def enter(
    checkout: Checkout, *needs: str, lock: str = "", entering: str = ENTERING
) -> subprocess.CompletedProcess[str]:
    (checkout.folder / "starter.py").write_text(entering)
    (checkout.folder / "pyproject.toml").write_text(f"[project]\ndependencies = {list(needs)!r}\n")
    checkout.lock(lock or "# nothing\n")
    command = [sys.executable, str(checkout.folder / "starter.py"), "check", "a b"]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, cwd=checkout.folder.parent)


def test_where_everything_can_be_imported_it_runs(checkout: Checkout) -> None:
    answer = enter(checkout, "pytest>=1", lock=f"pytest=={HERE} ; python_version >= '3' \\\n")
    assert (answer.returncode, answer.stdout) == (5, "here ['check', 'a b']\n")


def test_an_import_is_not_interrupted_by_looking_for_garbage(checkout: Checkout) -> None:
    entering = ENTERING.replace("sys.argv[1:]", "gc.get_threshold()[0] >= 20_000").replace(
        "import sys", "import gc, sys"
    )
    assert enter(checkout, entering=entering).stdout == "here True\n"


def test_without_what_it_needs_it_hands_over_to_the_environment(checkout: Checkout) -> None:
    checkout.pretend(program='echo handed over: "$@"; exit 6')
    answer = enter(checkout, "not-to-be-found")
    assert (answer.returncode, answer.stderr) == (6, "")
    assert answer.stdout == f"handed over: {checkout.folder}/starter.py check a b\n"


@pytest.mark.parametrize("state", ["none", "of another lock", "half made", "of a program that is gone"])
def test_without_an_environment_that_is_ready_it_says_one_sentence(checkout: Checkout, state: str) -> None:
    if state != "none":
        checkout.pretend(program="echo never")
    if state == "of another lock":
        checkout.stamp.write_text(f"{sys.version}\nanother\n")
    if state == "half made":
        checkout.stamp.unlink()
    if state == "of a program that is gone":
        checkout.python.unlink()
    answer = enter(checkout, "not-to-be-found")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("starter.py: ")
    assert "has no not-to-be-found" in answer.stderr
    assert "`python3 dev.py env`" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_an_environment_older_than_the_lock_is_named(checkout: Checkout) -> None:
    answer = enter(checkout, "pytest>=1", lock="pytest==999.0 \\\n")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert f"has pytest {HERE}, and requirements.lock names 999.0" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize("script", ["starter.py", "worker.py"])
def test_the_real_ones_ask_before_they_import_anything(script: str) -> None:
    body = ast.parse((ROOT / script).read_text()).body
    imported = [
        name
        for node in body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
        if name.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert imported[0] == "dev"
    asks = next(at for at, node in enumerate(body) if f"dev.enter('{script}')" in ast.unparse(node))
    later = [
        at
        for at, node in enumerate(body)
        if isinstance(node, ast.ImportFrom) and node.module not in sys.stdlib_module_names
    ]
    assert all(at > asks for at in later if body[at].module != "__future__")  # type: ignore[attr-defined]
