"""What a mail server says, fit to be shown, compared and stored: older servers write their own charset, and worse."""

LONGEST = 2_000
"""Characters."""


def told(words: str) -> str:
    """In one line, and not without end. Bytes that are no UTF-8 (as lone surrogates, PEP 383) are read as Windows-1252."""
    words = words[: 2 * LONGEST]
    if not words.isascii():
        words = "".join(_western(each) if "\udc80" <= each <= "\udcff" else each for each in words)
    return " ".join("".join(each if each.isprintable() else " " for each in words).split())[:LONGEST]


def _western(escaped: str) -> str:
    return escaped.encode("ascii", "surrogateescape").decode("cp1252", "replace")
