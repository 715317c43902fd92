package timetable

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/hours"
	"rapport/record"
	"rapport/web/webtest"
)

// table is a small practice's: Lena sees people on Tuesdays and Thursdays.
func table() hours.Timetable {
	return hours.Timetable{
		Services: []hours.Service{
			{ID: "gp", Names: map[string]string{"en": "GP visit", "es": "Consulta", "fr": "Consultation"}, Icon: "stethoscope", Minutes: 15, Who: []string{"physician", "nurse"}, Modes: hours.AllModes, Rooms: []string{"r1"}, Public: true},
		},
		Stretches: []hours.Stretch{
			{ID: "tue", Who: "physician", Day: time.Tuesday, From: 540, To: 720, Label: "Morning"},
			{ID: "thu", Who: "physician", Day: time.Thursday, From: 540, To: 720, Every: 2, Since: hours.On(2026, 11, 26), Modes: hours.Video},
			{ID: "old", Who: "nurse", Day: time.Friday, From: 540, To: 720, Until: hours.On(2026, 1, 2)},
		},
		Rooms: []hours.Room{{ID: "r1", Name: "Room 1"}, {ID: "ecg", Name: "ECG", Device: true}},
	}
}

// newHouse is a house with a timetable.
func newHouse(t testing.TB) *webtest.House {
	t.Helper()
	h := webtest.New(t, Routes()...)
	p, err := h.Vault.OpenPractice(t.Context(), account.AsSystem(account.Importer), record.Importing)
	if err == nil {
		x := table()
		x.Version = h.Vault.Timetable().Version
		err = p.SetTimetable(t.Context(), x)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func version(h *webtest.House) string { return strconv.Itoa(h.Vault.Timetable().Version) }

// form is values by name, the timetable's version among them.
func form(h *webtest.House, kv ...string) url.Values {
	v := url.Values{"version": {version(h)}}
	for i := 0; i+1 < len(kv); i += 2 {
		v.Add(kv[i], kv[i+1])
	}
	return v
}

// book has a client booked for a time, as the desk does.
func book(t testing.TB, h *webtest.House, who string, at time.Time) {
	t.Helper()
	c, err := h.Vault.Open(t.Context(), h.As("frontdesk").Actor(), record.Care, h.Ada, record.Visits)
	if err == nil {
		_, err = c.Book(t.Context(), "k"+at.String(), "", record.Pick{Service: "gp", Who: who, From: at, Mode: hours.InPerson})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func stretch(h *webtest.House, id string) hours.Stretch {
	for _, s := range h.Vault.Timetable().Stretches {
		if s.ID == id {
			return s
		}
	}
	return hours.Stretch{}
}

func TestTheWeekShowsWhoSeesPeopleWhen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.As("manager").Get("/practice/times").Is(200).
		Has("#week-h", "Dr Lena Ortiz").Has("#b-tue", "09:00–12:00", "Morning").Has("#b-thu", "every 2 weeks", "Video").
		Has(`.lane[data-day="2"] #b-tue`).HasNot("#b-old", ".outside").Has(".weeks", "Priya Raman")
	if p.Count(".weeks tbody tr") != 2 || p.Count(".wday") != 7 {
		t.Errorf("%d people, %d days", p.Count(".weeks tbody tr"), p.Count(".wday"))
	}
	h.As("manager").Get("/practice/times?who=nurse").Is(200).Has("#week-h", "Priya Raman").Has(".empty", "No hours yet")
	for _, who := range []string{"nurse", "frontdesk", "ada"} {
		h.As(who).Get("/practice/times").Is(404)
	}
}

func TestHoursAreAddedOnSeveralDays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.As("manager")
	m.Get("/practice/times/hours?who=nurse&day=1").Is(200).Has(`select[name=who] option[value=nurse][selected]`).Has(`input[name=days][value="1"][checked]`)
	m.Post("/practice/times/hours", form(h, "who", "nurse", "days", "1", "days", "3", "from", "9", "to", "13:30", "every", "2", "since", "2026-11-23", "room", "r1", "modes", "inperson", "label", "Early")).Is(303)
	var got []hours.Stretch
	for _, s := range h.Vault.Timetable().Stretches {
		if s.Who == "nurse" && s.ID != "old" {
			got = append(got, s)
		}
	}
	if len(got) != 2 || got[0].Day != time.Monday || got[1].Day != time.Wednesday || got[0].ID == got[1].ID || got[1].From != 540 || got[1].To != 810 || got[0].Every != 2 || got[0].Room != "r1" || got[0].Modes != hours.InPerson || got[0].Label != "Early" {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsWrongIsSaidBesideTheField(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.As("manager")
	was := version(h)
	good := []string{"who", "physician", "days", "1", "from", "09:00", "to", "12:00"}
	for name, c := range map[string]struct{ field, value, at, says string }{
		"nobody":            {"who", "", "#who-problem", "works here"},
		"somebody unknown":  {"who", "nobody", "#who-problem", "works here"},
		"no day":            {"days", "", "#days-problem", "at least one day"},
		"no time":           {"from", "noonish", "#from-problem", "such as 09:00"},
		"the end first":     {"to", "08:00", "#to-problem", "after the beginning"},
		"over midnight":     {"to", "24:30", "#to-problem", "such as 09:00"},
		"sixty weeks":       {"every", "60", "#every-problem", "1 to 52"},
		"which other weeks": {"every", "2", "#since-problem", "which weeks"},
		"not a date":        {"until", "next May", "#until-problem", "date"},
		"a device as room":  {"room", "ecg", "#room-problem", "not at this place"},
		"a long name":       {"label", strings.Repeat("x", 41), "#label-problem", "shorter"},
		"other hours then":  {"days", "2", "#from-problem", "Tuesday, 09:00 to 12:00"},
	} {
		v := form(h, good...)
		v.Set(c.field, c.value)
		m.Post("/practice/times/hours", v).Is(422).Has(c.at, c.says).Has(".errors a[href]")
		if version(h) != was {
			t.Fatalf("%s: it was kept", name)
		}
	}
	m.Post("/practice/times/hours/tue", form(h, "who", "physician", "days", "2", "from", "10:00", "to", "11:00")).Is(303)
	if s := stretch(h, "tue"); s.From != 600 || s.To != 660 {
		t.Errorf("a stretch is in its own way: %+v", s)
	}
}

func TestABlockIsMovedAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.As("manager")
	m.Fragment = true
	m.Post("/practice/times/hours/tue", form(h, "do", "move", "day", "3", "from", "10:15", "to", "13:00")).Is(200).
		Has(`#week[data-say="Saved: Wednesday, 10:15 to 13:00"]`).Has(`.lane[data-day="3"] #b-tue`, "10:15–13:00").HasNot("html > body > header")
	if s := stretch(h, "tue"); s.Day != time.Wednesday || s.From != 615 || s.To != 780 || s.Label != "Morning" {
		t.Errorf("%+v", s)
	}
	m.Post("/practice/times/hours/tue", form(h, "do", "move", "day", "4", "from", "10:15", "to", "13:00")).Is(422).
		Has("#week-wrong", "other hours then").Has(`.lane[data-day="3"] #b-tue`)
	m.Post("/practice/times/hours/tue", form(h, "do", "move", "day", "4", "from", "13:15", "to", "13:00")).Is(422).Has("#week-wrong", "after the beginning")
	m.Post("/practice/times/hours/none", form(h, "do", "move", "day", "4", "from", "13:15", "to", "14:00")).Is(404)
}

func TestWhatSomebodyElseChangedIsNotOverwritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.As("manager")
	stale := form(h, "who", "physician", "days", "1", "from", "14:00", "to", "15:00")
	m.Post("/practice/times/hours", form(h, "who", "nurse", "days", "1", "from", "09:00", "to", "12:00")).Is(303)
	n := len(h.Vault.Timetable().Stretches)
	p := m.Post("/practice/times/hours", stale).Is(422).Has("#flash", "Somebody else changed").Has(`input[name=from][value="14:00"]`)
	if len(h.Vault.Timetable().Stretches) != n {
		t.Fatal("it was kept")
	}
	stale.Set("version", p.Attr("main input[name=version]", "value"))
	m.Post("/practice/times/hours", stale).Is(303)
	if len(h.Vault.Timetable().Stretches) != n+1 {
		t.Error("looked at again, it is not kept")
	}
	m.Fragment = true
	m.Post("/practice/times/hours/tue", url.Values{"version": {"1"}, "do": {"move"}, "day": {"5"}, "from": {"10:00"}, "to": {"11:00"}}).Is(422).
		Has("#week-wrong", "as it is now").Has(`.lane[data-day="2"] #b-tue`)
	m.Post("/practice/times/hours/tue/remove", url.Values{"version": {"1"}}).Is(422)
	m.Fragment = false
	m.Post("/practice/times/hours/tue/remove", form(h)).Is(303)
	if stretch(h, "tue").ID != "" {
		t.Error("it is still there")
	}
}

func TestLeaveSaysWhichVisitsStandInIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	book(t, h, "physician", time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC))
	book(t, h, "physician", time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC))
	m := h.As("manager")
	m.Get("/practice/times/changes").Is(200).Has(".empty", "No exceptions")
	m.Post("/practice/times/changes", form(h, "kind", "leave", "who", "physician", "first", "2026-12-01", "from", "10:00", "to", "12:00")).Is(303)
	m.Get("/practice/times/changes").Is(200).Has(".changes", "Dr Lena Ortiz is away", "Tuesday 1 December, 10:00–12:00", "1 visit stands in this time").
		HasNot(`a[href*="/day"]`).SaysNot("Ada", "Nwosu")
	m.Post("/practice/times/changes", form(h, "kind", "closed", "first", "2026-12-01", "last", "2026-12-02")).Is(303)
	m.Get("/practice/times/changes").Is(200).Says("2 visits stand in this time")
	m.Get("/practice/times").Is(200).Has(".outside", "2 visits stand outside", "Tuesday 1 December, Dr Lena Ortiz: 2").HasNot(".outside a").SaysNot("Nwosu")
	for name, c := range map[string][]string{
		"#who-problem":   {"kind", "leave", "who", "", "first", "2026-12-01"},
		"#first-problem": {"kind", "closed", "first", ""},
		"#last-problem":  {"kind", "closed", "first", "2026-12-01", "last", "2026-11-01"},
		"#from-problem":  {"kind", "extra", "who", "nurse", "first", "2026-12-01"},
		"#to-problem":    {"kind", "extra", "who", "nurse", "first", "2026-12-01", "from", "10:00"},
	} {
		m.Post("/practice/times/changes", form(h, c...)).Is(422).Has(name)
	}
	m.Post("/practice/times/changes", form(h, "kind", "extra", "who", "nurse", "first", "2026-12-05", "from", "10:00", "to", "12:00")).Is(303)
	if got := h.Vault.Openings(hours.Query{Service: "gp", From: hours.On(2026, 12, 5), To: hours.On(2026, 12, 5)}); len(got) != 8 {
		t.Errorf("%d openings on the extra day", len(got))
	}
	for _, c := range h.Vault.Timetable().Changes {
		m.Post("/practice/times/changes/"+c.ID+"/remove", form(h)).Is(303)
	}
	m.Get("/practice/times").Is(200).HasNot(".outside")
}

func TestAServiceIsWrittenInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.As("manager")
	m.Get("/practice/services").Is(200).Has(".rows", "GP visit", "15 minutes", "Dr Lena Ortiz, Priya Raman")
	v := form(h, "name-en", "Flu shot", "name-es", "Vacuna de la gripe", "name-fr", "Vaccin grippe", "about-en", "One shot.", "price-fr", "12 €", "minutes", "10", "step", "5", "after", "5", "who", "nurse", "who", "ghost", "modes", "inperson", "rooms", "r1", "rooms", "ecg", "devices", "ecg", "lead", "60", "change", "1440", "ahead", "60", "perday", "12", "icon", "syringe", "private", "mental", "private", "sexual", "private", "nonsense")
	m.Post("/practice/services/new", v).Is(303)
	s := h.Vault.Timetable().Services[1]
	if s.Names["fr"] != "Vaccin grippe" || s.Price["fr"] != "12 €" || s.Price["en"] != "" || s.Minutes != 10 || s.Step != 5 || s.After != 5 || len(s.Who) != 1 || len(s.Rooms) != 1 || len(s.Devices) != 1 || s.Lead != 60 || s.Change != 1440 || s.Ahead != 60 || s.PerDay != 12 || s.Public || s.Icon != "syringe" || s.Private != "sexual mental" {
		t.Errorf("%+v", s)
	}
	m.Get("/practice/services/"+s.ID).Is(200).Has("input[name=private][value=mental][checked]").HasNot("input[name=private][value=genetic][checked]").Has(`input[name="name-es"][value="Vacuna de la gripe"]`).Has(`select[name=change] option[value="1440"][selected]`, "1 day before")
	for field, value := range map[string]string{"name-es": "", "minutes": "0", "step": "often", "modes": ""} {
		v := form(h, "name-en", "Flu", "name-es", "Gripe", "name-fr", "Grippe", "minutes", "10", "modes", "phone")
		v.Set(field, value)
		m.Post("/practice/services/"+s.ID, v).Is(422).Has("#" + field + "-problem")
	}
	m.Get("/practice/services/gp").Has("input[name=remind][value='10080'][checked]").Has("input[name=remind][value='1440'][checked]").Has("input[name=remind][value='120'][checked]").HasNot("input[name=remind][value='60'][checked]")
	for want, chosen := range map[string][]string{"[2880 60]": {"60", "2880", "7", "often"}, "[]": nil} {
		v := form(h, "name-en", "Flu", "name-es", "Gripe", "name-fr", "Grippe", "minutes", "10", "modes", "phone")
		v["remind"] = chosen
		m.Post("/practice/services/"+s.ID, v).Is(303)
		if got := h.Vault.Timetable().Services[1].Remind; got == nil || fmt.Sprint(got) != want {
			t.Errorf("%v chosen: reminded at %v, want %s", chosen, got, want)
		}
	}
	v = form(h, "name-en", "Flu", "name-es", "Gripe", "name-fr", "Grippe", "minutes", "10", "modes", "phone")
	v["remind"] = []string{"20160", "10080", "4320", "2880", "1440", "240", "120"}
	m.Post("/practice/services/"+s.ID, v).Is(422).Has("#remind-problem", "6")
	m.Post("/practice/services/"+s.ID+"/remove", form(h)).Is(303)
	if len(h.Vault.Timetable().Services) != 1 {
		t.Error("the service is still there")
	}
}

func TestARoomThatIsNeededStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	book(t, h, "physician", time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC))
	m := h.As("manager")
	m.Get("/practice/rooms").Is(200).Has(".rows", "Room 1")
	m.Post("/practice/rooms/new", form(h, "name", "Room 2", "kind", "room")).Is(303)
	m.Post("/practice/rooms/new", form(h, "name", "", "kind", "room")).Is(422).Has("#name-problem")
	m.Post("/practice/rooms/r1/remove", form(h)).Is(422).Has("#name-problem", "GP visit")
	m.Post("/practice/rooms/r1", form(h, "name", "Room one", "closed", "on", "kind", "device")).Is(303)
	if r := h.Vault.Timetable().Rooms[0]; !r.Closed || r.Device || r.Name != "Room one" {
		t.Errorf("%+v", r)
	}
	m.Get("/practice/rooms/r1").Is(200).Says("1 visit stands outside")
	m.Post("/practice/rooms/ecg/remove", form(h)).Is(303)
	m.Post("/practice/times/hold", form(h, "hold", "9")).Is(303)
	m.Post("/practice/times/hold", form(h, "hold", "0")).Is(422).Has("#hold-problem")
	if h.Vault.Timetable().HoldFor != 9 {
		t.Error("the hold is not kept")
	}
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.As("manager")
	for _, code := range []string{"en", "es", "fr"} {
		m.Language = code
		for _, at := range []string{"/practice/times", "/practice/times/hours", "/practice/times/hours/thu", "/practice/times/changes", "/practice/services", "/practice/services/new", "/practice/services/gp", "/practice/rooms", "/practice/rooms/new", "/practice/rooms/r1"} {
			p := m.Get(at).Is(200).Has(`html[lang="` + code + `"]`)
			if strings.Contains(p.Text("body"), "{") {
				t.Errorf("%s in %s has a brace: a word is missing", at, code)
			}
		}
	}
	m.Get("/practice/services/none").Is(404)
	m.Get("/practice/rooms/none").Is(404)
	m.Get("/practice/times/hours/none").Is(404)
}

func TestMinuteIn(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{"9": 540, "09:00": 540, "9.30": 570, "0930": 570, "930": 570, "9h30": 570, "24:00": 1440, "24:01": -1, "-1": -1, "9:5": -1, "": -1, "12:60": -1, "noon": -1, "9:30:00": -1} {
		got, ok := minuteIn(in)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %d, want %d", in, got, want)
		}
	}
}
