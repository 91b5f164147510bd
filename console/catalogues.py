"""The texts that catalogues must have: taken from the templates and from what the code marks, as gettext's tools do.

.venv/bin/python -m console.catalogues     # adds what is missing to each catalogue, and drops what is not said any more
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from console.administering.texts import texts as texts_of_fields
from console.languages import DESK, SHARED, SOURCE, catalogue, catalogues, languages
from models.messages.cases import HOUSE_VERBS, CaseStatus, CommandKind
from models.messages.entitlements import NotApplicable
from models.messages.incidents import IncidentState
from models.messages.mail_facts import CreationVerdict, FileReason, RelatedAction
from models.messages.mailflow import HoldReason, OutboxState
from models.messages.processes import ProcessStatus
from models.messages.reference import Role
from storage.definitions import DefinitionKind

HERE = Path(__file__).parent
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"trimmed": "false", "silent": "false"}}
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plurals}\\n"

"""
IN_SHARED = ("staff",)
"""The folders whose texts all rooms share."""
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}

BELOW = ("cases", "desk", "letters", "mailroom", "models", "policies", "starting", "storage")
SAID = frozenset({"NotFound", "said", "template", "word"})
"""How the rooms below mark their sentences (`models.messages.said`), and the words for what is not there."""
GLUES = (" and ", " or ", "; ")
WORDS = (
    *(status.value for status in CaseStatus),
    *(role.value for role in Role),
    *(kind.value for kind in CommandKind if kind not in HOUSE_VERBS),
    *(action.value for action in (*CreationVerdict, *RelatedAction)),
    *(reason.value for reason in (*HoldReason, *FileReason)),
    *(state.value for state in (*OutboxState, *ProcessStatus, *IncidentState)),
    *(kind.value.replace("-", " ") for kind in DefinitionKind),
    *(reason.value for reason in NotApplicable),
    *(f"active {kind.value}".replace("-", " ") for kind in (DefinitionKind.ENTITLEMENT_TEMPLATE,)),
    "account",
    "agent",
    "contact",
    "entitlement",
    "mailbox",
    "product",
    "queue",
    "subject",
    "team",
)
"""Words that stand in their sentences."""

SAID_ELSEWHERE: dict[str, Iterable[str]] = {"administering": tuple(texts_of_fields())}
"""Sentences of the house that pages show as they are, by the room that shows them."""


def texts() -> dict[str, Catalog]:
    """Every text of the pages, as English has it, by the room that says it; what `SHARED` says too stands only there."""
    found: dict[str, Catalog] = {}
    for filename, _line, message, _comments, context in extract_from_dir(HERE, METHODS, OPTIONS, keywords=KEYWORDS):
        texts = found.setdefault(room_of(filename), Catalog(project="Caseloom", charset="utf-8"))
        texts.add(message, None, [(filename, 1)], context=context)
    for filename, sentence in marked_in(HERE):
        found[room_of(filename)].add(sentence, None, [(filename, 1)])
    found[DESK] = of_desk()
    for room, all_of_them in SAID_ELSEWHERE.items():
        for sentence in all_of_them:
            found[room].add(sentence)
    for room, catalog in found.items():
        if room != SHARED:
            for id in [message.id for message in catalog if message.id and message.id in found[SHARED]]:
                catalog.delete(id)
    return {room: catalog for room, catalog in found.items() if len(catalog)}


def of_desk() -> Catalog:
    """What the rooms below the pages say of refusals and of decisions, which `console.sayings` translates."""
    found = Catalog(project="Caseloom", charset="utf-8")
    for filename, sentence in (each for below in BELOW for each in marked_in(HERE.parent / below)):
        found.add(sentence, None, [(filename, 1)])
    for sentence in (*GLUES, *WORDS):
        found.add(sentence)
    return found


def marked_in(room: Path) -> Iterator[tuple[str, str]]:
    """File, within the room, and text of what its code marks as `models.messages.said` does. Read as a tree: a variable may
    have the name of such a mark."""
    for path in sorted(room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=mark), args=[ast.Constant(value=str(text)), *_]) if (
                    mark in SAID and text
                ):
                    yield str(path.relative_to(room)), text


def room_of(filename: str) -> str:
    """`templates/managing/team.html` and `managing/team.py` are of the room `managing`; what lies in no folder is shared."""
    parts = Path(filename).parts
    below = parts[1:] if parts[0] == "templates" else parts
    return below[0] if len(below) > 1 and below[0] not in IN_SHARED else SHARED


def read(language: str, room: str) -> Catalog:
    """The room's catalogue; an empty one if it has none yet."""
    path = catalogue(language, room)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def main() -> None:
    rooms = texts()
    for language in languages():
        if language == SOURCE:
            continue
        for path in catalogues(language):
            if path.stem not in rooms:
                path.unlink()
        for room, wanted in rooms.items():
            known = read(language, room)
            known.update(wanted, no_fuzzy_matching=True)
            known.obsolete.clear()
            with catalogue(language, room).open("wb") as file:
                file.write(HEADER.format(language=language, plurals=known.plural_forms).encode())
                write_po(file, known, width=100, no_location=True, omit_header=True)
            missing = sum(not any(message.string or "") for message in known if message.id)
            if missing:
                print(f"{catalogue(language, room).relative_to(HERE.parent)}: {missing} to translate")


if __name__ == "__main__":
    main()
