"""FRR: the blocks inside VRFs, interfaces, OSPF, route maps and BFD."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv4Address
from typing import Any

from network.canonical import DEFAULT_VRF
from network.parse import words as w
from network.parse.frr_draft import Draft, InterfaceDraft, OspfInterfaceDraft
from network.state import BfdProfile, Family, Ospf, Redistribute, RibFilter, RouteMapEntry, StaticRoute, Vrf

_HIGHEST_DISTANCE = 255
_HIGHEST_COST = 65535
_OSPF_SOURCES = frozenset({"connected", "static", "bgp"})
_RIB_PROTOCOLS = {4: ("connected", "static", "ospf", "bgp"), 6: ("connected", "static", "ospf6", "bgp")}

Words = tuple[str, ...]
"""The words of a line."""


class Block(ABC):
    """A block being read."""

    @abstractmethod
    def read(self, words: Words, line: int) -> Block | None:
        """Take in a line.

        Returns:
            The block itself, or the block that the line opens, or None if the line is none of ours.

        Raises:
            ValueError, LookupError: a value is not what it should be; nothing was taken in.
        """


class VrfBlock(Block):
    """`vrf X`, or the top level for the default table."""

    def __init__(self, draft: Draft, name: str | None, line: int) -> None:
        self._draft = draft
        self._name = name
        if name is not None:
            draft.vrfs.setdefault(name, Vrf(name, origin=draft.source.origin(line)))

    def read(self, words: Words, line: int) -> Block | None:
        vrf = self._draft.vrfs.get(self._name) or Vrf(self._name, origin=self._draft.source.origin(line))
        match words:
            case ["ip" | "ipv6" as ip, "route", prefix, *rest]:
                route = static_route(w.family(ip), prefix, rest)
                route = replace(route, origin=self._draft.source.origin(line))
                vrf = replace(vrf, static_routes=(*vrf.static_routes, route))
            case ["ip" | "ipv6" as ip, "protocol", protocol, "route-map", name]:
                found = _rib_filter(w.family(ip), protocol, name)
                others = (f for f in vrf.rib_filters if (f.family, f.protocol) != (found.family, found.protocol))
                vrf = replace(vrf, rib_filters=(*others, found))
            case ["ip" | "ipv6" as ip, "nht", "resolve-via-default"]:
                self._draft.over_default.setdefault(self._name, {})[w.family(ip)] = line
            case ["netns", _] if self._name is not None:
                return self
            case _:
                return None
        self._draft.vrfs[self._name] = vrf
        return self


def _rib_filter(family: Family, protocol: str, route_map: str) -> RibFilter:
    if protocol not in _RIB_PROTOCOLS[family]:
        raise ValueError(protocol)
    return RibFilter(family, protocol, w.name(route_map))  # type: ignore[arg-type] # just looked up


def static_route(family: Family, prefix: str, rest: list[str]) -> StaticRoute:
    """A static route from the words after its prefix."""
    found: dict[str, Any] = {}
    words = iter(rest)
    for word in words:
        key, value = _route_word(word, words)
        if key in found:
            raise ValueError(word)
        found[key] = value
    route = StaticRoute(w.network(prefix, family), **found)
    blackhole = route.interface == "blackhole" and (route.via or route.nexthop_vrf)
    if blackhole or not (route.via or route.interface) or (route.via and route.via.version != family):
        raise ValueError(rest)
    return route


def _route_word(word: str, following: Iterator[str]) -> tuple[str, object]:
    match word:
        case "tag":
            return "tag", w.number(next(following, ""), 1)
        case "nexthop-vrf":
            return "nexthop_vrf", w.name(next(following, ""))
        case "Null0" | "reject" | "onlink" | "label" | "table" | "vrf" | "color" | "bfd":
            raise ValueError(word)
        case _ if word.isdigit():
            return "distance", w.number(word, 1, _HIGHEST_DISTANCE)
    try:
        return "via", w.address(word)
    except ValueError:
        return "interface", w.interface_name(word)


class InterfaceBlock(Block):
    """`interface X`."""

    def __init__(self, interface: InterfaceDraft) -> None:
        self._draft = interface

    def read(self, words: Words, line: int) -> Block | None:
        match words:  # what is said most often comes first
            case ["ip", "ospf", *_]:
                return self._ospf(self._draft.ospf[4], words, line)
            case ["ipv6", "ospf6", *_]:
                return self._ospf(self._draft.ospf[6], words, line)
            case ["ip" | "ipv6" as ip, "address", address]:
                self._draft.addresses.append(w.interface_address(address, w.family(ip)))
            case ["description", *text]:
                self._draft.description = w.description(" ".join(text))
            case ["shutdown"]:
                self._draft.shutdown = True
            case ["pbr-policy", policy]:
                self._draft.policy = w.name(policy)
            case _:
                return None
        return self

    def _ospf(self, ospf: OspfInterfaceDraft, words: Words, line: int) -> Block | None:
        said = _ospf_said(words)
        if said is None:
            return None
        name, value = said
        setattr(ospf, name, line if name == "plain_bfd" else value)
        ospf.lines.append(line)
        return self


@lru_cache(w.REMEMBERED)
def _ospf_said(words: Words) -> tuple[str, object] | None:
    """The field of a draft that a line about OSPF sets, and its value."""
    said: tuple[str, object]
    match words[2:]:
        case ["area", area]:
            said = "area", IPv4Address(w.number(area)) if area.isdigit() else w.router_id(area)
        case ["cost", cost]:
            said = "cost", w.number(cost, 1, _HIGHEST_COST)
        case ["network", "point-to-point"]:
            said = "point_to_point", True
        case ["passive"]:
            said = "passive", True
        case ["bfd"]:
            said = "plain_bfd", None
        case ["bfd", "profile", profile]:
            said = "bfd", w.name(profile)
        case _:
            return None
    return said


class OspfBlock(Block):
    """`router ospf` and `router ospf6`."""

    def __init__(self, draft: Draft, key: tuple[Family, str | None], line: int) -> None:
        self._draft = draft
        self._key = key
        self._command = "ospf" if key[0] == 4 else "ospf6"  # noqa: PLR2004 the IP version
        draft.ospf.setdefault(key, Ospf(*key, IPv4Address(0), origin=draft.source.origin(line)))

    def read(self, words: Words, line: int) -> Block | None:  # noqa: ARG002 every block is asked alike
        process = self._draft.ospf[self._key]
        match words:
            case [self._command, "router-id", router_id]:
                process = replace(process, router_id=w.router_id(router_id))
                self._draft.identified.add(self._key)
            case ["redistribute", *rest]:
                found = redistribution(rest, _OSPF_SOURCES)
                process = replace(process, redistribute=with_redistribution(process.redistribute, found))
            case ["default-information", "originate"]:
                process = replace(process, default_originate=True)
            case _:
                return None
        self._draft.ospf[self._key] = process
        return self


def redistribution(words: list[str], sources: Collection[str], *, types: bool = True) -> Redistribute:
    """What `redistribute` says after that word; `types` tells whether the protocol knows metric types."""
    protocol, *rest = words
    if protocol not in sources or len(rest) % 2:
        raise ValueError(words)
    found: dict[str, Any] = {}
    for key, value in zip(rest[::2], rest[1::2], strict=True):
        match key:
            case "metric":
                found["metric"] = w.number(value)
            case "metric-type" if types:
                found["metric_type"] = w.number(value, 1, 2)
            case "route-map":
                found["route_map"] = w.name(value)
            case _:
                raise ValueError(key)
    return Redistribute(protocol, **found)  # type: ignore[arg-type] # just looked up


def with_redistribution(items: tuple[Redistribute, ...], new: Redistribute) -> tuple[Redistribute, ...]:
    """A later line about the same protocol takes the place of an earlier one."""
    return (*(item for item in items if item.protocol != new.protocol), new)


class RouteMapBlock(Block):
    """`route-map X permit 10`."""

    def __init__(self, entries: dict[int, RouteMapEntry], seq: int) -> None:
        self._entries = entries
        self._seq = seq

    def read(self, words: Words, line: int) -> Block | None:  # noqa: ARG002 every block is asked alike
        entry = self._entries[self._seq]
        match words:
            case ["match", "ip", "address", "prefix-list", name]:
                entry = replace(entry, match_prefixes4=w.name(name))
            case ["match", "ipv6", "address", "prefix-list", name]:
                entry = replace(entry, match_prefixes6=w.name(name))
            case ["match", "tag", tag]:
                entry = replace(entry, match_tag=w.number(tag))
            case ["set", "as-path", "prepend", *numbers] if numbers:
                entry = replace(entry, set_as_path_prepend=tuple(w.number(number, 1) for number in numbers))
            case ["set", "tag", tag]:
                entry = replace(entry, set_tag=w.number(tag))
            case ["set", "metric", metric]:
                entry = replace(entry, set_metric=w.number(metric))
            case ["set", "local-preference", preference]:
                entry = replace(entry, set_local_preference=w.number(preference))
            case ["description", *_]:
                return self
            case _:
                return None
        self._entries[self._seq] = entry
        return self


class BfdBlock(Block):
    """`bfd`."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def read(self, words: Words, line: int) -> Block | None:
        match words:
            case ["profile", name]:
                profile = BfdProfile(w.name(name), origin=self._draft.source.origin(line))
                self._draft.profiles.setdefault(name, profile)
                return BfdProfileBlock(self._draft, name)
        return None


class BfdProfileBlock(Block):
    """`profile X` in `bfd`."""

    def __init__(self, draft: Draft, name: str) -> None:
        self._draft = draft
        self._name = name

    def read(self, words: Words, line: int) -> Block | None:  # noqa: ARG002 every block is asked alike
        profile = self._draft.profiles[self._name]
        match words:
            case ["receive-interval", value]:
                profile = replace(profile, receive_ms=w.number(value))
            case ["transmit-interval", value]:
                profile = replace(profile, transmit_ms=w.number(value))
            case ["detect-multiplier", value]:
                profile = replace(profile, multiplier=w.number(value))
            case _:
                return None
        self._draft.profiles[self._name] = profile
        return self


def vrf_word(word: str) -> str:
    """A VRF's name in a header; the default table is never named there."""
    if word == DEFAULT_VRF:
        raise ValueError(word)
    return w.interface_name(word)
