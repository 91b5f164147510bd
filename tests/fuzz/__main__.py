"""The parser under fire:

python -m tests.fuzz --seconds 600 --seed 1 [--jobs 1] [--save FOLDER]
python -m tests.fuzz --seed 1 --only 4711      # one input again
python -m tests.fuzz --limits                  # what the hostile mails of full size take
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz import limits
from tests.fuzz.inputs import Inputs
from tests.fuzz.run import Report, run, save
from tests.fuzz.worker import Outcome, examine


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--save", type=Path, default=Path(tempfile.gettempdir()) / "caseloom-fuzz")
    parser.add_argument("--only", type=int, help="the number of a single input")
    parser.add_argument("--limits", action="store_true", help="measure the hostile mails of full size instead")
    given = parser.parse_args()
    if given.limits:
        print(limits.table())
        return 0
    if given.only is not None:
        outcome = examine(given.only, Inputs(given.seed).make(given.only))
        print(_line(outcome))
        print(outcome.problem or "holds")
        return 1 if outcome.problem else 0
    report = run(given.seed, seconds=given.seconds, jobs=given.jobs, tell=_brief)
    print(_whole(report))
    for file in save(report, given.save):
        print(f"  {file}: {file.with_suffix('.txt').read_text(encoding='utf-8').strip().splitlines()[-1]}")
    return 1 if report.problems else 0


def _brief(report: Report) -> None:
    print(f"{report.seconds:5.0f} s  {report.inputs} inputs, {len(report.problems)} problems", file=sys.stderr)


def _whole(report: Report) -> str:
    rate = report.inputs / max(report.seconds, 0.001)
    done = f"{report.inputs} inputs, {report.octets / 1e6:.0f} MB in {report.seconds:.0f} s ({rate:.0f}/s)"
    read = f"{report.readable} readable, {report.isolated} for a process of their own"
    slowest, largest = map(_line, report.slowest), map(_line, report.largest)
    lines = [f"seed {report.seed}: {done}; {read}", "slowest:", *slowest, "largest:", *largest]
    return "\n".join([*lines, f"problems: {len(report.problems)}"])


def _line(outcome: Outcome) -> str:
    return (
        f"  #{outcome.number}: {outcome.size} bytes, {outcome.seconds:.2f} s of CPU, {outcome.memory / 2**20:.0f} MB"
        f"{', isolated' if outcome.isolated else ''}"
    )


if __name__ == "__main__":
    sys.exit(main())
