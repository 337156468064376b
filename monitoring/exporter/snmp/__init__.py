"""SNMPv3 with authentication and encryption, by one of two libraries behind one small face (`face`).

The default is `gufo`, by the numbers of `benchmarks/snmp.py` (50 agents at once, on two busy cores): for each varbind,
sanso's exporter takes with it 0.8 to 1.1 times the processor time of Debian's prometheus-snmp-exporter, with `pysnmp`
12 to 15 times. `pysnmp` is for machines that have no wheel of gufo-snmp.
"""
