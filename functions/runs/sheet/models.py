"""A run sheet: what stands on the page that hangs at the machine. Every value is text, ready to be read."""

from dataclasses import dataclass
from enum import Enum


class Tone(Enum):
    """How a verdict looks; its words say the same, as half of all printers have no colour."""

    GO = "go"
    CARE = "care"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, in capitals, and why."""

    tone: Tone
    words: str
    colour: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a table: a name, and its value in both units where it has some."""

    name: str
    value: str
    other: str = ""
    is_vital: bool = False


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass: its number from 1, and the Z to reach in both units."""

    number: int
    z: str
    other: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One category of a cut, its colour in words."""

    category: str
    colour: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class CutSheet:
    """One cut: what to clamp and set, how deep to go, and what was found."""

    title: str
    verdict: str
    tool: tuple[Fact, ...]
    settings: tuple[Fact, ...]
    passes: tuple[Pass, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG drawing for the page and what to say of its scale."""

    svg: str
    caption: str


@dataclass(frozen=True, slots=True)
class RingRow:
    """One ring, counted from 1 at the soundhole."""

    number: str
    material: str
    making: str
    width: str
    inner: str
    outer: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A run on paper. `picture` is None where the design cannot be drawn."""

    title: str
    run_id: str
    artifact_sha256: str
    verdict: Verdict
    record: tuple[Fact, ...]
    rosette: tuple[Fact, ...]
    machine: tuple[Fact, ...]
    cuts: tuple[CutSheet, ...]
    rings: tuple[RingRow, ...]
    warnings: tuple[str, ...]
    assumed: tuple[str, ...]
    hazards: tuple[str, ...]
    not_checked: tuple[str, ...]
    picture: Picture | None
