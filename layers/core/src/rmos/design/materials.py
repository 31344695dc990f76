"""Materials: what is cut."""

from typing import Annotated

from pydantic import ConfigDict, Field

from rmos.design.text_enum import TextEnum
from rmos.design.units import Density, Force, Share
from rmos.models import InputModel, Label


class MaterialClass(TextEnum):
    """Which cutting law can hold. SHEET is wood-based panel: MDF, plywood."""

    WOOD = "WOOD"
    SHELL = "SHELL"
    METAL = "METAL"
    SHEET = "SHEET"


class Material(InputModel):
    """A material as the engines need it."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    label: Label | None = None
    material_class: Annotated[MaterialClass, Field(alias="class")]
    density_kg_per_m3: Annotated[Density | None, Field(ge=50, le=25_000)] = None
    """At 12 % moisture."""
    janka_n: Annotated[Force | None, Field(ge=100, le=50_000)] = None
    """Janka side hardness."""
    burn_tendency: Share | None = None
    """0 never burns, 1 burns at once; how readily it scorches beside others, not a measured quantity."""
