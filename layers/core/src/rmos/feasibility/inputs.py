"""The question put to a feasibility engine: a design, how it is to be cut, and what its ids stood for."""

from typing import Self

from pydantic import model_validator

from rmos.design.cutting import Context, Cut, Machine, Stock
from rmos.design.library import MaterialRow
from rmos.design.located import Located, refuse
from rmos.design.rosette import Design
from rmos.design.units import DisplayUnits
from rmos.models import Id, InputModel, StoredModel


class FeasibilityInput(InputModel):
    """A design and how it is to be cut."""

    design: Design
    context: Context

    @model_validator(mode="after")
    def _names_rings_that_exist(self) -> Self:
        count = len(self.design.rings)
        places = [("cuts", i, cut.ring_index) for i, cut in enumerate(self.context.cuts)]
        places += [("stock", i, stock.ring_index) for i, stock in enumerate(self.context.stock)]
        found = [
            Located(("context", kind, i, "ring_index"), f"the design has {count} rings, counted from 0")
            for kind, i, ring_index in places
            if ring_index is not None and ring_index >= count
        ]
        refuse("FeasibilityInput", found)
        return self


class ResolvedCut(Cut):
    """A cut with the tool that its `tool_id` stands for."""

    @model_validator(mode="after")
    def _names_its_ring(self) -> Self:
        return self


class ResolvedContext(StoredModel):
    """The context as it was evaluated: every id beside the row it stood for at that moment."""

    machine_id: Id | None
    machine: Machine | None
    cuts: tuple[ResolvedCut, ...]
    stock: tuple[Stock, ...]
    confirmed_defaults: tuple[str, ...]
    display_units: DisplayUnits
    materials: dict[str, MaterialRow]
