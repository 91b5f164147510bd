"""Refusals and reasons remember how they were made: none is raised with a plain text, which only English readers understand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SENTENCE_AT = {
    "Conflict": 1,
    "Forbidden": 0,
    "Invalid": 1,
    "Missing": 1,
    "NotMember": 0,
    "ProviderAway": 0,
    "ProviderRefused": 0,
    "Unauthenticated": 0,
    "Unstorable": 1,
    "WrongValue": 1,
    "refused": 1,
}
"""By what raises a refusal: which argument is its sentence."""
BY_NAME = {"Refusal": "detail"}
WHYS = ("why", "reason", "because", "told")
"""What policies give a sentence for people to, by name."""
ROOMS = ("cases", "console", "desk", "policies")


def plain(node: ast.AST | None) -> bool:
    """Whether it is a text that remembers nothing. A word without a blank is an identifier, and no sentence."""
    match node:
        case ast.JoinedStr():
            return True
        case ast.Constant(value=str(text)):
            return " " in text
        case ast.IfExp():
            return plain(node.body) or plain(node.orelse)
        case ast.BinOp(op=ast.Add()):
            return plain(node.left) or plain(node.right)
        case _:
            return False


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def sentences_of(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        at = SENTENCE_AT.get(called(node))
        if at is not None and len(node.args) > at:
            yield node.args[at]
        yield from (keyword.value for keyword in node.keywords if keyword.arg == BY_NAME.get(called(node), "-"))


@cache
def texts_of(module: Path) -> frozenset[str]:
    """Names that a module gives to plain texts, or has from another one of ours that does."""
    found = set(named_in(module))
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            path = ROOT / f"{node.module.replace('.', '/')}.py"
            theirs = named_in(path) if path.is_file() else frozenset()
            found |= {each.asname or each.name for each in node.names if each.name in theirs}
    return frozenset(found)


@cache
def named_in(module: Path) -> frozenset[str]:
    body = ast.parse(module.read_text(encoding="utf-8")).body
    given = (node.targets for node in body if isinstance(node, ast.Assign) and plain(node.value))
    return frozenset(target.id for targets in given for target in targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("room", ROOMS)
def test_no_refusal_is_raised_with_a_plain_text(room: str) -> None:
    looked_at, wrong = 0, []
    for path in sorted((ROOT / room).rglob("*.py")):
        for sentence in sentences_of(ast.parse(path.read_text(encoding="utf-8"))):
            looked_at += 1
            if plain(sentence) or (isinstance(sentence, ast.Name) and sentence.id in texts_of(path)):
                wrong.append(f"{path.relative_to(ROOT)}:{sentence.lineno}")  # type: ignore[attr-defined]
    assert looked_at > 5, "the refusals are not where this test looks for them"
    assert not wrong, "say it with `said(...)` of models.messages.said"


def test_no_rule_of_a_message_is_a_plain_text() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "models" / "messages").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and called(node) == "ValueError" and node.args and plain(node.args[0])
    ]
    assert not wrong


def test_no_reason_of_a_policy_is_a_plain_text() -> None:
    looked_at, wrong = 0, []
    for path in sorted((ROOT / "policies").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            found: list[ast.AST | None] = []
            if isinstance(node, ast.FunctionDef) and node.name.strip("_").startswith(("why", "in_words", "told")):
                found = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
            elif isinstance(node, ast.Call):
                found = [keyword.value for keyword in node.keywords if keyword.arg in WHYS]
            looked_at += len(found)
            wrong += [f"{path.name}:{each.lineno}" for each in found if plain(each)]  # type: ignore[union-attr]
    assert looked_at > 20, "the reasons are not where this test looks for them"
    assert not wrong


def test_a_plain_text_would_be_seen() -> None:
    wrong = 'raise Invalid("title", f"{x} is wrong")\nraise Conflict("a", "it is so")\nRefusal(detail="It is" + x)'
    assert [plain(each) for each in sentences_of(ast.parse(wrong))] == [True, True, True]
    right = (
        'raise Invalid("title", said("is wrong"))\nraise Conflict("a", error.rule)\nRefusal(detail=of_field("a", b))'
    )
    assert [plain(each) for each in sentences_of(ast.parse(right))] == [False, False, False]
