"""What the filters of one device let through (`filters`) and how it translates addresses (`translations`).

The modules `nft_…` read rules of nftables as the kernel does. Stands on `network.prove.sets`.
"""
