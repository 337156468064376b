"""A router whose VRFs are the kernel's own: FRR 8.4 does not say there which interfaces they have.

Made of a stand-in for /sys/class/net, and of one for vtysh or a daemon's socket that tells what FRR tells. What a real
kernel does is tried in `tests/network/lab/test_driven.py`.
"""

from __future__ import annotations

import os
import re
import socketserver
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from napalm import get_network_driver

from network.drivers.beside import SECTION
from network.drivers.platforms import dialect
from network.drivers.ssh import Output

DEVICE = Path(__file__).parents[3] / "network/drivers/device"
VTY = DEVICE / "vty"
WANTED = """\
frr version 8.4.4
frr defaults traditional
hostname r1
service integrated-vtysh-config
!
vrf guest
exit-vrf
!
vrf lgwan
exit-vrf
!
interface eth1.2001 vrf lgwan
 description interface eth2
 ip address 10.31.128.0/31
exit
!
interface eth2
 ip address 10.9.0.0/31
exit
!
interface eth3
 ip address 10.9.0.2/31
exit
!
"""
SILENT = re.sub(r"(?m)^vrf .*\nexit-vrf\n!\n| vrf lgwan$", "", WANTED)
SHOWN = f"Building configuration...\n\nCurrent configuration:\n!\n{SILENT}end\n"
VTYSH = """\
#!/bin/sh
[ -e {folder}/shown ] || exit 1
for word; do
    case $word in
    "show running-config") cat {folder}/shown ;;
    *bfd*) echo "[]" ;;
    esac
done
"""
LINKS = """\
#!/bin/sh
[ "$*" = "-o link show type vrf" ] || exit 1
echo "5: guest: <NOARP,MASTER,UP,LOWER_UP> mtu 65575 qdisc noqueue state UP mode DEFAULT group default qlen 1000"
echo "6: lgwan: <NOARP,MASTER,UP,LOWER_UP> mtu 65575 qdisc noqueue state UP mode DEFAULT group default qlen 1000"
"""
MASTERS = {"eth1.2001": "lgwan", "eth2": "br0"}
UPPER = ("lgwan", "guest", "br0")

pytestmark = [pytest.mark.lab, pytest.mark.skipif(os.geteuid() != 0, reason="needs root")]


class Machine:
    """Runs commands as a connection does, where `folder` has devices/ and sockets/, and vtysh prints its `shown`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.by_hand = folder, "true"
        devices, vtysh = folder / "devices", folder / "vtysh"
        for name in ("lo", "eth3", *MASTERS, *UPPER):
            (devices / name).mkdir(parents=True)
        for name, master in MASTERS.items():
            (devices / name / "master").symlink_to(f"../{master}")
            (devices / master / f"lower_{name}").symlink_to(f"../{name}")
        (folder / "sockets").mkdir()
        vtysh.write_text(VTYSH.format(folder=folder), encoding="ascii")
        (folder / "ip").write_text(LINKS, encoding="ascii")
        for program in (vtysh, folder / "ip"):
            program.chmod(0o755)

    def run(self, command: str, stdin: bytes = b"") -> Output:
        places = f"mount --bind {self.folder}/devices /sys/class/net && mount -t tmpfs tmpfs /run && mkdir /run/frr"
        places = f"{self.by_hand} && {places}"
        here = f'{places} && mount --bind {self.folder}/sockets /run/frr && PATH={self.folder}:$PATH exec sh -c "$0"'
        words = ["unshare", "--net", "--mount", "sh", "-c", here, command]
        done = subprocess.run(words, input=stdin, capture_output=True, check=False)
        return Output(done.returncode, done.stdout.decode())

    def outputs(self, commands: Sequence[str], stdin: bytes = b"", first: str = "") -> tuple[Output, ...]:
        del first
        return tuple(self.run(command, stdin) for command in commands)


class Zebra(socketserver.StreamRequestHandler):
    """A daemon that answers its socket with `SHOWN`."""

    def handle(self) -> None:
        command = b""
        while byte := self.rfile.read(1):
            if byte != b"\0":
                command += byte
                continue
            answer = SHOWN if command == b"show running-config" else ""
            self.wfile.write(answer.encode() + b"\0\0\0\0")
            command = b""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def daemon(machine: Machine) -> Iterator[None]:
    with socketserver.ThreadingUnixStreamServer(str(machine.folder / "sockets/zebra.vty"), Zebra) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


@pytest.fixture
def driver(machine: Machine) -> Any:  # noqa: ANN401 NAPALM carries no types
    made = get_network_driver("frr")("r1", "root", "")
    made.device = machine
    return made


def test_the_driver_reads_the_vrf_the_kernel_has_an_interface_in(machine: Machine, driver: Any) -> None:  # noqa: ANN401
    (machine.folder / "shown").write_text(SHOWN, encoding="ascii")
    assert driver.get_config("running")["running"] == WANTED
    assert driver.observe({}).running == WANTED


def test_a_text_that_says_it_stays_as_it_is(machine: Machine, driver: Any) -> None:  # noqa: ANN401 likewise
    text = WANTED.replace("interface eth3", "interface eth1.2001 vrf guest")
    (machine.folder / "shown").write_text(text, encoding="ascii")
    assert driver.get_config("running")["running"] == text


@pytest.mark.usefixtures("daemon")
def test_the_device_finds_by_itself_that_it_runs_what_is_expected(driver: Any) -> None:  # noqa: ANN401 likewise
    assert driver.observe({}, WANTED).running == WANTED


@pytest.mark.usefixtures("daemon")
def test_that_look_tells_what_stands_beside_the_configuration(machine: Machine, driver: Any) -> None:  # noqa: ANN401 likewise
    machine.by_hand = "ip link add vx0 up type vxlan id 7 remote 192.0.2.9 dstport 4789"
    assert driver.observe({}, WANTED).running == f"{WANTED}{SECTION}\nip link vx0 type vxlan remote 192.0.2.9\n"


@pytest.mark.parametrize("told_by", ["a daemon", "vtysh"])
def test_the_device_compares_itself_with_what_is_wanted(
    machine: Machine, told_by: str, request: pytest.FixtureRequest
) -> None:
    if told_by == "vtysh":
        (machine.folder / "shown").write_text(SHOWN, encoding="ascii")
    else:
        request.getfixturevalue("daemon")
    frr = dialect("frr")
    for name, group in (("ignored", frr.ignored), ("transparent", frr.transparent)):
        (machine.folder / name).write_text("".join(f"{pattern.pattern}\n" for pattern in group), encoding="ascii")
    for kind, text in (("new", WANTED), ("old", SILENT)):
        (machine.folder / kind).mkdir()
        (machine.folder / kind / "frr.conf").write_text(text, encoding="ascii")
    assert machine.run(f"perl {VTY} differ {machine.folder} new") == Output(0, "")
    assert machine.run(f"perl {VTY} differ {machine.folder} old").code == 1


@pytest.mark.parametrize(
    ("options", "printed"),
    [
        ("", WANTED.replace(" vrf lgwan\n", "\n")),
        (" -n", re.sub(r"(?m)^vrf (.*)$", r"vrf \1\n netns /run/netns/\1", WANTED)),
    ],
)
def test_frr_reload_compares_with_what_frr_prints(machine: Machine, options: str, printed: str) -> None:
    """Else it would take away every line of such an interface, and say each again."""
    (machine.folder / "daemons").write_text(f'zebra_options="-A 127.0.0.1{options}"\n', encoding="ascii")
    (machine.folder / "frr.conf").write_text(WANTED, encoding="ascii")
    ready = f"mount -t tmpfs tmpfs /etc/frr && cp {machine.folder}/daemons /etc/frr"
    assert machine.run(f"{ready} && . {DEVICE}/frr && as_printed {machine.folder}/frr.conf") == Output(0, printed)
