#!/usr/bin/env bash
# Installs what the tests need from Debian's packages, when this account may, and
# says plainly what will be skipped otherwise.
set -u
missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
readers() { python3 -c "import $1" 2>/dev/null || /usr/bin/python3 -c "import $1" 2>/dev/null; }
readers icalendar || missing+=(python3-icalendar)
readers vobject || missing+=(python3-vobject)
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]}"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"; } >/tmp/rapport-needs.log 2>&1 || tail -5 /tmp/rapport-needs.log
fi
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || echo "skipped: the browser tests, because Chromium is not here (apt-get install chromium)"
readers "icalendar, vobject" || echo "skipped: two other readers of the calendars we write, because Python's icalendar and vobject are not here (apt-get install python3-icalendar python3-vobject)"
[ -d "$(dirname "$0")/../../shared/data" ] || echo "skipped: the tests over outside data, because ../shared/data is not here"
exit 0
