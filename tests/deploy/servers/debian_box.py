"""A whole Debian 12 of its own: systemd as its first process, its own sshd, sudo and apt, in a network that is given.

What reaches the machine itself, its clock and its modules, is taken from it. It is made by debootstrap from the
machine's own package source. The packages that a test lets it install are fetched when it is made, for the network it
will live in leads to no source; installing them is its own apt's work.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

BASE = ("systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "iproute2", "iputils-ping")
RELEASE = "bookworm"
BOOT = r"""
cgroups=$(mktemp -d)
mount -t cgroup2 cgroup "$cgroups"
mkdir -p "$cgroups/$1-$$"
echo $$ >"$cgroups/$1-$$/cgroup.procs"
umount "$cgroups"
rmdir "$cgroups"
own="--mount --pid --uts --ipc --cgroup --propagation private"
exec nsenter --net="$3" -- unshare $own --fork --kill-child sh -euc '
mount --bind "$2" "$2"
cd "$2"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
for device in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "dev/${device%:*}" c 1 "${device#*:}"; done
mknod -m 666 dev/tty c 5 0
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
mount -t cgroup2 cgroup sys/fs/cgroup
pivot_root . mnt
cd /
umount -l /mnt
hostname "$1"
exec env -i container=sanso PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio /lib/systemd/systemd
' sh "$1" "$2"
"""

LEFT = """
cgroups=$(mktemp -d)
mount -t cgroup2 cgroup "$cgroups"
for _ in $(seq 50); do # its processes are still ending
    find "$cgroups/$1" -depth -type d -exec rmdir {} + 2>/dev/null && break
    sleep 0.1
done
umount "$cgroups"
rmdir "$cgroups"
"""


def make_tree(tree: Path, packages: Sequence[str]) -> None:
    """A Debian in a folder, and in its cache what `packages` will need."""
    told = run("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)").splitlines()
    source = next(line.split()[0] for line in told if line.split()[1:] == [RELEASE, "main"])
    run("debootstrap", "--variant=minbase", f"--include={','.join(BASE)}", RELEASE, str(tree), source)
    apt = ("chroot", str(tree), "apt-get", "-qq")
    run(*apt, "update")
    run(*apt, "install", "--download-only", "--yes", "--no-install-recommends", *packages)


def run(*command: str) -> str:
    """What it prints; CalledProcessError when it fails."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


class Debian:
    """One that runs, in the network namespace `network`; it lets in, as root and as `sanso`, who holds `key`."""

    def __init__(self, name: str, tree: Path, network: Path, key: str, host_key: Path) -> None:
        self.name, self.tree, self.network = name, tree, network
        target = tree / "etc/ssh" / host_key.name
        shutil.copyfile(host_key, target)
        target.chmod(0o600)
        target.with_suffix(".pub").unlink(missing_ok=True)
        (tree / "etc/hostname").write_text(f"{name}\n")
        (tree / "etc/hosts").write_text(f"127.0.0.1 localhost {name}\n")
        # The clock is the machine's: chronyd gives time as it finds it.
        clock = tree / "etc/systemd/system/chrony.service.d/clock.conf"
        clock.parent.mkdir(parents=True, exist_ok=True)
        clock.write_text("[Unit]\nConditionCapability=\n[Service]\nExecStart=\nExecStart=!/usr/sbin/chronyd -F 1 -x\n")
        if not (tree / "home/sanso").exists():
            run("chroot", str(tree), "useradd", "--create-home", "--shell", "/bin/bash", "sanso")
        (tree / "etc/sudoers.d/sanso").write_text("sanso ALL=(ALL) NOPASSWD: ALL\n")
        for home in ("root", "home/sanso"):
            (tree / home / ".ssh").mkdir(mode=0o700, exist_ok=True)
            (tree / home / ".ssh/authorized_keys").write_text(f"{key}\n")
        run("chroot", str(tree), "chown", "-R", "sanso:sanso", "/home/sanso/.ssh")
        self._process: subprocess.Popen[bytes] | None = None

    def boot(self) -> None:
        self._process = subprocess.Popen(
            ["sh", "-euc", BOOT, "sh", self.name, str(self.tree), str(self.network)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def power_off(self) -> None:
        """At once, as when the plug is pulled."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            run("sh", "-c", LEFT, "sh", f"{self.name}-{self._process.pid}")
            self._process = None

    def first(self) -> str | None:
        """The machine's name for its first process."""
        if self._process is None:
            return None
        place = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return place.read_text().strip() or None if place.exists() else None

    def on(self, command: str) -> str:
        """What a command says there; "" when it fails or nothing runs there yet."""
        first = self.first()
        if first is None:
            return ""
        inside = ["nsenter", "-t", first, "-m", "-p", "-u", "-i", "-n", "-C", "--", "sh", "-c", command]
        done = subprocess.run(inside, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
        return done.stdout.strip() if done.returncode == 0 else ""
