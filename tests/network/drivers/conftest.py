from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from commit_cases import CONFIGS, runs
from handmade import Devices, needs


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Devices]:
    missing = needs("vtysh", "zebra", "ovs-vsctl", "ovs-vswitchd", "nft", "sshd", "tini")
    if os.geteuid() != 0 or missing:
        pytest.skip(f"needs root and {', '.join(missing) or 'nothing else'}")
    devices = Devices(
        tmp_path_factory.mktemp("devices"),
        r1="frr",
        r2="frr",
        fw1="nftables",
        r3="frr",
        sw1="openvswitch",
        tiny="frr-small",
    )
    yield devices
    devices.close()


@pytest.fixture
def devices(running: Devices) -> Iterator[Devices]:
    with running.station():
        yield running


@pytest.fixture
def bare(devices: Devices, request: pytest.FixtureRequest) -> None:
    """Every test starts with the bare configuration."""
    name = request.node.callspec.params["name"] if hasattr(request.node, "callspec") else "r1"
    with devices.open(name) as device:
        if device.has_pending_commit():
            device.rollback()
        if not runs(device, name, 0):
            device.load_replace_candidate(config=CONFIGS[name][0])
            device.commit_config()
