"""The shape of the inventory's files, read off the model: which keys stand where, and what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from inventory.model import City, Element

CITY_KEYS = ("name", "title", "extends", "model", "edition", "asn", "domain", "management", "assumed")
"""Fields of City that stand under `city:`; the others are tables at the top level of a file."""

Kind = Literal["value", "element", "table", "list"]


@dataclass(frozen=True, slots=True)
class Field:
    """A key of an element: what it is called in YAML and what it may hold."""

    key: str
    kind: Kind
    hint: Any
    """Its type as the model writes it, without `None`."""
    info: FieldInfo
    model: type[Element] | None
    """What a table, a list or an element holds."""

    @property
    def required(self) -> bool:
        return self.info.is_required()


@cache
def fields_of(model: type[Element]) -> MappingProxyType[str, Field]:
    """YAML key → field, without `origin`."""
    hints = get_type_hints(model, include_extras=True)
    fields = {}
    for name, info in model.model_fields.items():
        if name == "origin":
            continue
        hint = without_none(hints[name])
        kind, inner = _kind(hint)
        fields[info.alias or name] = Field(info.alias or name, kind, hint, info, inner)
    return MappingProxyType(fields)


@cache
def tables() -> MappingProxyType[str, type[Element]]:
    """Top-level table → what it holds; without `templates`."""
    return MappingProxyType(
        {key: field.model for key, field in fields_of(City).items() if key not in CITY_KEYS and field.model is not None}
    )


def without_none(hint: Any) -> Any:  # noqa: ANN401 a type is any object
    """`X` of `X | None`."""
    if get_origin(hint) in {Union, UnionType}:
        rest = [part for part in get_args(hint) if part is not NoneType]
        if len(rest) == 1:
            return rest[0]
    return hint


def _kind(hint: Any) -> tuple[Kind, type[Element] | None]:  # noqa: ANN401 a type is any object
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if isinstance(plain, type) and issubclass(plain, Element):
        return "element", plain
    arguments = get_args(plain)
    inner = arguments[-1] if get_origin(plain) is dict else arguments[0] if get_origin(plain) is tuple else None
    if isinstance(inner, type) and issubclass(inner, Element):
        return ("table" if get_origin(plain) is dict else "list"), inner
    return "value", None
