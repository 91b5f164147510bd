"""Plain values as YAML that `desk.organisation.yaml` reads back as the same values."""

from __future__ import annotations

import json
from typing import Any

import yaml

from desk.organisation.yaml import scalar

WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their key, and a text of several lines stands as one."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    lines = value.split("\n")
    several = len(lines) > 1 and all(line.isprintable() and line == line.rstrip() for line in lines)
    # A text that begins with a blank or an empty line would need an indentation indicator.
    plain = several and not value.startswith((" ", "\n")) and bool(value.strip())
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if plain else None)


_Dumper.add_representer(str, _text)


def written(document: Any) -> str:
    return yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False
    )


def in_line(value: Any) -> str:
    """In one line, as whoever writes a file would."""
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "{" + ", ".join(f"{key}: {in_line(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(in_line(each) for each in value) + "]"
        case str():
            text = str(value)
            signs = (": ", " #", *"{}[],&*!|>'\"%`\n")
            needs = (
                not text or text != text.strip() or text.startswith(("@", "- ")) or any(sign in text for sign in signs)
            )
            return json.dumps(text, ensure_ascii=False) if needs or not isinstance(scalar(text), str) else text
        case None:
            return "null"
        case _:
            return str(value)


def brief(value: Any) -> str:
    """As `written`, without what says nothing, and each element of a list or a mapping in a line of its own."""
    match value:
        case dict():
            return "\n".join(f"{key}: {in_line(_without_nothing(each))}" for key, each in value.items())
        case list() | tuple():
            return "\n".join(f"- {in_line(_without_nothing(each))}" for each in value)
        case _:
            return written(value).strip()


def _without_nothing(value: Any) -> Any:
    match value:
        case dict():
            kept = {key: _without_nothing(each) for key, each in value.items()}
            return {key: each for key, each in kept.items() if each is not None and each != {} and each != []}
        case list() | tuple():
            return [_without_nothing(each) for each in value]
        case _:
            return value
