"""The texts that catalogues must have: taken from the templates and from what the code marks, as gettext's tools do.

.venv/bin/python -m console.catalogues     # adds what is missing to each catalogue, and drops what is not said any more
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from console.administering.texts import texts as texts_of_fields
from console.languages import SOURCE, catalogue, catalogues, languages
from policies.mailboxes import ADVICE

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
SHARED, IN_SHARED = "console", ("staff",)
"""What all rooms share, and the folders that count to it."""
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}

SAID_ELSEWHERE: dict[str, Iterable[str]] = {"operating": ADVICE.values(), "administering": tuple(texts_of_fields())}
"""Sentences of the house that pages show as they are, by the room that shows them."""


def said() -> dict[str, Catalog]:
    """Every text of the pages, as English has it, by the room that says it; what `SHARED` says too stands only there."""
    found: dict[str, Catalog] = {}
    for filename, _line, message, _comments, context in extract_from_dir(HERE, METHODS, OPTIONS, keywords=KEYWORDS):
        texts = found.setdefault(room_of(filename), Catalog(project="Caseloom", charset="utf-8"))
        texts.add(message, None, [(filename, 1)], context=context)
    for room, sentences in SAID_ELSEWHERE.items():
        for sentence in sentences:
            found[room].add(sentence)
    for room, catalog in found.items():
        if room != SHARED:
            for id in [message.id for message in catalog if message.id and message.id in found[SHARED]]:
                catalog.delete(id)
    return {room: catalog for room, catalog in found.items() if len(catalog)}


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
    rooms = said()
    for language in languages():
        if language == SOURCE:
            continue
        for path in catalogues(language):
            if path.stem not in rooms:
                path.unlink()
        for room, texts in rooms.items():
            known = read(language, room)
            known.update(texts, no_fuzzy_matching=True)
            known.obsolete.clear()
            with catalogue(language, room).open("wb") as file:
                file.write(HEADER.format(language=language, plurals=known.plural_forms).encode())
                write_po(file, known, width=100, no_location=True, omit_header=True)
            missing = sum(not any(message.string or "") for message in known if message.id)
            if missing:
                print(f"{catalogue(language, room).relative_to(HERE.parent)}: {missing} to translate")


if __name__ == "__main__":
    main()
