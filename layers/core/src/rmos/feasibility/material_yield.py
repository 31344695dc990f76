"""The material of all rings: how much of it ends in the rosette, and whether the declared stock is enough."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rmos.design.cutting import Stock
from rmos.design.numbering import ring_name
from rmos.design.rosette import Design
from rmos.design.units import DisplayUnits, plain_number
from rmos.feasibility.assessing import said
from rmos.feasibility.blanks import NEEDED_TO_MAKE, USUAL_BIT_MM, blanks_of, depth_of
from rmos.feasibility.fields import labelled
from rmos.feasibility.models import Category, Details, Direction, RingYield, RiskLevel, Yield
from rmos.feasibility.outcomes import Outcome, margin_pct, outcome, shown_figures
from rmos.feasibility.physics import yields
from rmos.feasibility.resolution import Resolved
from rmos.feasibility.rules.rule import Finding, RingPlace, RingSupply
from rmos.feasibility.rules.yields import SHARE, STOCK, YIELD_PCT
from rmos.feasibility.scoring import held, worst
from rmos.feasibility.words import listed


@dataclass(slots=True)
class _RingVerdict:
    supply: RingSupply
    share: Outcome
    stock: Outcome | None

    @property
    def is_short(self) -> bool:
        return self.stock is not None and self.stock.check.risk_level is RiskLevel.RED


@dataclass(frozen=True, slots=True)
class _Order:
    """All that a yield depends on: nothing that a map or a search for a way out changes."""

    design: Design
    stock: tuple[Stock, ...]
    bit_diameters: tuple[float, ...]
    """By ring: that of the bit which cuts it out."""
    units: DisplayUnits


def material_yield(resolved: Resolved) -> Yield:
    """Return the yield of the whole rosette; rings whose making is not told are left out and named as missing.

    Asked again for an equal design, as by who tries one setting after the other, it returns the yield of before.
    """
    request = resolved.request
    bits = tuple([_bit_diameter(resolved, index) for index in range(len(request.design.rings))])
    return _worked_out(_Order(request.design, request.context.stock, bits, request.context.display_units))


@lru_cache(maxsize=1)
def _worked_out(order: _Order) -> Yield:
    design = order.design
    verdicts = [_judged(supply) for supply in _supplies(order)]
    missing = tuple(sorted(set(_missing(design))))
    if not verdicts:
        return _unknown(missing)
    net = sum([each.supply.net_mm3 for each in verdicts])
    gross = sum([each.supply.blanks.volume_mm3 for each in verdicts])
    whole = outcome(SHARE, Finding(100 * net / gross, *YIELD_PCT, {"pieces": float(len(verdicts))}), None).check
    is_short = any(each.is_short for each in verdicts)
    rings = tuple([_ring_yield(each, order.units) for each in verdicts])
    risk = worst([ring.risk_level for ring in rings])
    rules = (STOCK, SHARE) if is_short else (SHARE,)
    return Yield(
        category=Category.BOM_EFFICIENCY,
        rule_ids=tuple([rule.rule_id for rule in rules]),
        value=whole.value,
        unit=whole.unit,
        limit_green=whole.limit_green,
        limit_yellow=whole.limit_yellow,
        direction=whole.direction,
        margin_pct=margin_pct(whole),
        score=held(whole.score, risk),
        risk_level=risk,
        why=_why(rings, whole.value, missing),
        sources=tuple(dict.fromkeys([source for rule in rules for source in rule.sources])),
        confidence=min([rule.confidence for rule in rules]),
        details=Details(
            checks=tuple([found.check for each in verdicts for found in (each.share, each.stock) if found is not None]),
            figures=shown_figures({"net_mm3": net, "gross_mm3": gross}),
            missing=missing,
            assumed=(),
            hints=() if risk is RiskLevel.GREEN else tuple([rule.hint for rule in rules]),
        ),
        decides=is_short,
        rings=rings,
    )


def _supplies(order: _Order) -> Iterator[RingSupply]:
    design = order.design
    for index, (ring, inner_radius) in enumerate(zip(design.rings, design.inner_radii_mm(), strict=True)):
        depth = depth_of(design, index)
        place = RingPlace(index, ring, inner_radius)
        blanks = None if depth is None else blanks_of(place, depth, order.bit_diameters[index])
        if depth is not None and blanks is not None:
            net = yields.ring_volume_mm3(place.inner_radius, place.inner_radius + ring.width_mm, depth)
            yield RingSupply(place, blanks, net, _available(order.stock, index, blanks))


def _bit_diameter(resolved: Resolved, ring_index: int) -> float:
    for cut, tool in zip(resolved.request.context.cuts, resolved.tools, strict=True):
        if cut.ring_index == ring_index and tool is not None and tool.values.diameter_mm is not None:
            return tool.values.diameter_mm
    return USUAL_BIT_MM


def _available(stock: tuple[Stock, ...], ring_index: int, blanks: yields.Blanks) -> int | None:
    own = [piece for piece in stock if piece.ring_index == ring_index]
    if not own:
        return None
    return sum(each.count * blanks.fitting_into(each.length_mm, each.width_mm, each.thickness_mm) for each in own)


def _missing(design: Design) -> Iterator[str]:
    for index, ring in enumerate(design.rings):
        name = NEEDED_TO_MAKE[ring.construction]
        if name is not None and getattr(ring, name) is None:
            yield f"ring.{name}"
        if depth_of(design, index) is None:
            yield "design.channel_depth_mm"


def _judged(supply: RingSupply) -> _RingVerdict:
    share = SHARE.yield_check(supply) if SHARE.yield_check is not None else None
    stock = STOCK.yield_check(supply) if STOCK.yield_check is not None else None
    if share is None:
        raise LookupError(SHARE.rule_id)
    index = supply.place.index
    found = None if stock is None else outcome(STOCK, stock, index)
    return _RingVerdict(supply, _cost(outcome(SHARE, share, index)), found)


def _cost(share: Outcome) -> Outcome:
    """Return `share` as YELLOW where it is RED: what is lost costs money, and only stock that runs out blocks."""
    check = share.check
    if check.risk_level is not RiskLevel.RED:
        return share
    held_back = replace(check, risk_level=RiskLevel.YELLOW, score=held(check.score, RiskLevel.YELLOW))
    return replace(share, check=held_back)


def _ring_yield(verdict: _RingVerdict, units: DisplayUnits) -> RingYield:
    binding = verdict.stock if verdict.stock is not None and verdict.is_short else verdict.share
    return RingYield(
        ring_index=verdict.supply.place.index,
        yield_pct=plain_number(round(verdict.share.check.value, 1)),
        net_mm3=plain_number(verdict.supply.net_mm3),
        gross_mm3=plain_number(verdict.supply.blanks.volume_mm3),
        pieces=verdict.supply.blanks.count,
        pieces_from_stock=verdict.supply.available,
        risk_level=_colour(verdict),
        why=said(binding, units),
    )


def _colour(verdict: _RingVerdict) -> RiskLevel:
    return RiskLevel.RED if verdict.is_short else verdict.share.check.risk_level


def _why(rings: tuple[RingYield, ...], value: float, missing: tuple[str, ...]) -> str:
    least = min(rings, key=lambda ring: (-ring.risk_level.severity, ring.yield_pct))
    why = f"{value:.3g} % of all material ends in the rosette. {ring_name(least.ring_index).capitalize()}: {least.why}"
    return f"{why} Left out are rings without: {listed([labelled(name) for name in missing])}." if missing else why


def _unknown(missing: tuple[str, ...]) -> Yield:
    return Yield(
        category=Category.BOM_EFFICIENCY,
        rule_ids=(SHARE.rule_id,),
        value=None,
        unit=SHARE.unit,
        limit_green=None,
        limit_yellow=None,
        direction=Direction.MIN,
        margin_pct=None,
        score=0.0,
        risk_level=RiskLevel.UNKNOWN,
        why=f"It cannot be judged without: {listed([labelled(name) for name in missing])}.",
        sources=SHARE.sources,
        confidence=0.0,
        details=Details(checks=(), figures={}, missing=missing, assumed=(), hints=()),
        decides=False,
        rings=(),
    )
