"""NAPALM finds the driver `frr` under this name; it lives in `network.drivers`."""

from network.drivers.frr import FrrDriver

__all__ = ["FrrDriver"]
