"""A city told as what differs from another: `city: {extends: yasu}` lays its files over those of yasu.

Laid over as a site is over its template: mappings key by key, anything else as a whole; null takes out. Lines of the
other city are cited as `../yasu/circuits.yaml:12`. The other city stands beside this one, or among the known cities,
and extends none itself.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from inventory.errors import Finding
from inventory.origin import NOWHERE
from inventory.source import CITIES, Source, read_source
from inventory.templates import merge
from inventory.text import Text
from inventory.words import did_you_mean, nearest, one_of, shown
from inventory.yamltree import Node


def read_variant(directory: Path) -> Source:
    """The city in a directory, laid over the one it extends, if any.

    Raises:
        CityNotFoundError: a directory cannot be read.
    """
    own = read_source(directory)
    named = own.table("city").get("extends")
    if named is None or named.value is None:
        return own
    beside = {entry.name: entry for place in (CITIES, directory.parent) for entry in place.iterdir() if entry.is_dir()}
    beside.pop(directory.name, None)
    found = beside.get(named.value) if isinstance(named.value, str) else None
    if found is None:
        return replace(own, findings=(*own.findings, _unknown(named, beside)), readable=False)
    base = read_source(found, f"../{found.name}/")
    findings = [*own.findings, *base.findings]
    deeper = base.table("city").get("extends")
    if deeper is not None and deeper.value is not None:
        return replace(own, findings=(*findings, _nested(named, deeper)), readable=False)
    top = merge(Node(base.top, NOWHERE), Node(own.top, NOWHERE)).table
    return Source(own.name, top, tuple(findings), own.readable and base.readable)


def _unknown(named: Node, beside: dict[str, Path]) -> Finding:
    name = named.value if isinstance(named.value, str) else ""
    known = one_of(sorted(entry.name for entry in CITIES.iterdir() if entry.is_dir()))
    return Finding(
        "extends-unknown",
        Text("the city it extends is not known", "もとにする市 (extends) がありません"),
        Text(f"a city in the directory beside this one, or {known.en}", f"隣のディレクトリの市、または {known.ja}"),
        shown(named),
        did_you_mean(nearest(name, beside)),
        named.origin,
        path=("city", "extends"),
    )


def _nested(named: Node, deeper: Node) -> Finding:
    return Finding(
        "extends-nested",
        Text(
            f"the city it extends extends another itself ({deeper.origin})",
            f"もとにする市がさらに別の市をもとにしています ({deeper.origin})",
        ),
        Text("a city that stands on its own", "単独で成り立つ市"),
        shown(named),
        Text("extend that other city, and write here what differs", "その市をもとにし、違いをここに書いてください"),
        named.origin,
        path=("city", "extends"),
    )
