"""The workload certificates: a PostgreSQL cluster on each of its hosts, one in charge, the others streaming from it.

TLS by the city's own authority. With an RPO of 0 the one in charge commits only what its standby has (synchronous).
Who is in charge is state, not configuration: a host that is made a standby or promoted shows no drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from deploy.servers.services.part import Part, Seat, check_script, segment_prefixes
from deploy.servers.text import ManagedFile
from inventory.workloads import Workload
from network.fabric import Host

SERVICE = "certificates"
DAEMON = "sanso-certificates"
DATA = {DAEMON: "/var/lib/postgresql/15/certificates"}
_FOLDER = "/etc/postgresql/15/certificates"
_CA = "/etc/sanso/ca.pem"
_CONFIGURATION = f"{_FOLDER}/postgresql.conf"
_INIT = f"/etc/init.d/{DAEMON}"
_REJOIN = "/usr/local/lib/sanso/certificates-rejoin"
_CLIENT = "/usr/local/bin/sanso-certificates"
_LOGIN = (
    f"user=replication passfile=/etc/sanso/replication.pgpass sslmode=verify-full sslrootcert={_CA} connect_timeout=3"
)
CHECKERS = {
    # The server itself reads it, under its own account.
    _CONFIGURATION: "place=$(mktemp -d); chmod 755 $place; install -m 644 {file} $place/file; "
    "runuser -u postgres -- /usr/lib/postgresql/15/bin/postgres -C port -D $place --config-file=$place/file "
    ">$place/said 2>&1 || {{ cat $place/said; rm -rf $place; exit 1; }}; rm -rf $place",
    **dict.fromkeys((_INIT, _REJOIN, _CLIENT), "sh -n {file}"),
}
QUIETED = {
    # Debian makes a cluster of its own, which would take the port at every boot.
    "postgresql-15": "start=/etc/postgresql/15/main/start.conf; ! grep -qsx auto $start || echo manual >$start"
}


@dataclass(frozen=True, slots=True)
class _Place:
    """The workload of a seat, its hosts and their domain."""

    workload: Workload
    hosts: tuple[Host, ...]
    domain: str

    def others(self, host: Host) -> tuple[Host, ...]:
        return tuple(other for other in self.hosts if other.name != host.name)

    def address(self, hosts: tuple[Host, ...]) -> str:
        """The part of a connection string that says where: names to believe, addresses to go to."""
        names = ",".join(f"{host.name}.{self.domain}" for host in hosts)
        addresses = ",".join(str(host.ipv4.ip) for host in hosts)
        return f"host={names} hostaddr={addresses} port={','.join(['5432'] * len(hosts))}"


def _place(seat: Seat) -> _Place | None:
    """The workload this server has to do with: it runs there, or clients of its segment use it."""
    fabric = seat.fabric
    serving = {
        f"{site}-{key}"
        for site, part in fabric.city.sites.items()
        for key, server in part.servers.items()
        if SERVICE in server.services
    }
    for workload in fabric.city.workloads.values():
        hosts = tuple(fabric.hosts[name] for name in workload.hosts if name in serving)
        if hosts and workload.segment == seat.host.segment:
            return _Place(workload, hosts, fabric.city.domain)
    return None


def part(seat: Seat) -> Part:
    """What a host of the workload needs."""
    place = _place(seat)
    if place is None:
        return Part()
    return Part(
        packages=("postgresql-15", "postgresql-client-15"),
        daemons=(DAEMON,),
        files=(*_server_files(seat, place), *_client_files(place), check_script(SERVICE, _text("check.sh"))),
    )


def client(seat: Seat) -> Part:
    """What a server of the workload's segment needs to use it; nothing in any other segment."""
    place = _place(seat)
    return Part(("postgresql-client-15",), (), _client_files(place)) if place is not None else Part()


def _server_files(seat: Seat, place: _Place) -> Iterator[ManagedFile]:
    host = seat.host

    def own(path: str, content: str, mode: str = "0644", *, sealed: bool = False) -> ManagedFile:
        return ManagedFile(path, content, mode, "postgres:postgres", DAEMON, sealed)

    yield own(_CONFIGURATION, "".join(f"{line}\n" for line in _settings(seat, place)))
    yield own(f"{_FOLDER}/pg_hba.conf", "".join(f"{line}\n" for line in _admitted(seat, place)), "0640")
    yield own(f"{_FOLDER}/pg_ident.conf", "")
    # The init script below starts it, having looked who is in charge.
    yield own(f"{_FOLDER}/start.conf", "manual\n")
    yield own(f"{_FOLDER}/server.crt", f"{{{{secret {SERVICE}.{host.name}.crt}}}}\n", sealed=True)
    yield own(f"{_FOLDER}/server.key", f"{{{{secret {SERVICE}.{host.name}.key}}}}\n", "0600", sealed=True)
    yield own(
        "/etc/sanso/replication.pgpass",
        f"*:*:*:replication:{{{{secret {SERVICE}.replication}}}}\n",
        "0600",
        sealed=True,
    )
    yield own("/etc/sanso/certificates.sql", _text("roles.sql"), "0600", sealed=True)
    others = place.others(host)
    facts = {
        "first": "yes" if place.hosts[0].name == host.name else "no",
        "others": " ".join(other.name for other in others),
        "conninfo": f"{place.address(others)} {_LOGIN}" if others else "",
        "domain": place.domain,
        "login": _LOGIN,
        "addresses": "\n".join(f"    {other.name}) address={other.ipv4.ip} ;;" for other in others),
    }
    yield ManagedFile(_INIT, _filled("init.sh", facts), "0755", daemon=DAEMON)
    yield ManagedFile(_REJOIN, _filled("rejoin.sh", facts), "0755")
    yield ManagedFile("/usr/local/lib/sanso/certificates-synchronous", _text("synchronous.sh"), "0755")


def _settings(seat: Seat, place: _Place) -> Iterator[str]:
    host, others = seat.host, place.others(seat.host)
    yield f"data_directory = '{DATA[DAEMON]}'"
    yield f"hba_file = '{_FOLDER}/pg_hba.conf'"
    yield f"ident_file = '{_FOLDER}/pg_ident.conf'"
    yield "external_pid_file = '/run/postgresql/15-certificates.pid'"
    yield "unix_socket_directories = '/run/postgresql'"
    yield f"listen_addresses = '{host.ipv4.ip}, {host.ipv6.ip}'"
    yield "port = 5432"
    yield f"cluster_name = '{host.name}'"
    yield "ssl = on"
    yield f"ssl_cert_file = '{_FOLDER}/server.crt'"
    yield f"ssl_key_file = '{_FOLDER}/server.key'"
    yield "password_encryption = scram-sha-256"
    yield "wal_level = replica"
    yield "hot_standby = on"
    yield "wal_keep_size = 64MB"
    yield "min_wal_size = 32MB"
    yield "max_wal_size = 128MB"
    # A partner that went away without a word is given up in seconds.
    yield "wal_receiver_timeout = 5s"
    yield "wal_sender_timeout = 5s"
    if others:
        yield f"primary_conninfo = '{place.address(others)} {_LOGIN} target_session_attrs=read-write'"
    synchronous = place.workload.recovery.rpo_hours == 0 and place.hosts[0].name == host.name
    names = ", ".join(f'"{other.name}"' for other in others)
    yield f"synchronous_standby_names = '{names if synchronous else ''}'"


def _admitted(seat: Seat, place: _Place) -> Iterator[str]:
    yield "local all postgres peer"
    for prefix in segment_prefixes(seat):
        yield f"hostssl certificates certificates {prefix} scram-sha-256"
    for other in place.others(seat.host):
        yield f"hostssl replication replication {other.ipv4.ip}/32 scram-sha-256"
        yield f"hostssl replication replication {other.ipv6.ip}/128 scram-sha-256"


def _client_files(place: _Place) -> tuple[ManagedFile, ...]:
    service = (
        f"[{SERVICE}]",
        *place.address(place.hosts).split(" "),
        "dbname=certificates",
        "user=certificates",
        "passfile=/etc/sanso/pgpass",
        "sslmode=verify-full",
        f"sslrootcert={_CA}",
        "target_session_attrs=read-write",
        "connect_timeout=2",
    )
    return (
        ManagedFile(_CA, "{{secret ca.crt}}\n", sealed=True),
        ManagedFile("/etc/sanso/pg_service.conf", "".join(f"{line}\n" for line in service)),
        ManagedFile(
            "/etc/sanso/pgpass", f"*:*:*:certificates:{{{{secret {SERVICE}.application}}}}\n", "0600", sealed=True
        ),
        ManagedFile(_CLIENT, _text("client.sh"), "0755"),
    )


def _text(name: str) -> str:
    return files(__package__).joinpath("scripts", name).read_text("utf-8")


class _Filled(Template):
    """`@name@` is filled in: a dollar sign belongs to the shell."""

    pattern = r"@(?:(?P<escaped>@)|(?P<named>[a-z]+)@|(?P<braced>(?!))|(?P<invalid>(?!)))"  # type: ignore[assignment] # a pattern


def _filled(name: str, facts: dict[str, str]) -> str:
    return _Filled(_text(name)).substitute(facts)
