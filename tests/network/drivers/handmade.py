"""Devices made by hand from namespaces, for the drivers' tests alone: see node/hub.sh."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from napalm import get_network_driver

HERE = Path(__file__).parent
Driver = Any
"""One of ours; NAPALM carries no types."""
NETWORK = os.CLONE_NEWNET if hasattr(os, "CLONE_NEWNET") else 0x40000000


class Devices:
    """Devices by name and platform, such as r1="frr", behind a management network of their own."""

    def __init__(self, state: Path, **platforms: str) -> None:
        self.state = state
        self.platforms = {name: platform.removesuffix("-small") for name, platform in platforms.items()}
        self.addresses = {name: f"192.0.2.{number}" for number, name in enumerate(platforms, 10)}
        self.key, self.known_hosts = state / "key", state / "known_hosts"
        for name in ("key", "host_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", state / name], check=True)
        host_key = " ".join((state / "host_key.pub").read_text().split()[:2])
        self.known_hosts.write_text("".join(f"{address} {host_key}\n" for address in self.addresses.values()))
        # However we end, the devices end with us.
        space = [
            "setpriv",
            "--pdeathsig",
            "KILL",
            "unshare",
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ]
        started = [f"{name}={platform}" for name, platform in platforms.items()]
        self._process = subprocess.Popen(
            [*space, "sh", HERE / "node/hub.sh", state, *started], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n", self._logs()
        self._hub = int(Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()[0])

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _logs(self) -> str:
        return "\n".join(path.read_text() for path in self.state.glob("nodes/*/log"))

    @contextmanager
    def station(self) -> Iterator[None]:
        """This thread, and those it starts, stand in the devices' management network."""
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        other = os.open(f"/proc/{self._hub}/ns/net", os.O_RDONLY)
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            assert libc.setns(other, NETWORK) == 0
            yield
        finally:
            assert libc.setns(own, NETWORK) == 0
            os.close(own)
            os.close(other)

    def run(self, name: str, script: str, *, check: bool = True) -> str:
        """A shell script on the device's own console."""
        into_hub = ["nsenter", "-t", str(self._hub), "-p", "-m", "-n"]
        pid = subprocess.run(
            [*into_hub, "cat", self.state / "nodes" / name / "pid"], check=True, capture_output=True, text=True
        ).stdout.strip()
        done = subprocess.run(
            [*into_hub, "nsenter", "-t", pid, "-a", "sh", "-c", script], check=check, capture_output=True, text=True
        )
        return done.stdout

    def driver(self, name: str, **options: object) -> Driver:
        """A driver that is not open yet. `password` and `timeout` go to the driver, the rest to its optional_args."""
        given: dict[str, Any] = {"key_file": str(self.key), "known_hosts_file": str(self.known_hosts), **options}
        password, timeout = given.pop("password", ""), given.pop("timeout", 60)
        kind = get_network_driver(self.platforms[name])
        return kind(self.addresses[name], "root", password, timeout=timeout, optional_args=given)

    @contextmanager
    def open(self, name: str, **options: object) -> Iterator[Driver]:
        driver = self.driver(name, **options)
        driver.open()
        try:
            yield driver
        finally:
            driver.close()


def needs(*programs: str) -> Sequence[str]:
    """Programs that are not on this machine."""
    paths = [*os.environ["PATH"].split(":"), "/usr/sbin", "/usr/lib/frr"]
    return [program for program in programs if not any((Path(path) / program).exists() for path in paths)]
