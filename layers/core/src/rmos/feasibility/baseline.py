"""The engine that RMOS ships: every category of every cut by the rules of the one table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rmos.design.cutting import Cut
from rmos.design.library import HazardKind
from rmos.design.materials import MaterialClass
from rmos.design.units import plain_number
from rmos.feasibility.assembly import ESTIMATED_FORCE, LAW, Assembled, assembled
from rmos.feasibility.assessing import Judged, JudgedCut, Reader, assess
from rmos.feasibility.engine import EngineInfo
from rmos.feasibility.estimates import estimates_of
from rmos.feasibility.fields import FIELD_BY_NAME, label_of
from rmos.feasibility.kept import KeptJudgements
from rmos.feasibility.material_yield import material_yield
from rmos.feasibility.models import (
    Assessment,
    AssumedDefault,
    Binding,
    Category,
    CutResult,
    Hazard,
    MissingInput,
    RiskLevel,
    Verdict,
    Yield,
)
from rmos.feasibility.not_checked import not_checked
from rmos.feasibility.outcomes import applied
from rmos.feasibility.places import is_confirmed, pointer_of
from rmos.feasibility.reasons import reasons, urgency
from rmos.feasibility.resolution import Resolved
from rmos.feasibility.rules.table import RULES_OF_MODE, RULESET_VERSION, WEIGHTS
from rmos.feasibility.scoring import held, overall, worst


class BaselineFeasibilityEngineV1:
    """Chip load, heat, deflection, speed, power, breakage, geometry and yield, for router bits and saw blades."""

    info = EngineInfo(
        id="baseline_v1",
        version="1.1.0",
        description="Deterministic cutting model for wood, sheet and shell, with a source for every limit.",
        ruleset_version=RULESET_VERSION,
    )

    def __init__(self) -> None:
        self._kept = KeptJudgements()

    def evaluate(self, resolved: Resolved) -> Verdict:
        """Judge every cut of a request and the yield of its material."""
        cuts = [self._judged(resolved, index) for index in range(len(resolved.request.context.cuts))]
        supply = material_yield(resolved)
        levels = [cut.result.risk_level for cut in cuts]
        risk = worst([*levels, supply.risk_level] if supply.decides else levels)
        return Verdict(
            risk_level=risk,
            overall_score=_overall_score(cuts, supply, risk),
            cuts=tuple(cut.result for cut in cuts),
            material_yield=supply,
            binding=_binding(cuts, supply),
            reasons=tuple(reasons(cuts, supply, risk)),
            hazards=tuple(_hazards(resolved)),
            not_checked=not_checked(resolved.request),
            assumed_defaults=tuple(_assumed_defaults(cuts, resolved)),
            missing_inputs=tuple(_missing_inputs(cuts, resolved)),
            has_plain_numbers=True,
        )

    def evaluate_cut(self, resolved: Resolved, index: int) -> CutResult:
        """Judge one cut of a request, as `evaluate` does."""
        return self._judged(resolved, index).result

    def _judged(self, resolved: Resolved, index: int) -> JudgedCut:
        context = resolved.request.context
        cut = context.cuts[index]
        parts = assembled(resolved, index)
        reader = Reader(_confirmed(parts, context.confirmed_defaults, cut), context.display_units)
        rules = RULES_OF_MODE[cut.mode]

        def judge(category: Category) -> Judged:
            return assess(category, applied(rules[category], parts.facts), parts, reader)

        judged = self._kept.judgements(parts.facts, reader, judge)
        result = _cut_result(resolved, parts, reader, tuple([each.assessment for each in judged]))
        return JudgedCut(result, parts, judged, reader.confirmed)


def _cut_result(resolved: Resolved, parts: Assembled, reader: Reader, assessments: tuple[Assessment, ...]) -> CutResult:
    facts = parts.facts
    cut = facts.cut
    risk = worst([each.risk_level for each in assessments])
    scores = [(each.category, each.score) for each in assessments]
    return CutResult(
        index=facts.index,
        name=cut.name,
        mode=cut.mode,
        target=cut.target,
        ring_index=cut.ring_index,
        material_label=None if resolved.material_of(cut) is None else facts.material_label,
        risk_level=risk,
        overall_score=_held_overall(scores, [each.score for each in assessments], risk),
        assessments=assessments,
        estimates=estimates_of(parts, reader.units),
    )


def _confirmed(parts: Assembled, given: Sequence[str], cut: Cut) -> frozenset[str]:
    names = set(given)
    index = parts.facts.index
    return frozenset(name for name in parts.ledger.assumed if is_confirmed(name, index, cut, names)) - {ESTIMATED_FORCE}


def _held_overall(scores: Iterable[tuple[Category, float]], decisive: Iterable[float], risk: RiskLevel) -> float:
    return held(overall(scores, decisive, WEIGHTS), risk)


def _overall_score(cuts: Sequence[JudgedCut], supply: Yield, risk: RiskLevel) -> float:
    """Return the formula over the least score of each category, inside the range of the colour."""
    least: dict[Category, float] = {}
    for cut in cuts:
        for each in cut.result.assessments:
            least[each.category] = min(each.score, least.get(each.category, each.score))
    decisive = [*least.values(), supply.score] if supply.decides else list(least.values())
    scores = list(least.items())
    if supply.value is not None:
        scores.append((Category.BOM_EFFICIENCY, supply.score))
    return _held_overall(scores, decisive, risk)


def _binding(cuts: Sequence[JudgedCut], supply: Yield) -> Binding:
    index, judged = min(
        ((cut.result.index, judged) for cut in cuts for judged in cut.judged),
        key=lambda pair: urgency(pair[1].assessment),
    )
    if supply.decides and urgency(supply) < urgency(judged.assessment):
        ring = min(supply.rings, key=lambda ring: -ring.risk_level.severity)
        return Binding(category=Category.BOM_EFFICIENCY, cut=None, pass_index=None, ring_index=ring.ring_index)
    outcome = judged.binding
    ring_index = None if outcome is None else outcome.check.ring_index
    return Binding(
        category=judged.assessment.category,
        cut=index,
        pass_index=None if outcome is None else outcome.check.pass_index,
        ring_index=cuts[index].result.ring_index if ring_index is None else ring_index,
    )


def _hazards(resolved: Resolved) -> Iterator[Hazard]:
    for row in resolved.material_rows().values():
        for hazard in row.hazards:
            yield Hazard(kind=hazard.kind, material=row.label, text=hazard.text, source=hazard.source)
    silent_classes = {
        each.values.material_class: each
        for each in (resolved.top, *resolved.rings)
        if each is not None and (each.row is None or not each.row.hazards)
    }
    for material_class, text in _DUST_OF_CLASS.items():
        if material_class in silent_classes:
            label = silent_classes[material_class].label
            yield Hazard(kind=HazardKind.DUST, material=label, text=text, source=_DUST_SOURCE)


_DUST_SOURCE = "IARC Monographs 100C (wood dust) and 68 (silica); general workshop practice"
_DUST_OF_CLASS: Mapping[MaterialClass, str] = {
    MaterialClass.WOOD: "Wood dust harms lungs and nose; extract it, and look up whether this species sensitises.",
    MaterialClass.SHEET: "Panel dust carries resin and formaldehyde; extract it and wear a mask.",
    MaterialClass.SHELL: "Shell dust is sharp and harms the lungs; cut it wet or extract it, and wear a mask.",
}


def _assumed_defaults(cuts: Sequence[JudgedCut], resolved: Resolved) -> Iterator[AssumedDefault]:
    seen: set[str] = set()
    for cut in cuts:
        request_cut = resolved.request.context.cuts[cut.result.index]
        for name, value in sorted(cut.assembled.ledger.assumed.items()):
            categories = tuple(each.assessment.category for each in cut.judged if name in each.used_defaults)
            pointer = pointer_of(name, cut.result.index, request_cut)
            if name == ESTIMATED_FORCE or not categories or pointer in seen:
                continue
            seen.add(pointer)
            yield AssumedDefault(
                pointer=pointer,
                field=name,
                label=label_of(name),
                value=value if isinstance(value, str) else plain_number(value),
                unit=FIELD_BY_NAME[name].unit,
                categories=categories,
                confirmed=name in cut.confirmed,
            )


def _missing_inputs(cuts: Sequence[JudgedCut], resolved: Resolved) -> Iterator[MissingInput]:
    found: dict[str, tuple[str, list[Category]]] = {}
    for cut in cuts:
        request_cut = resolved.request.context.cuts[cut.result.index]
        lacking = [each for each in cut.judged if each.missing]
        absent = _absent_owners(resolved, cut.result.index) if lacking else ()
        for each in lacking:
            for name, ring_index in sorted(each.missing, key=str):
                if name == LAW:
                    continue
                owner = name.partition(".")[0]
                shown = owner if owner in absent else name
                pointer = pointer_of(shown, cut.result.index, request_cut, ring_index)
                categories = found.setdefault(pointer, (shown, []))[1]
                if each.assessment.category not in categories:
                    categories.append(each.assessment.category)
    for pointer, (name, categories) in found.items():
        yield MissingInput(pointer=pointer, field=name, label=label_of(name), categories=tuple(categories))


def _absent_owners(resolved: Resolved, index: int) -> frozenset[str]:
    owners = {
        "material": resolved.material_of(resolved.request.context.cuts[index]),
        "tool": resolved.tools[index],
        "machine": resolved.machine,
    }
    return frozenset(name for name, owner in owners.items() if owner is None)
