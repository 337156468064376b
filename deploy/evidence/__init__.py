"""The evidence pack: what an audit asks for, in a folder that is read and verified without a network.

* `material` gathers what a pack tells; `chapters` says it in HTML (with `templates/`), `print` makes one PDF of it.
* `pack` puts all files together and writes them whole or not at all; `manifest` lists them by their hashes.
* `verification` finds what is not as it was made, `agreement` whether the manifest's facts fit the contents.

The same material gives the same bytes: the time a pack is dated with is part of the material.
"""
