"""From a run to its sheet. A run is read as the JSON that it was kept as, so that one of any version has a sheet."""

from typing import Final

from pydantic import JsonValue
from rmos.clock import rfc3339_utc
from rmos.design.rosette import DEFAULT_GLUE_LINE_MM
from rmos.design.units import DisplayUnits
from rmos.feasibility.models import RiskLevel
from rmos.runs.models import JsonObject, OutputsCheck, RunArtifact, RunStatus
from rmos.runs.outputs_check import GCODE_DIFFERS

from runs.rules.parts import is_number, member, objects, texts
from runs.sheet.models import Fact, Picture, RingRow, Sheet, Tone, Verdict
from runs.sheet.rules.cuts import cuts_of
from runs.sheet.rules.quantities import length, measured, speed, text

DO_NOT_CUT: Final = "DO NOT CUT"
_WORDS: Final = {Tone.GO: "MAY BE CUT", Tone.CARE: "CUT WITH CARE", Tone.STOP: DO_NOT_CUT}
_OUTPUTS: Final = {
    OutputsCheck.CHECKED: "G-code kept with this run keeps to these cuts",
    OutputsCheck.NOT_CHECKED: "kept with this run, but NOT checked against these cuts",
}
_LINES_SHOWN: Final = 8


def sheet_of(run: RunArtifact, picture: Picture | None) -> Sheet:
    """Return the sheet of a run; the same run and picture give the same sheet."""
    context, design = run.context or {}, run.design or {}
    units = DisplayUnits.INCH if context.get("display_units") == DisplayUnits.INCH.value else DisplayUnits.MM
    return Sheet(
        title=run.label or text(design.get("label"), "Rosette"),
        run_id=run.run_id,
        artifact_sha256=run.artifact_sha256,
        verdict=_verdict(run),
        record=_record(run),
        rosette=_rosette(design, context, units),
        machine=_machine(run, units),
        cuts=cuts_of(context, run.feasibility, units),
        rings=_rings(design, context, units),
        warnings=_warnings(run),
        assumed=tuple(_assumed(each, units) for each in objects(run.feasibility.get("assumed_defaults"))),
        hazards=tuple(_hazards(run.feasibility)),
        not_checked=texts(run.feasibility.get("not_checked")),
        picture=picture,
    )


def _verdict(run: RunArtifact) -> Verdict:
    tone = Tone.STOP
    if run.status is RunStatus.OK:
        tone = Tone.GO if run.decision.risk_level is RiskLevel.GREEN else Tone.CARE
    colour = "PROGRAM DIFFERS" if GCODE_DIFFERS in run.decision.details else run.decision.risk_level.value
    return Verdict(tone, _WORDS[tone], colour, _reasons(run))


def _reasons(run: RunArtifact) -> tuple[str, ...]:
    """Return why: of a program that was refused its first lines, else what the engine said, else what was recorded."""
    lines = objects(run.decision.details.get(GCODE_DIFFERS))
    if lines:
        told = [f"Line {text(each.get('line'))}: {text(each.get('detail'))}" for each in lines[:_LINES_SHOWN]]
        more = [f"and {len(lines) - _LINES_SHOWN} more lines"] if len(lines) > _LINES_SHOWN else []
        return ("The G-code does what was not evaluated; the cuts themselves are as shown.", *told, *more)
    found = texts(run.feasibility.get("reasons"))
    return found or ((run.decision.block_reason,) if run.decision.block_reason else ())


def _record(run: RunArtifact) -> tuple[Fact, ...]:
    score = "" if run.decision.score is None else f"{run.decision.score:.0f} of 100"
    facts = [
        Fact("Recorded", f"{rfc3339_utc(run.created_at)[:16].replace('T', ' ')} UTC"),
        Fact("By", run.created_by),
        Fact("Verdict", f"{run.decision.risk_level.value}{', score ' + score if score else ''}"),
        Fact(
            "Judged by", f"{run.engine_id or 'unknown'} {run.engine_version or ''}, rules {run.ruleset_version or '?'}"
        ),
    ]
    if run.outputs_check in _OUTPUTS:
        facts.append(
            Fact("Program", _OUTPUTS[run.outputs_check], is_vital=run.outputs_check is not OutputsCheck.CHECKED)
        )
    if run.hashes.gcode_sha256 is not None:
        facts.append(Fact("G-code SHA-256", run.hashes.gcode_sha256))
    if run.decision.acknowledged_rule_ids:
        facts.append(Fact("Acknowledged", ", ".join(run.decision.acknowledged_rule_ids)))
    if run.notes:
        facts.append(Fact("Notes", run.notes))
    return tuple(facts)


def _rosette(design: JsonObject, context: JsonObject, units: DisplayUnits) -> tuple[Fact, ...]:
    named = (
        ("Soundhole \N{DIAMETER SIGN}", "soundhole_diameter_mm"),
        ("Channel inner \N{DIAMETER SIGN}", "inner_diameter_mm"),
        ("Channel outer \N{DIAMETER SIGN}", "outer_diameter_mm"),
        ("Channel depth", "channel_depth_mm"),
        ("Top, routed", "top_thickness_mm"),
        ("Top, finished", "finished_top_thickness_mm"),
        ("Glue line", "glue_line_mm"),
    )
    if not design:
        return ()
    top = _material_name(design.get("top_material_id"), member(design, "top_material"), context)
    return (Fact("Top", top), *(Fact(name, *length(design.get(field), units)) for name, field in named))


def _machine(run: RunArtifact, units: DisplayUnits) -> tuple[Fact, ...]:
    machine = member(run.context, "machine")
    if not machine:
        return ()
    return (
        Fact("Machine", text(machine.get("label"), run.machine_id or "not named")),
        Fact("Spindle", f"{text(machine.get('min_rpm'))} to {speed(machine.get('max_rpm'))}"),
        Fact("Power", measured(machine.get("spindle_power_w"), "W", units)),
    )


def _rings(design: JsonObject, context: JsonObject, units: DisplayUnits) -> tuple[RingRow, ...]:
    rows: list[RingRow] = []
    glue = _number(design.get("glue_line_mm"), DEFAULT_GLUE_LINE_MM)
    radius = _number(design.get("inner_diameter_mm"), 0.0) / 2
    for index, ring in enumerate(objects(design.get("rings"))):
        width = _number(ring.get("width_mm"), 0.0)
        inner, radius = radius + glue, radius + glue + width
        rows.append(
            RingRow(
                number=str(index + 1),
                material=_material_name(ring.get("material_id"), member(ring, "material"), context),
                making=_making(ring, units),
                width=_paired(length(ring.get("width_mm"), units)),
                inner=_paired(length(2 * inner, units)),
                outer=_paired(length(2 * radius, units)),
            )
        )
    return tuple(rows)


def _making(ring: JsonObject, units: DisplayUnits) -> str:
    words = [text(ring.get(name), "").lower() for name in ("pattern", "construction")]
    count = ring.get("segments")
    if count is not None:
        words.append(f"{text(count)} segments")
    for name, field in (("strips", "strip_thickness_mm"), ("tiles", "tile_length_mm"), ("kerf", "kerf_mm")):
        if ring.get(field) is not None:
            words.append(f"{name} {length(ring.get(field), units)[0]}")
    if ring.get("bending") is not None:
        words.append(f"bent {text(ring.get('bending')).lower()}")
    return ", ".join(word for word in words if word)


def _material_name(row_id: JsonValue, inline: JsonObject, context: JsonObject) -> str:
    """Return what a material is called: by its row's label, its own, or its class."""
    if isinstance(row_id, str):
        return text(member(member(context, "materials"), row_id).get("label"), row_id)
    return text(inline.get("label"), text(inline.get("class")).lower())


def _warnings(run: RunArtifact) -> tuple[str, ...]:
    missing = [
        f"Missing: {text(each.get('field'))} ({text(each.get('pointer'))})"
        for each in objects(run.feasibility.get("missing_inputs"))
    ]
    beside_their_cuts = tuple(
        text(each["why"])
        for cut in objects(run.feasibility.get("cuts"))
        for each in objects(cut.get("assessments"))
        if each.get("why")
    )
    others = [warning for warning in run.decision.warnings if not warning.endswith(beside_their_cuts)]
    return tuple(dict.fromkeys([*missing, *others, *run.errors]))


def _assumed(default: JsonObject, units: DisplayUnits) -> str:
    value = default.get("value")
    shown = value if isinstance(value, str) else measured(value, default.get("unit"), units)
    state = "confirmed" if default.get("confirmed") is True else "NOT confirmed: measure it"
    return f"{text(default.get('field'))} = {shown} ({state})"


def _hazards(feasibility: JsonObject) -> list[str]:
    """Return each hazard once with the materials that it is of."""
    materials: dict[str, list[str]] = {}
    for hazard in objects(feasibility.get("hazards")):
        said = f"{text(hazard.get('kind'), 'HAZARD')}: {text(hazard.get('text'), '')}"
        materials.setdefault(said, []).append(text(hazard.get("material"), "material"))
    return [f"{said} ({', '.join(dict.fromkeys(names))})" for said, names in materials.items()]


def _paired(both: tuple[str, str]) -> str:
    return f"{both[0]} ({both[1]})" if both[1] else both[0]


def _number(value: JsonValue, otherwise: float) -> float:
    return float(value) if is_number(value) else otherwise
