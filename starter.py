#!/usr/bin/env python3
"""Starts things: demo, up, apply, check, export, token, password, doctor, mail, bench, faults. `--help` has them all."""

import sys

import dev

if __name__ == "__main__":
    dev.enter("starter.py")

from starting.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
