"""Rules of material: what is lost, and whether the declared stock is enough."""

from rmos.feasibility.models import Category, Direction
from rmos.feasibility.rules.rule import ANY, Finding, RingSupply, Rule, needs

YIELD_PCT = (60.0, 25.0)
_PER_RING = needs("design.channel_depth_mm")
_READS = needs("ring.kerf_mm", "ring.segments", "ring.strip_thickness_mm", "ring.tile_length_mm")


def _share(supply: RingSupply) -> Finding:
    share = 100 * supply.net_mm3 / supply.blanks.volume_mm3
    return Finding(share, *YIELD_PCT, {"pieces": float(supply.blanks.count)})


def _stock(supply: RingSupply) -> Finding | None:
    if supply.available is None:
        return None
    wanted = float(supply.blanks.count)
    figures = {
        "length": supply.blanks.length,
        "width": supply.blanks.width,
        "thickness": supply.blanks.thickness,
    }
    return Finding(float(supply.available), wanted, wanted, figures)


SHARE = Rule(
    rule_id="YIELD_SHARE",
    category=Category.BOM_EFFICIENCY,
    modes=ANY,
    direction=Direction.MIN,
    unit="percent",
    title="Most of the material ends in the ring",
    limits="GREEN from 60 %; below it YELLOW, from 25 % down at a score of 40: a matter of cost that never blocks",
    why="{value:percent} of the material ends in the ring (pieces: {pieces:count}); {green:percent} would be thrifty.",
    hint="build a whole ring from segments, or from more of them, or nest it with others; saw strips and slices with a "
    "kerf under two thirds of their thickness",
    sources=("geometry of the blanks; 15 % spare for strips and segments",),
    confidence=0.6,
    yield_check=_share,
    needs=_PER_RING,
    uses=_READS,
)
STOCK = Rule(
    rule_id="YIELD_STOCK",
    category=Category.BOM_EFFICIENCY,
    modes=ANY,
    direction=Direction.MIN,
    unit="count",
    title="The declared stock is enough",
    limits="RED when the pieces of `stock` give fewer blanks than the ring needs",
    why="The declared stock gives {value:count} of {green:count} pieces of {length:mm} by {width:mm} by "
    "{thickness:mm}.",
    hint="add stock, or build the ring from smaller pieces",
    sources=("geometry of the blanks",),
    confidence=0.8,
    yield_check=_stock,
    needs=_PER_RING,
    uses=_READS,
)

RULES = (SHARE, STOCK)
