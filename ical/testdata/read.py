# Reads calendars, with a zero byte between, from standard input with two libraries of Python's and prints what
# each says of every event, as lines of JSON. Zones that begin with "X-" are not known
# to either, so that what they say of them is what the VTIMEZONE says.
import datetime
import json
import sys

import icalendar
import vobject


def moment(x):
    if not isinstance(x, datetime.datetime):
        return x.isoformat()
    if x.tzinfo is None:
        return "floating " + x.isoformat()
    return x.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def with_icalendar(text):
    cal = icalendar.Calendar.from_ical(text)
    for e in cal.walk("VEVENT"):
        yield {
            "UID": str(e["UID"]),
            "From": moment(e["DTSTART"].dt), "To": moment(e["DTEND"].dt),
            "Zone": e["DTSTART"].params.get("TZID", ""),
            "Title": str(e.get("SUMMARY", "")), "Where": str(e.get("LOCATION", "")),
            "About": str(e.get("DESCRIPTION", "")), "URL": str(e.get("URL", "")),
            "Sequence": int(e["SEQUENCE"]), "Status": str(e["STATUS"]), "Transp": str(e["TRANSP"]),
            "Class": str(e.get("CLASS", "")),
            "Alarms": [-int(a["TRIGGER"].dt.total_seconds()) for a in e.walk("VALARM")],
        }


def with_vobject(text):
    cal = vobject.readOne(text)
    for e in getattr(cal, "vevent_list", []):
        def text_of(name):
            return str(getattr(e, name).value) if hasattr(e, name) else ""
        yield {
            "UID": e.uid.value,
            "From": moment(e.dtstart.value), "To": moment(e.dtend.value),
            "Zone": getattr(e.dtstart, "x_vobj_original_tzid_param", ""),
            "Title": text_of("summary"), "Where": text_of("location"),
            "About": text_of("description"), "URL": text_of("url"),
            "Sequence": int(e.sequence.value), "Status": e.status.value, "Transp": e.transp.value,
            "Class": text_of("class"),
            "Alarms": [-int(a.trigger.value.total_seconds()) for a in getattr(e, "valarm_list", [])],
        }


calendars = sys.stdin.buffer.read().decode("utf-8").split("\0")
for number, text in enumerate(calendars):
    for name, read in (("icalendar", with_icalendar), ("vobject", with_vobject)):
        for event in read(text):
            json.dump({"By": name, "Calendar": number, **event}, sys.stdout)
            print()
