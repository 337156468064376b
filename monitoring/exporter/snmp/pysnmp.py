"""Agents asked by pysnmp, in pure Python: one engine for the credential, shared by all agents, and no MIB is looked up.

An engine for each target would cost 2 MiB and 50 ms of processor time each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from pysnmp.hlapi.v3arch.asyncio import (
    USM_AUTH_HMAC192_SHA256,
    USM_PRIV_CFB128_AES,
    USM_PRIV_CFB256_AES,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    bulk_walk_cmd,
    get_cmd,
)
from pysnmp.proto.rfc1902 import Counter64, Integer, OctetString, Unsigned32

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
    Value,
    Values,
)

_PRIVACY = {"aes128": USM_PRIV_CFB128_AES, "aes256": USM_PRIV_CFB256_AES}
_AUTHENTICATION = ("digest", "authentication", "security", "unknownusername", "decryption")


class PysnmpClient:
    """One user, one engine."""

    def __init__(self, credential: Credential) -> None:
        self._engine = SnmpEngine()
        self._user = UsmUserData(
            credential.user,
            credential.authentication.password,
            credential.privacy.password,
            authProtocol=USM_AUTH_HMAC192_SHA256,
            privProtocol=_PRIVACY[credential.privacy.protocol],
        )
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def read(self, address: str, port: int, scalars: Sequence[str], columns: Sequence[str]) -> Values:
        async with self._gate:
            target = await UdpTransportTarget.create((address, port), timeout=TIMEOUT_S, retries=TRIES - 1)
            found: Values = {}
            told = await get_cmd(
                self._engine, self._user, target, ContextData(), *map(_asked, scalars), lookupMib=False
            )
            found.update(_values(*told))
            for column in columns:
                order = Order()
                walk = bulk_walk_cmd(
                    self._engine, self._user, target, ContextData(), 0, REPETITIONS, _asked(column),
                    lookupMib=False, lexicographicMode=False,
                )  # fmt: skip
                async for told in walk:
                    for oid, value in _values(*told):
                        order.take(oid)
                        found[oid] = value
        return found

    def close(self) -> None:
        self._engine.close_dispatcher()


def _asked(oid: str) -> ObjectType:
    return ObjectType(ObjectIdentity(oid))


def _values(
    indication: object, status: object, index: object, rows: Sequence[tuple[Any, Any]]
) -> Iterator[tuple[str, Value]]:
    """What came, without what the agent does not have.

    Raises:
        SnmpError: nothing came.
    """
    del index
    if indication is not None:
        word = type(indication).__name__.lower()
        raise SnmpError(REFUSED if any(part in word for part in _AUTHENTICATION) else SILENT)
    if status:
        raise SnmpError(REFUSED)
    for oid, value in rows:
        if isinstance(value, Integer | Counter64 | Unsigned32):
            yield str(oid), int(value)
        elif isinstance(value, OctetString):
            yield str(oid), bytes(value)
