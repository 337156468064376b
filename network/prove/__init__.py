"""The proof that segments are apart and that only registered flows cross.

Here live the exact sets of packets (`packets`), what ordered rules make of them (`rules`), what the filters of a device
let through (`filters`) and how it translates addresses (`translations`). Everything is pure: values in, values out, no
device and no file is touched. `intervals`, `boxes`, `fields` and `witness` are the inside of `packets`, the modules
`nft_…` that of `filters`.

The claims `service` and `resilience` ask whether every registered flow has a path, and keeps it when any one thing
fails; they stand on `passages`, and this on `adjacency`, `routes`, `switched` and `gates`.
"""
