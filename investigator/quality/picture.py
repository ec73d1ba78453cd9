"""How often it was so, against how sure was said: the picture of the digest."""

from __future__ import annotations

import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from investigator.quality.figures import Figures

INK, GRID, LINE = "#1d1c1d", "#c9c9c9", "#0b5fa5"


def reliability_picture(figures: Figures) -> bytes:
    """A PNG, 800 by 600, that can be read on a phone and on a dark background."""
    figure = Figure(figsize=(8, 6), dpi=100, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=GRID, linewidth=2, linestyle="--")
    axes.text(0.99, 0.93, "said too little", ha="right", color=INK, fontsize=16, alpha=0.6)
    axes.text(0.99, 0.03, "said too much", ha="right", color=INK, fontsize=16, alpha=0.6)
    buckets = [bucket for bucket in figures.reliability if bucket.came_true.share is not None]
    forecast = [bucket.mean_forecast for bucket in buckets]
    came_true = [bucket.came_true.share or 0.0 for bucket in buckets]
    below = [true - bucket.came_true.low for true, bucket in zip(came_true, buckets, strict=True)]
    above = [bucket.came_true.high - true for true, bucket in zip(came_true, buckets, strict=True)]
    axes.errorbar(
        forecast,
        came_true,
        yerr=[below, above],
        color=LINE,
        marker="o",
        markersize=10,
        linewidth=3,
        capsize=6,
    )
    for x, y, bucket in zip(forecast, came_true, buckets, strict=True):
        axes.annotate(
            f"n={bucket.came_true.n}", (x, y), (10, -22), textcoords="offset points", fontsize=15, color=INK
        )
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_xlabel("how sure the verdict was", fontsize=18, color=INK)
    axes.set_ylabel("how often it was right", fontsize=18, color=INK)
    axes.tick_params(labelsize=16, colors=INK)
    axes.grid(color=GRID, linewidth=0.6, alpha=0.5)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def alt_text(figures: Figures) -> str:
    """The same in words, for those who do not see it."""
    points = [
        f"said {bucket.mean_forecast:.0%}, right {bucket.came_true.hits} of {bucket.came_true.n}"
        for bucket in figures.reliability
    ]
    return "How sure verdicts were and how often they were right: " + (
        "; ".join(points) or "nothing graded yet"
    )
