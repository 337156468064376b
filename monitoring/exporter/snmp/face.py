"""The face both SNMP libraries are used by: one visit to an agent, and what it brings back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from inventory.text import Text

Value = int | bytes
Values = dict[str, Value]
"""OID, dotted, without a leading dot → value; what the agent does not have is missing."""

AT_ONCE = 32
"""Agents visited at once; more, and answers are lost in the machine's own queues."""
REPETITIONS = 25
"""Rows asked for in one packet of a walk."""
TIMEOUT_S = 1.0
"""For one packet."""
TRIES = 3


class SnmpError(Exception):
    """An agent did not tell what it was asked."""

    def __init__(self, what: Text) -> None:
        super().__init__(what.en)
        self.what = what


class Client(Protocol):
    """Asks agents, in the name of one user, with authentication and encryption."""

    async def read(self, address: str, port: int, scalars: Sequence[str], columns: Sequence[str]) -> Values:
        """The scalars, and every row of the columns.

        Raises:
            SnmpError: it did not answer, refused the user, or answered out of order.
        """
        ...

    def close(self) -> None: ...


SILENT = Text("the SNMP agent does not answer", "SNMP エージェントが応答しません")
REFUSED = Text("the SNMP agent refuses the user or its keys", "SNMP エージェントが利用者または鍵を拒否しました")
CIRCLES = Text(
    "the SNMP agent's answers do not increase; the walk was ended",
    "SNMP エージェントの応答順が不正なため取得を中止しました",
)


class Order:
    """Watches over a walk: an agent whose OIDs do not increase would be walked for ever."""

    def __init__(self) -> None:
        self._last: tuple[int, ...] = ()

    def take(self, oid: str) -> None:
        """The next OID.

        Raises:
            SnmpError: it does not come after the last one.
        """
        number = tuple(map(int, oid.split(".")))
        if number <= self._last:
            raise SnmpError(CIRCLES)
        self._last = number
