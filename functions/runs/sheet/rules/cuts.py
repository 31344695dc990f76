"""The cuts of a run on its sheet: what to clamp, what to set, and the Z of every pass."""

from typing import Final

from pydantic import JsonValue
from rmos.design.cutting import Mode
from rmos.design.numbering import cut_name, ring_name
from rmos.design.units import DisplayUnits
from rmos.runs.models import JsonObject

from runs.rules.parts import is_number, items, member, objects
from runs.sheet.models import CutSheet, Fact, Finding, Pass
from runs.sheet.rules.quantities import NOT_GIVEN, feed, length, measured, speed, text

_S_PER_MIN: Final = 60


def cuts_of(context: JsonObject, feasibility: JsonObject, units: DisplayUnits) -> tuple[CutSheet, ...]:
    """Return every cut of a run; one that was not judged shows what was asked."""
    judged = [(each.get("index"), each) for each in objects(feasibility.get("cuts"))]
    cuts = objects(context.get("cuts"))
    return tuple(
        _cut(index, cut, next((each for place, each in judged if place == index), {}), units)
        for index, cut in enumerate(cuts)
    )


def _cut(index: int, cut: JsonObject, found: JsonObject, units: DisplayUnits) -> CutSheet:
    estimates = member(found, "estimates")
    return CutSheet(
        title=_title(index, cut, found),
        verdict=text(found.get("risk_level"), "not judged"),
        tool=_tool(cut, units),
        settings=_settings(cut, estimates, units),
        passes=_passes(estimates.get("passes"), units),
        findings=tuple(_finding(each, units) for each in objects(found.get("assessments"))),
    )


def _title(index: int, cut: JsonObject, found: JsonObject) -> str:
    ring = cut.get("ring_index")
    place = text(cut.get("target"), "cut").lower() + (f" of {ring_name(ring)}" if isinstance(ring, int) else "")
    name = text(cut.get("name"), place)
    inside = f" in {found['material_label']}" if isinstance(found.get("material_label"), str) else ""
    told = [name] if name == place else [name, place]
    words = [text(cut.get(field), "").lower() for field in ("mode", "operation")]
    return f"{cut_name(index).capitalize()}: {', '.join(told)}{inside} ({', '.join(word for word in words if word)})"


def _tool(cut: JsonObject, units: DisplayUnits) -> tuple[Fact, ...]:
    tool = member(cut, "tool")
    is_saw = cut.get("mode") == Mode.SAW
    name = text(tool.get("label"), text(cut.get("tool_id")))
    kind = ", ".join(
        text(tool.get(field)).lower().replace("_", " ")
        for field in ("type", "material", "helix", "edge")
        if tool.get(field) is not None
    )
    facts = [
        Fact("Blade" if is_saw else "Bit", name, is_vital=True),
        Fact("Type", kind or NOT_GIVEN),
        Fact("Diameter", *length(tool.get("diameter_mm"), units), is_vital=True),
    ]
    if is_saw:
        facts += [Fact("Teeth", text(tool.get("teeth"))), Fact("Kerf", *length(tool.get("kerf_mm"), units))]
        facts += [Fact("Plate", *length(tool.get("plate_mm"), units))]
    else:
        facts += [
            Fact("Stickout, collet to tip", *length(tool.get("stickout_mm"), units), is_vital=True),
            Fact("Flutes", text(tool.get("flutes"))),
            Fact("Flute length", *length(tool.get("flute_length_mm"), units)),
            Fact("Shank", *length(tool.get("shank_diameter_mm"), units)),
        ]
    if tool.get("max_rpm") is not None:
        facts.append(Fact("Marked at most", speed(tool.get("max_rpm"))))
    return tuple(facts)


def _settings(cut: JsonObject, estimates: JsonObject, units: DisplayUnits) -> tuple[Fact, ...]:
    facts = [
        Fact("Spindle", speed(cut.get("spindle_rpm")), is_vital=True),
        Fact("Feed", *feed(cut.get("feed_mm_per_min"), units), is_vital=True),
        Fact("Plunge", *feed(cut.get("plunge_mm_per_min"), units)),
        Fact("Depth per pass", *length(cut.get("depth_per_pass_mm"), units), is_vital=True),
    ]
    if cut.get("stepover_mm") is not None:
        facts.append(Fact("Stepover", *length(cut.get("stepover_mm"), units)))
    if cut.get("entry") is not None:
        facts.append(Fact("Entry", text(cut.get("entry")).lower()))
    time = _time(estimates.get("cut_time_s"))
    return (*facts, Fact("Time in the cut", time)) if time else tuple(facts)


def _time(seconds: JsonValue) -> str:
    if not isinstance(seconds, dict):
        return ""
    low, high = seconds.get("low"), seconds.get("high")
    return f"{_minutes(low)} to {_minutes(high)}" if is_number(low) and is_number(high) else ""


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), _S_PER_MIN)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _passes(depths: JsonValue, units: DisplayUnits) -> tuple[Pass, ...]:
    return tuple(Pass(number, *length(z_mm, units)) for number, z_mm in enumerate(items(depths), start=1))


def _finding(assessment: JsonObject, units: DisplayUnits) -> Finding:
    return Finding(
        category=text(assessment.get("category"), "?").replace("_", " "),
        colour=text(assessment.get("risk_level"), "?"),
        value=measured(assessment.get("value"), assessment.get("unit"), units),
        why=text(assessment.get("why"), ""),
    )
