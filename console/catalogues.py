"""The texts that catalogues must have: taken from the templates and from what the code marks, as gettext's tools do.

.venv/bin/python -m console.catalogues     # adds what is missing to each catalogue, and drops what is not said any more
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from console.languages import SOURCE, catalogue, languages

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
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def said() -> Catalog:
    """Every text of the pages, as English has it."""
    found = Catalog(project="Caseloom", charset="utf-8")
    for filename, _line, message, _comments, context in extract_from_dir(HERE, METHODS, OPTIONS, keywords=KEYWORDS):
        found.add(message, None, [(filename, 1)], context=context)
    return found


def read(language: str) -> Catalog:
    with catalogue(language).open("rb") as file:
        return read_po(file, locale=language)


def main() -> None:
    for language in languages():
        if language == SOURCE:
            continue
        known = read(language)
        known.update(said(), no_fuzzy_matching=True)
        known.obsolete.clear()
        with catalogue(language).open("wb") as file:
            file.write(HEADER.format(language=language, plurals=known.plural_forms).encode())
            write_po(file, known, width=100, no_location=True, omit_header=True)


if __name__ == "__main__":
    main()
