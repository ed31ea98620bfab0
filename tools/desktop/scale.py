"""From the pixels of a picture to the units in which a system places its pointer, and back."""

from __future__ import annotations

from dataclasses import dataclass

from handeye.tools.geometry import Box, Point, Size


@dataclass(frozen=True)
class Scale:
    """A part of a screen as the system measures it, and the size of the picture that shows it.

    macOS places the pointer in points, of which a Retina display has one for 2x2 pixels; Windows and X11 place it in pixels. What the
    ratio is gets measured, from a picture: it depends on the display, its settings and what takes the picture.
    """

    part: Box
    """In the system's units, the origin at the top left of the main monitor."""
    picture: Size
    """In pixels."""

    def to_system(self, pixel: Point) -> Point:
        """The system's unit in which the middle of `pixel` lies."""
        across = _moved(pixel.x, self.picture.width, self.part.width)
        down = _moved(pixel.y, self.picture.height, self.part.height)
        return Point(self.part.left + across, self.part.top + down)

    def to_pixel(self, place: Point) -> Point:
        """The pixel in which the middle of a unit of the system lies; the nearest one for a place outside of the picture."""
        across = _moved(place.x - self.part.left, self.part.width, self.picture.width)
        down = _moved(place.y - self.part.top, self.part.height, self.picture.height)
        return Point(across, down).clamped(self.picture)


def _moved(place: int, of: int, to: int) -> int:
    # Whole numbers throughout: (place + 1/2) * to / of, rounded down.
    return (2 * place + 1) * to // (2 * of)
