"""Rules of geometry that each ring must keep by itself."""

from rmos.design.cutting import Target
from rmos.design.rosette import Bending, Construction, Pattern, Ring, TileProfile
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Category, Direction
from rmos.feasibility.physics import shapes
from rmos.feasibility.rules.geometry import OWN
from rmos.feasibility.rules.rule import ANY, ROUTER, Finding, RingPlace, Rule, needs

_FREE_RING_MM = (1.5, 0.8)
_LAID_STRIP_MM = (0.5, 0.4)
_TILE_MM = (1.5, 1.0)
_STRAIN_PCT = {Bending.DRY: (0.5, 1.0), Bending.HOT: (1.0, 2.0)}
_TILE_GAP_MM = (0.10, 0.25)
_CLOSURE_MM = (0.05, 0.10)
_SUNK_SHARE = 0.95
# Members of an enumeration are slow to look up in Python 3.11, and every ring asks for these.
_RING, _CHANNEL = Target.RING, Target.CHANNEL
_ANNULUS, _VENEER, _SEGMENTED = Construction.ANNULUS, Construction.VENEER, Construction.SEGMENTED
_MOSAIC, _TAPERED = Pattern.MOSAIC, TileProfile.TAPERED


def _is_free(facts: CutFacts, ring: Ring) -> bool:
    return facts.cut.target is _RING and ring.construction is _ANNULUS


def _is_laid(facts: CutFacts, _ring: Ring) -> bool:
    return facts.cut.target is _CHANNEL


def _is_bent(_facts: CutFacts, ring: Ring) -> bool:
    return ring.construction is _VENEER or ring.strip_thickness_mm is not None


def _is_tiled(_facts: CutFacts, ring: Ring) -> bool:
    return ring.pattern is _MOSAIC or ring.tile_length_mm is not None


def _is_square_tiled(facts: CutFacts, ring: Ring) -> bool:
    return _is_tiled(facts, ring) and ring.tile_profile is not _TAPERED


def _is_segmented(_facts: CutFacts, ring: Ring) -> bool:
    return ring.construction is _SEGMENTED


def _is_sliced(facts: CutFacts, ring: Ring) -> bool:
    return facts.cut.target is _CHANNEL and ring.slice_thickness_mm is not None


def _free_width(_facts: CutFacts, place: RingPlace) -> Finding:
    return Finding(place.ring.width_mm, *_FREE_RING_MM, {})


def _laid_width(_facts: CutFacts, place: RingPlace) -> Finding:
    return Finding(place.ring.width_mm, *_LAID_STRIP_MM, {})


def _strain(_facts: CutFacts, place: RingPlace) -> Finding | None:
    thickness = place.ring.strip_thickness_mm
    if thickness is None:
        return None
    bending = place.ring.bending or Bending.DRY
    green, yellow = _STRAIN_PCT[bending]
    radius = place.inner_radius + thickness / 2
    figures: dict[str, float | str] = {
        "thickness": thickness,
        "radius": radius,
        "bending": bending.lower(),
        "thickest": green / 100 * 2 * radius,
    }
    return Finding(shapes.bending_strain_pct(thickness, radius), green, yellow, figures)


def _tile_gap(_facts: CutFacts, place: RingPlace) -> Finding | None:
    tile = place.ring.tile_length_mm
    if tile is None:
        return None
    gap = shapes.tile_gap_mm(place.ring.width_mm, tile, place.mid_radius)
    return Finding(gap, *_TILE_GAP_MM, {"tile": tile, "width": place.ring.width_mm, "radius": place.mid_radius})


def _closure(_facts: CutFacts, place: RingPlace) -> Finding | None:
    tile = place.ring.tile_length_mm
    if tile is None:
        return None
    figures: dict[str, float | str] = {
        "count": float(shapes.tiles_around(place.mid_radius, tile)),
        "tile": tile,
        "radius": place.mid_radius,
    }
    return Finding(shapes.closure_error_mm(place.mid_radius, tile), *_CLOSURE_MM, figures)


def _tile_length(_facts: CutFacts, place: RingPlace) -> Finding | None:
    tile = place.ring.tile_length_mm
    return None if tile is None else Finding(tile, *_TILE_MM, {})


def _segment_arc(_facts: CutFacts, place: RingPlace) -> Finding | None:
    segments = place.ring.segments
    if segments is None:
        return None
    arc = shapes.arc_mm(place.mid_radius, segments)
    return Finding(arc, *_TILE_MM, {"segments": float(segments)})


def _inlay_depth(facts: CutFacts, place: RingPlace) -> Finding | None:
    slice_thickness = place.ring.slice_thickness_mm
    if slice_thickness is None:
        return None
    depth = facts.total_depth
    return Finding(slice_thickness, depth, _SUNK_SHARE * depth, {"depth": depth})


_TILE_NEED = needs("ring.tile_length_mm")

RING_RULES = (
    Rule(
        rule_id="RING_FREE_WIDTH",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MIN,
        unit="mm",
        title="A ring routed out whole is wide enough to stay whole",
        limits="GREEN from 1.5 mm, YELLOW from 0.8",
        why="The ring is {value:mm} wide and stands free while it is routed; from {green:mm} on that is safe.",
        hint="widen the ring, build it from segments, or rout it glued to a backing",
        sources=OWN,
        confidence=0.6,
        ring_check=_free_width,
        ring_applies=_is_free,
    ),
    Rule(
        rule_id="RING_LAID_WIDTH",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MIN,
        unit="mm",
        title="A ring laid into the channel is not too thin to handle",
        limits="GREEN from 0.5 mm, YELLOW from 0.4",
        why="The ring is {value:mm} wide; from {green:mm} on it can be laid without breaking.",
        hint="widen the ring, or glue it to its neighbour first",
        sources=OWN,
        confidence=0.6,
        ring_check=_laid_width,
        ring_applies=_is_laid,
    ),
    Rule(
        rule_id="STRIP_STRAIN",
        category=Category.GEOMETRY,
        modes=ANY,
        direction=Direction.MAX,
        unit="percent",
        title="A strip bends to its radius without breaking",
        limits="stretch t / 2R: bent dry GREEN to 0.5 %, YELLOW to 1; hot 1 and 2",
        why="A {thickness:mm} strip bent {bending} to a radius of {radius:mm} is stretched by {value:percent}; up to "
        "{thickest:mm} thick it bends safely.",
        hint="use thinner strips, or bend dry ones hot",
        sources=("woodwork.guide: wood fails at about 1 % pulled at room temperature, 2 % at 100 degrees C",),
        confidence=0.6,
        ring_check=_strain,
        ring_applies=_is_bent,
        needs=needs("ring.strip_thickness_mm"),
        uses=needs("ring.bending"),
    ),
    Rule(
        rule_id="TILE_GAP",
        category=Category.GEOMETRY,
        modes=ANY,
        direction=Direction.MAX,
        unit="mm",
        title="Square tiles do not gape around the ring",
        limits="w s / R between tiles at the outside: GREEN to 0.10 mm, YELLOW to 0.25",
        why="Square tiles of {width:mm} by {tile:mm} gape {value:mm} at a radius of {radius:mm}; taper them.",
        hint="taper the tiles (slice them from a tapered log), or make them shorter along the arc",
        sources=("geometry of the wedge",),
        confidence=0.8,
        ring_check=_tile_gap,
        ring_applies=_is_square_tiled,
        needs=_TILE_NEED,
        uses=needs("ring.tile_profile"),
    ),
    Rule(
        rule_id="TILE_CLOSURE",
        category=Category.GEOMETRY,
        modes=ANY,
        direction=Direction.MAX,
        unit="mm",
        title="Whole tiles close the ring",
        limits="2 pi R / count less the tile's length, taken up by each joint: GREEN to 0.05 mm, YELLOW to 0.10",
        why="{count:count} tiles of {tile:mm} around a radius of {radius:mm} leave {value:mm} to each joint.",
        hint="change the tile's length so that a whole number goes around",
        sources=OWN,
        confidence=0.6,
        ring_check=_closure,
        ring_applies=_is_tiled,
        needs=_TILE_NEED,
    ),
    Rule(
        rule_id="TILE_LENGTH",
        category=Category.GEOMETRY,
        modes=ANY,
        direction=Direction.MIN,
        unit="mm",
        title="A tile can be sawn and handled",
        limits="along the arc GREEN from 1.5 mm, YELLOW from 1.0",
        why="A tile is {value:mm} long; from {green:mm} on it can be sawn and laid well.",
        hint="make the tiles longer along the arc",
        sources=OWN,
        confidence=0.5,
        ring_check=_tile_length,
        ring_applies=_is_tiled,
        needs=_TILE_NEED,
    ),
    Rule(
        rule_id="SEGMENT_ARC",
        category=Category.GEOMETRY,
        modes=ANY,
        direction=Direction.MIN,
        unit="mm",
        title="A segment can be sawn and handled",
        limits="along the arc GREEN from 1.5 mm, YELLOW from 1.0",
        why="{segments:count} segments are {value:mm} long each; from {green:mm} on they can be sawn and laid well.",
        hint="use fewer segments",
        sources=OWN,
        confidence=0.5,
        ring_check=_segment_arc,
        ring_applies=_is_segmented,
        needs=needs("ring.segments"),
    ),
    Rule(
        rule_id="INLAY_DEPTH",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MIN,
        unit="mm",
        title="The inlay is not sunk in its channel",
        limits="its thickness GREEN from the channel's depth, YELLOW from 95 % of it",
        why="The ring is {value:mm} thick in a channel {depth:mm} deep; it must come up to the surface.",
        hint="slice it thicker or rout a shallower channel",
        sources=OWN,
        confidence=0.8,
        ring_check=_inlay_depth,
        ring_applies=_is_sliced,
        needs=needs("depth"),
        uses=needs("ring.slice_thickness_mm"),
    ),
)
