"""Records what hand-made devices answer into PLATFORM/mocked_data: `sudo python tests/network/drivers/record.py`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from handmade import HERE, Devices
from live_configs import prepare
from napalm_double import Recorder, save_result

GETTERS: dict[str, tuple[str, dict[str, Any]]] = {
    "test_get_facts": ("get_facts", {}),
    "test_get_interfaces": ("get_interfaces", {}),
    "test_get_interfaces_counters": ("get_interfaces_counters", {}),
    "test_get_interfaces_ip": ("get_interfaces_ip", {}),
    "test_get_lldp_neighbors": ("get_lldp_neighbors", {}),
    "test_get_environment": ("get_environment", {}),
    "test_get_arp_table": ("get_arp_table", {}),
    "test_get_arp_table_with_vrf": ("get_arp_table", {"vrf": "TEST"}),
    "test_get_ipv6_neighbors_table": ("get_ipv6_neighbors_table", {}),
    "test_get_network_instances": ("get_network_instances", {}),
    "test_get_config": ("get_config", {}),
    "test_get_config_filtered": ("get_config", {}),
    "test_get_config_sanitized": ("get_config", {"sanitized": True}),
    "test_get_config_sanitized_filtered": ("get_config", {"sanitized": True}),
    "test_ping": ("ping", {"destination": "8.8.8.8"}),
    "test_is_alive": ("is_alive", {}),
}
ROUTING: dict[str, tuple[str, dict[str, Any]]] = {
    "test_get_bgp_neighbors": ("get_bgp_neighbors", {}),
    "test_get_bgp_neighbors_detail": ("get_bgp_neighbors_detail", {}),
    "test_get_route_to": ("get_route_to", {"destination": "1.0.4.0/24", "protocol": "bgp"}),
    "test_get_route_to_longer": ("get_route_to", {"destination": "1.0.4.0/24", "protocol": "bgp", "longer": True}),
    "get_ospf_neighbors": ("get_ospf_neighbors", {}),
    "get_bfd_neighbors": ("get_bfd_neighbors", {}),
}
FILTERING: dict[str, tuple[str, dict[str, Any]]] = {"test_get_firewall_policies": ("get_firewall_policies", {})}
SWITCHING: dict[str, tuple[str, dict[str, Any]]] = {
    "test_get_vlans": ("get_vlans", {}),
    "test_get_mac_address_table": ("get_mac_address_table", {}),
}
MORE = {"r1": ROUTING, "fw1": {**ROUTING, **FILTERING}, "sw1": SWITCHING}


def main() -> None:
    state = Path(tempfile.mkdtemp())
    devices = Devices(state, r1="frr", r2="frr", fw1="nftables", r3="frr", sw1="openvswitch", h1="frr")
    try:
        with devices.station():
            prepare(devices)
            for name, more in MORE.items():
                record(devices, name, {**GETTERS, **more})
    finally:
        devices.close()
        shutil.rmtree(state)


def record(devices: Devices, name: str, getters: dict[str, tuple[str, dict[str, Any]]]) -> None:
    data = HERE / devices.platforms[name] / "mocked_data"
    shutil.rmtree(data, ignore_errors=True)
    with devices.open(name) as driver:
        live = driver.device
        for test, (getter, arguments) in getters.items():
            folder = data / test / "normal"
            driver.device = Recorder(live, folder)
            result = getattr(driver, getter)(**arguments)
            if test == "test_get_config_filtered":
                result = {**result, "startup": "", "candidate": "", "running": ""}
            save_result(folder, result)
        driver.device = live


if __name__ == "__main__":
    main()
