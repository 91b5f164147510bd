"""What people read is grammar: no message puts an article or a bare count before a word that it does not know."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from models.messages.base import counted
from tests.test_layers import FLOORS

ROOT = Path(__file__).parents[3]
ARTICLE = re.compile(r"(^|\W)[Aa]n? ['\"]?$")


def test_no_message_puts_an_article_before_a_word_that_it_does_not_know() -> None:
    """ "there is already a account": the word comes from elsewhere, and begins with any letter."""
    read, found = 0, []
    for room in sorted({room for floor in FLOORS for room in floor} - {"benchmarks", "faults"}):
        path = ROOT / room.replace(".", "/")
        for file in sorted(path.rglob("*.py")) or [path.with_suffix(".py")]:
            # What other people write is data, and read as patterns.
            if not file.exists() or file.stem.endswith(("_words", "_phrases")):
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.JoinedStr):
                    read += 1
                    for before, value in zip(node.values, node.values[1:], strict=False):
                        said = (
                            before.value if isinstance(before, ast.Constant) and isinstance(before.value, str) else ""
                        )
                        if isinstance(value, ast.FormattedValue) and ARTICLE.search(said):
                            found.append(f"{file.relative_to(ROOT)}:{node.lineno}: {said}")
    assert read > 500
    assert found == []


def test_one_is_one() -> None:
    assert (counted(1, "case"), counted(0, "case"), counted(2, "reply", "replies")) == (
        "1 case",
        "0 cases",
        "2 replies",
    )
