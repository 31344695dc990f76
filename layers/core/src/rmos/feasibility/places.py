"""Where a named input stands in a request, as a JSON pointer."""

from collections.abc import Collection

from rmos.design.cutting import Cut


def is_confirmed(name: str, cut_index: int, cut: Cut, confirmed_defaults: Collection[str]) -> bool:
    """Whether `confirmed_defaults` names the field `name` of one cut, by its name or by its pointer."""
    return name in confirmed_defaults or pointer_of(name, cut_index, cut) in confirmed_defaults


def pointer_of(name: str, cut_index: int, cut: Cut, ring_index: int | None = None) -> str:
    """Return the RFC 6901 pointer of the field `name` (see `rmos.feasibility.fields`) for one cut and ring.

    "tool.stickout_mm" of cut 0 stands at /context/cuts/0/tool/stickout_mm.
    """
    owner, _, attribute = name.partition(".")
    tail = f"/{attribute}" if attribute else ""
    if owner == "design":
        return f"/design{tail}"
    if owner == "ring":
        return f"/design/rings/{cut.ring_index if ring_index is None else ring_index}{tail}"
    if owner == "material":
        place = "/design/top_material" if cut.ring_index is None else f"/design/rings/{cut.ring_index}/material"
        return place + (tail or "_id")
    if owner == "machine":
        return f"/context/machine{tail}"
    if owner == "tool":
        return f"/context/cuts/{cut_index}/tool{tail}"
    return f"/context/cuts/{cut_index}{tail}"
