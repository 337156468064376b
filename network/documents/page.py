"""Pages of tables: the one shape every printed document has, and its HTML."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads to another file of the folder."""

    address: str
    text: str


Cell = str | Link


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; every row has as many cells as there are columns. `note` stands below the title."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A document: a title, facts in two columns, and tables."""

    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    links: tuple[tuple[str, str], ...] = ()
    """Address and text of each link under the title."""


@cache
def _environment() -> Environment:
    return templates(TEMPLATES)


def templates(folder: Path) -> Environment:
    """A folder of templates of HTML documents: what is filled in is escaped, what is missing is an error."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def html(page: Page, root: str) -> str:
    """The page as HTML. `root` is the way to the folder of the style sheet: "" or "../"."""
    tables = [table for table in page.tables if table.rows]
    return _environment().get_template("page.html.j2").render(page=page, tables=tables, root=root)


def style_sheet() -> str:
    """The style sheet that all pages share."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")
