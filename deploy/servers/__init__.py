"""Servers in the same plan as devices: what each is to run, as one text, and the driver that brings it there.

* `text` is a server's configuration as one text: packages, daemons, files, with secrets as references only.
* `services/` has a small module a service; `compile` makes each server's text of them.
* `driver` is the NAPALM driver of platform `debian`, so that transaction, recovery and drift are those of devices. It
  stages, commits and goes back by the device-side `guard`.
* `crew` speaks to `worker`, the one process in which pyinfra runs (gevent patches it, so it stands apart).
"""
