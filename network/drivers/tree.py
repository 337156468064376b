"""Configuration text of indented lines as a set of paths: read, written, compared, merged.

A path is a line with the contexts it stands in: ("router bgp 64512 vrf lgwan", "address-family ipv4 unicast",
"network 10.24.0.0/13"). FRR keeps lines that have an order in order by itself (sequence numbers), so two texts are
equal when their sets of paths are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .platforms import Dialect, matches

Path = tuple[str, ...]
Branch = dict[str, "Branch"]


def paths(text: str, dialect: Dialect) -> tuple[Path, ...]:
    """The text's paths in its own order, each once; what the dialect ignores is left out."""
    found: dict[Path, None] = {}
    stack: list[tuple[int, str]] = []
    for raw in text.splitlines():
        line = raw.strip()
        if not line or matches(dialect.ignored, line):
            continue
        indent = len(raw) - len(raw.lstrip())
        while stack and stack[-1][0] >= indent:
            stack.pop()
        stack.append((indent, line))
        found[tuple(item[1] for item in stack)] = None
    return tuple(found)


def same(old: Iterable[Path], new: Iterable[Path], dialect: Dialect) -> bool:
    """Whether two configurations say the same; a context that is there only for its lines does not count."""
    return _telling(old, dialect) == _telling(new, dialect)


def write(items: Iterable[Path], dialect: Dialect) -> str:
    """The text of paths, as FRR writes it: one blank of indentation a level, contexts closed."""
    lines: list[str] = []

    def put(branch: Branch, depth: int) -> None:
        for line, below in branch.items():
            lines.append(" " * depth + line)
            if below or matches(dialect.contexts, line):
                put(below, depth + 1)
                lines.append(" " * depth + leaving(line))
                if depth == 0:
                    lines.append("!")

    put(_branch(items), 0)
    return "".join(line + "\n" for line in lines)


def difference(old: Iterable[Path], new: Iterable[Path], dialect: Dialect) -> str:
    """What changes from old to new, for people: `-` and `+` before the line, contexts above it. "" is no change."""
    return "\n".join(_changes(_branch(_telling(old, dialect)), _branch(_telling(new, dialect)), 0))


def merge(running: Iterable[Path], more: Iterable[Path], dialect: Dialect) -> tuple[Path, ...]:
    """Running with more lines: a line takes the place of the one it replaces, `no X` takes X and all below it away."""
    result = list(running)
    for path in more:
        taken = (*path[:-1], path[-1].removeprefix("no "))
        if taken != path and taken in result:
            result = [item for item in result if item[: len(taken)] != taken]
            continue
        if path in result:
            continue
        key = replacing(path, dialect)
        if key is not None:
            result = [item for item in result if replacing(item, dialect) != key]
        places = [number for number, item in enumerate(result) if item[: len(path) - 1] == path[:-1]]
        result.insert(places[-1] + 1 if places else len(result), path)
    return tuple(result)


def replacing(path: Path, dialect: Dialect) -> Path | None:
    """What a line is the value of, if it is: two lines with the same answer cannot stand together."""
    for pattern in dialect.replaces:
        match = pattern.search(path[-1])
        if match:
            return (*path[:-1], pattern.pattern, *(group or "" for group in match.groups()))
    return None


def leaving(context: str) -> str:
    """The command that leaves a context."""
    return {"vrf": "exit-vrf", "address-family": "exit-address-family"}.get(context.split(maxsplit=1)[0], "exit")


def _telling(items: Iterable[Path], dialect: Dialect) -> dict[Path, None]:
    listed = tuple(items)
    parents = {item[:-1] for item in listed}
    return {path: None for path in listed if path in parents or not matches(dialect.transparent, path[-1])}


def _branch(items: Iterable[Path]) -> Branch:
    root: Branch = {}
    for path in items:
        branch = root
        for line in path:
            branch = branch.setdefault(line, {})
    return root


def _changes(old: Branch, new: Branch, depth: int) -> Iterator[str]:
    order = list(old)
    place = 0
    for line in new:
        if line in old:
            place = order.index(line) + 1
            continue
        while place < len(order) and order[place] not in new:
            place += 1
        order.insert(place, line)
        place += 1
    for line in order:
        below = list(_changes(old.get(line, {}), new.get(line, {}), depth + 1))
        if line in old and line in new:
            if below:
                yield " " * (depth + 1) + line
                yield from below
        else:
            yield ("-" if line in old else "+") + " " * depth + line
            yield from below
