"""A BGP neighbour of FRR in NAPALM's two shapes."""

from __future__ import annotations

from typing import Any

_STOPPED = "adminShutDown"


def neighbor(item: dict[str, Any]) -> dict[str, Any]:
    """The short one; `uptime` in seconds, -1 when the session is down."""
    up = item.get("bgpState") == "Established"
    return {
        "local_as": int(item["localAs"]),
        "remote_as": int(item["remoteAs"]),
        "remote_id": str(item.get("remoteRouterId", "")),
        "is_up": up,
        "is_enabled": _STOPPED not in item,
        "description": str(item.get("nbrDesc", "")),
        "uptime": int(item.get("bgpTimerUpMsec", 0)) // 1000 if up else -1,
        "address_family": {name: _family(data, up=up) for name, data in _families(item)},
    }


def neighbor_detail(vrf: str, address: str, item: dict[str, Any]) -> dict[str, Any]:
    """The long one; FRR keeps neither the state before nor suppressed prefixes apart: "" and -1."""
    up = item.get("bgpState") == "Established"
    families = [data for _, data in _families(item)]
    messages = item.get("messageStats", {})
    accepted = sum(_family(data, up=up)["accepted_prefixes"] for data in families) if up else 0
    return {
        "up": up,
        "local_as": int(item["localAs"]),
        "remote_as": int(item["remoteAs"]),
        "router_id": str(item.get("remoteRouterId", "")),
        "local_address": str(item.get("hostLocal", "")),
        "routing_table": vrf,
        "local_address_configured": "updateSource" in item,
        "local_port": int(item.get("portLocal", 0)),
        "remote_address": address,
        "remote_port": int(item.get("portForeign", 0)),
        "multihop": int(item.get("externalBgpNbrMaxHopsAway", 1)) > 1,
        "multipath": False,
        "remove_private_as": any("privateAsNumsRemovedInUpdatesToNbr" in data for data in families),
        "import_policy": _policy(families, "incoming"),
        "export_policy": _policy(families, "outgoing"),
        "input_messages": int(messages.get("totalRecv", 0)),
        "output_messages": int(messages.get("totalSent", 0)),
        "input_updates": int(messages.get("updatesRecv", 0)),
        "output_updates": int(messages.get("updatesSent", 0)),
        "messages_queued_out": int(messages.get("depthOutq", 0)),
        "connection_state": str(item.get("bgpState", "")),
        "previous_connection_state": "",
        "last_event": str(item.get("lastResetDueTo", "")),
        "suppress_4byte_as": False,
        "local_as_prepend": False,
        "holdtime": int(item.get("bgpTimerHoldTimeMsecs", 0)) // 1000,
        "configured_holdtime": int(item.get("bgpTimerConfiguredHoldTimeMsecs", 0)) // 1000,
        "keepalive": int(item.get("bgpTimerKeepAliveIntervalMsecs", 0)) // 1000,
        "configured_keepalive": int(item.get("bgpTimerConfiguredKeepAliveIntervalMsecs", 0)) // 1000,
        "active_prefix_count": accepted,
        "received_prefix_count": accepted,
        "accepted_prefix_count": accepted,
        "suppressed_prefix_count": -1,
        "advertised_prefix_count": sum(int(data.get("sentPrefixCounter", 0)) for data in families),
        "flap_count": int(item.get("connectionsDropped", 0)),
    }


def _families(item: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    names = {"ipv4Unicast": "ipv4", "ipv6Unicast": "ipv6"}
    return [(names.get(name, name), data) for name, data in item.get("addressFamilyInfo", {}).items()]


def _family(data: dict[str, Any], *, up: bool) -> dict[str, int]:
    """FRR counts received prefixes only with soft reconfiguration: what was accepted stands for them."""
    if not up:
        return {"sent_prefixes": -1, "accepted_prefixes": -1, "received_prefixes": -1}
    accepted = int(data.get("acceptedPrefixCounter", 0))
    return {
        "sent_prefixes": int(data.get("sentPrefixCounter", 0)),
        "accepted_prefixes": accepted,
        "received_prefixes": accepted,
    }


def _policy(families: list[dict[str, Any]], direction: str) -> str:
    keys = (f"{direction}UpdatePrefixFilterList", f"routeMapFor{direction.capitalize()}Advertisements")
    return ", ".join(dict.fromkeys(str(data[key]) for data in families for key in keys if key in data))
