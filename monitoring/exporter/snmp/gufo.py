"""Agents asked by gufo-snmp, whose packets are made and read in Rust.

It sends every packet once, so a visit that got no answer is made again. The agent's engine id is kept from visit to
visit, which saves a round trip; when an agent has another one than before, the next try finds that out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gufo.snmp import Aes128Key, Aes256Key, Sha256Key, SnmpAuthError, User
from gufo.snmp import SnmpError as GufoError
from gufo.snmp.aio import SnmpSession
from gufo.snmp.user import KeyType

from monitoring.exporter.snmp.credentials import Credential
from monitoring.exporter.snmp.face import (
    AT_ONCE,
    REFUSED,
    REPETITIONS,
    SILENT,
    TIMEOUT_S,
    TRIES,
    Order,
    SnmpError,
    Values,
)

_PRIVACY = {"aes128": Aes128Key, "aes256": Aes256Key}


class GufoClient:
    """One user; the slow step from password to key is made once, not once an agent."""

    def __init__(self, credential: Credential) -> None:
        signing, hiding = (
            Sha256Key.get_master_key(part.password.encode()) for part in (credential.authentication, credential.privacy)
        )
        self._user = User(
            credential.user,
            auth_key=Sha256Key(signing, KeyType.Master),
            priv_key=_PRIVACY[credential.privacy.protocol](hiding, KeyType.Master),
        )
        self._engines: dict[tuple[str, int], bytes] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def read(self, address: str, port: int, scalars: Sequence[str], columns: Sequence[str]) -> Values:
        async with self._gate:
            for _ in range(TRIES):
                try:
                    return await self._visit(address, port, scalars, columns)
                except SnmpAuthError:
                    failure = REFUSED
                except (TimeoutError, GufoError, OSError):
                    failure = SILENT
                self._engines.pop((address, port), None)
        raise SnmpError(failure)

    def close(self) -> None:
        pass

    async def _visit(self, address: str, port: int, scalars: Sequence[str], columns: Sequence[str]) -> Values:
        async with SnmpSession(
            address,
            port,
            user=self._user,
            engine_id=self._engines.get((address, port)),
            timeout=TIMEOUT_S,
            max_repetitions=REPETITIONS,
        ) as session:
            self._engines[address, port] = session.get_engine_id()
            found: Values = {}
            for oid, value in (await session.get_many(list(scalars))).items():
                _keep(found, oid, value)
            for column in columns:
                order = Order()
                async for oid, value in session.getbulk(column):
                    order.take(oid)
                    _keep(found, oid, value)
        return found


def _keep(found: Values, oid: str, value: object) -> None:
    if isinstance(value, int | bytes):
        found[oid] = value
