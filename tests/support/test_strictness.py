from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

TESTS = """
import pytest

def test_passes(): pass

def test_skips_itself(): pytest.skip("no browser")

@pytest.mark.skipif(True, reason="no Windows")
def test_is_skipped(): pass

@pytest.mark.xfail(strict=True)
def test_fails_as_expected(): assert False
"""


def run_pytest(folder: Path, *options: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.strictness", "-p", "no:cacheprovider", "-rs"]
    place = ["-c", "/dev/null", "--rootdir", str(folder), str(folder)]
    return subprocess.run([*command, *options, *place], cwd=ROOT, capture_output=True, text=True, check=False).stdout


def test_a_skipped_test_fails_only_where_asked(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "test_none.py").write_text("import pytest\npytest.skip('no Dovecot', allow_module_level=True)\n")
    assert "1 passed, 3 skipped, 1 xfailed in" in run_pytest(tmp_path)

    output = run_pytest(tmp_path, "--fail-on-skip", "--continue-on-collection-errors")
    assert "1 failed, 1 passed, 1 xfailed, 2 errors in" in output
    for reason in ("no browser", "no Windows", "no Dovecot"):
        assert f"{reason}\n--fail-on-skip: a skipped test counts as failed here" in output
