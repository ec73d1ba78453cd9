"""The timeline picture: a line for each service, its alerts over time, deploys marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from investigator.models.base import Value
from investigator.pictures import canvas

_LEFT, _RIGHT, _TOP, _ROW = 300, 768, 30, 46
_COLUMNS = 60  # alerts closer than a column share a mark
_TICKS = 3
_NAME = 15  # characters that fit left of the lines


class ServiceTimes(Value):
    """When a service alerted and was deployed."""

    service: str
    alerts: tuple[datetime, ...]
    deploys: tuple[datetime, ...] = ()


def timeline_picture(rows: Sequence[ServiceTimes], *, root: str | None) -> bytes:
    """A PNG; services in the order given, the root first; beyond 40 those with the most alerts."""
    shown, rest = _chosen(rows, root)
    words = canvas.labels()
    height = _TOP + _ROW * (len(shown) + bool(rest)) + 150
    card = canvas.figure(height)
    axes = card.axes[0]
    span = _span(shown)
    for place, row in enumerate(shown):
        _draw_row(axes, row, _TOP + _ROW * (place + 0.5), span, is_root=row.service == root)
    bottom = _TOP + _ROW * len(shown)
    if rest:
        axes.text(
            24, bottom + _ROW / 2, words.more(rest), fontsize=canvas.TYPE, color=canvas.FAINT, va="center"
        )
        bottom += _ROW
    _draw_axis(axes, bottom + 8, span)
    _draw_legend(axes, bottom + 104, words, has_root=root is not None)
    return canvas.png(card)


def timeline_alt(rows: Sequence[ServiceTimes], *, root: str | None) -> str:
    shown, rest = _chosen(rows, root)
    begin, end = _span(shown)
    return canvas.alt_text(
        "timeline_alt.j2", rows=shown, rest=rest, root=root, begin=_clock(begin, end), end=_clock(end, end)
    )


def _chosen(rows: Sequence[ServiceTimes], root: str | None) -> tuple[list[ServiceTimes], int]:
    ranked = sorted(rows, key=lambda row: (row.service != root, -len(row.alerts)))
    kept = {row.service for row in ranked[: canvas.MOST]}
    shown = sorted((row for row in rows if row.service in kept), key=lambda row: row.service != root)
    return shown, len(rows) - len(shown)


def _span(rows: Sequence[ServiceTimes]) -> tuple[datetime, datetime]:
    moments = [moment for row in rows for moment in (*row.alerts, *row.deploys)]
    if not moments:
        moments = [datetime(1970, 1, 1, tzinfo=UTC)]
    first, last = min(moments), max(moments)
    return (first, last) if last - first >= timedelta(minutes=1) else (first, first + timedelta(minutes=1))


def _x(moment: datetime, span: tuple[datetime, datetime]) -> float:
    return _LEFT + (_RIGHT - _LEFT) * ((moment - span[0]) / (span[1] - span[0]))


def _draw_row(
    axes: Any, row: ServiceTimes, y: float, span: tuple[datetime, datetime], *, is_root: bool
) -> None:
    if is_root:
        axes.axhspan(y - _ROW / 2, y + _ROW / 2, color=canvas.ROOT_FILL, zorder=0)
    axes.plot([_LEFT, _RIGHT], [y, y], color=canvas.BORDER, linewidth=1, zorder=1)
    weight = "bold" if is_root else "normal"
    name = canvas.shortened(row.service, _NAME - 2 * is_root)
    axes.text(24, y, name, fontsize=canvas.TYPE, color=canvas.INK, va="center", weight=weight)
    for deploy in row.deploys:
        _mark_deploy(axes, _x(deploy, span), y)
    width = (_RIGHT - _LEFT) / _COLUMNS
    for column, count in Counter(int((_x(at, span) - _LEFT) / width) for at in row.alerts).items():
        x = min(_LEFT + (column + 0.5) * width, _RIGHT)
        _mark_alert(axes, x, y, count, is_root=is_root)


def _mark_alert(axes: Any, x: float, y: float, count: int, *, is_root: bool) -> None:
    size = min(9.0, 4.5 + 1.5 * (count - 1) ** 0.5)
    color, shape = (canvas.ROOT, "D") if is_root else (canvas.FAILING, "o")
    axes.plot(
        [x], [y], marker=shape, markersize=size, color=color, markeredgecolor=canvas.INK, markeredgewidth=0.6
    )


def _mark_deploy(axes: Any, x: float, y: float) -> None:
    axes.plot([x, x], [y - 20, y + 20], color=canvas.DEPLOY, linewidth=1.6, zorder=2)
    axes.plot([x], [y - 13], marker="v", markersize=6.5, color=canvas.DEPLOY, zorder=3)


def _draw_axis(axes: Any, y: float, span: tuple[datetime, datetime]) -> None:
    axes.plot([_LEFT, _RIGHT], [y, y], color=canvas.FAINT, linewidth=1)
    for step in range(_TICKS):
        moment = span[0] + (span[1] - span[0]) * step / (_TICKS - 1)
        x, side = _x(moment, span), ("left", "center", "right")[step]
        axes.plot([x, x], [y, y + 8], color=canvas.FAINT, linewidth=1)
        text = _clock(moment, span[1] if span[1] - span[0] < timedelta(days=1) else None)
        axes.text(x, y + 32, text, fontsize=canvas.TYPE, color=canvas.FAINT, ha=side, va="center")
    axes.text(24, y + 32, "UTC", fontsize=canvas.TYPE, color=canvas.FAINT, va="center")


def _clock(moment: datetime, same_day_as: datetime | None) -> str:
    moment = moment.astimezone(UTC)
    return moment.strftime("%H:%M" if same_day_as is not None else "%d %b %H:%M")


def _draw_legend(axes: Any, y: float, words: Any, *, has_root: bool) -> None:
    if has_root:
        _mark_alert(axes, 36, y, 3, is_root=True)
        axes.text(62, y, words.root, fontsize=canvas.TYPE, color=canvas.INK, va="center")
    _mark_alert(axes, 330, y, 3, is_root=False)
    axes.text(356, y, words.alert, fontsize=canvas.TYPE, color=canvas.INK, va="center")
    _mark_deploy(axes, 560, y)
    axes.text(582, y, words.deploy, fontsize=canvas.TYPE, color=canvas.INK, va="center")
