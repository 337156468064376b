"""Exact sets of packets: `packets` is the face; `intervals`, `boxes`, `fields` and `witness` are its inside.

`rules` tells which of some ordered rules decides a packet. Nothing here knows of devices or cities.
"""
