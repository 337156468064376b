"""The secrets of a target: an Ansible-Vault file of names and values, and where its password comes from."""

# ruff: noqa: PLC0415 ansible is only paid for where there are secrets

from __future__ import annotations

import getpass
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

import yaml

from deploy.plan import write_whole
from inventory.errors import SansoError
from inventory.text import Text

PASSWORD_VARIABLE = "SANSO_VAULT_PASSWORD_FILE"  # noqa: S105 the name of a variable


class VaultError(SansoError):
    """The vault or its password cannot be used."""


def read_password(file: Path | None, *, new: bool = False) -> bytes:
    """The vault's password: from a file only its owner may read, else asked for (twice when it is a new one)."""
    if file is not None:
        return _password_in(file)
    if not sys.stdin.isatty():
        raise VaultError(
            Text("The password of the secrets is not given.", "シークレットのパスワードが指定されていません。"),
            Text(
                f"Give a file with --vault-password-file or ${PASSWORD_VARIABLE}, or run it at a terminal.",
                f"--vault-password-file または ${PASSWORD_VARIABLE} でファイルを指定するか、端末から実行してください。",
            ),
        )
    given = getpass.getpass("Vault password: ")
    if not given or (new and getpass.getpass("Again: ") != given):
        raise VaultError(
            Text("No password, or not the same one twice.", "パスワードが空か、2 回の入力が一致しません。")
        )
    return given.encode()


def _password_in(file: Path) -> bytes:
    try:
        mode = file.stat().st_mode & 0o777
        found = file.read_bytes().strip()
    except OSError as error:
        raise VaultError(
            Text(
                f"The password file {file} cannot be read: {error.strerror}.",
                f"パスワードファイル {file} を読めません: {error.strerror}。",
            )
        ) from None
    if mode & 0o077:
        raise VaultError(
            Text(
                f"The password file {file} may be read by others. Expected: mode 0600. Found: mode {mode:04o}.",
                f"パスワードファイル {file} が他の利用者にも読めます。期待: 0600。実際: {mode:04o}。",
            ),
            Text(f"Run: chmod 600 {file}", f"chmod 600 {file} を実行してください。"),
        )
    if not found:
        raise VaultError(Text(f"The password file {file} is empty.", f"パスワードファイル {file} が空です。"))
    return found


def read_vault(file: Path, password_file: Path | None, needed: Collection[str] = ()) -> dict[str, str]:
    """Name → value; VaultError when some of `needed` are not in it."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise VaultError(
            Text(f"There are no secrets yet: {file} is missing.", f"シークレットがまだありません ({file})。"),
            Text(
                "Make them: sanso secrets init CITY (with --lab for the lab)",
                "作成してください: sanso secrets init 市 (ラボでは --lab を付ける)",
            ),
        ) from None
    except OSError as error:
        raise VaultError(
            Text(f"{file} cannot be read: {error.strerror}.", f"{file} を読めません: {error.strerror}。")
        ) from None
    found = unlock(file, content, read_password(password_file))
    missing = ", ".join(sorted(name for name in needed if name not in found))
    if missing:
        raise VaultError(
            Text(f"{file} lacks secrets: {missing}.", f"{file} に次のシークレットがありません: {missing}。"),
            Text("Make them: sanso secrets init CITY", "作成してください: sanso secrets init 市"),
        )
    return found


def unlock(file: Path, content: bytes, password: bytes) -> dict[str, str]:
    """Name → value, from a vault's bytes."""
    from ansible.errors import AnsibleError
    from ansible.parsing.vault import VaultLib, VaultSecret

    try:
        text: bytes = VaultLib([("default", VaultSecret(password))]).decrypt(content)
    except AnsibleError:
        raise VaultError(
            Text(
                f"{file} cannot be opened: it is no Ansible Vault, or the password is another one.",
                f"{file} を開けません。Ansible Vault 形式でないか、パスワードが違います。",
            )
        ) from None
    return parse_secrets(text.decode(), str(file))


def parse_secrets(text: str, name: str) -> dict[str, str]:
    """The mapping in a vault's plain text; its values are never quoted in an error."""
    try:
        found = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark is not None else ""
        raise VaultError(Text(f"{name}{where} is not YAML.", f"{name}{where} は YAML として読めません。")) from None
    if not isinstance(found, Mapping) or not all(isinstance(part, str) for row in found.items() for part in row):
        raise VaultError(
            Text(
                f"{name} holds something else. Expected: lines `NAME: VALUE`, values quoted where they are numbers.",
                f"{name} の内容が正しくありません。期待: `名前: 値` の行 (数字だけの値は引用符で囲む)。",
            )
        )
    return dict(found)


class _Dumper(yaml.SafeDumper):
    """Writes values of several lines as such."""


_Dumper.add_representer(
    str,
    lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None),
)


def plain_text(secrets: Mapping[str, str]) -> str:
    """As it is edited."""
    return yaml.dump(dict(secrets), Dumper=_Dumper, sort_keys=True, allow_unicode=True)


def write_vault(file: Path, secrets: Mapping[str, str], password: bytes) -> None:
    """Encrypt and write it whole, for its owner only."""
    from ansible.parsing.vault import VaultLib, VaultSecret

    file.parent.mkdir(parents=True, exist_ok=True)
    content: bytes = VaultLib().encrypt(plain_text(secrets).encode(), VaultSecret(password), vault_id=None)
    write_whole(file, content if content.endswith(b"\n") else content + b"\n")
