#!/bin/sh
# Managed by zhengyun: compare files with their record (check), or also take the new state as the record (renew).
# A difference is told in both cases: the alarm goes to the log host, so nothing is accepted unseen.
set -u
config=/etc/aide/zhengyun.conf
record=/var/lib/zhengyun/integrity.db
mode=check
[ "$1" = renew ] && mode=update
[ -e "$record" ] || mode=init
exec 9>/run/zy-integrity.lock
flock 9
report=$(aide "--$mode" "--config=$config" 2>&1)
code=$?
# aide(1), exit status: 1, 2 and 4 are added up for new, removed and changed files; 14 and more are errors.
if [ "$code" -ge 14 ]; then
    echo "$report" | logger -p auth.err -t zy-integrity
    exit "$code"
fi
[ "$mode" = init ] || [ "$code" -eq 0 ] || echo "$report" | logger -p auth.alert -t zy-integrity
[ "$mode" = check ] || mv "$record.new" "$record"
logger -p auth.notice -t zy-integrity "$mode done: $code"
