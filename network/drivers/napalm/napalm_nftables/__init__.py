"""NAPALM finds the driver `nftables` under this name; it lives in `network.drivers`."""

from network.drivers.nftables import NftablesDriver

__all__ = ["NftablesDriver"]
