#!/bin/sh
# Managed by zhengyun: an administrator's own second factor (sudo zy-enrol). The secret counts only once its first code
# was typed, so nobody is locked out by a telephone that did not take it. Codes: RFC 6238, each good once.
set -eu
umask 077
who=${SUDO_USER:?run this by sudo, as yourself}
folder=/var/lib/zhengyun/totp
mkdir -p "$folder"
made=$(mktemp -u "$folder/.new.XXXXXX")
trap 'rm -f "$made"' EXIT
google-authenticator --time-based --disallow-reuse --force --rate-limit=3 --rate-time=30 --window-size=3 \
    --qr-mode=ANSI --label="$who@$(hostname)" --issuer=zhengyun --secret="$made"
mv "$made" "$folder/$who"
echo "Enrolled. Keep the emergency codes apart from the telephone; $who is now given second_factor: true in the"
echo "inventory."
