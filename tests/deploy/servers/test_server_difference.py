"""What a plan says of a server."""

from __future__ import annotations

from dataclasses import replace

from deploy.servers.difference import server_checks, server_differences
from deploy.servers.text import ManagedFile, ServerText, dump
from inventory.origin import Origin

HERE = Origin("sites.yaml", 7)
BARE = ServerText("a")
CONFIGURED = ServerText(
    "a",
    ("unbound",),
    ("unbound",),
    {
        file.path: file
        for file in (
            ManagedFile("/etc/unbound/unbound.conf", "server:\n  interface: 10.0.0.1\n", daemon="unbound"),
            ManagedFile("/usr/local/lib/sanso/checks/dns", "#!/bin/sh\n", "0755"),
        )
    },
)


def said(old: ServerText, new: ServerText) -> list[str]:
    return [f"{item.text.en} {item.origin}" for item in server_differences(dump(old), dump(new), HERE)]


def test_all_that_comes_and_goes_is_told_with_its_place() -> None:
    assert said(BARE, BARE) == []
    assert said(BARE, CONFIGURED) == [
        "+ Debian package unbound sites.yaml:7",
        "+ file /etc/unbound/unbound.conf (2 lines) sites.yaml:7",
        "+ file /usr/local/lib/sanso/checks/dns (1 lines) sites.yaml:7",
        "+ daemon unbound runs, now and after a boot sites.yaml:7",
        "= left in place should this change be taken back: unbound sites.yaml:7",
    ]
    assert said(CONFIGURED, BARE) == [
        "- file /etc/unbound/unbound.conf (2 lines) sites.yaml:7",
        "- file /usr/local/lib/sanso/checks/dns (1 lines) sites.yaml:7",
        "- daemon unbound runs, now and after a boot sites.yaml:7",
        "= left in place: unbound sites.yaml:7",
    ]


def test_the_data_of_a_daemon_stays_both_ways_and_that_is_told() -> None:
    database = ServerText("a", ("postgresql-15",), ("sanso-certificates",))
    told = "postgresql-15, /var/lib/postgresql/15/certificates sites.yaml:7"
    assert said(BARE, database)[-1] == f"= left in place should this change be taken back: {told}"
    assert said(database, BARE)[-1] == f"= left in place: {told}"
    (japanese,) = [item.text.ja for item in server_differences(dump(database), dump(BARE), HERE) if item.sign == "="]
    assert japanese == "= 削除せず残すもの: postgresql-15、/var/lib/postgresql/15/certificates"


def test_a_change_in_a_file_tells_how_much_and_of_what() -> None:
    file = CONFIGURED.files["/etc/unbound/unbound.conf"]
    other = replace(file, content="server:\n  interface: 10.0.0.2\n", mode="0600")
    changed = replace(CONFIGURED, files={**CONFIGURED.files, file.path: other})
    assert said(CONFIGURED, changed) == [
        "~ file /etc/unbound/unbound.conf (+1 −1 lines, root:root 0644 → root:root 0600) sites.yaml:7"
    ]


def test_a_stopped_daemon_is_a_difference() -> None:
    assert said(replace(CONFIGURED, daemons=()), CONFIGURED) == [
        "+ daemon unbound runs, now and after a boot sites.yaml:7"
    ]


def test_a_service_has_to_do_its_work_and_was_known_when_it_ran_before() -> None:
    first = list(server_checks({"a": (dump(BARE), dump(CONFIGURED))}))
    again = list(server_checks({"a": (dump(CONFIGURED), dump(CONFIGURED))}))
    assert [(check.kind, check.device, check.subject, check.known) for check in first + again] == [
        ("service", "a", "dns", False),
        ("service", "a", "dns", True),
    ]
    assert list(server_checks({"a": (dump(CONFIGURED), dump(BARE))})) == []
