"""What may come from one zone into another, in every routing state.

`plant` is every place a packet can be in and what joins places without a filter (`parts`, `ways`, told in `merges`).
`firewall` is a firewall in it, `crossings` what passes firewalls and leaks, `intruders` what slips into known
connections, `own_addresses` what reaches firewalls themselves, `rows` rules beside rows of the register, `unread` what
could not be read. `sides` are devices of which nobody knows whether they run the old state or the new one.
"""
