"""Secrets: made once, kept in an Ansible Vault, opened by their password only, and told to nobody."""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from cryptography import x509
from cryptography.hazmat.primitives import serialization

import sanso
from deploy.servers.generate import completed, required
from deploy.servers.sealer import SEAL_KEY, Sealer
from deploy.servers.vault import VaultError, read_vault
from inventory.loader import load_city
from network.build import build_fabric
from network.fabric import Fabric

TOWN = str(Path(__file__).parents[2] / "cities" / "town")
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
Typed = Callable[..., str]


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return build_fabric(load_city(TOWN, NOW.date()))


@pytest.fixture(scope="module")
def made(fabric: Fabric) -> dict[str, str]:
    return completed(fabric, {}, NOW)


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Runs `sanso --lang en WORDS`, with a state directory and a password file; what it said."""
    monkeypatch.setenv("SANSO_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SANSO_VAULT_PASSWORD_FILE", str(password(tmp_path)))

    def type_(code: int, *words: str) -> str:
        assert sanso.run(["--lang", "en", *words]) == code
        said = capsys.readouterr()
        return said.out + said.err

    return type_


def password(folder: Path, value: str = "correct horse", mode: int = 0o600) -> Path:
    file = folder / "password"
    file.write_text(value + "\n")
    file.chmod(mode)
    return file


def test_all_that_is_needed_is_made_and_what_is_there_stays(fabric: Fabric, made: dict[str, str]) -> None:
    assert required(fabric) <= set(made)
    assert completed(fabric, made, NOW) == made
    kept = {"certificates.application": "chosen by hand"}
    assert completed(fabric, kept, NOW)["certificates.application"] == "chosen by hand"
    passwords = [made[name] for name in ("certificates.application", "certificates.replication", SEAL_KEY)]
    assert len(set(passwords)) == len(passwords)
    assert all(len(value) >= 32 for value in passwords)


def test_the_citys_authority_vouches_for_the_addresses_of_each_server(fabric: Fabric, made: dict[str, str]) -> None:
    authority = x509.load_pem_x509_certificate(made["ca.crt"].encode())
    for name in fabric.city.workloads["certificates"].hosts:
        own = x509.load_pem_x509_certificate(made[f"certificates.{name}.crt"].encode())
        own.verify_directly_issued_by(authority)
        key = serialization.load_pem_private_key(made[f"certificates.{name}.key"].encode(), None)
        assert key.public_key() == own.public_key()
        names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert set(names.get_values_for_type(x509.IPAddress)) == {
            fabric.hosts[name].ipv4.ip,
            fabric.hosts[name].ipv6.ip,
        }
        assert f"{name}.{fabric.city.domain}" in names.get_values_for_type(x509.DNSName)


def test_a_certificate_is_made_again_before_it_ends_or_when_the_server_moved(
    fabric: Fabric, made: dict[str, str]
) -> None:
    later = completed(fabric, made, NOW + dt.timedelta(days=780))
    changed = {name for name in made if later[name] != made[name]}
    assert changed == {
        f"certificates.{host}.{kind}" for host in ("dc-mn-cert", "hall-mn-cert") for kind in ("crt", "key")
    }
    swapped = {**made, "certificates.dc-mn-cert.crt": made["certificates.hall-mn-cert.crt"]}
    again = completed(fabric, swapped, NOW)
    assert again["certificates.dc-mn-cert.crt"] not in made.values()


def test_a_secret_is_filled_in_last_and_taken_out_first() -> None:
    sealer = Sealer({"a.b": "s3cret", SEAL_KEY: "k"})
    template = "password={{secret a.b}}\n"
    assert sealer.open(template) == "password=s3cret\n"
    assert sealer.seal(b"password=s3cret\n", [template]) == template
    other = sealer.seal(b"password=older\n", [template])
    assert "older" not in other
    assert other == sealer.seal(b"password=older\n", [template])
    assert other != Sealer({"a.b": "s3cret", SEAL_KEY: "other"}).seal(b"password=older\n", [template])
    with pytest.raises(ValueError, match="not kept"):
        sealer.open(other)
    with pytest.raises(ValueError, match=r"no secret c\.d"):
        sealer.open("{{secret c.d}}")


def test_init_makes_a_vault_that_ansible_opens(typed: Typed, tmp_path: Path) -> None:
    said = typed(0, "secrets", "init", TOWN)
    file = tmp_path / "state" / "secrets.yaml"
    assert "certificates.application" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secrets = read_vault(file, password(tmp_path))
    opened = VaultLib([("default", VaultSecret(b"correct horse"))]).decrypt(file.read_bytes()).decode()
    for value in secrets.values():
        assert value.splitlines()[0] in opened
        assert value not in said
        assert value.encode() not in file.read_bytes()
    with pytest.raises(VaultError, match=r"lacks secrets: no\.such"):
        read_vault(file, password(tmp_path), ["no.such"])
    before = file.read_bytes()
    assert "all of them already" in typed(0, "secrets", "init", TOWN)
    assert file.read_bytes() == before


def test_edit_opens_the_secrets_in_memory_and_leaves_nothing(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(0, "secrets", "init", TOWN)
    editor = tmp_path / "editor"
    keeps = f'stat -c %a "$1" >{tmp_path}/mode\necho "$1" >{tmp_path}/sheet\n'
    editor.write_text(f"#!/bin/sh\n{keeps}echo 'own.value: typed-in' >>\"$1\"\n")
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    said = typed(0, "secrets", "edit")
    assert "typed-in" not in said
    assert (tmp_path / "mode").read_text().strip() == "600"
    sheet = Path((tmp_path / "sheet").read_text().strip())
    assert sheet.is_relative_to("/dev/shm")  # noqa: S108 it is what is looked for
    assert not sheet.parent.exists()
    assert read_vault(tmp_path / "state/secrets.yaml", password(tmp_path))["own.value"] == "typed-in"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a: [1, 2]\n", "Expected: lines `NAME: VALUE`"),
        ("a: 'hidden\n", "secrets.yaml:2 is not YAML."),
        ("pin: 1234\n", "values quoted where they are numbers"),
    ],
)
def test_bad_edits_are_refused_without_telling_them(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, said: str
) -> None:
    typed(0, "secrets", "init", TOWN)
    before = (tmp_path / "state/secrets.yaml").read_bytes()
    (tmp_path / "new").write_text(written)
    monkeypatch.setenv("VISUAL", f"cp {tmp_path}/new")
    told = typed(2, "secrets", "edit")
    assert said in told
    assert "hidden" not in told
    assert "1234" not in told
    assert (tmp_path / "state/secrets.yaml").read_bytes() == before


def test_a_password_that_cannot_be_used_is_refused(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password(tmp_path, mode=0o644)
    assert "Expected: mode 0600. Found: mode 0644." in typed(2, "secrets", "init", TOWN)
    password(tmp_path, value="")
    assert "is empty" in typed(2, "secrets", "init", TOWN)
    password(tmp_path)
    typed(0, "secrets", "init", TOWN)
    password(tmp_path, value="another one")
    told = typed(2, "secrets", "init", TOWN)
    assert "the password is another one" in told
    monkeypatch.setenv("SANSO_VAULT_PASSWORD_FILE", str(tmp_path / "missing"))
    assert "cannot be read: No such file" in typed(2, "secrets", "init", TOWN)
    monkeypatch.delenv("SANSO_VAULT_PASSWORD_FILE")
    with Path(os.devnull).open(encoding="utf-8") as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        assert "--vault-password-file" in typed(2, "secrets", "init", TOWN)
