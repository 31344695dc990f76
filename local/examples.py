"""The example bodies: a rosette that may be cut, and its twin that may not."""

from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1] / "docs" / "examples"

GREEN = _FOLDER / "classical-green.json"
"""A 1.2 mm channel in a spruce top, cut in two passes with a 1/8 in bit."""
RED = _FOLDER / "classical-red.json"
"""The same in hard maple, in one pass with 30 mm of bit sticking out: RED for deflection."""
