"""Real SNMP agents (net-snmp's snmpd) with one user each: SHA-256 and AES-128. For the benchmark and the tests."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER, SIGNING, HIDING = "sanso", "signing-password", "hiding-password"
CREDENTIAL = f"""\
user: {USER}
authentication: {{protocol: sha256, password: {SIGNING}}}
privacy: {{protocol: aes128, password: {HIDING}}}
"""


def configuration(address: str, port: int) -> str:
    """What an agent's snmpd.conf says."""
    return f"agentaddress udp:{address}:{port}\ncreateUser {USER} SHA-256 {SIGNING} AES {HIDING}\nrouser {USER} priv\n"


def command(conf: Path | str, folder: Path | str) -> list[str]:
    """Run one in the foreground. It keeps its engine id and its user's keys in `folder`."""
    own = ["env", f"SNMP_PERSISTENT_DIR={folder}", "MIBS=", "/usr/sbin/snmpd", "-f", "-C", "-c", str(conf)]
    return [*own, "-Ln", "-p", f"{folder}/pid"]


@contextmanager
def agents(folder: Path, addresses: list[str], port: int) -> Iterator[list[int]]:
    """One agent an address while the block runs; their process ids."""
    running = []
    try:
        for number, address in enumerate(addresses):
            home = folder / f"agent{number}"
            home.mkdir(mode=0o700)
            (home / "snmpd.conf").write_text(configuration(address, port))
            running.append(
                subprocess.Popen(
                    command(home / "snmpd.conf", home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            )
        _await([f"{address}:{port}" for address in addresses])
        yield [process.pid for process in running]
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()


def credential(folder: Path) -> Path:
    """The credential file of these agents, as the exporter reads it."""
    file = folder / "snmp.yaml"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(CREDENTIAL)
    return file


def _await(places: list[str], patience_s: float = 60.0) -> None:
    """Return when every agent is bound to its address."""
    end = time.monotonic() + patience_s
    wanted = {_as_kernel(place) for place in places}
    while wanted - {line.split()[1] for line in Path("/proc/net/udp").read_text().splitlines()[1:]}:
        if time.monotonic() > end:
            msg = "the agents do not start"
            raise TimeoutError(msg)
        time.sleep(0.1)


def _as_kernel(place: str) -> str:
    host, _, port = place.partition(":")
    return "".join(f"{int(part):02X}" for part in reversed(host.split("."))) + f":{int(port):04X}"
