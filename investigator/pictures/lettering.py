"""Which letters pictures can show: what no font of this machine has is spelt out, not drawn as a box."""

from __future__ import annotations

import unicodedata
from functools import cache

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

# Where one of these is installed it is used for what the first, which comes with matplotlib, does not have.
_FAMILIES = (
    "DejaVu Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Source Han Sans",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "IPAGothic",
    "Unifont",
)


@cache
def families() -> list[str]:
    """Names of the fonts to draw with, the preferred one first."""
    there = set(font_manager.get_font_names())
    return [name for name in _FAMILIES if name in there]


def readable(text: str) -> str:
    """The text with letters that no font has by their sound, or else by their number (`U+652F`)."""
    return "".join(letter if _is_drawn(letter) else _spelt(letter) for letter in text)


@cache
def _is_drawn(letter: str) -> bool:
    return any(face.get_char_index(ord(letter)) for face in _faces())


@cache
def _faces() -> list[FT2Font]:
    return [font_manager.get_font(font_manager.findfont(name)) for name in families()]


def _spelt(letter: str) -> str:
    """Syllabaries are named after their sound: `HANGUL SYLLABLE GYEOL`, `KATAKANA LETTER KE`."""
    name = unicodedata.name(letter, "")
    if name.startswith(("HANGUL SYLLABLE", "KATAKANA LETTER", "HIRAGANA LETTER")):
        return name.rpartition(" ")[2].lower()
    return f"U+{ord(letter):04X}"
