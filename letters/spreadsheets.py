"""Texts in tables that people open in a spreadsheet."""

from __future__ import annotations

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of a formula, which a stranger's title must not be."""


def as_text(value: str) -> str:
    """The text so that no spreadsheet calculates it."""
    return f"'{value}" if value.startswith(FORMULAS) else value
