"""Flow entries that a switch was given by hand: a commit takes them away, and its way back gives them back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from commit_cases import CONFIGS, until
from handmade import Devices
from napalm.base import exceptions

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("bare")]


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
