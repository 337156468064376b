"""`sanso exporter` as a process: what it answers, by which ways, when it hangs, how it reads again and ends."""

from __future__ import annotations

import base64
import os
import signal
import socket
import ssl
import subprocess
from pathlib import Path

import bcrypt
import pytest
from scraping import ROOT, SANSO, answers, exporter, get, linted, until

from deploy.journal import Journal

CLIENT = """\
#!/bin/sh
# A simulation of a workload's client: it keeps records in a file; what it does is chosen by the file `mode`.
here=$(dirname "$0")
case "$(cat "$here/mode")" in
refuse) echo "could not connect: is the database running?" >&2; exit 1 ;;
hang) sleep 60 & wait ;;
forget) [ "$1" = issue ] || { echo '{"number": 1, "name": "somebody"}'; exit 0; } ;;
esac
if [ "$1" = issue ]; then echo "$2" >"$here/record"; fi
printf '{"number": 1, "name": "%s", "issued_at": "2026-11-20T09:00:00", "server": "dc-mn-cert"}' "$(cat "$here/record")"
"""


@pytest.fixture
def client(tmp_path: Path) -> Path:
    file = tmp_path / "client"
    file.write_text(CLIENT)
    file.chmod(0o755)
    (tmp_path / "mode").write_text("work")
    return file


@pytest.fixture
def journal(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/journal.db"


@pytest.fixture
def file(tmp_path: Path, client: Path, journal: str) -> Path:
    found = tmp_path / "exporter.yaml"
    found.write_text(
        "city: town\nsegment: mynumber\nhost: hall-mn-infra\n"
        f"workloads: {{certificates: {{client: {client}}}}}\njournal: {{url: '{journal}'}}\n"
    )
    return found


WORK = "module=workload&target=certificates"


def test_a_workload_is_judged_by_its_work(file: Path, tmp_path: Path, port: int) -> None:
    with exporter(file, port):
        url = f"http://127.0.0.1:{port}/probe?{WORK}"
        good = get(url)
        linted(good)
        assert good.value("sanso_workload_up") == good.value("sanso_probe_success") == 1
        assert good.value("sanso_workload_server_info", server="dc-mn-cert") == 1
        assert good.value("sanso_workload_duration_seconds") > 0
        for mode in ("refuse", "forget"):
            (tmp_path / "mode").write_text(mode)
            bad = get(url)
            linted(bad)
            assert bad.value("sanso_workload_up") == bad.value("sanso_probe_success") == 0, mode


def test_the_deadline_of_a_scrape_is_kept_and_nothing_is_left(file: Path, tmp_path: Path, port: int) -> None:
    (tmp_path / "mode").write_text("hang")
    with exporter(file, port):
        late = get(f"http://127.0.0.1:{port}/probe?{WORK}", timeout=2)
        assert late.value("sanso_workload_up") == late.value("sanso_probe_success") == 0
        assert late.value("sanso_probe_duration_seconds") < 60  # the client would take a minute
    left = [
        entry
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and str(tmp_path).encode() in _command_line(entry)
    ]
    assert not left


def _command_line(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("module=weather&target=town", "The module 'weather' does not exist; this exporter has: workload, journal."),
        ("module=device&target=x", "The module 'device' is not configured here; this exporter has: workload, journal."),
        ("module=workload&target=tax", "The module workload has no target 'tax' in the segment mynumber."),
        ("module=workload", "Give one `target`, such as /probe?module=device&target=hall-core1."),
        ("target=x", "Give one `module`, such as /probe?module=device&target=hall-core1."),
    ],
)
def test_what_does_not_exist_is_a_wrong_request(file: Path, port: int, query: str, said: str) -> None:
    with exporter(file, port):
        reply = get(f"http://127.0.0.1:{port}/probe?{query}")
        assert (reply.status, reply.text) == (400, f"{said}\n")


def test_other_pages(file: Path, port: int) -> None:
    with exporter(file, port):
        assert get(f"http://127.0.0.1:{port}/else").status == 404
        get(f"http://127.0.0.1:{port}/probe?{WORK}")
        own = get(f"http://127.0.0.1:{port}/metrics")
        linted(own)
        assert own.value("sanso_exporter_probes_total", module="workload") == 1
        assert own.value("sanso_exporter_build_info", city="town", exporter_segment="mynumber") == 1
        assert own.value("process_open_fds") > 0
        assert not own.values("sanso_workload_up")
        wrong = get(f"http://127.0.0.1:{port}/probe?{WORK}", headers={"X-Prometheus-Scrape-Timeout-Seconds": "soon"})
        assert wrong.status == 400


def test_the_journal_tells_changes_and_drills(file: Path, journal: str, port: int) -> None:
    with exporter(file, port):
        url = f"http://127.0.0.1:{port}/probe?module=journal&target=town"
        nothing = get(url)
        assert nothing.value("sanso_probe_success") == 1
        assert not nothing.values("sanso_journal_last_change_success")
        with Journal(journal) as book:
            book.append("plan1-1", "begin", {"plan": "p"})
            book.append("plan1-1", "end", {"side": "new"})
            book.append("drill-7", "drill-begin", {"scenario": "circuit-cut", "title": "回線の切断", "mode": "live"})
            book.append("drill-7", "drill-phase", {"phase": "fault"})
        running = get(url)
        linted(running)
        assert running.value("sanso_journal_last_change_success") == 1
        assert running.value("sanso_journal_last_change_timestamp_seconds") > 1.6e9
        assert running.value("sanso_drill_running", drill="7", scenario="circuit-cut", title="回線の切断") == 1
        assert running.value("sanso_drill_phase_info", drill="7", phase="fault") == 1
        assert not running.values("sanso_journal_last_drill_success")
        with Journal(journal) as book:
            book.append("drill-7", "drill-end", {"success": True})
            book.append("plan2-1", "begin", {"plan": "p"})
            book.append("plan2-1", "end", {"side": "old"})
        ended = get(url)
        assert not ended.values("sanso_drill_running")
        assert ended.value("sanso_journal_last_drill_success", scenario="circuit-cut", title="回線の切断") == 1
        assert ended.value("sanso_journal_last_change_success") == 0
        with Journal(journal) as book:
            book.append("drill-7", "drill-resumed", {"how": "again"})
        again = get(url)
        assert again.value("sanso_drill_running", drill="7", scenario="circuit-cut", title="回線の切断") == 1
        assert not again.values("sanso_journal_last_drill_success")
        with Journal(journal) as book:
            book.append("drill-8", "drill-begin", {"scenario": "older", "mode": "live"})
            book.append("drill-8", "drill-end", {"success": False})
        older = get(url)
        assert older.value("sanso_journal_last_drill_success", scenario="older", title="older") == 0


def certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 beside its key, and how a client trusts it."""
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", folder / "exporter.key", "-out", folder / "exporter.crt", "-days", "2", "-subj", "/CN=exporter",
            "-addext", "subjectAltName=IP:127.0.0.1",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return ssl.create_default_context(cafile=str(folder / "exporter.crt"))


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_by_tls_and_with_a_password(file: Path, tmp_path: Path, port: int) -> None:
    trust = certificate(tmp_path)
    hashed = bcrypt.hashpw(b"open sesame", bcrypt.gensalt(4)).decode()
    web = tmp_path / "web.yaml"
    web.write_text(
        "tls_server_config: {cert_file: exporter.crt, key_file: exporter.key}\n"
        f"basic_auth_users: {{prometheus: '{hashed}'}}\n"
    )
    with exporter(file, port, "--web.config.file", str(web)) as process:
        url = f"https://127.0.0.1:{port}/probe?{WORK}"
        for _ in range(2):
            assert get(url, context=trust, headers=basic("prometheus", "open sesame")).value("sanso_workload_up") == 1
        for user, password in (("prometheus", "open"), ("nobody", "open sesame"), ("", "")):
            assert get(url, context=trust, headers=basic(user, password)).status == 401
        assert get(url, context=trust, headers={"Authorization": "Basic §"}).status == 401
        assert get(url, context=trust).status == 401
        assert not answers(f"http://127.0.0.1:{port}/metrics")
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            get(url, headers=basic("prometheus", "open sesame"))
        with socket.create_connection(("127.0.0.1", port)):  # says nothing: it hinders nobody
            assert get(url, context=trust, headers=basic("prometheus", "open sesame")).status == 200
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
        assert (process.returncode, said) == (0, "")


def test_client_certificates_can_be_asked_for(file: Path, tmp_path: Path, port: int) -> None:
    trust = certificate(tmp_path)
    web = tmp_path / "web.yaml"
    web.write_text(
        "tls_server_config:\n  cert_file: exporter.crt\n  key_file: exporter.key\n"
        "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: exporter.crt\n"
    )
    with exporter(file, port, "--web.config.file", str(web)):
        url = f"https://127.0.0.1:{port}/metrics"
        with pytest.raises(OSError, match=r"(?i)certificate|reset|closed|eof"):
            get(url, context=trust)
        trust.load_cert_chain(tmp_path / "exporter.crt", tmp_path / "exporter.key")
        assert get(url, context=trust).status == 200


def test_its_files_are_read_again(file: Path, port: int) -> None:
    old = file.read_text()
    with exporter(file, port) as process:
        base = f"http://127.0.0.1:{port}"
        file.write_text(old.replace("certificates:", "residents:"))
        process.send_signal(signal.SIGHUP)
        until(lambda: get(f"{base}/probe?module=workload&target=residents").status == 200)
        assert get(f"{base}/probe?{WORK}").status == 400
        file.write_text(old.replace("city:", "town:"))
        process.send_signal(signal.SIGHUP)
        until(lambda: get(f"{base}/metrics").value("sanso_exporter_config_last_reload_successful") == 0)
        assert get(f"{base}/probe?module=workload&target=residents").value("sanso_workload_up") == 1
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "there is no field `town`" in said


def test_an_address_in_use_is_told(file: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        words = [*SANSO, "exporter", "--config.file", str(file), "--web.listen-address", f"127.0.0.1:{port}"]
        done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (2, f"Cannot listen on 127.0.0.1:{port}: Address already in use.\n")


def test_a_module_that_fails_is_a_probe_without_success(file: Path, tmp_path: Path, port: int) -> None:
    (tmp_path / "journal.db").write_bytes(b"no database at all" * 100)
    with exporter(file, port):
        reply = get(f"http://127.0.0.1:{port}/probe?module=journal&target=town")
        linted(reply)
        assert reply.value("sanso_probe_success") == 0


def test_the_journal_is_made_by_no_scrape(file: Path, tmp_path: Path, port: int) -> None:
    with exporter(file, port):
        get(f"http://127.0.0.1:{port}/probe?module=journal&target=town")
    assert not (tmp_path / "journal.db").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="raw sockets need root")
def test_what_it_does_in_the_background_ends_quietly(tmp_path: Path, port: int) -> None:
    """It is also no breach that a path of the documentation's addresses cannot be tried from here."""
    file = tmp_path / "exporter.yaml"
    there = "{segment: mynumber, site: hall, ipv4: 192.0.2.1, ipv6: '2001:db8::1', ports4: [tcp/9], ports6: [tcp/9]}"
    here = "{segment: mynumber, site: hall, ipv4: 127.0.0.1, ipv6: '::1', ports4: [icmp, tcp/9], ports6: [icmp]}"
    file.write_text(
        "city: town\nsegment: lgwan\nhost: here\n"
        "source: {ipv4: 127.0.0.1, ipv6: '::1', gateway4: 127.0.0.1, gateway6: '::1'}\n"
        f"separation: {{destinations: {{there: {there}, here: {here}}}, strangers: {{there: {there}}}}}\n"
    )
    with exporter(file, port) as process:
        url = f"http://127.0.0.1:{port}/probe?module=separation&target=lgwan"
        until(lambda: len(get(url).values("sanso_separation_path_blocked", destination="here")) == 3)
        assert set(get(url).values("sanso_separation_path_blocked", destination="here").values()) == {0}
        before = get(url).value("sanso_separation_attempts_total")
        process.send_signal(signal.SIGHUP)
        until(lambda: get(url).value("sanso_separation_attempts_total") > before)  # counters outlive a new reading
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "The configuration was read again." in said
        assert not {"Task", "Traceback", "Exception"} & set(said.split())
