"""Runbooks (手順書): what one says, how its parameters are checked, how it is run, and what counts as success.

* `model` is what a definition in YAML may say, `catalog` reads it and the playbook beside it.
* `arguments` checks parameters, all at once; `approval` is somebody else's yes to exactly these.
* `execution` runs a playbook by ansible-runner (`worker`) in namespaces of its own, so that nothing of it outlives it;
  `verdict` says whether it succeeded: by evidence, never by an exit code.
* `page` writes the same steps in Japanese, for the day the tool is down.
"""
