"""What a runbook or a scenario is called with: each argument checked against the city, all errors at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from inventory.document import DocumentError
from inventory.errors import Finding
from inventory.model import City
from inventory.origin import Origin
from inventory.text import Text
from inventory.words import did_you_mean, listed, nearest, one_of, same
from runbooks.procedures.model import Kind, Parameter

ANSWERS = ("yes", "no")
KINDS: Mapping[Kind, Text] = {
    "server": Text("a server of the city", "市のサーバ"),
    "site": Text("a site of the city", "市の拠点"),
    "workload": Text("a workload of the city", "市の業務システム"),
    "circuit": Text("a circuit of the city", "市の回線"),
    "yes-no": Text("yes or no", "yes または no"),
}


def split(words: Iterable[str]) -> dict[str, str]:
    """`name=value` from a command line.

    Raises:
        DocumentError: a word is not of this form, or a name comes twice; all of them.
    """
    found: dict[str, str] = {}
    findings = []
    for number, word in enumerate(words, start=1):
        name, sign, value = word.partition("=")
        if not sign or not name or name in found:
            findings.append(
                Finding(
                    "parameter-form",
                    Text(f"parameter {number} cannot be read", f"{number} 番目の引数を読み取れません"),
                    Text("-p NAME=VALUE, each name once", "-p 名前=値 (名前は 1 回ずつ)"),
                    same(word),
                    None,
                    Origin("-p", number),
                )
            )
        found.setdefault(name, value)
    if findings:
        raise DocumentError(tuple(findings))
    return found


def checked(parameters: Mapping[str, Parameter], given: Mapping[str, str], city: City, caller: str) -> dict[str, str]:
    """Every parameter's value: what was given, else its default. `caller` is cited as the place of errors.

    Raises:
        DocumentError: all that is wrong with them.
    """
    findings = [
        unknown(
            Text(f"there is no parameter `{name}`", f"`{name}` という引数はありません"),
            name,
            parameters,
            Origin(caller),
            "parameter-unknown",
        )
        for name in given
        if name not in parameters
    ]
    values: dict[str, str] = {}
    defaults = {name: parameter.default for name, parameter in parameters.items() if parameter.default is not None}
    for name, parameter in parameters.items():
        value = given.get(name, _default(parameter, {**defaults, **given}, city))
        known = known_names(parameter.type, city)
        if value is None or value not in known:
            where = Origin(caller) if name in given else parameter.origin
            findings.append(_misfit(name, parameter, known, value, where))
        else:
            values[name] = value
    if findings:
        raise DocumentError(tuple(findings))
    return values


def unknown(what: Text, name: str, known: Iterable[str], origin: Origin, code: str = "reference-unknown") -> Finding:
    """A name that is none of those known."""
    rows = list(known)
    return Finding(code, what, one_of(rows), same(name), did_you_mean(nearest(name, rows)), origin)


def known_names(kind: Kind, city: City) -> tuple[str, ...]:
    """What of the city a parameter of this kind may name."""
    if kind == "server":
        return tuple(f"{key}-{name}" for key, site in city.sites.items() for name in site.servers)
    if kind == "site":
        return tuple(city.sites)
    if kind == "workload":
        return tuple(city.workloads)
    return tuple(city.circuits) if kind == "circuit" else ANSWERS


def _default(parameter: Parameter, values: Mapping[str, str], city: City) -> str | None:
    workload = city.workloads.get(values.get("workload", ""))
    if parameter.from_workload is None or workload is None:
        return parameter.default
    if parameter.from_workload == "client":
        return next(iter(_watchers(city, workload.segment)), None)
    return next(iter(workload.hosts[1 if parameter.from_workload == "second" else 0 :]), None)


def _watchers(city: City, segment: str) -> list[str]:
    return [
        f"{key}-{name}"
        for key, site in city.sites.items()
        for name, server in site.servers.items()
        if "watch" in server.services and site.vlans[server.vlan].segment == segment
    ]


def _misfit(name: str, parameter: Parameter, known: tuple[str, ...], value: str | None, origin: Origin) -> Finding:
    code = "parameter-missing" if value is None else "parameter-bad"
    what = (
        Text(
            f"parameter `{name}` ({parameter.title.en}) is missing",
            f"引数 `{name}` ({parameter.title.ja}) がありません",
        )
        if value is None
        else Text(
            f"parameter `{name}` ({parameter.title.en}) does not fit",
            f"引数 `{name}` ({parameter.title.ja}) の値が正しくありません",
        )
    )
    few = listed(known)
    kind = KINDS[parameter.type]
    wants = kind if parameter.type == "yes-no" else Text(f"{kind.en}: {few.en}", f"{kind.ja}: {few.ja}")
    found = Text("nothing", "指定なし") if value is None else same(value)
    hint = did_you_mean(nearest(value, known)) if value is not None else None
    return Finding(code, what, wants, found, hint, origin)
