"""Documents of a city: configurations, parameter sheets, address book, diagrams.

`documents` is pure: it returns every file as path → text, and the same input gives the same bytes. `write_folder` puts
them on disk, all or none.
"""

from __future__ import annotations

from collections.abc import Mapping

from network.documents.addresses import address_book, blocks, blocks_csv, holders, holders_csv, hosts_file
from network.documents.city_diagram import city_diagram
from network.documents.folder import FolderError, write_folder
from network.documents.page import html, style_sheet
from network.documents.sheet import device_sheet
from network.documents.site_diagram import site_diagram
from network.documents.summary import city_page
from network.fabric import Fabric
from network.state import DeviceState


def documents(fabric: Fabric, states: Mapping[str, DeviceState], texts: Mapping[str, str]) -> dict[str, str]:
    """Every file of a compiled city: path in the folder → text.

    Args:
        fabric: the city.
        states: device → its state, as `compile_fabric` makes it.
        texts: device → its configuration text, as `render` writes it.
    """
    prefixes, addresses = blocks(fabric), holders(fabric)
    files = {f"configurations/{name}.conf": text for name, text in texts.items()}
    files |= {f"sheets/{name}.html": html(device_sheet(fabric, state), "../") for name, state in states.items()}
    files |= {f"diagrams/{site}.svg": site_diagram(fabric, site) for site in fabric.city.sites}
    files |= {
        "network.svg": city_diagram(fabric),
        "address-book.html": html(address_book(fabric, prefixes, addresses), ""),
        "prefixes.csv": blocks_csv(prefixes),
        "addresses.csv": holders_csv(addresses),
        "hosts": hosts_file(fabric, addresses),
        "index.html": html(city_page(fabric), ""),
        "style.css": style_sheet(),
    }
    return files


__all__ = ["FolderError", "documents", "write_folder"]
