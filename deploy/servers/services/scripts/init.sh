#!/bin/sh
### BEGIN INIT INFO
# Provides:          sanso-certificates
# Required-Start:    $remote_fs $network
# Required-Stop:     $remote_fs $network
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: PostgreSQL cluster of the workload certificates
### END INIT INFO
# Starts the cluster. Where there is none yet, the workload's first host makes it and any other copies it, as soon as one
# in charge is reached. A host that was in charge does not start while another one is: it has to be made a standby first
# (certificates-rejoin).
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
data=/var/lib/postgresql/15/certificates
first=@first@ others='@others@'
lib=/usr/local/lib/sanso joiner=/run/sanso-certificates.join
cd /

postgres() { runuser -u postgres -- "$@"; }

in_charge() { # HOST: whether the cluster there answers and takes writes
    case $1 in
@addresses@
    esac
    said=$(postgres psql "host=$1.@domain@ hostaddr=$address port=5432 @login@ replication=true" -XAtc 'SHOW in_hot_standby' 2>/dev/null)
    [ "$said" = off ]
}

who_is_in_charge() { # of the others
    for other in $others; do
        if in_charge "$other"; then
            echo "$other"
            return
        fi
    done
}

up() { pg_ctlcluster 15 certificates status >/dev/null 2>&1; }

joining() { # a copy is on its way
    [ -s $joiner ] && tr '\0' ' ' <"/proc/$(cat $joiner)/cmdline" 2>/dev/null | grep -q 'sanso-certificates join'
}

join() { # waits for one in charge, for as long as it takes
    until other=$(who_is_in_charge) && [ -n "$other" ] && $lib/certificates-rejoin "$other"; do sleep 1; done
    rm -f $joiner
}

start() {
    ! up && ! joining || return 0
    install -d -m 755 -o postgres -g postgres /var/lib/postgresql /var/lib/postgresql/15
    install -d -m 2775 -o postgres -g postgres /run/postgresql
    install -d -m 1775 -o root -g postgres /var/log/postgresql
    other=$(who_is_in_charge)
    if [ ! -e $data/PG_VERSION ]; then
        if [ -n "$other" ] || [ $first = no ]; then
            setsid "$0" join </dev/null >>/var/log/postgresql/join.log 2>&1 &
            echo $! >$joiner
            return
        fi
        install -d -m 700 -o postgres -g postgres $data
        postgres /usr/lib/postgresql/15/bin/initdb -D $data -A peer -E UTF8 --locale=C.UTF-8 --no-instructions >/dev/null || return 1
        # The configuration is the one in /etc.
        rm -f $data/postgresql.conf $data/pg_hba.conf $data/pg_ident.conf
    elif [ -n "$other" ] && [ ! -e $data/standby.signal ]; then
        echo "$other is in charge: run $lib/certificates-rejoin $other"
        return 1
    fi
    pg_ctlcluster 15 certificates start || return 1
    [ -e $data/standby.signal ] || postgres psql -Xq -v ON_ERROR_STOP=1 -f /etc/sanso/certificates.sql postgres >/dev/null
}

stop() {
    ! joining || kill -- "-$(cat $joiner)"
    rm -f $joiner
    ! up || pg_ctlcluster -m fast 15 certificates stop
}

case ${1-} in
start | stop | join) "$1" ;;
restart | force-reload)
    stop
    start
    ;;
reload) pg_ctlcluster 15 certificates reload ;;
status) up || joining ;;
*)
    echo "usage: $0 start|stop|restart|reload|status"
    exit 2
    ;;
esac
