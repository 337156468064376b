#!/bin/sh
# Issues and reads certificates; prints one as JSON. sanso-certificates issue NAME | read NUMBER | last
set -u
export PGSERVICEFILE=/etc/sanso/pg_service.conf LC_ALL=C.UTF-8

ask() { # VALUE <QUERY: the row it gives; fails when there is none
    said=$(timeout 10 psql service=certificates -XAtq -v ON_ERROR_STOP=1 -v value="$1") || exit 1
    [ -n "$said" ] && printf '%s\n' "$said"
}

case ${1-}$# in
issue2) echo "INSERT INTO certificate (name) VALUES (:'value') RETURNING row_to_json(certificate)" | ask "$2" ;;
read2) echo "SELECT row_to_json(certificate) FROM certificate WHERE number = :'value'" | ask "$2" ;;
last1) echo "SELECT row_to_json(certificate) FROM certificate ORDER BY number DESC LIMIT 1" | ask "" ;;
*)
    echo "usage: $0 issue NAME | read NUMBER | last" >&2
    exit 2
    ;;
esac
