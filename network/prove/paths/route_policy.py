"""What prefix lists and route maps let through, as FRR reads them.

A list or map that is named but not there denies; a list without entries permits. Of a route map the matches by prefix
list and by tag are read, and the tag it sets; what else it sets changes which of several routes is preferred, which no
claim looks at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from network.state import DeviceState, Family, Network, PrefixList, RouteMap, RouteMapEntry

Head = tuple[int, int]
"""A prefix of a family as numbers: its length, and its bits."""


@dataclass(frozen=True)
class RoutePolicy:
    """The prefix lists and route maps of one device, as far as they are about one family."""

    state: DeviceState
    family: Family

    @cached_property
    def _named(self) -> dict[str, PrefixList]:
        return {item.name: item for item in self.state.prefix_lists if item.family == self.family}

    @cached_property
    def _lists(self) -> dict[str, Ready]:
        return {name: Ready(item) for name, item in self._named.items()}

    @cached_property
    def _maps(self) -> dict[str, RouteMap]:
        return {item.name: item for item in self.state.route_maps}

    def listed(self, name: str, prefix: Head) -> bool:
        """Whether a prefix list permits a route; "" is no list."""
        if not name:
            return True
        item = self._lists.get(name)
        return item is not None and item.permits(prefix)

    def mapped(self, name: str, prefix: Head, tag: int | None = None) -> tuple[bool, int | None]:
        """Whether a route map permits a route with this tag, and the tag it then has; "" is no map."""
        if not name:
            return True, tag
        item = self._maps.get(name)
        for entry in item.entries if item else ():
            if self._meets(entry, prefix, tag):
                return entry.permit, tag if entry.set_tag is None else entry.set_tag
        return False, tag

    def named(self, prefix_list: str) -> PrefixList | None:
        """A prefix list by its name."""
        return self._named.get(prefix_list)

    def only(self, prefix_list: str) -> Collection[Head] | None:
        """Prefixes that a list names one by one, when it permits no others."""
        item = self._lists.get(prefix_list)
        return item.only if item is not None else None

    def asking(self, route_map: str) -> Iterator[PrefixList]:
        """The prefix lists by which a route map tells prefixes apart."""
        item = self._maps.get(route_map)
        names = map(self._wanted, item.entries) if item else ()
        return (self._named[name] for name in names if name in self._named)

    def permits(self, prefix: Head, prefix_list: str, route_map: str) -> bool:
        """Whether a neighbour's list and map both let a route through."""
        return self.listed(prefix_list, prefix) and self.mapped(route_map, prefix)[0]

    def _meets(self, entry: RouteMapEntry, prefix: Head, tag: int | None) -> bool:
        if entry.match_tag is not None and entry.match_tag != tag:
            return False
        if not (entry.match_prefixes4 or entry.match_prefixes6):
            return True
        name = self._wanted(entry)
        return bool(name) and self.listed(name, prefix)

    def _wanted(self, entry: RouteMapEntry) -> str:
        return entry.match_prefixes4 if self.family == 4 else entry.match_prefixes6  # noqa: PLR2004 the IP version


class _Range(NamedTuple):
    """An entry with a range of lengths: the prefix it names as `head` tells it, and the lengths it matches."""

    place: int
    length: int
    first: int
    low: int
    high: int
    permit: bool


class Ready:
    """A prefix list made ready: entries that name one prefix are looked up, only those with a range are walked."""

    def __init__(self, item: PrefixList) -> None:
        self._empty = not item.entries
        self._exact: dict[Head, tuple[int, bool]] = {}
        self._ranges: list[_Range] = []
        for place, entry in enumerate(item.entries):
            prefix = entry.prefix
            if entry.ge is None and entry.le is None:
                self._exact.setdefault(head(prefix), (place, entry.permit))
            else:
                low = prefix.prefixlen if entry.ge is None else entry.ge
                high = prefix.max_prefixlen if entry.le is None else entry.le
                self._ranges.append(_Range(place, *head(prefix), low, high, entry.permit))
        self.only: Collection[Head] | None = None if self._ranges or self._empty else self._exact.keys()
        """Prefixes named one by one, when no others are permitted."""

    def permits(self, prefix: Head) -> bool:
        """What the first entry says that matches; without any, a list denies unless it is empty."""
        length, first = prefix
        exact = self._exact.get(prefix)
        for entry in self._ranges:
            if exact is not None and exact[0] < entry.place:
                break
            within = entry.length <= length and first >> (length - entry.length) == entry.first
            if within and entry.low <= length <= entry.high:
                return entry.permit
        return exact[1] if exact is not None else self._empty


def head(prefix: Network) -> Head:
    """A prefix as numbers."""
    length = prefix.prefixlen
    return length, int(prefix.network_address) >> (prefix.max_prefixlen - length)
