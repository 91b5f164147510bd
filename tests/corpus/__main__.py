"""Scores what is made of a folder of mails, so that a desk can try its own before it goes live.

Beside each mail, NAME.eml, lies what is right: NAME.yaml, with any of the checks sender, subject, text, attachments, class,
unanswerable, visible, bounce, original, defects (tests/corpus/reading.py explains them; tests/fixtures/mail has some two hundred
examples), and perhaps `kind`. A mail's kind is else the folder that it lies in, or the first word of its name.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.corpus.scoring import NotACorpus, score

EXIT_CODES = "exit code 0: all is right; 1: something is wrong, or nothing is expected of a mail; 2: wrong options"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.corpus",
        description=__doc__,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="mails (.eml), also in folders within it")
    parser.add_argument(
        "--own", action="append", default=[], metavar="ADDRESS", help="an address of the desk itself (repeatable)"
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="where nothing is expected of a mail, write what was read, to be looked through",
    )
    given = parser.parse_args(arguments)
    try:
        made = score(given.folder, frozenset(address.lower() for address in given.own), write=given.write)
    except NotACorpus as why:
        print(f"tests.corpus: {why}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"tests.corpus: {error.filename}: {error.strerror}.", file=sys.stderr)
        return 1
    if made.mails:
        print("\n".join(made.table()))
    for wrong in made.wrong:
        print(wrong.line)
    for mail in made.without:
        print(f"{mail}: nothing is expected of it{' yet: written' if given.write else '; --write makes a draft'}")
    return 0 if made.complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
