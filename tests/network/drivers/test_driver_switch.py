"""Open vSwitch's database as commands and back, and the transaction from one to another."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.drivers.switch import all_entries, from_database, from_text, to_text, transaction

COLUMNS = {
    "bridge": ("name", "datapath_type", "fail_mode", "other_config"),
    "port": ("name", "vlan_mode", "tag", "trunks", "external_ids"),
    "interface": ("name", "type", "options"),
}
DUMP = r'''member,br0,eth2
member,br0,eth10
bridge,"""br0""","""netdev""","[""set"",[]]","[""map"",[]]"
port,"""br0""","[""set"",[]]","[""set"",[]]","[""set"",[]]","[""map"",[]]"
port,"""eth10""","[""set"",[]]","[""set"",[]]","[""set"",[20,10]]","[""map"",[]]"
port,"""eth2""","""access""",20,"[""set"",[]]","[""map"",[[""description"",""市民 \""課""]]]"
interface,"""br0""","""internal""","[""map"",[]]"
interface,"""eth10""","""patch""","[""map"",[[""peer"",""p2""]]]"
interface,"""eth2""","""""","[""map"",[]]"
'''
TEXT = r"""# hostname sw
ovs-vsctl add-br br0
ovs-vsctl set bridge br0 datapath_type=netdev
ovs-vsctl add-port br0 eth2 vlan_mode=access tag=20 'external_ids:description="市民 \"課"'
ovs-vsctl add-port br0 eth10 vlan_mode=trunk trunks=10,20
ovs-vsctl set interface eth10 'options:peer="p2"'
ovs-vsctl set interface eth10 type=patch
"""


def test_the_database_is_written_as_commands_and_nothing_is_hidden() -> None:
    assert to_text(from_database(DUMP, COLUMNS), "sw") == TEXT
    assert to_text(from_text(TEXT), "sw") == TEXT


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("ovs-vsctl add-prt br0 eth1", "line 2: ovs-vsctl add-prt br0 eth1"),
        ("ovs-vsctl add-port br1 eth1", "line 2: ovs-vsctl add-port br1 eth1"),
        ("ovs-vsctl set port eth9 tag=1", "line 2: ovs-vsctl set port eth9 tag=1"),
        ("ovs-vsctl set bridge br0 'x y'", "line 2: ovs-vsctl set bridge br0 'x y'"),
        ("rm -rf /", "line 2: rm -rf /"),
        ("ovs-vsctl add-port br0 'eth", "line 2: ovs-vsctl add-port br0 'eth"),
        ("ovs-vsctl add-br br0", "line 2: ovs-vsctl add-br br0"),
        ("ovs-ofctl add-flow br1 actions=drop", "line 2: ovs-ofctl add-flow br1 actions=drop"),
        ("ovs-ofctl mod-flows br0 actions=drop", "line 2: ovs-ofctl mod-flows br0 actions=drop"),
    ],
)
def test_a_line_that_is_no_command_is_named(line: str, found: str) -> None:
    with pytest.raises(ValueError, match="^" + found.replace("(", r"\(") + "$"):
        from_text(f"ovs-vsctl add-br br0\n{line}\n")


def test_changes_are_said_as_shortly_as_possible() -> None:
    new = TEXT.replace("access tag=20", "access tag=30").replace("'external_ids", "#'external_ids")
    new = new.replace("ovs-vsctl set interface eth10 type=patch\n", "")
    assert transaction(from_text(TEXT), from_text(TEXT)) == ""
    assert transaction(from_text(TEXT), from_text(new.replace(" #", " "))).splitlines() == [
        "set interface eth10 'type=\"\"'",
        "set port eth2 tag=30",
    ]


def test_a_port_that_moves_leaves_its_bridge_first() -> None:
    new = TEXT.replace("add-port br0 eth10", "add-port br1 eth10").replace(
        "ovs-vsctl add-port br0 eth2", "ovs-vsctl add-br br1\novs-vsctl add-port br0 eth2"
    )
    assert transaction(from_text(TEXT), from_text(new)).splitlines() == [
        "del-port br0 eth10",
        "add-br br1",
        "add-port br1 eth10",
        "set interface eth10 'options:peer=\"p2\"' type=patch",
        "set port eth10 vlan_mode=trunk trunks=10,20",
    ]


def test_merging_carries_the_commands_out() -> None:
    more = "ovs-vsctl del-port br0 eth10\novs-vsctl clear port eth2 external_ids\novs-vsctl add-br br1\n"
    assert to_text(from_text(more, from_text(TEXT)), "sw").splitlines() == [
        "# hostname sw",
        "ovs-vsctl add-br br0",
        "ovs-vsctl set bridge br0 datapath_type=netdev",
        "ovs-vsctl add-port br0 eth2 vlan_mode=access tag=20",
        "ovs-vsctl add-br br1",
    ]


ENTRIES = TEXT + (
    "ovs-ofctl del-flows br0\n"
    "ovs-ofctl add-flow br0 'in_port=\"a b\" actions=output:eth2'\n"
    "ovs-ofctl add-flow br0 'priority=7,in_port=eth2 actions=output:eth10'\n"
)


def test_flow_entries_are_read_and_written_where_they_are_not_as_usual() -> None:
    told = 'flow,br0,"in_port=""a b"" actions=output:eth2"\nflow,br0,"priority=7,in_port=eth2 actions=output:eth10"\n'
    assert to_text(from_database(f"{DUMP}flow,br0,\n{told}", COLUMNS), "sw") == ENTRIES
    assert to_text(from_text(ENTRIES), "sw") == ENTRIES
    again = "ovs-ofctl del-flows br0\novs-ofctl add-flow br0 'priority=0 actions=NORMAL'\n"
    assert to_text(from_text(again, from_text(ENTRIES)), "sw") == TEXT


def test_the_entries_of_a_bridge_are_said_whole_where_either_side_has_some() -> None:
    entries, usual, none = from_text(ENTRIES), from_text(TEXT), from_text(TEXT + "ovs-ofctl del-flows br0\n")
    assert all_entries(usual, usual) == ""
    assert all_entries(entries, usual) == "br0 priority=0 actions=NORMAL\n"
    assert all_entries(usual, none) == "br0 \n"
    assert all_entries(usual, entries).splitlines() == [
        'br0 in_port="a b" actions=output:eth2',
        "br0 priority=7,in_port=eth2 actions=output:eth10",
    ]
    assert all_entries(entries, from_text("ovs-vsctl add-br br1\n")) == ""


PORTS = st.sampled_from(["eth1", "eth2", "eth3"])
VLANS = st.integers(0, 9)


@st.composite
def switches(draw: st.DrawFn) -> str:
    lines: list[str] = []
    free = ["eth1", "eth2", "eth3"]
    for bridge in sorted(draw(st.sets(st.sampled_from(["br0", "br1"])))):
        lines.append(f"add-br {bridge}")
        if draw(st.booleans()):
            lines.append(f"set bridge {bridge} datapath_type=netdev")
        for port in sorted(draw(st.sets(st.sampled_from(free or ["eth9"])))):
            if port in free:
                free.remove(port)
                text = draw(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=4))
                quoted = (
                    shlex.quote(f'external_ids:description="{text}"')
                    if text and '"' not in text and "\\" not in text
                    else ""
                )
                mode = draw(
                    st.sampled_from([f"vlan_mode=access tag={draw(VLANS)}", f"vlan_mode=trunk trunks={draw(VLANS)},11"])
                )
                lines.append(f"add-port {bridge} {port} {mode} {quoted}")
    return "".join(f"ovs-vsctl {line}\n" for line in lines)


@settings(deadline=None, max_examples=40)
@given(switches(), switches())
def test_the_transaction_leads_from_any_switch_to_any_other(old: str, new: str) -> None:
    commands = "".join(f"ovs-vsctl {line}\n" for line in transaction(from_text(old), from_text(new)).splitlines())
    result = from_text(
        commands.replace("remove port", "clear port").replace(" external_ids description", " external_ids"),
        from_text(old),
    )
    assert to_text(result, "x") == to_text(from_text(new), "x")
