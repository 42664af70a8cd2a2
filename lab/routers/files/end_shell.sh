#!/bin/bash
# Login shell of an end system's account: the command runs in the namespace that has the account's name.
if [ "${1-}" = -c ]; then
    exec sudo -n /usr/lib/zhengyun/fabric end "$USER" /bin/sh -c "$2"
fi
exec sudo -n /usr/lib/zhengyun/fabric end "$USER" /bin/sh
