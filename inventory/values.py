"""Small value types of the inventory, written as short strings: `core1:eth1`, `1G`, `tcp/443`, `eth5-eth12`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, cast

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

Protocol = Literal["tcp", "udp", "icmp"]

_PORT = re.compile(r"^(?P<device>[a-z][a-z0-9-]*):(?P<port>eth[1-9][0-9]*)$")
_BANDWIDTH = re.compile(r"^(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<unit>[kMGT])$")
_SERVICE = re.compile(r"^(?P<protocol>tcp|udp)/(?P<low>[0-9]{1,5})(?:-(?P<high>[0-9]{1,5}))?$")
_RANGE = re.compile(r"^eth(?P<low>[1-9][0-9]*)(?:-eth(?P<high>[1-9][0-9]*))?$")
_UNITS = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
HIGHEST_PORT = 65535


def as_tuple(value: object) -> object:
    """One string stands for a list of one."""
    return (value,) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True, order=True)
class PortRef:
    """A port of a device: `device` is local in a site's link, the full name in a circuit."""

    device: str
    port: str

    def __str__(self) -> str:
        return f"{self.device}:{self.port}"

    @classmethod
    def parse(cls, value: object) -> PortRef:
        if isinstance(value, cls):
            return value
        match = _PORT.match(value) if isinstance(value, str) else None
        if match is None:
            msg = "a device and its port, such as core1:eth1"
            raise ValueError(msg)
        return cls(match["device"], match["port"])


@dataclass(frozen=True, slots=True, order=True)
class ProtocolPort:
    """A protocol and its destination ports, both ends included; `icmp` (v4 and v6 echo) has none: 0–0."""

    protocol: Protocol
    low: int = 0
    high: int = 0

    def __str__(self) -> str:
        if self.protocol == "icmp":
            return "icmp"
        span = f"{self.low}" if self.low == self.high else f"{self.low}-{self.high}"
        return f"{self.protocol}/{span}"

    @classmethod
    def parse(cls, value: object) -> ProtocolPort:
        if isinstance(value, cls):
            return value
        if value == "icmp":
            return cls("icmp")
        match = _SERVICE.match(value) if isinstance(value, str) else None
        if match is not None:
            low = int(match["low"])
            high = int(match["high"] or low)
            if 1 <= low <= high <= HIGHEST_PORT:
                return cls(cast("Protocol", match["protocol"]), low, high)
        msg = "a protocol and port, such as tcp/443, udp/5000-5010 or icmp"
        raise ValueError(msg)


@dataclass(frozen=True, slots=True, order=True)
class PortSpan:
    """Neighbouring ports of a switch, both ends included: eth5-eth12."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"eth{self.low}" if self.low == self.high else f"eth{self.low}-eth{self.high}"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"eth{n}" for n in range(self.low, self.high + 1))

    @classmethod
    def parse(cls, value: object) -> PortSpan:
        if isinstance(value, cls):
            return value
        match = _RANGE.match(value) if isinstance(value, str) else None
        if match is not None:
            low = int(match["low"])
            high = int(match["high"] or low)
            if low <= high:
                return cls(low, high)
        msg = "a port or a run of ports, such as eth5 or eth5-eth12"
        raise ValueError(msg)


def _bandwidth(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _BANDWIDTH.match(value) if isinstance(value, str) else None
    if match is None:
        msg = "a bandwidth such as 100M, 1G or 10G"
        raise ValueError(msg)
    return int(float(match["number"]) * _UNITS[match["unit"]])


def _each(parse: Callable[[object], object]) -> Callable[[object], object]:
    def run(value: object) -> object:
        if isinstance(value, str):
            value = (value,)
        if not isinstance(value, list | tuple):
            msg = "a list"
            raise ValueError(msg)  # noqa: TRY004 pydantic reports ValueError as a finding
        return tuple(parse(item) for item in value)

    return run


_as_text = PlainSerializer(str, return_type=str)
_as_texts = PlainSerializer(lambda items: [str(item) for item in items], return_type=list[str])

DevicePort = Annotated[
    PortRef,
    BeforeValidator(PortRef.parse),
    _as_text,
    WithJsonSchema({"type": "string", "pattern": _PORT.pattern.replace("?P<device>", "").replace("?P<port>", "")}),
]
PortRange = Annotated[
    PortSpan, BeforeValidator(PortSpan.parse), _as_text, WithJsonSchema({"type": "string", "examples": ["eth5-eth12"]})
]
PortRanges = tuple[PortRange, ...]
ProtocolPorts = Annotated[
    tuple[ProtocolPort, ...],
    BeforeValidator(_each(ProtocolPort.parse)),
    _as_texts,
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "examples": [["tcp/443", "udp/53", "icmp"]],
        }
    ),
]
Bandwidth = Annotated[int, BeforeValidator(_bandwidth), WithJsonSchema({"type": "string", "examples": ["100M", "1G"]})]
