#!/bin/sh
# certificates-synchronous STANDBY_HOST|none: on the host in charge: commit only what that standby has, or serve alone.
set -eu
cd /
[ $# -eq 1 ] || {
    echo "usage: $0 STANDBY_HOST|none"
    exit 2
}
name=\"$1\"
[ "$1" != none ] || name=
runuser -u postgres -- psql -Xq -v ON_ERROR_STOP=1 -v name="$name" postgres <<'SQL'
SET synchronous_commit = local;
ALTER SYSTEM SET synchronous_standby_names = :'name';
SELECT pg_reload_conf() \g /dev/null
SQL
