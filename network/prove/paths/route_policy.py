"""What prefix lists and route maps let through, as FRR reads them.

A list or map that is named but not there denies; a list without entries permits. Of a route map the matches by prefix
list and by tag are read, and the tag it sets; what else it sets changes which of several routes is preferred, which no
claim looks at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from network.state import DeviceState, Family, Network, PrefixList, RouteMap, RouteMapEntry


@dataclass(frozen=True)
class RoutePolicy:
    """The prefix lists and route maps of one device."""

    state: DeviceState

    @cached_property
    def _lists(self) -> dict[tuple[Family, str], _Ready]:
        return {(item.family, item.name): _Ready(item) for item in self.state.prefix_lists}

    @cached_property
    def _maps(self) -> dict[str, RouteMap]:
        return {item.name: item for item in self.state.route_maps}

    def listed(self, name: str, prefix: Network) -> bool:
        """Whether a prefix list permits a route; "" is no list."""
        if not name:
            return True
        item = self._lists.get((_family(prefix), name))
        return item is not None and item.permits(prefix)

    def mapped(self, name: str, prefix: Network, tag: int | None = None) -> tuple[bool, int | None]:
        """Whether a route map permits a route with this tag, and the tag it then has; "" is no map."""
        if not name:
            return True, tag
        item = self._maps.get(name)
        for entry in item.entries if item else ():
            if self._meets(entry, prefix, tag):
                return entry.permit, tag if entry.set_tag is None else entry.set_tag
        return False, tag

    def named(self, prefix_list: str, family: Family) -> PrefixList | None:
        """A prefix list by its name."""
        return next(
            (item for item in self.state.prefix_lists if (item.family, item.name) == (family, prefix_list)), None
        )

    def permits(self, prefix: Network, prefix_list: str, route_map: str) -> bool:
        """Whether a neighbour's list and map both let a route through."""
        return self.listed(prefix_list, prefix) and self.mapped(route_map, prefix)[0]

    def _meets(self, entry: RouteMapEntry, prefix: Network, tag: int | None) -> bool:
        if entry.match_tag is not None and entry.match_tag != tag:
            return False
        wanted = {4: entry.match_prefixes4, 6: entry.match_prefixes6}
        if not any(wanted.values()):
            return True
        name = wanted[_family(prefix)]
        return bool(name) and self.listed(name, prefix)


class _Range(NamedTuple):
    """An entry with a range of lengths: the prefix it names as `head` tells it, and the lengths it matches."""

    place: int
    length: int
    first: int
    low: int
    high: int
    permit: bool


class _Ready:
    """A prefix list made ready: entries that name one prefix are looked up, only those with a range are walked."""

    def __init__(self, item: PrefixList) -> None:
        self._empty = not item.entries
        self._exact: dict[tuple[int, int], tuple[int, bool]] = {}
        self._ranges: list[_Range] = []
        for place, entry in enumerate(item.entries):
            prefix = entry.prefix
            if entry.ge is None and entry.le is None:
                self._exact.setdefault(head(prefix), (place, entry.permit))
            else:
                low = prefix.prefixlen if entry.ge is None else entry.ge
                high = prefix.max_prefixlen if entry.le is None else entry.le
                self._ranges.append(_Range(place, *head(prefix), low, high, entry.permit))

    def permits(self, prefix: Network) -> bool:
        """What the first entry says that matches; without any, a list denies unless it is empty."""
        length, first = head(prefix)
        exact = self._exact.get((length, first))
        for entry in self._ranges:
            if exact is not None and exact[0] < entry.place:
                break
            within = entry.length <= length and first >> (length - entry.length) == entry.first
            if within and entry.low <= length <= entry.high:
                return entry.permit
        return exact[1] if exact is not None else self._empty


def head(prefix: Network) -> tuple[int, int]:
    """A prefix of a family as numbers: its length, and its bits."""
    length = prefix.prefixlen
    return length, int(prefix.network_address) >> (prefix.max_prefixlen - length)


def _family(prefix: Network) -> Family:
    return 4 if prefix.version == 4 else 6  # noqa: PLR2004 the IP version
