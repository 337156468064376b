"""What all elements of the inventory share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from inventory.origin import NOWHERE, Origin
from inventory.values import as_tuple

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
"""An identifier: lower case, digits, single hyphens; it becomes part of host names."""

Names = Annotated[tuple[Name, ...], BeforeValidator(as_tuple, json_schema_input_type=Name | tuple[Name, ...])]
"""Names in a list; one may stand alone."""


class Element(BaseModel):
    """One thing the inventory names. `origin` is set by the loader and never written by hand."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    origin: Origin = Field(default=NOWHERE, repr=False)
    assumed: bool = Field(default=False, description="計画に記載がなく仮定した値 (not in the published plan; assumed)")
