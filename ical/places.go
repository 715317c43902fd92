package ical

import (
	"strings"
	"time"
)

// zones finds what a TZID means.
type zones struct {
	told  map[string]*tale // by the file, by TZID
	to    wall             // what happens later is not wanted
	work  *int
	found map[string]*time.Location
}

func newZones(told map[string]*tale, to time.Time, work *int) *zones {
	late := wall(date(2200, 1, 1) * day)
	return &zones{told, min(wallOf(to, time.UTC)+366*day, late), work, map[string]*time.Location{}}
}

// find returns the zone a TZID means; nil if it is unknown. A name of the IANA's or of
// Windows' means what they say, for those know more of the past than most calendars;
// any other is what the file says it is.
func (z *zones) find(id string) *time.Location {
	loc, ok := z.found[id]
	if ok || len(z.found) >= maxZones {
		return loc
	}
	told := z.told[id]
	for _, name := range []string{id, windows[strings.ToLower(id)], told.at()} {
		if loc = zoneOf(name); loc != nil {
			break
		}
	}
	if loc == nil && told != nil {
		loc = told.location(id, z.to, z.work)
	}
	z.found[id] = loc
	return loc
}

// at returns where a zone is, as its calendar says.
func (t *tale) at() string {
	if t == nil {
		return ""
	}
	return t.place
}

// zoneOf returns the zone with a name of the IANA's database, or with one that ends in
// such a name, like "/mozilla.org/20050126_1/Europe/Berlin".
func zoneOf(name string) *time.Location {
	if loc := load(name); loc != nil {
		return loc
	}
	for strings.Count(name, "/") > 1 || strings.HasPrefix(name, "/") {
		_, name, _ = strings.Cut(name, "/")
		if loc := load(name); loc != nil && strings.Contains(name, "/") {
			return loc
		}
	}
	return nil
}

// load finds a zone; never the machine's own.
func load(name string) *time.Location {
	if name == "" || len(name) > 64 || strings.HasPrefix(strings.ToLower(name), "local") {
		return nil
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("/_+-", rune(c)) {
			return nil
		}
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	if loc.String() == "UTC" {
		return time.UTC
	}
	return loc
}

// windows are the zones of Windows that calendars name, in lower case, each with the
// zone of the IANA's that its first country uses.
var windows = map[string]string{
	"afghanistan standard time":       "Asia/Kabul",
	"alaskan standard time":           "America/Anchorage",
	"arab standard time":              "Asia/Riyadh",
	"arabian standard time":           "Asia/Dubai",
	"arabic standard time":            "Asia/Baghdad",
	"argentina standard time":         "America/Argentina/Buenos_Aires",
	"atlantic standard time":          "America/Halifax",
	"aus central standard time":       "Australia/Darwin",
	"aus eastern standard time":       "Australia/Sydney",
	"azerbaijan standard time":        "Asia/Baku",
	"azores standard time":            "Atlantic/Azores",
	"bahia standard time":             "America/Bahia",
	"bangladesh standard time":        "Asia/Dhaka",
	"belarus standard time":           "Europe/Minsk",
	"canada central standard time":    "America/Regina",
	"cape verde standard time":        "Atlantic/Cape_Verde",
	"caucasus standard time":          "Asia/Yerevan",
	"cen. australia standard time":    "Australia/Adelaide",
	"central america standard time":   "America/Guatemala",
	"central asia standard time":      "Asia/Almaty",
	"central brazilian standard time": "America/Cuiaba",
	"central europe standard time":    "Europe/Budapest",
	"central european standard time":  "Europe/Warsaw",
	"central pacific standard time":   "Pacific/Guadalcanal",
	"central standard time":           "America/Chicago",
	"central standard time (mexico)":  "America/Mexico_City",
	"china standard time":             "Asia/Shanghai",
	"cuba standard time":              "America/Havana",
	"e. africa standard time":         "Africa/Nairobi",
	"e. australia standard time":      "Australia/Brisbane",
	"e. europe standard time":         "Europe/Chisinau",
	"e. south america standard time":  "America/Sao_Paulo",
	"eastern standard time":           "America/New_York",
	"eastern standard time (mexico)":  "America/Cancun",
	"egypt standard time":             "Africa/Cairo",
	"ekaterinburg standard time":      "Asia/Yekaterinburg",
	"fiji standard time":              "Pacific/Fiji",
	"fle standard time":               "Europe/Kyiv",
	"georgian standard time":          "Asia/Tbilisi",
	"gmt standard time":               "Europe/London",
	"greenland standard time":         "America/Nuuk",
	"greenwich standard time":         "Atlantic/Reykjavik",
	"gtb standard time":               "Europe/Bucharest",
	"haiti standard time":             "America/Port-au-Prince",
	"hawaiian standard time":          "Pacific/Honolulu",
	"india standard time":             "Asia/Kolkata",
	"iran standard time":              "Asia/Tehran",
	"israel standard time":            "Asia/Jerusalem",
	"jordan standard time":            "Asia/Amman",
	"kaliningrad standard time":       "Europe/Kaliningrad",
	"korea standard time":             "Asia/Seoul",
	"line islands standard time":      "Pacific/Kiritimati",
	"mauritius standard time":         "Indian/Mauritius",
	"middle east standard time":       "Asia/Beirut",
	"montevideo standard time":        "America/Montevideo",
	"morocco standard time":           "Africa/Casablanca",
	"mountain standard time":          "America/Denver",
	"mountain standard time (mexico)": "America/Mazatlan",
	"myanmar standard time":           "Asia/Yangon",
	"n. central asia standard time":   "Asia/Novosibirsk",
	"namibia standard time":           "Africa/Windhoek",
	"nepal standard time":             "Asia/Kathmandu",
	"new zealand standard time":       "Pacific/Auckland",
	"newfoundland standard time":      "America/St_Johns",
	"north asia east standard time":   "Asia/Irkutsk",
	"north asia standard time":        "Asia/Krasnoyarsk",
	"pacific sa standard time":        "America/Santiago",
	"pacific standard time":           "America/Los_Angeles",
	"pacific standard time (mexico)":  "America/Tijuana",
	"pakistan standard time":          "Asia/Karachi",
	"paraguay standard time":          "America/Asuncion",
	"romance standard time":           "Europe/Paris",
	"russia time zone 3":              "Europe/Samara",
	"russian standard time":           "Europe/Moscow",
	"sa eastern standard time":        "America/Cayenne",
	"sa pacific standard time":        "America/Bogota",
	"sa western standard time":        "America/La_Paz",
	"samoa standard time":             "Pacific/Apia",
	"se asia standard time":           "Asia/Bangkok",
	"singapore standard time":         "Asia/Singapore",
	"south africa standard time":      "Africa/Johannesburg",
	"sri lanka standard time":         "Asia/Colombo",
	"syria standard time":             "Asia/Damascus",
	"taipei standard time":            "Asia/Taipei",
	"tasmania standard time":          "Australia/Hobart",
	"tokyo standard time":             "Asia/Tokyo",
	"tonga standard time":             "Pacific/Tongatapu",
	"turkey standard time":            "Europe/Istanbul",
	"ulaanbaatar standard time":       "Asia/Ulaanbaatar",
	"us eastern standard time":        "America/Indiana/Indianapolis",
	"us mountain standard time":       "America/Phoenix",
	"utc-02":                          "Etc/GMT+2",
	"utc-11":                          "Etc/GMT+11",
	"utc+12":                          "Etc/GMT-12",
	"venezuela standard time":         "America/Caracas",
	"vladivostok standard time":       "Asia/Vladivostok",
	"w. australia standard time":      "Australia/Perth",
	"w. central africa standard time": "Africa/Lagos",
	"w. europe standard time":         "Europe/Berlin",
	"west asia standard time":         "Asia/Tashkent",
	"west pacific standard time":      "Pacific/Port_Moresby",
	"yakutsk standard time":           "Asia/Yakutsk",
}
