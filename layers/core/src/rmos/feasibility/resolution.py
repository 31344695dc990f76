"""From ids to values: the request with every row that it names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rmos.design.cutting import Context, Cut, Machine, Mode, Tool, ToolType
from rmos.design.library import Library, MaterialRow, RowKind
from rmos.design.materials import Material
from rmos.errors import FieldProblem, Invalid
from rmos.feasibility.fields import ASSUMABLE
from rmos.feasibility.inputs import FeasibilityInput, ResolvedContext, ResolvedCut
from rmos.feasibility.places import pointer_of

INLINE_CONFIDENCE = 0.9


class UnknownRow(Invalid):
    """An id stands for no material, tool or machine."""

    slug = "unknown-reference"
    title = "Unknown material, tool or machine"


class UnknownDefault(Invalid):
    """`confirmed_defaults` names something for which nothing is ever assumed."""

    slug = "unknown-default"
    title = "Nothing to confirm"


@dataclass(slots=True)
class ChosenMaterial:
    """A material of the design, with its row when it was named by id; `pointer` is where it was chosen."""

    values: Material
    row: MaterialRow | None
    pointer: str

    @property
    def label(self) -> str:
        if self.row is not None:
            return self.row.label
        return self.values.label or f"inline {self.values.material_class.lower()}"

    @property
    def confidence(self) -> float:
        return INLINE_CONFIDENCE if self.row is None else self.row.confidence


@dataclass(slots=True)
class ChosenTool:
    """The tool of a cut; `assumed` are the values of its row that only a workshop can know."""

    values: Tool
    assumed: frozenset[str]


@dataclass(slots=True)
class Resolved:
    """A request with everything its ids stand for; what was left out is None."""

    request: FeasibilityInput
    top: ChosenMaterial | None
    rings: tuple[ChosenMaterial | None, ...]
    tools: tuple[ChosenTool | None, ...]
    machine: Machine | None

    def material_of(self, cut: Cut) -> ChosenMaterial | None:
        """Return what the cut is made in: the top, or its ring's material."""
        return self.top if cut.ring_index is None else self.rings[cut.ring_index]

    def material_rows(self) -> dict[str, MaterialRow]:
        """Return the rows that the design's materials were named by."""
        chosen = (self.top, *self.rings)
        return {each.row.id: each.row for each in chosen if each is not None and each.row is not None}

    def context(self) -> ResolvedContext:
        """Return the context with its rows beside their ids, as a run keeps it."""
        context = self.request.context
        cuts = tuple(
            ResolvedCut.model_construct(**(dict(cut) | {"tool": None if tool is None else tool.values}))
            for cut, tool in zip(context.cuts, self.tools, strict=True)
        )
        return ResolvedContext.model_construct(
            machine_id=context.machine_id,
            machine=self.machine,
            cuts=cuts,
            stock=context.stock,
            confirmed_defaults=context.confirmed_defaults,
            display_units=context.display_units,
            materials=self.material_rows(),
        )


def resolve(request: FeasibilityInput, library: Library) -> Resolved:
    """Look up every id of `request`.

    Raises:
        UnknownRow: with a pointer to each id that stands for nothing.
        UnknownDefault: `confirmed_defaults` names something that has none.
        Invalid: a tool that its cut cannot use.
    """
    problems = list(_unknown(request, library))
    if problems:
        raise UnknownRow("an id stands for nothing that is known", problems=problems)
    design, context = request.design, request.context
    chosen_tools = tuple(_tool(library, cut) for cut in context.cuts)
    _refuse_mismatches(context.cuts, chosen_tools)
    _refuse_unknown_defaults(context)
    machine_row = None if context.machine_id is None else library.machine(context.machine_id)
    return Resolved(
        request=request,
        top=_material(library, design.top_material_id, design.top_material, "/design/top_material"),
        rings=tuple(
            [
                _material(library, ring.material_id, ring.material, f"/design/rings/{i}/material")
                for i, ring in enumerate(design.rings)
            ]
        ),
        tools=chosen_tools,
        machine=context.machine if machine_row is None else machine_row.values,
    )


def _material(library: Library, row_id: str | None, inline: Material | None, pointer: str) -> ChosenMaterial | None:
    row = None if row_id is None else library.material(row_id)
    if row is not None:
        return ChosenMaterial(row.values, row, pointer + "_id")
    return None if inline is None else ChosenMaterial(inline, None, pointer)


def _tool(library: Library, cut: Cut) -> ChosenTool | None:
    row = None if cut.tool_id is None else library.tool(cut.tool_id)
    if row is not None:
        return ChosenTool(row.values, frozenset(row.assumed))
    return None if cut.tool is None else ChosenTool(cut.tool, frozenset())


def _refuse_mismatches(cuts: Sequence[Cut], chosen: Sequence[ChosenTool | None]) -> None:
    problems = [
        FieldProblem(f"/context/cuts/{i}/{'tool_id' if cut.tool is None else 'tool/type'}", _mismatch(cut, tool.values))
        for i, (cut, tool) in enumerate(zip(cuts, chosen, strict=True))
        if tool is not None and (cut.mode is Mode.SAW) != (tool.values.type is ToolType.SAW_BLADE)
    ]
    if problems:
        raise Invalid("a tool does not suit its cut", problems=problems)


def _mismatch(cut: Cut, tool: Tool) -> str:
    wanted = "a SAW_BLADE" if cut.mode is Mode.SAW else "a router bit"
    return f"mode {cut.mode} needs {wanted}, this is {tool.type}"


def _refuse_unknown_defaults(context: Context) -> None:
    if not context.confirmed_defaults:
        return
    places = {pointer_of(name, i, cut) for i, cut in enumerate(context.cuts) for name in ASSUMABLE}
    problems = [
        FieldProblem(f"/context/confirmed_defaults/{i}", _unknown_default(name))
        for i, name in enumerate(context.confirmed_defaults)
        if name not in ASSUMABLE and name not in places
    ]
    if problems:
        raise UnknownDefault("confirmed_defaults names what has no default", problems=problems)


def _unknown_default(name: str) -> str:
    return (
        f"nothing is assumed for {name!r}; name a field or pointer as assumed_defaults has it: {', '.join(ASSUMABLE)}"
    )


def _unknown(request: FeasibilityInput, library: Library) -> Iterator[FieldProblem]:
    design = request.design
    if design.top_material_id is not None and library.material(design.top_material_id) is None:
        yield unknown_row("/design/top_material_id", RowKind.MATERIALS, design.top_material_id, library)
    for i, ring in enumerate(design.rings):
        if ring.material_id is not None and library.material(ring.material_id) is None:
            yield unknown_row(f"/design/rings/{i}/material_id", RowKind.MATERIALS, ring.material_id, library)
    yield from unknown_in_context(request.context, library, "/context")


def unknown_in_context(context: Context, library: Library, place: str) -> Iterator[FieldProblem]:
    """Yield a problem for each tool and machine id of `context` that stands for nothing; `place` is its pointer."""
    for i, cut in enumerate(context.cuts):
        if cut.tool_id is not None and library.tool(cut.tool_id) is None:
            yield unknown_row(f"{place}/cuts/{i}/tool_id", RowKind.TOOLS, cut.tool_id, library)
    if context.machine_id is not None and library.machine(context.machine_id) is None:
        yield unknown_row(f"{place}/machine_id", RowKind.MACHINES, context.machine_id, library)


def unknown_row(pointer: str, kind: RowKind, row_id: str, library: Library) -> FieldProblem:
    """Return the problem of an id that stands for nothing, with the one that was probably meant."""
    nearest = library.nearest(kind, row_id)
    hint = f"did you mean {nearest}?" if nearest else f"GET /api/rmos/feasibility/{kind.value} lists what is known"
    return FieldProblem(pointer, f"unknown {kind.value.removesuffix('s')} {row_id!r}; {hint}")
