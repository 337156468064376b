"""What a commit does on live devices: it waits for its confirmation, and can be undone before and after it."""

from __future__ import annotations

import contextlib
import threading

import pytest
from commit_cases import CONFIGS, EVERY, FRR, SEGMENT, runs, telling, until
from handmade import Devices
from napalm.base import exceptions

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("bare")]


@EVERY
def test_a_commit_waits_for_its_confirmation_and_can_be_undone_after_it(devices: Devices, name: str) -> None:
    old, new = CONFIGS[name]
    with devices.open(name) as device:
        device.load_replace_candidate(config=new)
        assert "+" in device.compare_config()
        assert runs(device, name, 0)
        device.commit_config(message="change 7", revert_in=300)
        pending = device.pending_commit()
        assert (pending.change, pending.confirmed, device.has_pending_commit()) == ("change 7", False, True)
        assert runs(device, name, 1)
        if name != "sw1":
            assert telling(device.get_config(retrieve="startup")["startup"]) == telling(old)
        device.confirm_commit()
        pending = device.pending_commit()
        assert (pending.change, pending.confirmed, device.has_pending_commit()) == ("change 7", True, False)
        assert device.get_config(retrieve="startup")["startup"].splitlines() == new.splitlines()
    with devices.open(name) as device:
        device.rollback()
        assert runs(device, name, 0)
        device.rollback()
        assert device.pending_commit() is None


@EVERY
def test_the_device_goes_back_by_itself(devices: Devices, name: str) -> None:
    device = devices.driver(name)
    device.open()
    device.load_replace_candidate(config=CONFIGS[name][1])
    device.commit_config(message="lost", revert_in=5)
    device.device.close()  # no word of farewell: as when the station dies
    with devices.open(name) as device:
        until(lambda: device.pending_commit() is None)
        assert runs(device, name, 0)
        with pytest.raises(exceptions.CommitConfirmException, match="timer ran out"):
            device.confirm_commit()


@EVERY
def test_a_reboot_undoes_what_was_not_confirmed(devices: Devices, name: str) -> None:
    with devices.open(name) as device:
        device.load_replace_candidate(config=CONFIGS[name][1])
        device.commit_config(message="cut", revert_in=300)
        devices.run(name, f"device-boot {devices.platforms[name]} again")
        assert device.pending_commit() is None
        assert runs(device, name, 0)


@EVERY
@pytest.mark.long
def test_a_reboot_keeps_what_was_confirmed(devices: Devices, name: str) -> None:
    with devices.open(name) as device:
        device.load_replace_candidate(config=CONFIGS[name][1])
        device.commit_config(message="kept", revert_in=300)
        device.confirm_commit()
        devices.run(name, f"device-boot {devices.platforms[name]} again")
        until(lambda: runs(device, name, 1))


@EVERY
@pytest.mark.long
def test_one_commit_at_a_time(devices: Devices, name: str) -> None:
    with devices.open(name) as first, devices.open(name) as second:
        first.load_replace_candidate(config=CONFIGS[name][1])
        first.commit_config(message="first", revert_in=300)
        second.load_replace_candidate(config=CONFIGS[name][0])
        with pytest.raises(exceptions.CommitConfirmException, match=r"still pending.*Found: first"):
            second.commit_config(message="second", revert_in=300)
        assert runs(second, name, 1)
        first.rollback()
        assert runs(second, name, 0)


@EVERY
@pytest.mark.long
def test_a_device_that_changed_since_is_left_alone(devices: Devices, name: str) -> None:
    with devices.open(name) as first, devices.open(name) as second:
        first.load_replace_candidate(config=CONFIGS[name][1])
        second.load_replace_candidate(config=CONFIGS[name][1])
        second.commit_config(message="quicker")
        with pytest.raises(exceptions.CommitError, match="changed since the candidate was staged; nothing was changed"):
            first.commit_config(message="slower")
        assert second.pending_commit().change == "quicker"


@EVERY
@pytest.mark.long
@pytest.mark.parametrize("moment", [0.0, 0.1, 0.3])
def test_a_station_that_dies_in_the_middle_of_a_commit(devices: Devices, name: str, moment: float) -> None:
    device = devices.driver(name)
    device.open()
    device.load_replace_candidate(config=CONFIGS[name][1])
    killer = threading.Timer(moment, device.device.close)
    killer.start()
    with contextlib.suppress(exceptions.ConnectionClosedException):
        device.commit_config(message="dying", revert_in=3)
    killer.join()
    with devices.open(name) as device:
        until(lambda: not device.has_pending_commit() and runs(device, name, 0))


MORE = {
    "r1": "vrf lgwan\n ip route 10.98.0.0/16 blackhole\nexit-vrf\n",
    "fw1": "# ==> /etc/nftables.conf\ntable inet filter {\n chain forward {\n  udp dport 53 accept\n }\n}\n",
    "sw1": "ovs-vsctl add-port br0 eth3 vlan_mode=access tag=10\n",
}


@EVERY
@pytest.mark.long
def test_merging_adds_to_what_runs(devices: Devices, name: str) -> None:
    with devices.open(name) as device:
        device.load_replace_candidate(config=CONFIGS[name][1])
        device.commit_config()
        before = device.get_config()["running"]
        device.load_merge_candidate(config=MORE[name])
        difference = device.compare_config()
        device.commit_config()
        after = device.get_config()["running"]
        assert len(after.splitlines()) == len(before.splitlines()) + 1
        assert not difference.splitlines()[-1].startswith("-")


LEFT = "find /etc/frr /etc -maxdepth 1 -name '.*.conf'; pgrep -f 'guard expir[e]' || true"
"""What a commit leaves beside the configuration files, and its timer."""


@EVERY
@pytest.mark.long
def test_closing_a_change_drops_its_snapshot(devices: Devices, name: str) -> None:
    with devices.open(name) as device:
        device.close_change("")
        before = devices.run(name, LEFT).split()
        device.load_replace_candidate(config=CONFIGS[name][1])
        device.commit_config(message="closed", revert_in=300)
        with pytest.raises(exceptions.CommitConfirmException, match="pending"):
            device.close_change("closed")
        device.confirm_commit()
        device.close_change("another")
        assert device.pending_commit() is not None
        device.close_change("closed")
        assert device.pending_commit() is None
        with pytest.raises(exceptions.CommitConfirmException, match="no commit is pending"):
            device.rollback()
        assert devices.run(name, f"{LEFT}; ls /var/lib/sanso-commit").split() == [*before, "staged"]


@pytest.mark.long
def test_an_interface_that_moves_to_another_vrf(devices: Devices) -> None:
    with devices.open("r1") as device:
        for vrf in ("lgwan", "mynumber", "lgwan"):
            device.load_replace_candidate(config=FRR + SEGMENT.replace("lgwan", vrf))
            device.commit_config()
            places = {
                name: set(found["interfaces"]["interface"]) for name, found in device.get_network_instances().items()
            }
            assert {name: ports for name, ports in places.items() if name != "default"} == {vrf: {"eth1.2001"}}
            # The routing daemon gives the kernel its addresses a moment after it knows them.
            until(lambda: "10.31.128.0" in device.get_interfaces_ip().get("eth1.2001", {}).get("ipv4", {}))


@pytest.mark.long
def test_only_sub_interfaces_it_made_are_taken_away(devices: Devices) -> None:
    devices.run("r1", "ip link add eth7.99 type veth peer name xx")
    with devices.open("r1") as device:
        device.load_replace_candidate(config=FRR + "interface eth7.99\n description mine\nexit\n!\n" + SEGMENT)
        device.commit_config()
        assert {"eth7.99", "eth1.2001"} <= set(device.get_interfaces())
        assert device.get_network_instances("lgwan")["lgwan"]["interfaces"]["interface"] == {"eth1.2001": {}}
        device.load_replace_candidate(config=FRR)
        device.commit_config()
        assert "eth7.99" in device.get_interfaces()
        assert "lgwan" not in device.get_network_instances()
    devices.run("r1", "ip link del eth7.99")
