"""The ways through a process, looked at as a whole: what is reached, where ways meet again, how deep they nest (domain 7).

Ways only lead forward in the list of stages (`ProcessDefinition` sees to that), so there is no circle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from models.messages.processes import ProcessDefinition, Stage

DEEPEST = 5
"""Branches within each other."""

Ways = Mapping[str, tuple[str, ...]]
"""Each stage with those that can follow it, each once; none after a last one."""


def ways_of(definition: ProcessDefinition) -> Ways:
    return {
        stage.slug: tuple(dict.fromkeys(_ways(definition.stages, position, stage)))
        for position, stage in enumerate(definition.stages)
    }


def _ways(stages: Sequence[Stage], position: int, stage: Stage) -> Iterator[str]:
    if stage.last or position + 1 == len(stages):
        return
    yield from (branch.to for branch in stage.branches)
    yield stage.next or stages[position + 1].slug


def leads_forward(definition: ProcessDefinition) -> bool:
    """What `ProcessDefinition` sees to. A file that is wrong holds others while it is checked: their ways say nothing."""
    order = {stage.slug: position for position, stage in enumerate(definition.stages)}
    return 0 < len(order) == len(definition.stages) and all(
        order.get(to, -1) > position
        for position, stage in enumerate(definition.stages)
        for to in _ways(definition.stages, position, stage)
    )


def reachable(ways: Ways, stage: str) -> frozenset[str]:
    """The stage itself, and all that can come after it."""
    found = {stage}
    for slug in ways:  # in the order of the list, in which all ways lead
        if slug in found:
            found.update(ways[slug])
    return frozenset(found)


def meeting(ways: Ways, peers: Sequence[str]) -> str | None:
    """The first stage through which every way from each of the peers leads; None: there is no such stage."""
    certain = _certain(ways)
    common = frozenset.intersection(*(certain[peer] for peer in peers))
    return next((slug for slug in ways if slug in common), None)


def _certain(ways: Ways) -> dict[str, frozenset[str]]:
    """Each stage with those that are passed on every way from it, itself among them."""
    found: dict[str, frozenset[str]] = {}
    for slug in reversed(list(ways)):
        following = [found[each] for each in ways[slug]]
        found[slug] = frozenset({slug}) | (frozenset.intersection(*following) if following else frozenset())
    return found


def apart(ways: Ways, peers: Sequence[str]) -> tuple[str, str, str] | None:
    """Two peers and a stage that both can reach; None if each of the peers ends by itself."""
    for position, one in enumerate(peers):
        for other in peers[:position]:
            both = reachable(ways, one) & reachable(ways, other)
            if both:
                return other, one, next(slug for slug in ways if slug in both)
    return None


def depths(ways: Ways) -> dict[str, int]:
    """How deep each stage that branches lies: 1 outside of all other branches, one more within each."""
    found: dict[str, int] = {}
    for slug in reversed(list(ways)):
        if len(ways[slug]) > 1:
            within = _between(ways, slug)
            found[slug] = 1 + max((depth for inner, depth in found.items() if inner in within), default=0)
    return found


def _between(ways: Ways, slug: str) -> frozenset[str]:
    """The stages of the branches of a stage, up to where they meet."""
    inside = frozenset[str]().union(*(reachable(ways, peer) for peer in ways[slug]))
    met = meeting(ways, ways[slug])
    return inside if met is None else inside - reachable(ways, met)
