"""Read a scenario, fill its parameters in, and check it against the city and the runbooks: all errors at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.plan import digest
from inventory.document import DocumentError, parse_document
from inventory.errors import EXIT_USAGE, Finding, SansoError
from inventory.model import City
from inventory.origin import Origin
from inventory.source import decoded
from inventory.text import Text
from inventory.words import did_you_mean, listed, nearest
from runbooks.drills.fitting import unfit
from runbooks.drills.model import Scenario
from runbooks.procedures.arguments import checked, unknown
from runbooks.procedures.catalog import LIBRARY, PLACES

SCENARIOS = Path(__file__).parents[1] / "scenarios"


class UnknownScenarioError(SansoError):
    """There is no scenario of this name."""

    exit_code = EXIT_USAGE

    def __init__(self, name: str) -> None:
        row = listed(names())
        super().__init__(
            Text(f"There is no scenario {name}, neither a file nor a name.", f"訓練シナリオ {name} はありません。"),
            did_you_mean(nearest(name, names())) or Text(f"There are: {row.en}", f"一覧: {row.ja}"),
        )


@dataclass(frozen=True, slots=True)
class Drillable:
    """A scenario filled in for a city: what it is called, what it says, what it was read from."""

    name: str
    scenario: Scenario
    values: Mapping[str, str]
    content: bytes

    @property
    def digest(self) -> str:
        return digest(self.content)


def names() -> list[str]:
    """The scenarios that come with sanso."""
    return sorted(file.stem for file in SCENARIOS.glob("*.yaml"))


def find(name: str) -> Path:
    """The file of a scenario: a path, or a name.

    Raises:
        UnknownScenarioError: it is neither.
    """
    if name in names():
        return SCENARIOS / f"{name}.yaml"
    if Path(name).is_file():
        return Path(name)
    raise UnknownScenarioError(name)


def read_scenario(name: str, given: Mapping[str, str], city: City, library: Path = LIBRARY) -> Drillable:
    """A scenario that can be drilled in a city.

    Raises:
        UnknownScenarioError: there is none of this name.
        DocumentError: it, or what it is called with, has errors; all of them.
    """
    file = find(name)
    text = decoded(file, file.name)
    if isinstance(text, Finding):
        raise DocumentError((text,))
    return filled_in(file.stem, text, given, city, library)


def filled_in(name: str, text: str, given: Mapping[str, str], city: City, library: Path = LIBRARY) -> Drillable:
    """The same from the text of a scenario, cited as `NAME.yaml`."""
    file = f"{name}.yaml"
    found = parse_document(text, Scenario, file)
    raw = found.value
    if raw is None:
        raise DocumentError(found.findings)
    findings = list(_strange_places(raw, file))
    values: dict[str, str] = {}
    try:
        values = checked(raw.parameters, given, city, "-p")
    except DocumentError as error:
        findings += error.findings
    if findings:
        raise DocumentError(tuple(findings))
    scenario = Scenario.model_validate(_filled(raw.model_dump(), {**values, **dict(_titles(raw, values, city))}))
    findings = list(unfit(scenario, city, library))
    if findings:
        raise DocumentError(tuple(sorted(findings, key=lambda item: item.origin)))
    return Drillable(name, scenario, values, text.encode())


def _titles(scenario: Scenario, values: Mapping[str, str], city: City) -> Iterator[tuple[str, str]]:
    """`NAME-title` for every parameter: what people call what it names."""
    for name, parameter in scenario.parameters.items():
        value = values[name]
        tables: Mapping[str, Mapping[str, Any]] = {
            "site": city.sites,
            "circuit": city.circuits,
            "workload": city.workloads,
            "server": {f"{key}-{part}": row for key, site in city.sites.items() for part, row in site.servers.items()},
        }
        known = tables.get(parameter.type, {})
        yield f"{name}-title", str(known[value].title) if value in known else value


def _filled(value: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 whatever a model holds
    if isinstance(value, str):
        return PLACES.sub(lambda match: values.get(match[1], match[0]), value)
    if isinstance(value, dict):
        return {key: _filled(item, values) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_filled(item, values) for item in value)
    return value


def _strange_places(scenario: Scenario, file: str) -> Iterator[Finding]:
    """`{name}` that is no parameter."""

    def look(value: Any, origin: Origin) -> Iterator[tuple[str, Origin]]:  # noqa: ANN401 whatever a model holds
        if isinstance(value, str):
            yield from ((name, origin) for name in PLACES.findall(value))
        elif isinstance(value, dict):
            here = value.get("origin", origin)
            here = Origin(**here) if isinstance(here, dict) else here
            for key, item in value.items():
                if key != "origin":
                    yield from look(item, here)
        elif isinstance(value, list | tuple):
            for item in value:
                yield from look(item, origin)

    for name, origin in dict.fromkeys(look(scenario.model_dump(), Origin(file, 1))):
        if name.removesuffix("-title") not in scenario.parameters:
            yield unknown(
                Text(
                    f"`{{{name}}}` is no parameter of this scenario",
                    f"`{{{name}}}` という引数はこのシナリオにありません",
                ),
                name,
                scenario.parameters,
                origin,
            )
