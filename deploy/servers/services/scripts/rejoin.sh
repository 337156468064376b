#!/bin/sh
# certificates-rejoin PRIMARY_HOST: makes this host a standby of the one in charge, from a fresh copy of its cluster.
# What stood here before is kept beside it, as certificates.before. Ends well when it streams.
set -u
data=/var/lib/postgresql/15/certificates
cd /

case ${1-} in
@addresses@
*)
    echo "usage: $0 HOST, one of: @others@"
    exit 2
    ;;
esac

pg_ctlcluster 15 certificates status >/dev/null 2>&1 && pg_ctlcluster -m fast 15 certificates stop
# Routers that have just been switched on need a while to find the way.
tries=60
until pg_isready -q -h "$address" -p 5432 || [ $tries -eq 0 ]; do
    tries=$((tries - 1))
    sleep 2
done
# Room for two copies is enough: the one kept the last time goes first.
rm -rf $data.copy $data.before
runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_basebackup -D $data.copy -c fast -X stream \
    -d "host=$1.@domain@ hostaddr=$address port=5432 @login@" || exit 1
touch $data.copy/standby.signal
# Once in charge it serves at once, alone if need be; see certificates-synchronous.
sed -i '/^synchronous_standby_names/d' $data.copy/postgresql.auto.conf
echo "synchronous_standby_names = ''" >>$data.copy/postgresql.auto.conf
chown postgres:postgres $data.copy/standby.signal $data.copy/postgresql.auto.conf
[ ! -e $data ] || mv -T $data $data.before
mv -T $data.copy $data
pg_ctlcluster 15 certificates start || exit 1
patience=60
until runuser -u postgres -- psql -XAtc "SELECT status FROM pg_stat_wal_receiver" postgres 2>/dev/null | grep -qx streaming; do
    patience=$((patience - 1))
    [ $patience -gt 0 ] || {
        echo "it does not stream from $1"
        exit 1
    }
    sleep 1
done
