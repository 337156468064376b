"""One SSH connection to a device: host keys checked, commands over exec channels, several in one round trip."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import paramiko

from .errors import (
    ClosedError,
    HostKeyError,
    LoginError,
    NoAnswerError,
    Trouble,
    UnreachableError,
    Words,
)

_RECORD = "\x1e"
_READING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Login:
    """How a device is logged in to. `password` "" is none; `known_hosts` None is the user's own file.

    `strict` False accepts a host key that is not known yet; one that differs from the known one is always refused.
    """

    host: str
    user: str
    password: str = ""
    port: int = 22
    key: Path | None = None
    known_hosts: Path | None = None
    strict: bool = True
    timeout_s: float = 60


@dataclass(frozen=True, slots=True)
class Output:
    """What a command said (both streams together, in `Connection.run`) and its exit code."""

    code: int
    text: str


class Connection:
    """An open connection. Several may be used at once from different threads."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._client = _connect(login)

    def run(self, command: str, stdin: bytes = b"", timeout_s: float | None = None) -> Output:
        """Run one command; errors and output come together.

        Raises:
            ClosedError: the connection is gone.
            NoAnswerError: the command said nothing for `timeout_s` (default: the login's) and has not ended.
        """
        code, output = self._exec(command, stdin, timeout_s)
        return Output(code, output.decode("utf-8", "replace"))

    def outputs(self, commands: Sequence[str], stdin: bytes = b"", first: str = "") -> tuple[Output, ...]:
        """Run commands one after another in one round trip; what they write to standard error is dropped.

        They share `stdin`. `first` is said in the shell that runs them all, and prints nothing.
        """
        script = f"{first}\n" + "\n".join(
            f"({command}\n) 2>/dev/null; printf '\\036%d\\036' $?" for command in commands
        )
        parts = self.run(script, stdin).text.split(_RECORD)
        return tuple(Output(int(code), text) for text, code in zip(parts[::2], parts[1::2], strict=False))

    def alive(self) -> bool:
        transport = self._client.get_transport()
        return transport is not None and transport.is_active()

    def close(self) -> None:
        self._client.close()

    def _exec(self, command: str, stdin: bytes, timeout_s: float | None) -> tuple[int, bytes]:
        wait = timeout_s or self._login.timeout_s
        transport = self._client.get_transport()
        if transport is None:
            raise ClosedError(self._login.host, _LOST)
        try:
            channel = transport.open_session(timeout=wait)
            channel.settimeout(wait)
            channel.set_combine_stderr(True)
            channel.exec_command(command)
            channel.sendall(stdin)
            channel.shutdown_write()
            output = bytearray()
            while block := channel.recv(65536):
                output += block
            code = channel.recv_exit_status()
            channel.close()
        except TimeoutError as error:
            raise NoAnswerError(self._login.host, _no_answer(wait)) from error
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise ClosedError(self._login.host, _LOST) from error
        if code < 0:
            raise ClosedError(self._login.host, _LOST)
        return code, bytes(output)


_LOST = Trouble(
    Words(
        "the connection was lost before the command ended; it may or may not have been done",
        "コマンドの終了前に接続が切れました。実行されたかどうかは不明です",
    ),
    hint=Words(
        "connect again and ask for the pending commit; the device itself goes back when its timer runs out",
        "再接続して未確定の変更を確認してください。タイマーが切れると機器は自動で元に戻ります",
    ),
)


def _no_answer(wait: float) -> Trouble:
    return Trouble(
        Words("a command did not end in time", "コマンドが時間内に終わりませんでした"),
        Words(f"an answer within {wait:g} s", f"{wait:g} 秒以内の応答"),
        hint=Words(
            "the device may be overloaded; `timeout` sets the limit",
            "機器が高負荷の可能性があります。`timeout` で上限を変えられます",
        ),
    )


def fingerprint(key: paramiko.PKey) -> str:
    """As `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


class _Refuse(paramiko.MissingHostKeyPolicy):
    """Keeps the unknown key for the message."""

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        del client, hostname
        raise _UnknownKeyError(key)


class _UnknownKeyError(paramiko.SSHException):
    def __init__(self, key: paramiko.PKey) -> None:
        super().__init__("unknown host key")
        self.key = key


@lru_cache(maxsize=8)
def _host_keys(file: Path, _changed_ns: int, _size: int) -> paramiko.HostKeys:
    """A file of known hosts, read once for a whole fleet and again when it changes."""
    return paramiko.HostKeys(str(file))


def _trust(client: paramiko.SSHClient, file: Path, login: Login) -> None:
    """Give the client the keys that the file has for this host, by the name paramiko will look it up."""
    stat = file.stat()
    name = login.host if login.port == paramiko.config.SSH_PORT else f"[{login.host}]:{login.port}"
    with _READING:
        known = _host_keys(file, stat.st_mtime_ns, stat.st_size)
    for kind, key in (known.lookup(name) or {}).items():
        client.get_host_keys().add(name, kind, key)


def _connect(login: Login) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    known = login.known_hosts or Path("~/.ssh/known_hosts").expanduser()
    try:
        if known.exists() or login.known_hosts is not None:
            _trust(client, known, login)
        client.set_missing_host_key_policy(_Refuse() if login.strict else paramiko.WarningPolicy())
        client.connect(
            login.host,
            login.port,
            login.user,
            login.password or None,
            key_filename=str(login.key) if login.key else None,
            look_for_keys=login.key is None and not login.password,
            allow_agent=login.key is None and not login.password,
            timeout=login.timeout_s,
            banner_timeout=login.timeout_s,
            auth_timeout=login.timeout_s,
        )
    except paramiko.BadHostKeyException as error:
        client.close()
        raise HostKeyError(
            login.host,
            Trouble(
                Words(
                    "the host key is another one than the one known; nothing was sent",
                    "ホスト鍵が登録済みのものと異なります。何も送信していません",
                ),
                Words(fingerprint(error.expected_key), fingerprint(error.expected_key)),
                fingerprint(error.key),
                Words(
                    f"compare the key on the device's console; if it is right, renew its line in {known}",
                    f"機器のコンソールで鍵を照合し、正しければ {known} の行を更新してください",
                ),
            ),
        ) from error
    except _UnknownKeyError as error:
        client.close()
        raise HostKeyError(
            login.host,
            Trouble(
                Words(
                    "the host key is not known; nothing was sent", "ホスト鍵が登録されていません。何も送信していません"
                ),
                Words(f"a line for it in {known}", f"{known} への登録"),
                f"{error.key.get_name()} {fingerprint(error.key)}",
                Words(
                    "compare the key on the device's console, then add it",
                    "機器のコンソールで鍵を照合してから登録してください",
                ),
            ),
        ) from error
    except (paramiko.AuthenticationException, paramiko.PasswordRequiredException) as error:
        client.close()
        way = str(login.key) if login.key else "password" if login.password else "ssh-agent, ~/.ssh/id_*"
        raise LoginError(
            login.host,
            Trouble(
                Words(f"login as {login.user} was refused", f"{login.user} でのログインが拒否されました"),
                found=way,
                hint=Words("check the user, the key and the password", "利用者名・鍵・パスワードを確認してください"),
            ),
        ) from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        client.close()
        raise _unreachable(login, error) from error
    return client


def _unreachable(login: Login, error: Exception) -> UnreachableError | LoginError:
    if isinstance(error, FileNotFoundError):
        return LoginError(
            login.host,
            Trouble(
                Words(f"there is no file {error.filename}", f"ファイル {error.filename} がありません"),
                hint=Words("check key_file and known_hosts_file", "key_file と known_hosts_file を確認してください"),
            ),
        )
    reason = "timeout" if isinstance(error, socket.timeout) else " ".join(str(error).split()) or type(error).__name__
    return UnreachableError(
        login.host,
        Trouble(
            Words(f"port {login.port} does not answer as SSH", f"ポート {login.port} が SSH として応答しません"),
            Words(f"an SSH server within {login.timeout_s:g} s", f"{login.timeout_s:g} 秒以内の SSH 応答"),
            reason,
            Words("check the address, the cable and that sshd runs", "アドレス・配線・sshd の稼働を確認してください"),
        ),
    )
