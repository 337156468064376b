"""The SNMP agent of a node: Debian's snmpd, heard on the management address only, SNMPv3 with SHA-256 and AES only.

It stands for the agent of a device that was delivered with SNMP management set up, as it was with its SSH account: no
plan brings it there, and only a city that says `management.snmp` has it.

It starts with every boot of its node, not with the watch: all 116 of Yasu's take 0.4 GiB (3 MiB each) and 0.02 s of
processor each, so little that two boots of the city differ by more (18.8 s with agents and 19.4 s without, in factory
state, beside other work). So nothing is to be put back when the watch ends, and a rebooted node has its agent again.
Standard library only.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

CONFIGURATION = "/etc/snmp/snmpd.conf"
USERS = "/var/lib/snmp/snmpd.conf"
"""Where net-snmp keeps its users. It replaces their passwords by keys of its own engine when it first starts."""
POLLERS = "snmp.yaml"
"""File of the lab's folder that holds what agents are asked with, for its owner only."""
ACCOUNT = "Debian-snmp"
_USER = "sanso"


@dataclass(frozen=True, slots=True)
class AgentUser:
    """The one user of a lab's agents, who may read."""

    signing: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    hiding: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def for_agents(self) -> str:
        """What an agent is told of the user, once."""
        return f'createUser {_USER} SHA-256 "{self.signing}" AES "{self.hiding}"\n'

    def for_pollers(self) -> str:
        """The credential file of whoever asks the agents, as the exporter reads it."""
        return (
            f"user: {_USER}\n"
            f'authentication: {{protocol: sha256, password: "{self.signing}"}}\n'
            f'privacy: {{protocol: aes128, password: "{self.hiding}"}}\n'
        )


def configuration(address: str) -> str:
    """What snmpd is started with: no community, so nothing of v1 and v2c is answered."""
    return f"agentaddress udp:{address}:161\nrouser {_USER} priv\n"
