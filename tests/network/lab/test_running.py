"""A running lab: reached, looked into, broken and mended."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest

from network.lab import Lab, LabError, syscalls
from network.lab.capture import capturing
from network.lab.cost import costs

pytestmark = pytest.mark.lab


def out(lab: Lab, node: str, *argv: str, vrf: str | None = None) -> str:
    done = lab.run(node, argv, vrf=vrf)
    assert done.returncode == 0, done.stderr
    return done.stdout


def answers(lab: Lab, node: str, address: str, count: int = 1) -> bool:
    """Whether an address answers one of so many pings, within a second."""
    return lab.run(node, ["ping", "-c", str(count), "-i", "0.2", "-W", "1", address]).returncode == 0


@contextmanager
def switched(lab: Lab) -> Iterator[None]:
    """The hall's access switch carries two VLANs, and its core is the gateway of one of them."""
    ports = {"eth1": "trunks=101,201", "eth5": "tag=101", "eth9": "tag=201"}
    words = ["add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev"]
    for port, option in ports.items():
        words += ["--", "add-port", "br0", port, option]
    out(lab, "hall-acc1", "ovs-vsctl", *words)
    subif(lab, "add", "eth3", "201")
    out(lab, "hall-core1", "ip", "address", "add", "10.24.16.1/24", "dev", "eth3.201")
    yield
    subif(lab, "del", "eth3", "201")
    out(lab, "hall-acc1", "ovs-vsctl", "del-br", "br0")


def subif(lab: Lab, verb: str, port: str, tag: str, *vrf: str, node: str = "hall-core1") -> None:
    out(lab, node, *asking(verb, port, tag, *vrf))


def asking(verb: str, *words: str) -> tuple[str, ...]:
    """What a node runs to have the lab give it a sub-interface, or take it."""
    return "sh", "-c", f"echo {' '.join(words)} | /usr/local/lib/sanso-lab/subif {verb}"


def test_a_switch_runs_before_what_keeps_the_processors_busy(mini_lab: Lab) -> None:
    look = "pid=$(cat /run/openvswitch/ovs-vswitchd.pid); ps -o ni= -p $pid; cat /proc/$pid/autogroup || echo -10"
    niceness, group = out(mini_lab, "hall-acc1", "sh", "-c", look).splitlines()
    assert niceness.strip() == "-10"
    assert group.endswith("-10")


def test_every_node_is_up_and_measured(mini_lab: Lab) -> None:
    nodes = mini_lab.nodes
    assert {node.kind for node in nodes.values()} == {"router", "firewall", "switch", "host", "peer", "operator"}
    assert all(node.up for node in nodes.values())
    found = costs(mini_lab)
    assert all(found[name].processes >= 3 and found[name].memory > 0 for name in nodes)


def test_a_node_has_its_own_root_name_and_processes(mini_lab: Lab) -> None:
    marker = Path("/etc/sanso-lab-test")
    out(mini_lab, "hall-core1", "touch", str(marker))
    assert not marker.exists()
    assert mini_lab.run("hall-core2", ["test", "-e", str(marker)]).returncode == 1
    assert out(mini_lab, "hall-core1", "hostname") == "hall-core1\n"
    assert out(mini_lab, "hall-core1", "cat", "/proc/1/comm") == "tini\n"
    assert "zebra" not in out(mini_lab, "hall-lg-pc", "ps", "ax")


def test_a_node_cannot_change_the_machine(mini_lab: Lab) -> None:
    value = Path("/proc/sys/kernel/panic").read_text(encoding="ascii").strip()
    assert mini_lab.run("hall-core1", ["sysctl", "-w", f"kernel.panic={value}"]).returncode != 0
    for process in ("self", "1"):
        bound = int(out(mini_lab, "hall-core1", "awk", "/^CapBnd/ { print $2 }", f"/proc/{process}/status"), 16)
        assert not any(bound >> number & 1 for number in syscalls.FORBIDDEN.values())


def test_ssh_reaches_a_node_only_with_its_own_host_key(mini_lab: Lab) -> None:
    access = mini_lab.access()
    assert access.key is not None
    assert access.known_hosts is not None
    with syscalls.network(mini_lab.netns("operator")), paramiko.SSHClient() as client:
        client.load_host_keys(str(access.known_hosts))
        address = mini_lab.address("hall-fw1")
        client.connect(address, username=access.user, key_filename=str(access.key), look_for_keys=False)
        assert client.exec_command("hostname")[1].read() == b"hall-fw1\n"
        key = client.get_host_keys()[address]["ssh-ed25519"]
        client.get_host_keys().clear()
        client.get_host_keys().add(mini_lab.address("hall-core1"), "ssh-ed25519", key)
        with pytest.raises(paramiko.BadHostKeyException):
            client.connect(mini_lab.address("hall-core1"), username=access.user, key_filename=str(access.key))


def test_nodes_do_not_reach_one_another_over_management(mini_lab: Lab) -> None:
    assert answers(mini_lab, "operator", mini_lab.address("hall-core2"))
    assert not answers(mini_lab, "hall-core1", mini_lab.address("hall-core2"))


def test_a_trunk_carries_real_tags_and_keeps_vlans_apart(mini_lab: Lab) -> None:
    with switched(mini_lab):
        with capturing(mini_lab, "hall-acc1", "eth1", "icmp or vlan") as trunk:
            assert answers(mini_lab, "hall-lg-pc", "10.24.16.1", count=3)
        assert any("vlan 201" in line and "ICMP echo request" in line for line in trunk.lines)
        with capturing(mini_lab, "hall-lg-pc", "eth1", "arp") as other:
            out(mini_lab, "hall-mn-pc", "ip", "address", "add", "10.24.16.200/24", "dev", "eth1")
            assert not answers(mini_lab, "hall-mn-pc", "10.24.16.1")
            out(mini_lab, "hall-mn-pc", "ip", "address", "del", "10.24.16.200/24", "dev", "eth1")
        assert not other.lines


def test_tcp_passes_the_trunk_with_whole_checksums(mini_lab: Lab) -> None:
    with switched(mini_lab):
        script = "import socket; s = socket.create_server(('', 7000)); c, _ = s.accept()"
        script += "; print(len(c.makefile('rb').read()))"
        server = subprocess.Popen(
            mini_lab.command("hall-core1", ["python3", "-u", "-c", "print('on');" + script]), stdout=subprocess.PIPE
        )
        assert server.stdout is not None
        server.stdout.readline()
        client = (
            "import socket; s = socket.create_connection(('10.24.16.1', 7000), 5); s.sendall(bytes(100_000)); s.close()"
        )
        out(mini_lab, "hall-lg-pc", "python3", "-c", client)
        assert server.communicate(timeout=20)[0] == b"100000\n"


def test_sub_interfaces_come_and_go_at_run_time(mini_lab: Lab) -> None:
    out(mini_lab, "hall-core1", "ip", "netns", "add", "school")
    for _ in range(2):
        subif(mini_lab, "add", "eth1", "2009", "school")
        subif(mini_lab, "add", "eth1", "2009", node="hall-core2")
        out(mini_lab, "hall-core1", "ip", "address", "add", "192.0.2.0/31", "dev", "eth1.2009", vrf="school")
        out(mini_lab, "hall-core2", "ip", "address", "add", "192.0.2.1/31", "dev", "eth1.2009")
        assert answers(mini_lab, "hall-core2", "192.0.2.0")
        subif(mini_lab, "del", "eth1", "2009", "school")
        subif(mini_lab, "del", "eth1", "2009", node="hall-core2")
    assert "eth1.2009" not in out(mini_lab, "hall-core2", "ip", "link")
    out(mini_lab, "hall-core1", "ip", "netns", "del", "school")


def test_two_tags_of_a_wire_do_not_meet(mini_lab: Lab) -> None:
    subif(mini_lab, "add", "eth1", "2008")
    subif(mini_lab, "add", "eth1", "2009", node="hall-core2")
    out(mini_lab, "hall-core1", "ip", "address", "add", "192.0.2.0/31", "dev", "eth1.2008")
    out(mini_lab, "hall-core2", "ip", "address", "add", "192.0.2.1/31", "dev", "eth1.2009")
    assert not answers(mini_lab, "hall-core2", "192.0.2.0")
    subif(mini_lab, "del", "eth1", "2008")
    subif(mini_lab, "del", "eth1", "2009", node="hall-core2")


def test_a_port_without_a_cable_has_no_sub_interface(mini_lab: Lab) -> None:
    done = mini_lab.run("hall-core1", asking("add", "eth47", "2009"))
    assert done.returncode == 1
    assert done.stderr == "subif: hall-core1 has no cable on port eth47.\n"


def carrier(lab: Lab, node: str, port: str) -> bool:
    (link,) = json.loads(out(lab, node, "ip", "-j", "link", "show", "dev", port))
    return "LOWER_UP" in link["flags"]


@pytest.fixture
def joined(mini_lab: Lab) -> Iterator[Lab]:
    """The hall's cores, joined by an address each on their cable."""
    out(mini_lab, "hall-core1", "ip", "address", "add", "192.0.2.0/31", "dev", "eth1")
    out(mini_lab, "hall-core2", "ip", "address", "add", "192.0.2.1/31", "dev", "eth1")
    yield mini_lab
    mini_lab.heal("hall/cores")
    out(mini_lab, "hall-core1", "ip", "address", "flush", "dev", "eth1", "scope", "global")
    out(mini_lab, "hall-core2", "ip", "address", "flush", "dev", "eth1", "scope", "global")


def test_a_cut_takes_carrier_from_both_ports_and_new_tags(joined: Lab) -> None:
    assert answers(joined, "hall-core1", "192.0.2.1")
    joined.cut("hall/cores")
    assert joined.faults() == {"hall/cores": "cut"}
    subif(joined, "add", "eth1", "2009")
    for node, port in (("hall-core1", "eth1"), ("hall-core2", "eth1"), ("hall-core1", "eth1.2009")):
        assert not carrier(joined, node, port)
    joined.heal("hall/cores")
    assert joined.faults() == {}
    assert carrier(joined, "hall-core1", "eth1.2009")
    subif(joined, "del", "eth1", "2009")
    assert answers(joined, "hall-core1", "192.0.2.1")


def test_a_silent_cut_loses_packets_and_keeps_carrier(joined: Lab) -> None:
    joined.cut("hall/cores", silent=True)
    assert carrier(joined, "hall-core1", "eth1")
    assert not answers(joined, "hall-core1", "192.0.2.1")
    assert not answers(joined, "hall-core2", "192.0.2.0")
    joined.heal("hall/cores")
    assert answers(joined, "hall-core1", "192.0.2.1", count=15)


def test_a_stopped_node_is_off_and_boots_from_its_disk(joined: Lab) -> None:
    out(joined, "hall-core2", "sh", "-c", "echo kept >/etc/kept; echo lost >/run/lost")
    joined.stop("hall-core2")
    assert joined.nodes["hall-core2"].pid is None
    assert not carrier(joined, "hall-core1", "eth1")
    with pytest.raises(LabError, match="stopped"):
        joined.run("hall-core2", ["true"])
    with pytest.raises(LabError, match="stopped already"):
        joined.stop("hall-core2")
    joined.start("hall-core2")
    assert joined.nodes["hall-core2"].up
    assert carrier(joined, "hall-core1", "eth1")
    assert out(joined, "hall-core2", "cat", "/etc/kept") == "kept\n"
    assert joined.run("hall-core2", ["test", "-e", "/run/lost"]).returncode == 1
    assert "hall-core2" in out(joined, "hall-core2", "vtysh", "-c", "show running-config")
    out(joined, "hall-core2", "ip", "address", "add", "192.0.2.1/31", "dev", "eth1")
    assert answers(joined, "hall-core1", "192.0.2.1")
    with pytest.raises(LabError, match="running already"):
        joined.start("hall-core2")


def test_a_dead_first_process_is_a_stopped_node(mini_lab: Lab) -> None:
    mini_lab.run("north-lg-pc", ["kill", "-9", "-1"])
    while mini_lab.nodes["north-lg-pc"].pid is not None:
        pass
    mini_lab.start("north-lg-pc")
    assert out(mini_lab, "north-lg-pc", "hostname") == "north-lg-pc\n"


def test_a_full_disk_is_one_nodes_own(mini_lab: Lab) -> None:
    filled = mini_lab.run("hall-lg-pc", ["dd", "if=/dev/zero", "of=/big", "bs=1M"])
    assert "No space left" in filled.stderr
    out(mini_lab, "hall-mn-pc", "dd", "if=/dev/zero", "of=/some", "bs=1M", "count=8")
    out(mini_lab, "hall-lg-pc", "rm", "/big")
    out(mini_lab, "hall-mn-pc", "rm", "/some")


def test_a_command_that_hangs_is_ended(mini_lab: Lab) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        mini_lab.run("hall-lg-pc", ["sleep", "1234"], timeout=0.5)
    assert "sleep 1234" not in out(mini_lab, "hall-lg-pc", "ps", "ax")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda lab: lab.run("hall-cor1", ["true"]), "The lab has no node named hall-cor1."),
        (lambda lab: lab.cut("hall/core"), "The lab has no link named hall/core."),
        (lambda lab: lab.netns("hall-core1", "school"), "hall-core1 has no VRF school."),
    ],
)
def test_what_is_not_there_is_said_so(mini_lab: Lab, call: object, message: str) -> None:
    with pytest.raises(LabError) as caught:
        call(mini_lab)  # type: ignore[operator]
    assert caught.value.say("en").splitlines()[0] == message


def test_the_machine_sees_none_of_it(mini_lab: Lab) -> None:
    here = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    assert "mgmt" not in here
    assert "w0a" not in here
    assert "overlay /" not in Path("/proc/self/mounts").read_text(encoding="utf-8")
    assert Path("/proc/self/ns/net").readlink() != mini_lab.netns("operator").readlink()


def test_a_lab_of_another_version_is_told_and_no_lab_has_anothers_name(mini_lab: Lab) -> None:
    file = mini_lab.folder / "lab.json"
    written = file.read_text(encoding="utf-8")
    record = json.loads(written)
    assert mini_lab.identity == f"mini-{record['started']}"
    del record["started"]
    try:
        file.write_text(json.dumps(record), encoding="utf-8")
        with pytest.raises(LabError, match="another version"):
            Lab.find(mini_lab.folder.parent)
    finally:
        file.write_text(written, encoding="utf-8")
