"""What a commit does on live devices, and what becomes of it when something goes wrong."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from handmade import Devices, Driver
from napalm.base import exceptions

pytestmark = pytest.mark.lab

ROUTER = """\
frr version 8.4.4
frr defaults traditional
hostname {name}
ip forwarding
ipv6 forwarding
service integrated-vtysh-config
!
"""
SEGMENT = """\
vrf lgwan
 ip route 10.99.0.0/16 blackhole
exit-vrf
!
interface eth1.2001 vrf lgwan
 description to the other
 ip address 10.31.128.0/31
 ip ospf area 0.0.0.0
 ipv6 address fd5a:1:2:ff00::/127
exit
!
router bgp 64512 vrf lgwan
 bgp router-id 1.1.1.1
 neighbor 10.31.128.1 remote-as 64513
 !
 address-family ipv4 unicast
  network 10.24.0.0/13
  neighbor 10.31.128.1 prefix-list out out
 exit-address-family
exit
!
router ospf vrf lgwan
 ospf router-id 1.1.1.1
exit
!
ip prefix-list out seq 5 permit 10.24.0.0/13
!
"""
RULES = """\
# ==> /etc/nftables.conf
table inet filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		iifname "eth1" tcp dport 443 counter accept comment "row-1"
	}
}
# ==> /etc/frr/frr.conf
"""
NO_RULES = "# ==> /etc/nftables.conf\n# ==> /etc/frr/frr.conf\n"
SWITCH = """\
# hostname sw1
ovs-vsctl add-br br0
ovs-vsctl set bridge br0 datapath_type=netdev
"""
PORTS = """\
ovs-vsctl add-port br0 eth1 vlan_mode=trunk trunks=10,20
ovs-vsctl add-port br0 eth2 vlan_mode=access tag=20 'external_ids:description="市民課 1"'
"""
FRR = ROUTER.format(name="r1")
FIREWALL = ROUTER.format(name="fw1")
CONFIGS = {
    "r1": (FRR, FRR + SEGMENT),
    "fw1": (NO_RULES + FIREWALL, RULES + FIREWALL + SEGMENT),
    "sw1": (SWITCH, SWITCH + PORTS),
}
EVERY = pytest.mark.parametrize("name", CONFIGS)


@pytest.fixture(autouse=True)
def _bare(devices: Devices, request: pytest.FixtureRequest) -> None:
    """Every test starts with the bare configuration."""
    name = request.node.callspec.params["name"] if hasattr(request.node, "callspec") else "r1"
    with devices.open(name) as device:
        if device.has_pending_commit():
            device.rollback()
        if not runs(device, name, 0):
            device.load_replace_candidate(config=CONFIGS[name][0])
            device.commit_config()


def until(happens: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that no event tells."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.1)


def runs(device: Driver, name: str, kind: int) -> bool:
    """Whether the bare (0) or the full (1) configuration runs."""
    return telling(device.get_config(retrieve="running")["running"]) == telling(CONFIGS[name][kind])


def telling(text: str) -> list[str]:
    """The lines of a text in any order, without those FRR prints or not as it likes."""
    silent = ("!", "frr version", "frr defaults", "ip forwarding", "ipv6 forwarding", "service integrated")
    return sorted(line for line in text.splitlines() if not line.strip().startswith(silent) and line.strip())


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


def test_a_line_that_a_daemon_rejects_undoes_the_commit(devices: Devices) -> None:
    wrong = SEGMENT.replace(" neighbor 10.31.128.1 remote-as 64513\n", "")
    with devices.open("r1") as device:
        device.load_replace_candidate(config=FRR + wrong)
        with pytest.raises(exceptions.CommitError, match=r"back on its old configuration.*Specify remote-as"):
            device.commit_config(message="wrong", revert_in=300)
        assert not device.has_pending_commit()
        assert runs(device, "r1", 0)


@pytest.mark.long
def test_the_sure_way_back_is_taken_when_the_quick_one_fails(devices: Devices) -> None:
    with devices.open("r1") as device:
        device.load_replace_candidate(config=FRR + SEGMENT)
        device.commit_config(message="torn", revert_in=300)
        devices.run("r1", "echo nonsense >/var/lib/sanso-commit/slot/back/batch")
        device.rollback()
        assert runs(device, "r1", 0)


BAD = {
    "r1": (FRR + "router ospf vrf\n", "Unknown command|incomplete"),
    "fw1": (CONFIGS["fw1"][1].replace("tcp dport 443", "tcp dprt 443"), "syntax error"),
    "sw1": (CONFIGS["sw1"][1].replace("tag=20", "tag=5000"), "5000 is not in the valid range"),
}


@EVERY
def test_the_devices_own_checker_refuses_first(devices: Devices, name: str) -> None:
    text, reason = BAD[name]
    with devices.open(name) as device:
        with pytest.raises(exceptions.ReplaceConfigException, match=f"(?i)nothing was changed.*({reason})"):
            device.load_replace_candidate(config=text)
        assert device.compare_config() == ""
        assert runs(device, name, 0)
        with pytest.raises(exceptions.CommitError, match="there is no candidate"):
            device.commit_config()


@EVERY
def test_the_configuration_of_another_device_is_refused(devices: Devices, name: str) -> None:
    text = CONFIGS[name][1].replace(f"hostname {name}", "hostname other")
    with (
        devices.open(name) as device,
        pytest.raises(
            exceptions.ReplaceConfigException, match=f"not one of this device.*hostname {name}.*hostname other"
        ),
    ):
        device.load_replace_candidate(config=text)


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


def test_a_full_disk(devices: Devices) -> None:
    fill = "dd if=/dev/zero of=/fill bs=64k 2>/dev/null; dd if=/dev/zero of=/fill2 bs=1 2>/dev/null; true"
    text = ROUTER.format(name="tiny")
    with devices.open("tiny") as device:
        devices.run("tiny", fill)
        with pytest.raises(exceptions.ReplaceConfigException, match="free space"):
            device.load_replace_candidate(config=text + SEGMENT)
        devices.run("tiny", "rm /fill /fill2")
        device.load_replace_candidate(config=text + SEGMENT)
        devices.run("tiny", fill)
        with pytest.raises(exceptions.CommitError, match="disk is full; nothing was changed"):
            device.commit_config(message="full", revert_in=300)
        devices.run("tiny", "rm /fill /fill2")
        device.commit_config(message="full", revert_in=300)
        devices.run("tiny", fill)
        device.confirm_commit()
        assert device.get_config()["startup"] == text + SEGMENT
        device.rollback()
        assert device.compare_config() == ""
        assert "lgwan" not in device.get_config()["running"]
        devices.run("tiny", "rm /fill /fill2")


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
def test_where_the_quick_way_back_fails_the_sure_one_serves(devices: Devices) -> None:
    with devices.open("r1") as device:
        device.load_replace_candidate(config=FRR + SEGMENT)
        device.commit_config()
        device.load_replace_candidate(config=FRR + SEGMENT.replace("description to the other", "description other"))
        device.commit_config(revert_in=300)
        devices.run("r1", "echo nonsense >/var/lib/sanso-commit/slot/back/batch; rm -f /var/log/frr/frr-reload.log")
        device.rollback()
        assert runs(device, "r1", 1)
        assert devices.run("r1", "test -s /var/log/frr/frr-reload.log && pidof ospfd bgpd zebra").split()


@pytest.mark.long
def test_the_way_back_starts_a_daemon_that_died(devices: Devices) -> None:
    with devices.open("r1") as device:
        device.load_replace_candidate(config=FRR + SEGMENT)
        device.commit_config()
        device.load_replace_candidate(config=FRR + SEGMENT.replace("ip ospf area", "ip ospf cost 7\n ip ospf area"))
        device.commit_config(revert_in=300)
        devices.run("r1", "kill -KILL $(pidof ospfd); while pidof ospfd; do sleep 0.1; done", check=False)
        device.rollback()
        assert runs(device, "r1", 1)
        assert devices.run("r1", "pidof ospfd").strip()


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


BY_HAND = """
ovs-ofctl -O OpenFlow15 add-group br0 group_id=3,type=all,bucket=actions=output:eth1
ovs-ofctl -O OpenFlow15 add-flow br0 \
    'cookie=0x5,priority=9,in_port=eth2,actions=push_vlan:0x8100,set_field:4106->vlan_vid,group:3'
ovs-ofctl add-flow br0 table=2,udp,tp_dst=53,idle_timeout=900,actions=drop
"""
ENTRIES = (
    "ovs-ofctl add-flow br0 "
    "'cookie=0x5, priority=9,in_port=eth2 actions=push_vlan:0x8100,set_field:4106->vlan_vid,group:3'\n"
    "ovs-ofctl add-flow br0 'table=2, idle_timeout=900, udp,tp_dst=53 actions=drop'\n"
)
USUAL = "priority=0 actions=NORMAL\n"
TOLD = "ovs-ofctl -O OpenFlow15 --no-stats --names dump-flows br0 | sed 's/^ *//; s/reset_counts //'"


@pytest.fixture
def by_hand(devices: Devices) -> Iterator[str]:
    """Flow entries on the switch; its whole text."""
    with devices.open("sw1") as device:
        device.load_replace_candidate(config=CONFIGS["sw1"][1])
        device.commit_config()
        devices.run("sw1", BY_HAND)
        yield device.get_config(retrieve="running")["running"]
        device.load_replace_candidate(config=CONFIGS["sw1"][0])
        device.commit_config()
    devices.run("sw1", "ovs-ofctl -O OpenFlow15 del-groups br0")


def test_flow_entries_by_hand_are_read_taken_away_and_put_back(devices: Devices, by_hand: str) -> None:
    before = devices.run("sw1", TOLD)
    assert by_hand == CONFIGS["sw1"][1] + ENTRIES
    with devices.open("sw1") as device:
        device.load_replace_candidate(config=CONFIGS["sw1"][1])
        assert device.compare_config().splitlines() == ["-" + line for line in ENTRIES.splitlines()]
        device.commit_config(message="entries", revert_in=300)
        assert devices.run("sw1", TOLD) == USUAL
        device.confirm_commit()
        device.rollback()
        assert devices.run("sw1", TOLD) == before
        device.load_replace_candidate(config=CONFIGS["sw1"][0])
        device.commit_config(message="lost", revert_in=2)
    with devices.open("sw1") as device:
        until(lambda: device.pending_commit() is None)
        assert device.get_config(retrieve="running")["running"] == by_hand


def test_a_switch_without_any_entry_switches_again(devices: Devices, by_hand: str) -> None:
    devices.run("sw1", "ovs-ofctl del-flows br0")
    with devices.open("sw1") as device:
        assert device.get_config(retrieve="running")["running"].endswith("\novs-ofctl del-flows br0\n")
        device.load_replace_candidate(config=CONFIGS["sw1"][1])
        device.commit_config(message="again", revert_in=300)
        assert devices.run("sw1", TOLD) == USUAL
        device.rollback()
        assert devices.run("sw1", TOLD) == ""
        device.load_replace_candidate(config=by_hand)
        device.commit_config()
        assert device.get_config(retrieve="running")["running"] == by_hand


def test_entries_that_came_since_the_candidate_was_staged_are_noticed(devices: Devices, by_hand: str) -> None:
    with devices.open("sw1") as device:
        device.load_replace_candidate(config=by_hand.partition("ovs-ofctl")[0])
        devices.run("sw1", "ovs-ofctl add-flow br0 in_port=eth1,actions=drop")
        with pytest.raises(exceptions.CommitError, match="changed since the candidate was staged; nothing was changed"):
            device.commit_config(message="late")


def test_a_bridge_whose_entries_could_not_be_brought_back_stays(devices: Devices, by_hand: str) -> None:
    with (
        devices.open("sw1") as device,
        pytest.raises(exceptions.ReplaceConfigException, match="bridge br0 has flow entries with groups or meters"),
    ):
        device.load_replace_candidate(config=by_hand.partition("ovs-ofctl")[0].replace("br0", "br1"))


def test_a_reboot_before_the_confirmation_goes_back_without_entries(devices: Devices, by_hand: str) -> None:
    """It starts without any, as any boot does."""
    with devices.open("sw1") as device:
        device.load_replace_candidate(config=CONFIGS["sw1"][0])
        device.commit_config(message="power cut", revert_in=300)
        devices.run("sw1", "device-boot openvswitch again")
    with devices.open("sw1") as device:
        assert device.pending_commit() is None
        assert device.get_config(retrieve="running")["running"] == by_hand.partition("ovs-ofctl")[0]
