"""The flow register (通信登録簿) for those who keep it: what stands in it, who may reach whom and why, and its sheet.

`standing` tells how each row stands on a day, `overlaps` which rows permit the same packets, `reach` explains one host,
`counters` what the firewalls have counted, `tries` what the watch adds to that. `sheet` turns rows into cells and back,
`sheet_files` reads and writes CSV and XLSX, `sheet_import` judges a sheet with the inventory's own checks, `writing`
writes flows.yaml. `show` says it to people, `data` to programs. Everything but `sheet_files` is pure.
"""
