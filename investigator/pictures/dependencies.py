"""The dependency picture: the root on top, below it who failed because of it, arrows to what each needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from investigator.models.base import Value
from investigator.pictures import canvas

_COLUMNS = 3
_BOX, _BOX_HEIGHT, _GAP, _TOP, _STEP = 234, 88, 54, 40, 264
_NAME = 12  # characters that fit into a line of a box


class Dependency(Value):
    """`caller` needs `callee`; `learned`: we saw it, the catalogue does not say so."""

    caller: str
    callee: str
    learned: bool = False


def dependency_picture(
    edges: Sequence[Dependency],
    *,
    root: str | None,
    failing: Collection[str],
    healthy: Collection[str] = (),
) -> bytes:
    """A PNG. The root may be silent, that is, not among `failing`; of more than 40 the nearest are shown."""
    layers, rest = _layers(edges, root, failing, healthy)
    words = canvas.labels()
    rows = [layer[start : start + _COLUMNS] for layer in layers for start in range(0, len(layer), _COLUMNS)]
    bottom = _TOP + len(rows) * (_BOX_HEIGHT + _GAP)
    card = canvas.figure(bottom + (44 if rest else 0) + 106)
    axes = card.axes[0]
    places = _places(rows)
    for edge in edges:
        if edge.caller in places and edge.callee in places and edge.caller != edge.callee:
            _draw_edge(axes, places[edge.caller], places[edge.callee], learned=edge.learned)
    for name, place in places.items():
        _draw_box(axes, name, place, _state(name, root, failing))
    if rest:
        axes.text(24, bottom, words.more(rest), fontsize=canvas.TYPE, color=canvas.FAINT, va="center")
        bottom += 44
    _draw_legend(axes, bottom, words, has_root=root is not None, learned=any(edge.learned for edge in edges))
    return canvas.png(card)


def dependency_alt(
    edges: Sequence[Dependency],
    *,
    root: str | None,
    failing: Collection[str],
    healthy: Collection[str] = (),
) -> str:
    return canvas.alt_text(
        "dependency_alt.j2",
        root=root,
        failing=sorted(set(failing) - {root}),
        healthy=sorted(set(healthy) - {root}),
        learned=sum(edge.learned for edge in edges),
    )


def _state(name: str, root: str | None, failing: Collection[str]) -> str:
    if name == root:
        return "root"
    return "failing" if name in failing else "healthy"


def _layers(
    edges: Sequence[Dependency], root: str | None, failing: Collection[str], healthy: Collection[str]
) -> tuple[list[list[str]], int]:
    """Services by their distance from the root along failing callers; then who hangs on nothing; the
    healthy last. The second value is how many were left out.
    """
    names = dict.fromkeys([*([root] if root else []), *sorted(failing), *sorted(healthy)])
    distance = _distances(edges, root, failing)
    far = max(distance.values(), default=0) + 1
    layer_of = {name: distance.get(name, far if name in failing else far + 1) for name in names}
    kept = sorted(names, key=lambda name: layer_of[name])[: canvas.MOST]
    layers: list[list[str]] = []
    for number in sorted({layer_of[name] for name in kept}):
        above = {name: place for layer in layers for place, name in enumerate(layer)}
        layers.append(_below([name for name in kept if layer_of[name] == number], edges, above))
    return layers, len(names) - len(kept)


def _below(layer: list[str], edges: Sequence[Dependency], above: Mapping[str, int]) -> list[str]:
    """In the order of what they need in the layers above, so that few arrows cross."""

    def middle(name: str) -> float:
        needed = [above[edge.callee] for edge in edges if edge.caller == name and edge.callee in above]
        return sum(needed) / len(needed) if needed else 0.0

    return sorted(layer, key=middle)


def _distances(edges: Sequence[Dependency], root: str | None, failing: Collection[str]) -> dict[str, int]:
    """Without a root, from the failing services that need no other failing one."""
    needing = {edge.caller for edge in edges if edge.callee in failing and edge.caller != edge.callee}
    reached = {root: 0} if root else {name: 0 for name in sorted(failing) if name not in needing}
    callers: dict[str, list[str]] = {}
    for edge in edges:
        if edge.caller in failing:
            callers.setdefault(edge.callee, []).append(edge.caller)
    frontier = list(reached)
    while frontier:
        name = frontier.pop(0)
        for caller in callers.get(name, ()):
            if caller not in reached:
                reached[caller] = reached[name] + 1
                frontier.append(caller)
    return reached


def _places(rows: Sequence[Sequence[str]]) -> dict[str, tuple[float, float]]:
    """The middle of each box, in pixels."""
    return {
        name: (
            canvas.WIDTH / 2 + (column - (len(row) - 1) / 2) * _STEP,
            _TOP + line * (_BOX_HEIGHT + _GAP) + _BOX_HEIGHT / 2,
        )
        for line, row in enumerate(rows)
        for column, name in enumerate(row)
    }


def _draw_box(axes: Any, name: str, place: tuple[float, float], state: str) -> None:
    x, y = place
    fill, edge, width, style, _ = _LOOKS[state]
    axes.add_patch(
        FancyBboxPatch(
            (x - _BOX / 2, y - _BOX_HEIGHT / 2),
            _BOX,
            _BOX_HEIGHT,
            boxstyle="round,pad=0,rounding_size=12",
            facecolor=fill,
            edgecolor=edge,
            linewidth=width,
            linestyle=style,
            zorder=3,
        )
    )
    _draw_mark(axes, x - _BOX / 2 + 20, y - _BOX_HEIGHT / 2, state)
    weight = "bold" if state == "root" else "normal"
    axes.text(
        x, y, canvas.folded(name, _NAME), fontsize=canvas.TYPE, color=canvas.INK,
        ha="center", va="center", weight=weight, linespacing=0.98, zorder=4,
    )  # fmt: skip


def _draw_mark(axes: Any, x: float, y: float, state: str) -> None:
    """Filled for those that fail, hollow for those that do not."""
    _, edge, _, _, shape = _LOOKS[state]
    fill = canvas.CARD if state == "healthy" else edge
    axes.plot([x], [y], marker=shape, markersize=8, color=edge, markerfacecolor=fill, zorder=4)


# How a box is filled, its border (colour, width, style) and the shape of its mark.
_LOOKS: dict[str, tuple[str, str, float, str, str]] = {
    "root": (canvas.ROOT_FILL, canvas.ROOT, 2.6, "-", "D"),
    "failing": (canvas.FAILING_FILL, canvas.FAILING, 1.6, "-", "o"),
    "healthy": (canvas.HEALTHY_FILL, canvas.HEALTHY, 1.2, ":", "o"),
}


def _draw_edge(axes: Any, start: tuple[float, float], end: tuple[float, float], *, learned: bool) -> None:
    down = 1 if end[1] > start[1] else -1
    side = 1 if end[0] > start[0] else -1
    bend = 0.0
    if start[1] == end[1] and abs(end[0] - start[0]) > _STEP:  # under the boxes between, not through them
        tail, head = (start[0], start[1] + _BOX_HEIGHT / 2), (end[0], end[1] + _BOX_HEIGHT / 2)
        bend = side * _GAP / abs(end[0] - start[0])
    elif start[1] == end[1]:
        tail, head = (start[0] + side * _BOX / 2, start[1]), (end[0] - side * _BOX / 2, end[1])
    else:
        tail = (start[0], start[1] + down * _BOX_HEIGHT / 2)
        head = (end[0], end[1] - down * _BOX_HEIGHT / 2)
    axes.add_patch(
        FancyArrowPatch(
            tail, head, arrowstyle="-|>", mutation_scale=9, linewidth=1.3, color=canvas.FAINT,
            linestyle=(0, (4, 3)) if learned else "-", shrinkA=0, shrinkB=1, zorder=2,
            connectionstyle=f"arc3,rad={bend}",
        )
    )  # fmt: skip


def _draw_legend(axes: Any, y: float, words: Any, *, has_root: bool, learned: bool) -> None:
    entries = [("root", words.root)] if has_root else []
    entries += [("failing", words.failing), ("healthy", words.healthy)]
    for place, (state, word) in enumerate(entries):
        x = 30 + place * 268
        _draw_mark(axes, x, y, state)
        axes.text(x + 22, y, word, fontsize=canvas.TYPE, color=canvas.INK, va="center")
    for place, (word, dashed) in enumerate([(words.depends, False)] + [(words.learned, True)] * learned):
        x = 30 + place * 368
        style = (0, (4, 3)) if dashed else "-"
        axes.add_patch(
            FancyArrowPatch(
                (x - 8, y + 52), (x + 62, y + 52), arrowstyle="-|>", mutation_scale=9, color=canvas.FAINT,
                linestyle=style, linewidth=1.3,
            )
        )  # fmt: skip
        axes.text(x + 78, y + 52, word, fontsize=canvas.TYPE, color=canvas.INK, va="center")
