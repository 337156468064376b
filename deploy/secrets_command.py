"""`sanso secrets`: make a target's secrets, and edit them."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick

from __future__ import annotations

import datetime as dt
import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.aim import state_of
from inventory import console
from inventory.errors import EXIT_CANNOT_RUN, EXIT_OK
from inventory.text import Text

app = typer.Typer(help="Secrets in an Ansible Vault. シークレットの管理")

CityName = Annotated[str, typer.Argument(metavar="CITY", help="A city's name or directory. 市の名前またはディレクトリ")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--vault-password-file",
        metavar="FILE",
        envvar="SANSO_VAULT_PASSWORD_FILE",
        help="Holds the password of the secrets (mode 0600); else it is asked for. シークレットのパスワードファイル",
    ),
]


@app.command()
def init(context: typer.Context, city: CityName, vault_password_file: PasswordFile = None) -> int:
    """Make the secrets a city's servers need; what is there stays. 必要なシークレットを作成する."""
    from deploy.servers.generate import completed
    from deploy.servers.vault import read_password, unlock, write_vault
    from inventory.loader import load_city
    from network.build import build_fabric

    file = state_of(context) / "secrets.yaml"
    now = dt.datetime.now(dt.UTC)
    fabric = build_fabric(load_city(city, now.astimezone().date()))
    password = read_password(vault_password_file, new=not file.exists())
    have = unlock(file, file.read_bytes(), password) if file.exists() else {}
    found = completed(fabric, have, now)
    made = [name for name in sorted(found) if found[name] != have.get(name)]
    if made:
        write_vault(file, found, password)
        names = ", ".join(made)
        console.say(Text(f"Made in {file}: {names}", f"{file} に作成しました: {names}"))
    else:
        console.say(Text(f"{file} has all of them already.", f"{file} にすべて揃っています。"))
    return EXIT_OK


@app.command()
def edit(context: typer.Context, vault_password_file: PasswordFile = None) -> int:
    """Edit the secrets with $EDITOR. シークレットを編集する."""
    from deploy.servers.vault import parse_secrets, plain_text, read_password, unlock, write_vault

    file = state_of(context) / "secrets.yaml"
    password = read_password(vault_password_file, new=not file.exists())
    have = unlock(file, file.read_bytes(), password) if file.exists() else {}
    # In memory where there is such a place, readable by nobody else, and gone afterwards in any case.
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 the folder in it is ours alone
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        sheet = Path(folder) / "secrets.yaml"
        sheet.touch(0o600)
        sheet.write_text(plain_text(have), "utf-8")
        editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "sensible-editor")
        if subprocess.run([*editor, str(sheet)], check=False).returncode:  # noqa: S603 the user's own editor
            console.tell(Text("The editor failed; nothing was changed.", "エディタが失敗しました。変更していません。"))
            return EXIT_CANNOT_RUN
        found = parse_secrets(sheet.read_text("utf-8"), "secrets.yaml")
    if found == have:
        console.say(Text("Nothing was changed.", "変更はありません。"))
    else:
        write_vault(file, found, password)
        console.say(Text(f"{file} was written.", f"{file} に書き込みました。"))
    return EXIT_OK
