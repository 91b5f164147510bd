#!/usr/bin/env python3
"""Starts things: demo, up, apply, check, token, doctor, mail, bench, faults. `starter.py --help` says what each takes."""

from __future__ import annotations

import sys

from starting.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
