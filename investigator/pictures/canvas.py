"""What the pictures share: size, type, colours and the way from a figure to bytes.

A picture is 800 pixels wide and is shown about 400 wide on a phone, so type of 28 pixels reads as 14. It
brings its own light card, so that it reads in dark mode as well. The colours are Okabe and Ito's, told apart
in every kind of colour blindness, and none carries a meaning alone.
"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from matplotlib import rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import templates
from investigator.pictures.lettering import families, readable

WIDTH, DPI = 800, 200
TYPE = 28 / DPI * 72  # points
MOST = 40  # services in one picture

CARD, INK, FAINT, BORDER = "#FFFFFF", "#1D1C1D", "#5C5C5C", "#C9C9C9"
ROOT, FAILING, HEALTHY, DEPLOY = "#B23C00", "#E69F00", "#56B4E9", "#0072B2"
ROOT_FILL, FAILING_FILL, HEALTHY_FILL = "#FBE3D6", "#FFF1D0", "#F2F8FC"


def figure(height: int) -> Figure:
    """An empty card; `height` is in pixels. Coordinates of its only axes are pixels from the top left."""
    rcParams["font.family"] = families()
    card = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor=CARD, edgecolor=BORDER, linewidth=2)
    FigureCanvasAgg(card)
    axes = card.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    return card


def png(card: Figure) -> bytes:
    buffer = io.BytesIO()
    card.savefig(buffer, format="png", facecolor=card.get_facecolor(), edgecolor=card.get_edgecolor())
    card.clear()
    return buffer.getvalue()


def shortened(name: str, most: int) -> str:
    """Names of one system differ at both ends, so the middle goes. Dollar signs would be mathematics."""
    text = readable("".join(letter if letter.isprintable() else "�" for letter in name)).replace("$", r"\$")
    if len(text) <= most:
        return text
    tail = (most - 1) // 2
    return f"{text[: most - 1 - tail]}…{text[-tail:]}"


def folded(name: str, most: int) -> str:
    """The name on at most two lines, broken where its parts meet."""
    name = readable(name)
    seams = [place + 1 for place, sign in enumerate(name) if sign in "-_:./ "]
    if len(name) <= most + (not seams):  # rather a little wide than cut within a word
        return shortened(name, most + 1)
    cut = min(seams, key=lambda seam: abs(2 * seam - len(name)), default=most)
    return f"{shortened(name[:cut], most)}\n{shortened(name[cut:], most)}"


def labels() -> Any:
    """The words of `templates/pictures/labels.j2`."""
    return SimpleNamespace(**vars(_environment().get_template("labels.j2").module))


def alt_text(template: str, **context: object) -> str:
    """One line, at most as long as Slack takes."""
    return " ".join(_environment().get_template(template).render(context).split())[:2000]


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    folder = Path(str(templates.__path__[0])) / "pictures"
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,  # plain text
        trim_blocks=True,
        lstrip_blocks=True,
    )
