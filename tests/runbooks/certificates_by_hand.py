"""The certificate workload set up by hand on a lab's two servers, as small as a drill can do with. For tests only.

It is what `sanso apply` makes of servers with the service `certificates`, without TLS and passwords: the same cluster,
client program and rejoin script, in the same places.
"""

from __future__ import annotations

from network.fabric import Fabric
from network.lab import Lab

_CLIENT = r"""#!/bin/sh
# sanso-certificates issue NAME | read NUMBER | last
export PGCONNECT_TIMEOUT=2 PGOPTIONS='-c statement_timeout=3000'
url='postgresql://certificates@HOSTS/certificates?target_session_attrs=read-write'
row="json_build_object('number', number, 'name', name, 'issued_at', issued_at, 'server', server)"
case "$1" in
issue) sql="INSERT INTO certificates (name, server) VALUES ('$2', current_setting('cluster_name')) RETURNING $row" ;;
read) sql="SELECT $row FROM certificates WHERE number = $2" ;;
last) sql="SELECT $row FROM certificates ORDER BY number DESC LIMIT 1" ;;
esac
out=$(psql -qAtX "$url" -c "$sql") || exit 1
[ -n "$out" ] || exit 1
printf '%s\n' "$out"
"""

_COMMON = """set -eu
pg_createcluster 15 certificates -p 5432 -- --wal-segsize=1 --no-sync --auth-local=peer --auth-host=trust >/dev/null
cat >>/etc/postgresql/15/certificates/postgresql.conf <<END
listen_addresses = '*'
shared_buffers = 16MB
min_wal_size = 2MB
max_wal_size = 8MB
wal_log_hints = on
cluster_name = '$(hostname)'
wal_sender_timeout = 3s
wal_receiver_timeout = 3s
END
printf 'host all all 0.0.0.0/0 trust\\nhost replication all 0.0.0.0/0 trust\\n' >>/etc/postgresql/15/certificates/pg_hba.conf
mkdir -p /usr/local/lib/sanso
cat >/usr/local/lib/sanso/certificates-rejoin <<'END'
#!/bin/sh
# certificates-rejoin PRIMARY_HOST: makes this server a standby of it, from a fresh copy.
set -eu
case "$1" in HOSTA) peer=ADDRA ;; HOSTB) peer=ADDRB ;; esac
data=/var/lib/postgresql/15/certificates
pg_ctlcluster 15 certificates stop -m fast || true
rm -rf "$data"
runuser -u postgres -- pg_basebackup -h "$peer" -U replication -D "$data" -R -X stream -c fast \\
    -d "host=$peer user=replication application_name=$(hostname)"
pg_ctlcluster 15 certificates start
END
chmod +x /usr/local/lib/sanso/certificates-rejoin
"""

_PRIMARY = """
pg_ctlcluster 15 certificates start
run() { runuser -u postgres -- psql -qAtX -p 5432 "$@"; }
run -c 'CREATE ROLE certificates LOGIN' -c 'CREATE ROLE replication LOGIN REPLICATION'
run -c 'CREATE DATABASE certificates OWNER certificates'
run -d certificates -c "SET ROLE certificates" -c "CREATE TABLE certificates (number bigserial PRIMARY KEY, name text, issued_at timestamptz DEFAULT now(), server text)"
"""

_STANDBY = """
/usr/local/lib/sanso/certificates-rejoin PRIMARY
"""

_SYNCHRONOUS = """
echo "synchronous_standby_names = '*'" >>/etc/postgresql/15/certificates/conf.d/synchronous.conf
pg_ctlcluster 15 certificates reload
"""


def set_up(lab: Lab, fabric: Fabric, workload: str, client: str, *, synchronous: bool = True) -> None:
    """Primary on the workload's first host, standby on its second, the client program on `client`."""
    first, second = fabric.city.workloads[workload].hosts[:2]
    addresses = [str(fabric.hosts[name].ipv4.ip) for name in (first, second)]
    hosts = ",".join(f"{address}:5432" for address in addresses)
    common = (
        _COMMON.replace("HOSTA", first)
        .replace("HOSTB", second)
        .replace("ADDRA", addresses[0])
        .replace("ADDRB", addresses[1])
    )
    _shell(lab, first, common + _PRIMARY)
    _shell(lab, second, common + _STANDBY.replace("PRIMARY", first))
    if synchronous:
        for name in (first, second):
            _shell(lab, name, _SYNCHRONOUS)
    text = _CLIENT.replace("HOSTS", hosts)
    for name in (client, first, second):
        _shell(lab, name, "cat >/usr/local/bin/sanso-certificates && chmod +x /usr/local/bin/sanso-certificates", text)


def _shell(lab: Lab, node: str, script: str, text: str | None = None) -> None:
    done = lab.run(node, ["sh", "-c", script], input=text, timeout=120)
    if done.returncode:
        message = f"{node}: {done.stdout}{done.stderr}"
        raise RuntimeError(message)
