#!/usr/bin/env bash
# Installs what the tests need from Debian's packages, when this account may, and
# says plainly what will be skipped otherwise.
set -u
missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]}"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"; } >/tmp/rapport-needs.log 2>&1 || tail -5 /tmp/rapport-needs.log
fi
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || echo "skipped: the browser tests, because Chromium is not here (apt-get install chromium)"
[ -d "$(dirname "$0")/../../shared/data" ] || echo "skipped: the tests over outside data, because ../shared/data is not here"
exit 0
