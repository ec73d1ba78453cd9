#!/bin/sh
# Start one server of the store in a container: `start.sh primary | replica | sentinel`.
#
# Its configuration is written once, onto the disk that it keeps: Sentinel rewrites it at every fail-over, and a
# restart must find what was written. From the environment:
#   ANNOUNCE    the name under which everybody reaches this server
#   PRIMARY     the server that is primary at the very first start
#   REDIS_PASSWORD, REDIS_SENTINEL_PASSWORD
#   PORT        the port of the primary, 6379 unless told
#   MAXMEMORY   of a data server, as in 2gb; without it there is no limit
set -eu

role=$1
templates=${TEMPLATES:-/etc/valkey}
folder=${DATA:-/data}
port=${PORT:-6379}
file=$folder/$role.conf

data_server() {
    grep -v '^bind ' "$templates/primary.conf"
    echo "bind * -::*"
    echo "dir $folder"
    echo "requirepass $REDIS_PASSWORD"
    echo "masterauth $REDIS_PASSWORD"
    echo "replica-announce-ip $ANNOUNCE"
    if [ -n "${MAXMEMORY:-}" ]; then echo "maxmemory $MAXMEMORY"; fi
}

sentinel() {
    echo "sentinel resolve-hostnames yes"
    echo "sentinel announce-hostnames yes"
    sed "s/^sentinel monitor pilot .*/sentinel monitor pilot $PRIMARY $port 2/" "$templates/sentinel.conf"
    echo "dir $folder"
    echo "requirepass $REDIS_SENTINEL_PASSWORD"
    echo "sentinel sentinel-pass $REDIS_SENTINEL_PASSWORD"
    echo "sentinel auth-pass pilot $REDIS_PASSWORD"
    echo "sentinel announce-ip $ANNOUNCE"
}

if [ ! -f "$file" ]; then
    umask 077
    case $role in
        primary) data_server ;;
        replica) data_server; echo "replicaof $PRIMARY $port" ;;
        sentinel) sentinel ;;
        *) echo "start.sh: there is no role $role: say primary, replica or sentinel" >&2; exit 2 ;;
    esac > "$file.new"
    mv "$file.new" "$file"
fi

if [ "$role" = sentinel ]; then
    # A Sentinel that cannot resolve the primary's name refuses to start; containers start in any order.
    until getent hosts "$PRIMARY" > /dev/null; do sleep 1; done
    exec valkey-server "$file" --sentinel
fi
exec valkey-server "$file"
