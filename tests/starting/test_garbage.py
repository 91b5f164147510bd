from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASKED = """
import gc
import bootstrap
from starting.garbage import keep_what_has_started
before = len(gc.get_objects())
keep_what_has_started()
print(before, len(gc.get_objects()))
"""


def test_what_a_start_has_made_is_looked_through_no_more() -> None:
    command = [sys.executable, "-c", ASKED]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    before, after = map(int, answer.split())
    assert before > 100 * after
