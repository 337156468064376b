"""NAPALM drivers for Linux devices: `frr` (routers), `nftables` (firewalls) and `openvswitch` (access switches).

What lives here: one driver class per platform over one SSH connection, the platforms' facts as data (`platforms/`),
and the scripts that work on the device itself (`device/`): `guard` keeps a commit that can be taken back, `netdev`
makes VRFs and VLAN sub-interfaces. NAPALM finds the drivers through the packages in `napalm/`. Nothing here imports
the rest of sanso: it needs napalm, paramiko and PyYAML only.

    from napalm import get_network_driver
    with get_network_driver("frr")("10.255.0.1", "root", "", optional_args={"key_file": "id_ed25519"}) as device:
        device.load_replace_candidate(filename="candidate.conf")
        print(device.compare_config())
        device.commit_config(message="change 12", revert_in=300)
        device.confirm_commit()
"""
