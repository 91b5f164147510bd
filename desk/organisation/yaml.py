"""YAML with line numbers: plain mappings, lists and scalars, nothing that could surprise or blow up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from desk.organisation.faults import FileFault, OrganisationErrors
from models.messages.said import said
from models.messages.storable import Path

LARGEST_FILE = 2 * 1024 * 1024
DEEPEST = 30
MOST_FAULTS = 100
"""Of a file that is not plain YAML: so many are told."""

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where the wheel has it; both give line marks."""

TAG = "tag:yaml.org,2002:"
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
_STANDARD_TAGS = {
    TAG + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
}


class Document:
    """A file's content as plain values, the line (from 1) on which each path of it stands, and what is wrong with keys."""

    def __init__(self, value: Any, lines: dict[Path, int], faults: Sequence[FileFault] = ()) -> None:
        self.value, self.lines, self.faults = value, lines, tuple(faults)

    def line(self, path: Path) -> int:
        """The line of the path, or of the nearest that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(text: str, filename: str) -> Document:
    """Raises `OrganisationErrors` with the line for whatever is not plain YAML; a key that stands twice, or is none, is
    passed over and kept in `faults`.

    Scalars are read as YAML 1.2's core schema has them, so that `17:00`, `yes` and `2026-01-01` are text: the messages
    themselves know which field is a time, a word or a date.
    """
    if len(text) > LARGEST_FILE:
        raise OrganisationErrors(
            filename,
            [
                FileFault(
                    1, (), said("the file is larger than {largest_file} MB", largest_file=LARGEST_FILE // 1024 // 1024)
                )
            ],
        )
    try:
        _check_events(text, filename)
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        rule = said("not YAML: {problem}", problem=error.problem or error.context)
        if mark and text.splitlines()[mark.line : mark.line + 1] and _is_tab(text.splitlines()[mark.line], mark.column):
            rule = said("not YAML: there is a tab; indent with blanks")
        raise OrganisationErrors(filename, [FileFault(mark.line + 1 if mark else 1, (), rule)]) from None
    except yaml.YAMLError as error:
        raise OrganisationErrors(
            filename, [FileFault(1, (), said("not YAML: {splitlines}", splitlines=str(error).splitlines()[0]))]
        ) from None
    reader = _YamlReader()
    value = None if node is None else reader.read(node, ())
    return Document(value, reader.lines, reader.faults)


def _is_tab(line: str, column: int) -> bool:
    return line[column : column + 1] == "\t"


def _check_events(text: str, filename: str) -> None:
    """Before anything is built: aliases can make a small file endless, and deep nesting a stack overflow."""
    depth = documents = 0
    found: list[FileFault] = []
    for event in yaml.parse(text, Loader=LOADER):
        sentence = None
        match event:
            case yaml.AliasEvent():
                sentence = said("aliases (*name) are not allowed; write it out")
            case yaml.DocumentStartEvent():
                documents += 1
                sentence = said("one document a file") if documents > 1 else None
            case yaml.CollectionStartEvent():
                depth += 1
                sentence = said("nested too deeply") if depth > DEEPEST else None
            case yaml.CollectionEndEvent():
                depth -= 1
            case _:
                pass
        if sentence is None and isinstance(event, yaml.NodeEvent) and event.anchor:
            sentence = said("anchors (&name) are not allowed; write it out")
        if sentence is None and (tag := getattr(event, "tag", None)) not in (None, "!", *_STANDARD_TAGS):
            sentence = said("the tag {tag!r} is not allowed", tag=tag)
        if sentence is not None:
            mark = event.start_mark
            found.append(FileFault(mark.line + 1 if mark else 1, (), sentence))
        if depth > DEEPEST or len(found) >= MOST_FAULTS:
            break
    if found:
        raise OrganisationErrors(filename, found)


PLAIN_KEY = said("a key must be a plain word; a text that begins with '{{' is put into quotes")


class _YamlReader:
    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.faults: list[FileFault] = []

    def read(self, node: Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        match node:
            case MappingNode():
                return self._mapping(node, path)
            case SequenceNode():
                return [self.read(item, (*path, position)) for position, item in enumerate(node.value)]
            case ScalarNode():
                return _scalar(node)
            case _:
                raise TypeError(said("YAML has no node {node!r}", node=node))

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode) or key_node.value == "<<":
                self.faults.append(FileFault(line, path, PLAIN_KEY))
                continue
            key = str(key_node.value)
            if key in found:
                self.faults.append(
                    FileFault(
                        line,
                        (*path, key),
                        said("this key stands twice, first on line {lines}", lines=self.lines[*path, key]),
                    )
                )
                continue
            self.lines[*path, key] = line
            found[key] = self.read(value_node, (*path, key))
        return found


def _scalar(node: ScalarNode) -> Any:
    text: str = node.value
    return text if node.style else scalar(text)  # libyaml gives a plain scalar the style "", the pure loader None


def scalar(text: str) -> Any:
    """What a word without quotes means: true or false, nothing, a number, or else itself."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text
