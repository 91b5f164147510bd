"""To and Cc, where their addresses are parted by other signs than commas, or by nothing but blanks.

Not for From: there a word with "@" before the brackets is only a name, whoever it names.
"""

import re
from dataclasses import replace

from mail.address_pieces import ENCODED_WORD, end_of_quote
from mail.addresses import Person, people

SEPARATOR = re.compile(r"[|/、；，·•]|\\n|\s(?:and|und|et|y|e|en|och|og|ja|i|a|и|і|&|\+)(?=\s)", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]|、；，]{1,64}@[^\s<>,;:\"()\[\]|/、；，@]{1,255}")
NAME = re.compile(r"^(?!(?:mailto|smtp)\s?:\s?$).*\w", re.IGNORECASE | re.DOTALL)
"""What is more than the signs around an address."""
LONGEST = 8_000
"""Characters of a field that is looked at so."""
FEWEST = 2
"""Addresses, of which one would be lost."""


def recipients(value: str) -> tuple[list[Person], bool]:
    """As `people`: the mailboxes of a field, and whether something in it was no address."""
    found, odd = people(value)
    if not odd or value.count("@") < FEWEST or len(value) > LONGEST:
        return found, odd
    again = [each if NAME.search(each.name) else replace(each, name="") for each in people(_parted(value))[0]]
    return (again, True) if len(again) > len(found) else (found, odd)


def _parted(value: str) -> str:
    """With a comma between two addresses that have something else there. An address in brackets belongs to the words before
    it; one without any to itself."""
    out: list[str] = []
    whole = False
    """Whether what stands since the last comma is an address, so that another one begins a new mailbox."""
    begun = 0
    """Where in `out` the words stand that may be the name of the next."""
    position = 0
    while position < len(value):
        sign = value[position]
        end = None
        if sign == '"':
            end = end_of_quote(value, position)
        elif sign == "=" and (word := ENCODED_WORD.match(value, position)):
            end = word.end()
        elif sign == "(":
            end = value.find(")", position) + 1 or None
        elif sign == "<":
            end = value.find(">", position) + 1 or None
            if end is not None and "@" in value[position:end]:
                if whole:
                    out.insert(begun, ",")
                whole, begun = True, len(out) + 1
        elif sign in ",;":
            whole, begun = False, len(out) + 1
        elif whole and (found := SEPARATOR.match(value, position)) and not "".join(out[begun:]).strip():
            out.append(",")
            whole, begun, position = False, len(out), found.end()
            continue
        elif (bare := ADDRESS.match(value, position)) is not None and not _in_brackets_behind(value, bare.end()):
            if whole:
                out.insert(begun, ",")
            out.append(f" <{bare[0].strip(chr(39))}> ")
            whole, begun, position = True, len(out), bare.end()
            continue
        end = end or position + 1
        out.append(value[position:end])
        if sign == "(" and whole:  # a comment behind an address is of this one
            begun = len(out)
        position = end
    return "".join(out)


def _in_brackets_behind(value: str, position: int) -> bool:
    """Whether brackets follow at once: then what stands before them is their name."""
    return value[position:].lstrip(" \t\r\n'").startswith("<")
