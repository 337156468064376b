"""The register for programs: plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inventory.text import Text
from network.register.counters import Hits
from network.register.overlaps import Overlap
from network.register.reach import Grant, Reach
from network.register.standing import Row
from network.register.tries import Tries


def list_data(
    rows: Sequence[Row],
    overlapping: Sequence[Overlap],
    counted: Mapping[str, Hits] | None = None,
    tried: Mapping[str, Tries] | None = None,
) -> dict[str, Any]:
    """Every row with its state, the overlaps, and when asked for what was counted and how the watch `tried` it."""
    return {
        "rows": [
            {**row_data(row), **({} if counted is None else _hits(counted[row.key], (tried or {}).get(row.key)))}
            for row in rows
        ],
        "overlaps": [
            {
                "first": item.first.key,
                "second": item.second.key,
                "relation": item.relation,
                "packet": str(item.packet),
                "contradictions": [_text(text) for text in item.contradictions],
            }
            for item in overlapping
        ],
    }


def row_data(row: Row) -> dict[str, Any]:
    """A row: the inventory's fields, and how it stands."""
    fields = row.flow.model_dump(mode="json", by_alias=True, exclude={"origin", "assumed"})
    return {
        "row": row.key,
        **fields,
        "state": row.state,
        "open": row.open,
        "days_left": row.days_left,
        "origin": str(row.flow.origin),
    }


def reach_data(found: Reach) -> dict[str, Any]:
    """One host: the rows that let others in, let it out, and those that are closed."""
    place = found.place
    return {
        "name": place.name,
        "zone": place.zone,
        "vlan": place.lan or None,
        "addresses": [str(address) for address in place.addresses],
        "inbound": [_grant(grant) for grant in found.inbound],
        "outbound": [_grant(grant) for grant in found.outbound],
        "closed": [row_data(row) for row in found.closed],
        "default": "deny",
    }


def _grant(grant: Grant) -> dict[str, Any]:
    return {
        **row_data(grant.row),
        "families": list(grant.families),
        "prefixes": [str(prefix) for prefix in grant.prefixes],
    }


def _hits(counted: Hits, tries: Tries | None) -> dict[str, Any]:
    watch = None if tries is None else {"from": tries.source, "connections": tries.connections}
    return {
        "counters": {
            name: {"packets": count.packets, "bytes": count.bytes} for name, count in counted.by_firewall.items()
        },
        "running": counted.running,
        "unused": counted.unused,
        "watch": watch,
    }


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "ja": text.ja}
