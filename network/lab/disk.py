"""A node's disk: a small tmpfs of its own, laid over the machine's root, that outlives the node's reboots.

Standard library only.
"""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from network.lab import agent, syscalls
from network.lab.blueprint import Node

SIZE = "256m"
HIDDEN = (
    "etc/frr",
    "etc/openvswitch",
    *(f"etc/rc{level}.d" for level in range(7)),
    "etc/postgresql",
    "etc/sanso",
    "etc/snmp",
    "etc/ssh",
    "home",
    "root",
    "run",
    "tmp",
    "usr/local/lib/sanso",
    "usr/local/lib/sanso-lab",
    "var/lib/openvswitch",
    "var/lib/postgresql",
    "var/lib/sanso",
    "var/lib/sanso-commit",
    "var/lib/snmp",
    "var/log",
    "var/tmp",
)
"""Directories whose content on the machine the nodes do not see."""

DEVICES = {
    "null": (1, 3),
    "zero": (1, 5),
    "full": (1, 7),
    "random": (1, 8),
    "urandom": (1, 9),
    "tty": (5, 0),
    "net/tun": (10, 200),
}

SSHD = """\
ListenAddress {address}
HostKey /etc/ssh/ssh_host_ed25519_key
PidFile none
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
MaxStartups 100:30:200
MaxSessions 100
Subsystem sftp internal-sftp
"""

CHECKOUT = Path(__file__).resolve().parents[2]
"""sanso itself: what runs on a node, such as an exporter, runs from here."""
NODE_SCRIPTS = Path(__file__).parent / "node"
DEVICE_SCRIPTS = Path(__file__).parent.parent / "drivers" / "device"


@dataclass(frozen=True, slots=True)
class Users:
    """Who is let in on every node."""

    authorized: str
    """The line of the key that may log in."""
    agent: str
    """What SNMP agents are told of their user."""


def make(folder: Path, node: Node, switch_database: bytes, *, stand_in: bool) -> None:
    """Mount the disk of `node` on `folder` and lay its first content; `stand_in`: the lab makes its VLAN interfaces."""
    folder.mkdir()
    syscalls.mount("disk", folder, "tmpfs", syscalls.MS_NOSUID, f"size={SIZE},mode=755")
    for name in ("upper", "work", "root"):
        (folder / name).mkdir()
    upper = folder / "upper"
    for name in HIDDEN:
        _hide(upper / name)
    for name, mode in (("tmp", 0o1777), ("var/tmp", 0o1777), ("root", 0o700)):
        (upper / name).chmod(mode)
    _devices(upper / "dev")
    _scripts(upper, stand_in=stand_in)
    address = node.management.partition("/")[0]
    lay(upper, "/etc/hostname", f"{node.name}\n")
    lay(upper, "/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n{address} {node.name}\n")
    lay(upper, "/etc/sanso-lab/node", f"KIND={node.kind}\n")
    lay(upper, "/etc/sanso-lab/links", "".join(f"{line}\n" for line in _links(node)))
    for path, text in node.files.items():
        lay(upper, path, text)
    if "/etc/frr/daemons" in node.files:
        shutil.chown(upper / "etc/frr", "frr", "frr")
        for file in (upper / "etc/frr").iterdir():
            shutil.chown(file, "frr", "frr")
            file.chmod(0o640)
    if node.kind == "switch":
        (upper / "etc/openvswitch/conf.db").write_bytes(switch_database)
        (upper / "var/log/openvswitch").mkdir()


def admit(folder: Path, node: Node, host_key: str, users: Users) -> None:
    """Lay what a node's sshd and SNMP agent start with: how it is known, and who is let in, over management only."""
    upper = folder / "upper"
    address = node.management.partition("/")[0]
    lay(upper, "/etc/ssh/sshd_config", SSHD.format(address=address))
    lay(upper, "/etc/ssh/ssh_host_ed25519_key", host_key, 0o600)
    lay(upper, "/root/.ssh/authorized_keys", users.authorized, 0o600)
    (upper / "root/.ssh").chmod(0o700)
    if node.agent:
        lay(upper, agent.CONFIGURATION, agent.configuration(address))
        lay(upper, agent.USERS, users.agent, 0o600)
        for path in (upper / "var/lib/snmp", upper / agent.USERS.lstrip("/")):
            shutil.chown(path, agent.ACCOUNT, agent.ACCOUNT)


def lay(upper: Path, path: str, text: str, mode: int = 0o644) -> None:
    """Write a file of the node, given by its path as the node sees it."""
    file = upper / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)


def clear_runtime(folder: Path) -> None:
    """What a reboot forgets: /run and /tmp."""
    for name in ("run", "tmp"):
        for entry in (folder / "upper" / name).iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def prepare_runtime(folder: Path) -> None:
    """Directories that services expect in /run when they start."""
    run = folder / "upper/run"
    for name in ("sshd", "netns", "lock", "openvswitch", "frr"):
        (run / name).mkdir(exist_ok=True)
    shutil.chown(run / "frr", "frr", "frr")


def enter(folder: Path) -> None:
    """Make the node's disk the root of the calling process, which stands in mount and pid namespaces of its own."""
    options = f"lowerdir=/,upperdir={folder}/upper,workdir={folder}/work"
    root = folder / "root"
    syscalls.mount("root", root, "overlay", 0, options)
    syscalls.mount("proc", root / "proc", "proc", syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC)
    syscalls.mount("sysfs", root / "sys", "sysfs", syscalls.MS_RDONLY | syscalls.MS_NOSUID | syscalls.MS_NOEXEC)
    syscalls.mount(
        "devpts", root / "dev/pts", "devpts", syscalls.MS_NOSUID, "newinstance,ptmxmode=0666,mode=0620,gid=5"
    )
    _show(root, CHECKOUT)
    syscalls.pivot_root(root)
    # Everything of the kernel that is not the network's own belongs to the machine.
    syscalls.mount("/proc/sys", "/proc/sys", flags=syscalls.MS_BIND)
    syscalls.mount("/proc/sys/net", "/proc/sys/net", flags=syscalls.MS_BIND)
    syscalls.mount("", "/proc/sys", flags=syscalls.MS_REMOUNT | syscalls.MS_BIND | syscalls.MS_RDONLY)


def _links(node: Node) -> tuple[str, ...]:
    return ("link set lo up", f"address add {node.management} dev eth0", "link set eth0 up", *node.links)


def _hide(folder: Path) -> None:
    folder.mkdir(parents=True)
    os.setxattr(folder, "trusted.overlay.opaque", b"y")


def _show(root: Path, folder: Path) -> None:
    """Let a node see a directory of the machine, read-only, where it lies in one that is hidden."""
    if any(folder.is_relative_to(Path("/", name)) for name in HIDDEN):
        there = root / folder.relative_to("/")
        there.mkdir(parents=True, exist_ok=True)
        syscalls.mount(str(folder), there, flags=syscalls.MS_BIND)
        syscalls.mount("", there, flags=syscalls.MS_REMOUNT | syscalls.MS_BIND | syscalls.MS_RDONLY)


def _devices(dev: Path) -> None:
    (dev / "net").mkdir(parents=True)
    for name in ("pts", "shm"):
        (dev / name).mkdir()
    (dev / "shm").chmod(0o1777)
    for name, (major, minor) in DEVICES.items():
        os.mknod(dev / name, stat.S_IFCHR | 0o666, os.makedev(major, minor))
        (dev / name).chmod(0o666)
    for name, target in {
        "ptmx": "pts/ptmx",
        "fd": "/proc/self/fd",
        "stdin": "fd/0",
        "stdout": "fd/1",
        "stderr": "fd/2",
    }.items():
        (dev / name).symlink_to(target)


def _scripts(upper: Path, *, stand_in: bool) -> None:
    lab = upper / "usr/local/lib/sanso-lab"
    for source, target in {"boot.sh": "boot", **({"subif.py": "subif"} if stand_in else {})}.items():
        shutil.copyfile(NODE_SCRIPTS / source, lab / target)
        (lab / target).chmod(0o755)
    if DEVICE_SCRIPTS.is_dir():
        for script in DEVICE_SCRIPTS.iterdir():
            if script.is_file():
                installed = upper / "usr/local/lib/sanso" / script.name
                shutil.copyfile(script, installed)
                installed.chmod(0o755)
