"""docs/kpis.md is what the code prints, and no figure or kind of fact is missing."""

from __future__ import annotations

from pathlib import Path

from storage.figures.facts import FactKind
from storage.figures.reference import figure_reference
from storage.figures.registry import FIGURES

PAGE = Path(__file__).parents[2] / "docs" / "kpis.md"


def test_the_page_is_what_the_code_prints() -> None:
    text = figure_reference()
    assert PAGE.read_text(encoding="utf-8") == text, "python3 dev.py figures > docs/kpis.md"
    for name in (*(figure.name for figure in FIGURES), *FactKind):
        assert f"\n### {name}\n" in text
    assert "POSTCOMPILE" not in text
    assert "%(" not in text
