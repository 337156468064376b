#!/bin/sh
# Boots a lab node: links, startup configuration, services, sshd. File descriptor 3 takes "up" when all of it runs.
. /etc/sanso-lab/node
exec >/var/log/boot.log 2>&1

ip -batch /etc/sanso-lab/links
for family in ipv4 ipv6; do
    echo 0 >/proc/sys/net/$family/conf/eth0/forwarding
done
echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6

case $KIND in
router | firewall)
    if [ -x /usr/local/lib/sanso/guard ]; then /usr/local/lib/sanso/guard boot; fi
    if [ -x /usr/local/lib/sanso/netdev ]; then /usr/local/lib/sanso/netdev /etc/frr/frr.conf; fi
    ;;
esac

if [ "$KIND" = firewall ]; then TZ=UTC nft -f /etc/nftables.conf; fi

case $KIND in
router | firewall | peer)
    . /etc/frr/daemons
    zebra=yes staticd=yes
    for daemon in zebra staticd bfdd ospfd ospf6d bgpd; do
        eval "wanted=\${$daemon:-no} options=\${${daemon}_options:-}"
        # shellcheck disable=SC2086
        if [ "$wanted" = yes ]; then /usr/lib/frr/$daemon -d $options; fi
    done
    # Router ids first: an OSPF process that says its first hello under another one is not heard for ten seconds.
    awk '/^router ospf/ { on = 1 } on && /^router|router-id|^exit/ { print } /^exit/ { on = 0 }' /etc/frr/frr.conf >/run/router-ids
    vtysh -f /run/router-ids
    vtysh -b
    if [ -x /usr/local/lib/sanso/mend ]; then setsid /usr/local/lib/sanso/mend </dev/null >/dev/null 2>&1 & fi
    ;;
switch)
    ovsdb-server /etc/openvswitch/conf.db --remote=punix:/run/openvswitch/db.sock \
        --pidfile --detach --no-chdir -vconsole:off --log-file
    if [ -f /etc/sanso-lab/first-boot ]; then
        sh /etc/sanso-lab/first-boot && rm /etc/sanso-lab/first-boot
    fi
    ovs-vswitchd unix:/run/openvswitch/db.sock --pidfile --detach --no-chdir -vconsole:off --log-file
    # A switch forwards however busy its processor is; here all devices share one machine's.
    pid=$(cat /run/openvswitch/ovs-vswitchd.pid)
    renice -n -10 -p "$pid" >/dev/null
    if [ -e "/proc/$pid/autogroup" ]; then echo -10 >"/proc/$pid/autogroup"; fi
    if [ -x /usr/local/lib/sanso/guard ]; then /usr/local/lib/sanso/guard boot; fi
    ;;
host)
    if [ -x /usr/local/lib/sanso/guard ]; then /usr/local/lib/sanso/guard boot; fi
    # As Debian without systemd boots: what is enabled in its runlevel.
    for script in /etc/rc2.d/S*; do
        if [ -x "$script" ]; then "$script" start 3>&-; fi
    done
    ;;
operator)
    if [ -f /etc/sanso-lab/time.conf ]; then chronyd -x -f /etc/sanso-lab/time.conf; fi
    ;;
esac

if [ -f /etc/snmp/snmpd.conf ]; then
    MIBS='' /usr/sbin/snmpd -LF w /var/log/snmpd.log -u Debian-snmp -g Debian-snmp \
        -I -smux,mteTrigger,mteTriggerConf -p /run/snmpd.pid 3>&-
fi
/usr/sbin/sshd
echo up >&3
exec 3>&-
exec sleep infinity
