"""Probes: does the network let pass what the flow register names, and nothing else? Tried with real packets in the lab.

`plan_of` derives from the fabric alone what is to be tried and what must come of it; `measure` tries it: one root
process with sockets in the network namespaces of all hosts; `judge` compares; `told` says it. `sanso lab probe` is all
four.

Tried are, with TCP, UDP and ICMP over IPv4 and IPv6:

* every registered flow between all machines it covers: a real listener must answer;
* every ordered pair of representatives (one for each segment of each site, every machine at a peer): inside a segment
  an answer must come; across segments nothing may even arrive, on any port the register names anywhere and on some it
  does not, so that a one-way leak is found too;
* the addresses of registered sources, written on packets of other zones;
* the own addresses of routers and firewalls in other segments;
* a broadcast from every host, which must be heard in its own VLAN and nowhere else.
"""

from __future__ import annotations

from network.probe.engine import Measurement, Settings, measure
from network.probe.plan import Plan, Probe, plan_of
from network.probe.show import told
from network.probe.verdict import Report, Violation, judge

__all__ = ["Measurement", "Plan", "Probe", "Report", "Settings", "Violation", "judge", "measure", "plan_of", "told"]
