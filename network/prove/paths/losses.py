"""What breaks of the paths of a family when something is down.

Paths between the same two ends that pass the same firewalls share their fate: they are looked at as one bundle. What
broke before a change is kept where the same ends have the same fate as then, and the same bundles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from network.prove.paths.courses import Crowd, End, Fate
from network.prove.paths.down import Down
from network.prove.paths.ends import Path, Rows
from network.prove.paths.places import Place
from network.prove.paths.routes import Routes


@dataclass(frozen=True, eq=False)
class Bundle:
    """Paths that share their fate, in their order; a steered one is alone."""

    paths: tuple[Path, ...]
    ends: tuple[End, End]

    @cached_property
    def rows(self) -> frozenset[str]:
        """The rows of the register that take them."""
        return frozenset(live.row for path in self.paths for live in path.rows)

    @cached_property
    def names(self) -> tuple[frozenset[str], frozenset[str]]:
        """The sites, or the peers, at either end."""
        pairs = [path.pair for path in self.paths]
        return frozenset(_name(pair.source) for pair in pairs), frozenset(_name(pair.destination) for pair in pairs)


def _name(place: Place) -> str:
    return place.lan.site if place.lan else place.name


class Broken(NamedTuple):
    """A bundle that a failure breaks, the firewalls that are left, and whether they still deliver to its ends."""

    bundle: Bundle
    left: int
    delivered: tuple[bool, bool]

    @property
    def cut(self) -> frozenset[str]:
        """The sites and peers that no firewall delivers to any more; when none is told apart so, rather peers."""
        names = self.bundle.names
        cut = [name for name, still in zip(names, self.delivered, strict=True) if self.left and not still]
        peers = [name for name, end in zip(names, self.bundle.ends, strict=True) if end.node is None]
        return frozenset[str]().union(*(cut or peers or names))


class _Seen(NamedTuple):
    """What was found about a failure."""

    changed: dict[End, Fate]
    broken: tuple[Broken, ...]


class Losses:
    """Every path of a family that holds now; one that does not is the business of the claim of service."""

    def __init__(self, rows: Rows, routes: Routes, bits: Mapping[str, int], before: Losses | None = None) -> None:
        """`before`: of another subject in which every row passes the same firewalls, with the same addresses."""
        groups: dict[object, list[Path]] = {}
        for path in dict.fromkeys(path for _, mine in rows for path in mine):
            if path.stands:
                groups.setdefault(path if path.steered else (path.ends, path.passing), []).append(path)
        there: Mapping[tuple[Path, ...], Bundle] = before._bundles if before else {}  # noqa: SLF001 the same class
        paths = {key: key[0].ends for key in map(tuple, groups.values())}
        self._bundles: dict[tuple[Path, ...], Bundle] = {
            key: there.get(key) or Bundle(key, ends) for key, ends in paths.items() if ends
        }
        of: dict[End, list[Bundle]] = {}
        for bundle in self._bundles.values():
            for end in set(bundle.ends):
                of.setdefault(end, []).append(bundle)
        self._of = {end: tuple(bundles) for end, bundles in of.items()}
        self._crowd = Crowd(self._of, routes)
        self._steered = [bundle for bundle in self._bundles.values() if bundle.paths[0].steered]
        self._bits = {lane.firewall: bits[lane.firewall] for end in self._of for lane in end.kind.lanes}
        self._seen: dict[tuple[frozenset[str], frozenset[str]], _Seen] = {}
        self._before = before._seen if before else {}  # noqa: SLF001 the same class
        theirs: Mapping[End, tuple[Bundle, ...]] = before._of if before else {}  # noqa: SLF001 the same class
        self._stirred = {end for end in self._of.keys() | theirs.keys() if self._of.get(end) != theirs.get(end)}

    def broken(self, down: Down) -> tuple[Broken, ...]:
        """What does not hold while something is down, though both its ends are left; its first path comes first."""
        key = down.devices, down.wires
        changed = self._crowd.changed(down)
        known = self._before.get(key)
        lost = self._bits.keys() & down.devices
        if known is None or lost or known.changed != changed or not self._stirred.isdisjoint(changed):
            known = _Seen(changed, tuple(self._breaking(down, changed, lost)))
        self._seen[key] = known
        return known.broken

    def _breaking(self, down: Down, changed: Mapping[End, Fate], lost: Iterable[str]) -> Iterable[Broken]:
        up = ~sum(self._bits[name] for name in lost)
        touched: Iterable[Bundle] = self._bundles.values()
        if not lost:
            touched = dict.fromkeys((*(each for end in changed for each in self._of[end]), *self._steered))
        found = []
        for bundle in touched:
            path, ends = bundle.paths[0], bundle.ends
            one, other = (changed.get(end, end.kind.fate) for end in ends)
            left = path.passing & up
            if not path.arriving(down, one[0] & other[0] & left) and not any(end.gone(down) for end in ends):
                found.append(Broken(bundle, left, (bool(one[1] & left), bool(other[1] & left))))
        return sorted(found, key=lambda each: each.bundle.paths[0].number)
