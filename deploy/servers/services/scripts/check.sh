# In charge: a certificate can be issued and read. Else: it streams from the one in charge.
cd /
ask() { runuser -u postgres -- psql -XAtc "$1" postgres; }
case $(ask "SELECT pg_is_in_recovery()") in
t) [ "$(ask "SELECT status FROM pg_stat_wal_receiver")" = streaming ] ;;
f)
    number=$(sanso-certificates issue 'sanso check' | sed -n 's/.*"number":\([0-9]*\),.*/\1/p') &&
        [ -n "$number" ] && sanso-certificates read "$number"
    ;;
*) exit 1 ;;
esac
