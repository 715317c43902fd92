package schedule

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/fhir"
	"rapport/hours"
	"rapport/record"
	"rapport/web/webtest"
)

// monday to friday Lena sees people in the morning and the nurse all day.
func table() hours.Timetable {
	t := hours.Timetable{
		Services: []hours.Service{
			{ID: "gp", Names: map[string]string{"en": "GP visit", "es": "Consulta", "fr": "Consultation"}, Icon: "stethoscope", Minutes: 15, Who: []string{"physician"}, Modes: hours.AllModes, Rooms: []string{"r1"}, Public: true},
			{ID: "shot", Names: map[string]string{"en": "Flu shot", "es": "Vacuna", "fr": "Vaccin"}, Icon: "syringe", Minutes: 10, Who: []string{"nurse", "physician"}, Modes: hours.InPerson, Public: true},
		},
		Rooms: []hours.Room{{ID: "r1", Name: "Room 1"}},
	}
	for d := time.Monday; d <= time.Friday; d++ {
		t.Stretches = append(t.Stretches, hours.Stretch{ID: "p" + d.String(), Who: "physician", Day: d, From: 9 * 60, To: 12 * 60, Room: "r1"},
			hours.Stretch{ID: "n" + d.String(), Who: "nurse", Day: d, From: 9 * 60, To: 17 * 60})
	}
	return t
}

type house struct {
	*webtest.House
	t testing.TB
}

func newHouse(t testing.TB) house {
	t.Helper()
	h := house{webtest.New(t, Routes()...), t}
	h.keep(table())
	return h
}

func (h house) keep(x hours.Timetable) {
	h.t.Helper()
	p, err := h.Vault.OpenPractice(h.t.Context(), account.AsSystem(account.Importer), record.Importing)
	if err == nil {
		x.Version = h.Vault.Timetable().Version
		err = p.SetTimetable(h.t.Context(), x)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// at is a time of the house's day, a Tuesday; it opens at half past nine.
func at(h, m int) time.Time { return time.Date(2026, 11, 24, h, m, 0, 0, time.UTC) }

// booked has a client booked, and returns the visit's address.
func (h house) booked(who string, c fhir.ClientID, service, with string, when time.Time) string {
	h.t.Helper()
	why := record.Care
	if who == "ada" || who == "bob" {
		why = record.Booking
	}
	x, err := h.Vault.Open(h.t.Context(), h.As(who).Actor(), why, c, record.Visits)
	if err != nil {
		h.t.Fatal(err)
	}
	ids, err := x.Book(h.t.Context(), "k"+when.String()+with, "", record.Pick{Service: service, Who: with, From: when, Mode: hours.InPerson})
	if err != nil {
		h.t.Fatal(err)
	}
	return "/clients/" + string(c) + "/visits/" + string(visitRef(x, ids[0]))
}

func status(s string) url.Values { return url.Values{"status": {s}} }

func TestTheDayIsSeenByWhoMeetsPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.booked("frontdesk", h.Ada, "gp", "physician", at(10, 0))
	h.booked("frontdesk", h.Bob, "shot", "nurse", at(10, 20))
	for _, who := range []string{"frontdesk", "nurse", "physician"} {
		p := h.As(who).Get("/day").Is(200).Has(".daybar-h", "Tuesday 24 November", "2 visits").Has("#col-physician-2026-11-24", "Dr Lena Ortiz")
		p.Has(`.dcol[aria-labelledby="col-physician-2026-11-24"] .is-visit`, "10:00", "GP visit", "Room 1").SaysNot("Amlodipine")
		if p.Count(".is-visit") != 2 || p.Count(".is-free") == 0 {
			t.Errorf("%d visits, %d gaps", p.Count(".is-visit"), p.Count(".is-free"))
		}
	}
	for _, who := range []string{"manager", "ada"} {
		h.As(who).Get("/day").Is(404)
		h.As(who).Post("/day/late", url.Values{"who": {"nurse"}, "late": {"20"}}).Is(404)
	}
	h.As("nobody").Get("/day").Is(401)
	nurse := h.As("nurse")
	nurse.Get("/day?view=rooms").Is(200).Has("#col-r1", "Room 1").Has("#col-none", "No room")
	if p := nurse.Get("/day?view=week").Is(200); p.Count(".dcol") != 5 || p.Count(".is-visit") != 1 {
		t.Errorf("the nurse's week has %d days and %d visits", p.Count(".dcol"), p.Count(".is-visit"))
	}
	nurse.Get("/day?date=2026-11-29").Is(200).Has(".empty", "Nobody sees people")
	nurse.Get("/day?who=physician&date=nonsense").Is(200).HasNot("#col-nurse-2026-11-24")
	nurse.Fragment = true
	nurse.Get("/day").Is(200).Has("#day").Has("#day-side").HasNot("header.cbar")
}

func TestSomebodyComesIsSeenAndGoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.booked("frontdesk", h.Ada, "gp", "physician", at(9, 45))
	desk := h.As("frontdesk")
	desk.Get(v).Is(200).Has(".tag", "Booked").Has("h2", "Ada").Has(".facts", "Check-in code", "GP visit", "Room 1")
	desk.Post(v+"/state", url.Values{"status": {"arrived"}, "back": {"/day?who=physician"}}).Is(303)
	h.Now.Add(12 * time.Minute)
	desk.Get("/day").Is(200).Has(".tone-accent", "Waiting 12 min", "Start")
	desk.Post(v+"/state", status("checked-in")).Is(303)
	desk.Get("/day").Has(".tone-brand", "In progress", "Done")
	desk.Post(v+"/state", status("fulfilled")).Is(303)
	desk.Get("/day").Has(".tone-ok", "Done").HasNot(".dcard-b")
	for _, back := range []string{"checked-in", "arrived", "booked"} {
		desk.Post(v+"/state", status(back)).Is(303)
	}
	desk.Get(v).Has(".tag", "Booked")
	desk.Post(v+"/state", status("checked-in")).Is(422).Has("#flash", "another state")
	desk.Post(v+"/state", status("entered-in-error")).Is(422)
	if to := desk.Post(v+"/state", url.Values{"status": {"arrived"}, "back": {"https://evil.example/day"}}).Is(303).Header.Get("Location"); !strings.HasPrefix(to, "/day?") {
		t.Errorf("leads to %q", to)
	}
	if l := h.Looks(h.Ada, 1)[0]; l.Act != "arrive" || l.Purpose != "care" || l.Name != "Joe Park" {
		t.Errorf("the newest look is %+v", l)
	}
}

func TestACodeLeadsToItsVisit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.booked("frontdesk", h.Ada, "gp", "physician", at(9, 45))
	desk := h.As("frontdesk")
	text := desk.Get(v).Is(200).Text(".facts")
	code := regexp.MustCompile(`\b[A-Z2-9]{6}\b`).FindString(text)
	if code == "" {
		t.Fatalf("no code in %q", text)
	}
	desk.Get("/day").Has(".codeform input[name=code]").HasNot(".codeform [autofocus]")
	if to := desk.Post("/day/code", url.Values{"code": {strings.ToLower(code[:2] + " " + code[2:])}}).Is(303).Header.Get("Location"); to != v {
		t.Errorf("%s leads to %s, not to %s", code, to, v)
	}
	to := desk.Post("/day/code", url.Values{"code": {"AAAAAA"}}).Is(303).Header.Get("Location")
	desk.Get(to).Is(200).Has("#flash", "No visit today").Has(".codeform [autofocus]")
	desk.Get("/day?date=2026-11-25").HasNot(".codeform")
	for _, who := range []string{"manager", "ada"} {
		h.As(who).Post("/day/code", url.Values{"code": {code}}).Is(404)
	}
}

func TestWhoDoesNotComeLeavesATask(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.booked("frontdesk", h.Ada, "gp", "physician", at(9, 45))
	desk := h.As("frontdesk")
	desk.Post(v+"/state", status("noshow")).Is(303)
	desk.Get("/day").Has(".tone-danger", "Did not come").Has("#day-side .fold summary", "1 of others")
	h.As("physician").Get("/day").Has("#todo-h .tag", "1").Has(".todos", "Did not come: GP visit, 24 Nov 09:45")
	desk.Post(v+"/state", status("booked")).Is(303) // they came after all
	h.As("physician").Get("/day").HasNot(".todos form").Has("#day-side", "Nothing to see to")
	desk.Post(v+"/state", status("noshow")).Is(303)
	p := h.As("physician").Get("/day").Has(".todos")
	done := p.Attr(`.todos form[action*="/todo/"]`, "action")
	h.As("manager").Post(done, nil).Is(404)
	desk.Post(done, url.Values{}).Is(303)
	desk.Post(done+"x", url.Values{}).Is(404)
	h.As("physician").Get("/day").HasNot(".todos form")
	c, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Care, h.Ada, record.Plans)
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := c.Find(t.Context(), "Task")
	if err != nil || len(tasks) != 1 {
		t.Fatalf("%d tasks, %v", len(tasks), err)
	}
	var x struct {
		Status, Intent string
		Owner, For     struct{ Reference string }
	}
	if err := json.Unmarshal(tasks[0].JSON, &x); err != nil || x.Status != "completed" || x.Owner.Reference != "Practitioner/physician" || !strings.HasPrefix(x.For.Reference, "Patient/") {
		t.Errorf("the task is %s, %v", tasks[0].JSON, err)
	}
}

func TestACancelledVisitLeavesATaskWhoeverCancels(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.booked("frontdesk", h.Ada, "gp", "physician", at(11, 0))
	h.As("frontdesk").Post(v+"/cancel", nil).Is(303)
	h.As("frontdesk").Post(v+"/cancel", nil).Is(404)
	h.booked("bob", h.Bob, "shot", "nurse", at(15, 0))
	c, err := h.Vault.Open(t.Context(), h.As("bob").Actor(), record.Booking, h.Bob, record.Visits)
	if err != nil {
		t.Fatal(err)
	}
	vs, err := c.Find(t.Context(), "Appointment", "status", "booked")
	if err != nil || len(vs) != 1 {
		t.Fatalf("%d visits, %v", len(vs), err)
	}
	if err := c.Cancel(t.Context(), vs[0].ID); err != nil {
		t.Fatal(err)
	}
	h.As("physician").Get("/day").Has("#day-side", "We cancelled: GP visit, 24 Nov 11:00").HasNot(".is-visit")
	h.As("nurse").Get("/day").Has("#day-side", "Cancelled: Flu shot, 24 Nov 15:00")
}

func TestStaffBookForAClient(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	desk := h.As("frontdesk")
	base := "/clients/" + string(h.Ada) + "/book"
	desk.Get(base).Is(200).Has(".rows", "GP visit", "15 minutes", "Dr Lena Ortiz")
	desk.Get(base+"?who=nurse").Is(200).Has(".rows", "Flu shot").SaysNot("GP visit")
	p := desk.Get(base+"?service=gp&date=2026-11-25").Is(200).Has(".open-day h3", "Wednesday 25 November").Has(".opentime", "09:00")
	picked := p.Attr(".opentime", "href")
	p = desk.Get(picked).Is(200).Has(".ticket", "Wed", "25", "09:00–09:15", "GP visit", "Room 1").Has(`input[name=mode][value=inperson][checked]`)
	form := url.Values{"key": {p.Attr("input[name=key]", "value")}, "service": {"gp"}, "who": {"physician"}, "at": {"2026-11-25T09:00:00Z"}, "mode": {"video"}, "note": {"needs an interpreter"}}
	first := desk.Post(base, form).Is(303).Header.Get("Location")
	if again := desk.Post(base, form).Is(303).Header.Get("Location"); again != first {
		t.Errorf("asked twice, it leads to %s and %s", first, again)
	}
	desk.Get("/day?date=2026-11-25").Has(".is-visit", "09:00", "Video")
	form.Set("key", "another")
	desk.Post("/clients/"+string(h.Bob)+"/book", form).Is(422).Has("#flash", "took that time").Has(".opentime", "09:15")
	form.Set("at", "soon")
	desk.Post(base, form).Is(422).Has("#flash", "Choose one")
	h.As("manager").Get(base).Is(404)
	h.As("ada").Get(base).Is(404)
}

func TestATimeIsChosenOnTheDayFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	desk := h.As("frontdesk")
	gap := desk.Get("/day?date=2026-11-25").Attr(`.dcol[aria-labelledby="col-physician-2026-11-25"] .is-free`, "href")
	desk.Get(gap).Is(200).Has("h2", "Who is it for?").Has(".open-head", "Wednesday 25 November, 09:00", "Dr Lena Ortiz")
	p := desk.Post("/day/book", url.Values{"q": {"Ada"}, "who": {"physician"}, "at": {"2026-11-25T09:00:00Z"}}).Is(200).Has(".rows", "Ada")
	p = desk.Get(p.Attr(".rows a", "href")).Is(200).Has(".rows", "GP visit", "Dr Lena Ortiz")
	desk.Get(p.Attr(".rows a", "href")).Is(200).Has(".ticket", "09:00–09:15")
	desk.Post("/day/book", url.Values{"q": {"Xyzzy"}}).Is(200).Has(".empty", "Nobody fits")
	desk.Post("/day/book", url.Values{}).Is(200)
}

func TestAVisitIsMovedToAnOpening(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.booked("frontdesk", h.Ada, "gp", "physician", at(11, 0))
	h.booked("frontdesk", h.Bob, "gp", "physician", at(11, 15))
	desk := h.As("frontdesk")
	desk.Get(v+"/move").Is(200).Has(".opentime", "09:30").Says("It keeps its time")
	desk.Get(v+"/move?who=physician&at=2026-11-24T11:15:00Z").Is(200).Has(".callout", "not open")
	desk.Get(v+"/move?who=physician&at=2026-11-24T11:30:00Z").Is(200).Has(".ticket", "11:30–11:45")
	move := url.Values{"who": {"physician"}, "at": {"2026-11-24T11:15:00Z"}, "mode": {"inperson"}}
	desk.Post(v+"/move", move).Is(422).Has("#flash", "took that time")
	desk.Get("/day").Has("#v-"+v[strings.LastIndex(v, "/")+1:], "11:00")
	move.Set("at", "2026-11-24T11:30:00Z")
	desk.Post(v+"/move", move).Is(303)
	desk.Get("/day").Has("#v-"+v[strings.LastIndex(v, "/")+1:], "11:30")
	desk.Post(v+"/state", status("arrived")).Is(303)
	desk.Get(v + "/move").Is(404)
}

func TestWhoWalksInWaitsInLineAndTakesNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	desk := h.As("frontdesk")
	before := len(h.Vault.Openings(hours.Query{Service: "shot", From: hours.On(2026, 11, 24), To: hours.On(2026, 11, 24), Staff: true}))
	desk.Get("/clients/"+string(h.Ada)+"/book?service=shot").Has(".line-offer", "Wait in line")
	desk.Post("/clients/"+string(h.Ada)+"/line", url.Values{"key": {"a"}, "service": {"shot"}, "who": {"nurse"}}).Is(303)
	h.Now.Add(5 * time.Minute)
	bob := url.Values{"key": {"b"}, "service": {"shot"}, "who": {"nurse"}}
	desk.Post("/clients/"+string(h.Bob)+"/line", bob).Is(303)
	desk.Post("/clients/"+string(h.Bob)+"/line", bob).Is(303) // once more is once
	p := desk.Get("/day").Is(200).Has(".line li:nth-child(1)", "Ada", "Flu shot · Priya Raman", "Waiting 5 min", "can be seen now").
		Has(".line li:nth-child(2)", "Waiting 0 min", "about 10 min more").HasNot(".is-visit")
	if p.Count(".line li") != 2 {
		t.Errorf("%d in line", p.Count(".line li"))
	}
	h.Now.Add(-5 * time.Minute)
	if n := len(h.Vault.Openings(hours.Query{Service: "shot", From: hours.On(2026, 11, 24), To: hours.On(2026, 11, 24), Staff: true})); n != before {
		t.Errorf("%d openings, %d before", n, before)
	}
	ada := p.Attr(".line li:nth-child(1) a", "href")
	desk.Post(ada+"/state", status("checked-in")).Is(303)
	desk.Get("/day").Has(".line li:nth-child(1)", "In progress").Has(".line li:nth-child(2)", "about 10 min more")
	desk.Post(ada+"/state", status("booked")).Is(422)
	desk.Post(ada+"/state", status("fulfilled")).Is(303)
	desk.Get(p.Attr(".line li:nth-child(2) a", "href")).Has(".confirm", "Left again").HasNot(`a[href$="/move"]`)
	desk.Post(p.Attr(".line li:nth-child(2) a", "href")+"/cancel", nil).Is(303)
	desk.Get("/day").HasNot(".line")
	desk.Post("/clients/"+string(h.Bob)+"/line", url.Values{"key": {"c"}, "service": {"shot"}, "who": {"frontdesk"}}).Is(422)
	desk.Post("/clients/"+string(h.Bob)+"/line", url.Values{}).Is(422)
}

func TestRunningLateIsSaidAndShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.booked("frontdesk", h.Ada, "gp", "physician", at(10, 0))
	h.booked("frontdesk", h.Bob, "gp", "physician", at(11, 0))
	doc := h.As("physician")
	doc.Get("/day").Has(`#late-who option[value=physician][selected]`).Has(`#late-by option[value="0"][selected]`)
	doc.Post("/day/late", url.Values{"who": {"physician"}, "late": {"20"}, "back": {"/day?who=physician"}}).Is(303)
	h.As("frontdesk").Get("/day").Has(".dcol-h .tag", "20 min late").Has("#day-side", "It is about 2 visits")
	if got := h.Vault.Affected("physician"); len(got) != 2 || got[0].Client != h.Ada || h.Vault.Late("physician") != 20 || h.Vault.Late("nurse") != 0 {
		t.Errorf("affected: %+v", got)
	}
	for _, v := range []url.Values{{"who": {"physician"}, "late": {"500"}}, {"who": {"physician"}, "late": {"soon"}}, {}} {
		doc.Post("/day/late", v).Is(303)
	}
	doc.Post("/day/late", url.Values{"who": {"ghost"}, "late": {"20"}}).Is(404)
	h.Now.Add(24 * time.Hour)
	if h.Vault.Late("physician") != 0 {
		t.Error("still late the day after")
	}
	h.Now.Add(-24 * time.Hour)
	doc.Post("/day/late", url.Values{"who": {"physician"}, "late": {"0"}}).Is(303)
	h.As("frontdesk").Get("/day").HasNot(".dcol-h .tag")
}

func TestAPrivateVisitIsATakenTimeAtTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Care, h.Ada, record.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	who, err := c.Find(t.Context(), "Patient")
	if err != nil {
		t.Fatal(err)
	}
	doc := `{"resourceType":"Appointment","id":"secret","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},"status":"booked","description":"Zebra clinic","serviceType":[{"coding":[{"system":"urn:rapport:service","code":"gp"}]}],
		"start":"2026-11-24T10:00:00Z","end":"2026-11-24T10:15:00Z","participant":[{"actor":{"reference":"Patient/` + who[0].ID + `"},"status":"accepted"},{"actor":{"reference":"Practitioner/physician"},"status":"accepted"}]}`
	if _, err := c.Put(t.Context(), fhir.Resource{Type: "Appointment", ID: "secret", JSON: []byte(doc)}); err != nil {
		t.Fatal(err)
	}
	p := h.As("nurse").Get("/day").Is(200).Has(".is-visit", "10:00", "GP visit")
	href := p.Attr(".dcard-a", "href")
	h.As("frontdesk").Get("/day").Is(200).Has(".is-taken", "10:00–10:15", "Taken").HasNot(".is-visit").SaysNot(string(h.Ada))
	h.As("frontdesk").Get(href).Is(404)
	h.As("nurse").Get(href).Is(200)
	h.As("nurse").Post(href+"/cancel", nil).Is(303)
	h.As("nurse").Get("/day").Has("#day-side", "1 of others")
	h.As("frontdesk").Get("/day").HasNot("#day-side .todos form[action*=todo]").SaysNot(string(h.Ada))
}

func TestAVisitOutsideTheRulesIsShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.booked("frontdesk", h.Ada, "gp", "physician", at(11, 0))
	x := table()
	x.Changes = []hours.Change{{ID: "l", Who: "physician", First: hours.On(2026, 11, 24), Last: hours.On(2026, 11, 24), From: 660, To: 720}}
	h.keep(x)
	h.As("frontdesk").Get("/day").Has(".callout", "1 visit stands outside").Has(".is-out", "In leave")
	h.As("frontdesk").Get(v).Has(".callout", "In leave", "until somebody moves")
	x.Changes, x.Stretches = nil, x.Stretches[4:]
	h.keep(x)
	h.As("frontdesk").Get("/day").Has(".is-out", "Outside the hours")
	x = table()
	x.Rooms[0].Closed = true
	h.keep(x)
	h.As("frontdesk").Get("/day").Has(".is-out", "Its room is closed")
	h.As("frontdesk").Get("/day?view=rooms").Has("#col-r1")
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.booked("frontdesk", h.Ada, "gp", "physician", at(11, 0))
	desk := h.As("frontdesk")
	chart := "/clients/" + string(h.Ada)
	for _, code := range []string{"en", "es", "fr"} {
		desk.Language = code
		for _, path := range []string{"/day", "/day?view=week", "/day?view=rooms", "/day/book", v, v + "/move", v + "/move?who=physician&at=2026-11-24T11:30:00Z", chart + "/book", chart + "/book?service=gp", chart + "/book?service=gp&who=physician&at=2026-11-25T09:00:00Z"} {
			p := desk.Get(path).Is(200).Has(`html[lang="` + code + `"]`)
			if strings.Contains(p.Text("body"), "{") {
				t.Errorf("%s in %s has a brace: a word is missing", path, code)
			}
		}
	}
	var s struct{ State uint64 }
	if err := json.Unmarshal([]byte(h.As("nobody").Get("/day/state").Is(200).Body), &s); err != nil || s.State == 0 {
		t.Errorf("the state is %d, %v", s.State, err)
	}
	desk.Post(v+"/state", status("arrived"))
	var after struct{ State uint64 }
	if err := json.Unmarshal([]byte(desk.Get("/day/state").Body), &after); err != nil || after.State == s.State {
		t.Errorf("after an arrival the state is %d as before, %v", after.State, err)
	}
}
