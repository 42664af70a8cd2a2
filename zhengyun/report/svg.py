"""A few SVG elements, escaped; two languages side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr


@dataclass
class Drawing:
    """Elements of one picture, in the order in which they are painted (units: pixels)."""

    width: float
    height: float = 0.0
    elements: list[str] = field(default_factory=list)

    def box(self, x: float, y: float, width: float, height: float, style: str, radius: float = 6) -> None:
        """A rectangle of the CSS class ``style``."""
        self._add("rect", "", x=x, y=y, width=width, height=height, rx=radius, **{"class": style})
        self.height = max(self.height, y + height + 4)

    def line(self, points: tuple[tuple[float, float], tuple[float, float]], style: str, tip: str = "") -> None:
        """A straight line; ``tip`` shows when the pointer rests on it."""
        (x1, y1), (x2, y2) = points
        title = f"<title>{escape(tip)}</title>" if tip else ""
        self._add("line", title, x1=x1, y1=y1, x2=x2, y2=y2, **{"class": style})

    def path(self, d: str, style: str) -> None:
        """A path by its SVG commands."""
        self._add("path", "", d=d, **{"class": style})

    def text(self, x: float, y: float, chinese: str, english: str, style: str = "") -> None:
        """One text in both languages, at one place."""
        for language, words in (("zh", chinese), ("en", english)):
            self._add("text", escape(words), x=x, y=y, **{"class": f"{language} {style}".strip()})

    def label(self, x: float, y: float, words: str, style: str = "") -> None:
        """A text that is the same in both languages: a code, an address."""
        self._add("text", escape(words), x=x, y=y, **{"class": style})

    def svg(self, title: str) -> str:
        """The picture, scaled to the width of the page."""
        size = f"0 0 {self.width:g} {self.height:g}"
        head = f'<svg viewBox="{size}" role="img" xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>'
        return "\n".join([head, *self.elements, "</svg>"])

    def _add(self, element: str, content: str, **attributes: object) -> None:
        shown = " ".join(
            f"{name}={quoteattr(f'{value:g}' if isinstance(value, float | int) else str(value))}"
            for name, value in attributes.items()
        )
        self.elements.append(f"<{element} {shown}>{content}</{element}>")


def shortened(words: str, columns: int) -> str:
    """Words that fit into so many columns; Chinese characters take two."""
    taken = 0
    for index, character in enumerate(words):
        taken += 2 if ord(character) > 0x2E7F else 1
        if taken > columns:
            return words[: max(0, index - 1)] + "…"
    return words
