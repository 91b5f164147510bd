"""Plain values as YAML that `desk.organisation.yaml` reads back as the same values."""

from __future__ import annotations

from typing import Any

import yaml

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
