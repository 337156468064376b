"""The peer of `compile.py`: pyavd builds a fabric of 100 devices. Run by the Python that has pyavd; prints JSON.

The fabric is of the kind pyavd's own examples show: spines, pairs of leaves, VRFs with VLAN interfaces on every leaf.
Timed are facts, structured configuration and text; validation of inputs is left out, as is the loader on our side.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import pyavd

SPINES = 4
VRFS = 6
VLANS_A_VRF = 3


def fabric(devices: int) -> dict[str, dict[str, Any]]:
    """Host name → its inputs."""
    leaves = devices - SPINES
    spines = [f"spine{n}" for n in range(1, SPINES + 1)]
    shared: dict[str, Any] = {
        "fabric_name": "BENCH",
        "underlay_routing_protocol": "ebgp",
        "overlay_routing_protocol": "ebgp",
        "spine": {
            "defaults": {"platform": "vEOS-lab", "loopback_ipv4_pool": "192.168.255.0/24", "bgp_as": "65100"},
            "nodes": [
                {"name": name, "id": place, "mgmt_ip": f"172.31.0.{place}/16"} for place, name in enumerate(spines, 1)
            ],
        },
        "l3leaf": {
            "defaults": {
                "platform": "vEOS-lab",
                "loopback_ipv4_pool": "192.168.0.0/20",
                "loopback_ipv4_offset": 4,
                "vtep_loopback_ipv4_pool": "192.168.16.0/20",
                "uplink_interfaces": [f"Ethernet{n}" for n in range(1, SPINES + 1)],
                "uplink_switches": spines,
                "uplink_ipv4_pool": "172.16.0.0/16",
                "mlag_interfaces": ["Ethernet53", "Ethernet54"],
                "mlag_peer_ipv4_pool": "10.255.0.0/20",
                "mlag_peer_l3_ipv4_pool": "10.255.16.0/20",
                "virtual_router_mac_address": "00:1c:73:00:00:99",
                "spanning_tree_mode": "mstp",
            },
            "node_groups": [
                {
                    "group": f"rack{pair}",
                    "bgp_as": str(65100 + pair),
                    "nodes": [
                        {
                            "name": f"leaf{number}",
                            "id": number,
                            "mgmt_ip": f"172.31.{1 + number // 250}.{1 + number % 250}/16",
                            "uplink_switch_interfaces": [f"Ethernet{number}"] * SPINES,
                        }
                        for number in (2 * pair - 1, 2 * pair)
                        if number <= leaves
                    ],
                }
                for pair in range(1, -(-leaves // 2) + 1)
            ],
        },
        "tenants": [
            {
                "name": "CITY",
                "mac_vrf_vni_base": 10000,
                "vrfs": [
                    {
                        "name": f"VRF{vrf}",
                        "vrf_vni": vrf,
                        "svis": [
                            {
                                "id": 100 * vrf + vlan,
                                "name": f"VLAN{100 * vrf + vlan}",
                                "enabled": True,
                                "ip_address_virtual": f"10.{vrf}.{vlan}.1/24",
                            }
                            for vlan in range(1, VLANS_A_VRF + 1)
                        ],
                    }
                    for vrf in range(1, VRFS + 1)
                ],
            }
        ],
    }
    names = {**dict.fromkeys(spines, "spine"), **{f"leaf{n}": "l3leaf" for n in range(1, leaves + 1)}}
    return {name: {**shared, "type": kind} for name, kind in names.items()}


def main(devices: int) -> None:
    """Build once to warm up on a small fabric, then time the whole."""
    for count in (SPINES + 2, devices):
        inputs = {}
        for name, data in fabric(count).items():
            result = pyavd.validate_inputs(data)
            if result.validated_data is None:
                sys.exit(
                    "\n".join(f"{error.path} {error.message}" for error in result.validation_result.violations[:10])
                )
            inputs[name] = result.validated_data
        begun = time.perf_counter()
        facts = pyavd.get_avd_facts(inputs)
        texts = [
            pyavd.get_device_config(pyavd.get_device_structured_config(name, data, facts))
            for name, data in inputs.items()
        ]
        seconds = time.perf_counter() - begun
    lines = sum(text.count("\n") for text in texts)
    print(json.dumps({"version": pyavd.__version__, "devices": devices, "lines": lines, "seconds": seconds}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
