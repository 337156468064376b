"""Make it so: plan, apply as one transaction, confirm, roll back, recover, and the journal of it all.

* `plan` compares what devices run with what the city intends, and writes the plan file; `difference` says it in words.
* `approval` binds somebody else's yes to the exact bytes of a plan.
* `transaction` brings a plan to every device or to none; `checks` decide whether the new side may stay; `settlement`
  brings every device to one side; `recover` does so for a change that was cut short.
* `journal` is the append-only record all of them write to before and after each step.
* `servers/` brings Debian servers into the same plan and transaction, by pyinfra.
* `device` and `fleet` reach the devices, through NAPALM only. Nothing here knows of the lab.
"""
