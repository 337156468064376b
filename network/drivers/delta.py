"""The commands that lead from one FRR configuration to another, in an order that works and disturbs little.

First what others refer to (prefix lists, route maps, BFD profiles) is made, then what goes is taken away from the
bottom up, then what is new is added from the top down, then what nobody refers to any more goes. Interfaces and VRFs
themselves go `late`: FRR lets go of them only when the kernel has lost them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .platforms import Dialect, matches
from .tree import Path, leaving, replacing

Command = tuple[Path, str]
"""The context it is given in, and the command; "" only enters the context."""


@dataclass(frozen=True, slots=True)
class Delta:
    """Two texts for `vtysh -f`: the change, and what is sent once the kernel has lost its interfaces and VRFs."""

    batch: str
    late: str


def delta(old: tuple[Path, ...], new: tuple[Path, ...], dialect: Dialect) -> Delta:
    """The commands from `old` to `new`; both "" when nothing changes."""
    here, there = set(old), set(new)
    added = [path for path in new if path not in here]
    gone = _removals([path for path in old if path not in there], added, dialect)
    late = [path for path in gone if len(path) == 1 and matches(dialect.late, path[0])]
    early = [path for path in gone if _goes_early(path, added, there, dialect)]
    last = [path for path in gone if _defines(path, dialect) and path not in early]
    rest = [path for path in gone if path not in early and path not in last and path not in late]
    batch = [
        *_take(reversed(early), dialect),
        *_add((path for path in added if _defines(path, dialect)), dialect),
        *_take(reversed(rest), dialect),
        *_add((path for path in added if not _defines(path, dialect)), dialect),
        *_take(reversed(last), dialect),
    ]
    return Delta(_script(batch), _script(_take(reversed(late), dialect)))


def refreshed(batch: str, new: tuple[Path, ...]) -> tuple[str, ...]:
    """The commands that have BGP ask its neighbours again when a prefix list has changed: FRR does not by itself."""
    if "prefix-list" not in batch:
        return ()
    processes = [path[0].split() for path in new if len(path) == 1 and path[0].startswith("router bgp ")]
    return tuple(
        f"clear bgp {'vrf ' + words[4] + ' ' if words[3:4] == ['vrf'] else ''}* soft in" for words in processes
    )


def _removals(removed: list[Path], added: list[Path], dialect: Dialect) -> list[Path]:
    """Those removals that have to be said: not what is replaced, nor what goes with something else."""
    replaced = {key for path in added if (key := replacing(path, dialect)) is not None}
    repeated = {value for path in added if (value := _value(path, dialect)) is not None}
    said = [path for path in removed if replacing(path, dialect) not in replaced or _value(path, dialect) in repeated]
    whole = {
        path for path in said if matches(dialect.contexts, path[-1]) and _no(path, dialect) and not _late(path, dialect)
    }
    following: list[tuple[Path, str]] = [
        (path[:-1], pattern.sub(prefix, path[-1][: match.end()]))
        for path in said
        for pattern, prefix in dialect.implied
        if (match := pattern.search(path[-1]))
    ]

    def follows(path: Path) -> bool:
        if any(path[:length] in whole for length in range(1, len(path))):
            return True
        return any(
            path[: len(context)] == context
            and path[-1].startswith(prefix)
            and not any(pattern.search(path[-1]) for pattern, _ in dialect.implied)
            for context, prefix in following
        )

    return [path for path in said if not follows(path)]


def _goes_early(path: Path, added: list[Path], there: set[Path], dialect: Dialect) -> bool:
    """Whether a definition's removal comes before the additions: an entry of a kept list, a line of a kept entry."""
    if not _defines(path, dialect):
        return False
    if len(path) > 1:
        return True
    if matches(dialect.contexts, path[0]):
        key = _key(path[0], dialect)
        return key is not None and any(_key(item[0], dialect) == key for item in added if len(item) == 1)
    name = path[0].split()[:3]
    return any(item[0].split()[:3] == name for item in there)


def _value(path: Path, dialect: Dialect) -> tuple[str, ...] | None:
    """What a line says that no other may say again."""
    return next((match.groups() for pattern in dialect.unique if (match := pattern.search(path[-1]))), None)


def _key(line: str, dialect: Dialect) -> str | None:
    return next((match.expand(key) for pattern, key in dialect.keys if (match := pattern.search(line))), None)


def _defines(path: Path, dialect: Dialect) -> bool:
    return matches(dialect.definitions, path[0])


def _late(path: Path, dialect: Dialect) -> bool:
    return len(path) == 1 and matches(dialect.late, path[0])


def _no(path: Path, dialect: Dialect) -> str:
    """The command that takes a line away, "" when it goes by itself."""
    for pattern, command in dialect.removals:
        match = pattern.search(path[-1])
        if match:
            return match.expand(command)
    return f"no {path[-1]}"


def _take(items: Iterable[Path], dialect: Dialect) -> list[Command]:
    return [(path[:-1], command) for path in items if (command := _no(path, dialect))]


def _add(items: Iterable[Path], dialect: Dialect) -> list[Command]:
    return [(path, "") if matches(dialect.contexts, path[-1]) else (path[:-1], path[-1]) for path in items]


def _script(commands: Iterable[Command]) -> str:
    lines: list[str] = []
    inside: Path = ()

    def go(context: Path) -> Path:
        shared = 0
        while inside[shared : shared + 1] and inside[: shared + 1] == context[: shared + 1]:
            shared += 1
        lines.extend(leaving(line) for line in reversed(inside[shared:]))
        lines.extend(context[shared:])
        return context

    for context, command in commands:
        inside = go(context)
        if command:
            lines.append(command)
    go(())
    return "".join(line + "\n" for line in lines)
