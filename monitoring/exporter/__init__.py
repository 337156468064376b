"""The exporter: one process a segment that tells Prometheus how the city looks from inside that segment.

`model` says what its configuration file may hold, `reading` reads one, `configuration` writes them from a fabric.
`server` answers `/probe?module=…&target=…`; a class in `modules/` stands behind each module's name.

Three things are told apart. The poller is down: Prometheus' own `up` is 0, or `sanso_flow_source_up` where a flow is
tried from another server. A device or server is down: `sanso_device_up`, `sanso_server_up` or `sanso_snmp_up` is 0,
asked over the management network. A path is down: `sanso_flow_up` is 0, tried over the segment's.
"""
