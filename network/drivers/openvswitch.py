"""The driver `openvswitch`: an access switch whose configuration is Open vSwitch's database, written as commands.

Flow entries that a person or a controller gave its bridges run too: they are read as commands, a replacing candidate
without them takes them away, and a rollback puts them back. A reboot loses them, whoever gave them.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from typing import Any

from .beside import BESIDE, configuration, with_beside
from .linux import LinuxDriver
from .platforms import database
from .switch import Switch, all_entries, from_database, from_text, to_text, transaction

FORWARDING = (
    "for bridge in $(ovs-vsctl list-br); do ovs-appctl fdb/show $bridge; done",
    "ovs-vsctl -f csv --no-headings --columns=ofport,name list interface",
)
_ENTRY = re.compile(r"^ *(?P<port>[0-9]+|LOCAL) +(?P<vlan>[0-9]+) +(?P<mac>[0-9a-f:]{17}) +(?P<age>[0-9]+|static)$")
_ELSEWHERE = re.compile(r"\b(group|meter):")
"""In an entry, what the entry alone does not say."""
_HOSTNAME = "# hostname "


class OpenvswitchDriver(LinuxDriver):
    """NAPALM driver for Open vSwitch 3.1 on Debian 12. What runs is also what it boots with: the database is one."""

    platform = "openvswitch"
    proves_itself = False
    reading = ("hostname", database().dump, BESIDE)
    _read = ""
    """The database as last read, byte for byte."""

    def _text(self, *told: str) -> str:
        hostname, self._read, beside = told
        return with_beside(to_text(self._database(), hostname.strip()), beside)

    def _database(self) -> Switch:
        return from_database(self._read, database().columns)

    def _startup(self) -> str:
        return configuration(self._running())

    def _merged(self, running: str, more: str) -> str:
        return to_text(from_text(more, from_text(running)), _hostname(running))

    def _parts(self, running: str, text: str, more: str | None) -> dict[str, str]:
        del running, more
        old, new = self._database(), from_text(text)
        if not new.bridges:
            msg = "no bridge"
            raise ValueError(msg)
        for bridge in old.flows.keys() - set(new.bridges):
            if any(_ELSEWHERE.search(entry) for entry in old.flows[bridge]):
                msg = f"bridge {bridge} has flow entries with groups or meters, which a rollback could not bring back"
                raise ValueError(msg)
        return {
            "dump": database().dump,
            "openflow": f"{database().openflow}\n",
            "old/database": self._read,
            "new/commands": text,
            "forward/transaction": transaction(old, new),
            "forward/entries": all_entries(old, new),
            "back/transaction": transaction(new, old),
            "back/entries": all_entries(new, old),
        }

    def _difference(self, running: str, text: str) -> str:
        new = to_text(from_text(text), _hostname(running))
        changes = difflib.unified_diff(running.splitlines(), new.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in changes if not line.startswith(("---", "+++", "@@")))

    def get_vlans(self) -> dict[int, dict[str, Any]]:
        """By VLAN ID the ports that carry it by name; a trunk without a list carries all and stands under none."""
        self._read = self._said(database().dump)[0]
        switch = self._database()
        found: dict[int, list[str]] = {}
        for port in switch.members:
            settings = switch.of("port", port)
            for vlan in sorted(
                {int(item) for key in ("tag", "trunks") for item in settings.get(key, "").split(",") if item}
            ):
                found.setdefault(vlan, []).append(port)
        return {vlan: {"name": "", "interfaces": found[vlan]} for vlan in sorted(found)}

    def get_mac_address_table(self) -> list[dict[str, Any]]:
        """What the bridges have learned; moves and their time are not kept: -1."""
        learned, ports = self._outputs(*FORWARDING)
        names = {number: name for number, name in csv.reader(io.StringIO(ports))}  # noqa: C416 rows are lists
        return [
            {
                "mac": entry["mac"].upper(),
                "interface": names.get(entry["port"], entry["port"]),
                "vlan": int(entry["vlan"]),
                "static": entry["age"] == "static",
                "active": True,
                "moves": -1,
                "last_move": -1.0,
            }
            for line in learned.splitlines()
            if (entry := _ENTRY.match(line))
        ]


def _hostname(text: str) -> str:
    lines = text.splitlines()
    return lines[0].removeprefix(_HOSTNAME) if lines and lines[0].startswith(_HOSTNAME) else ""
