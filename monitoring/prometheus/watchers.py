"""Where a segment is watched from."""

from __future__ import annotations

from network.fabric import Fabric, Host


def watchers(fabric: Fabric) -> dict[str, Host]:
    """Segment → the server whose exporter stands in it: the first that gives the service `watch`."""
    found: dict[str, Host] = {}
    for name, host in fabric.hosts.items():
        server = fabric.city.sites[host.site].servers.get(name.removeprefix(f"{host.site}-"))
        if host.kind == "server" and server is not None and "watch" in server.services:
            found.setdefault(host.segment, host)
    return {segment: found[segment] for segment in fabric.city.segments if segment in found}
