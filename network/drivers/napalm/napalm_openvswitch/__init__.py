"""NAPALM finds the driver `openvswitch` under this name; it lives in `network.drivers`."""

from network.drivers.openvswitch import OpenvswitchDriver

__all__ = ["OpenvswitchDriver"]
