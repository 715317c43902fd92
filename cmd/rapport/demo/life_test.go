package demo

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
)

// These tests ask whether the made-up year could have happened.

// moments are days on which a calendar is awkward: a Saturday, summer time
// beginning, New Year's Day, a leap day, the middle of the night, Boxing Day.
var moments = []time.Time{
	tuesday,
	time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC),
	time.Date(2027, time.March, 28, 1, 30, 0, 0, time.UTC),
	time.Date(2027, time.January, 1, 0, 5, 0, 0, time.UTC),
	time.Date(2028, time.February, 29, 18, 45, 0, 0, time.UTC),
	time.Date(2026, time.July, 14, 2, 0, 0, 0, time.UTC),
	time.Date(2026, time.December, 26, 9, 0, 0, 0, time.UTC),
}

// fields are those elements of the resources that the tests look at.
type fields struct {
	ResourceType, Status string
	Meta                 struct {
		LastUpdated time.Time
		Security    []coding
	}
	Start, End                time.Time
	Issued, EffectiveDateTime time.Time
	Period                    struct{ Start, End string }
	Performer                 []reference
	Description               json.RawMessage
	Participant               []struct{ Actor reference }
	Component                 []component
	Telecom                   []telecom
}

func read(t *testing.T, r Resource) fields {
	t.Helper()
	var f fields
	if r.Type == "Observation" || r.Type == "Appointment" || r.Type == "DiagnosticReport" {
		if err := json.Unmarshal(r.JSON, &f); err != nil {
			t.Fatalf("%s: %v", r.JSON, err)
		}
		return f
	}
	var few struct {
		ResourceType string
		Meta         struct {
			LastUpdated time.Time
			Security    []coding
		}
		Telecom []telecom
	}
	if err := json.Unmarshal(r.JSON, &few); err != nil {
		t.Fatalf("%s: %v", r.JSON, err)
	}
	f.Meta, f.Telecom = few.Meta, few.Telecom
	return f
}

func TestNothingHasHappenedYetThatLiesAhead(t *testing.T) {
	t.Parallel()
	for i, now := range moments {
		for _, r := range everything(Make(uint64(i), now)) {
			f := read(t, r)
			if f.Meta.LastUpdated.After(now) || f.Issued.After(now) || f.EffectiveDateTime.After(now) {
				t.Errorf("at %s: written later: %s", now, r.JSON)
			}
			if r.Type != "Appointment" {
				continue
			}
			if ahead := f.Start.After(now); ahead != (f.Status == "booked") {
				t.Errorf("at %s: visit at %s is %s", now, f.Start, f.Status)
			}
		}
	}
}

func TestVisitsAreInOpeningHoursAndNeverOverlap(t *testing.T) {
	t.Parallel()
	zone := newDays(tuesday).today.Location()
	for i, now := range moments {
		w := Make(uint64(i), now)
		busy := map[string]bool{}
		for _, r := range everything(w) {
			if r.Type != "Appointment" {
				continue
			}
			f := read(t, r)
			start, end := f.Start.In(zone), f.End.In(zone)
			if from, to := start.Hour()*60+start.Minute(), end.Hour()*60+end.Minute(); !open(midnight(start)) || from < opens || to > closes {
				t.Errorf("visit outside opening hours: %s to %s", start, end)
			}
			for at := f.Start; at.Before(f.End); at = at.Add(slot * time.Minute) {
				for _, p := range f.Participant {
					if p.Actor.Display == "Video" {
						continue
					}
					key := p.Actor.Reference + at.UTC().String()
					if busy[key] {
						t.Errorf("%s is in two places at %s", p.Actor.Display, at)
					}
					busy[key] = true
				}
			}
		}
	}
}

func TestSomethingIsAheadAndSomethingIsFresh(t *testing.T) {
	t.Parallel()
	w := Make(7, tuesday)
	var ahead, fresh int
	for _, c := range w.Clients {
		var booked, new bool
		for _, r := range c.Resources {
			f := read(t, r)
			booked = booked || f.Status == "booked"
			new = new || (r.Type == "DiagnosticReport" && tuesday.Sub(f.Issued) < 24*time.Hour)
		}
		if booked {
			ahead++
		}
		if new {
			fresh++
		}
	}
	if ahead < 20 || ahead > 40 {
		t.Errorf("got %d clients with a visit ahead, want about 25", ahead)
	}
	if fresh < 6 {
		t.Errorf("got %d clients with a result since yesterday, want 6 at least", fresh)
	}
}

func TestAmaraIsAsInThePictures(t *testing.T) {
	t.Parallel()
	amara := Make(7, tuesday).Clients[0]
	var last, next fields
	for _, r := range amara.Resources {
		switch f := read(t, r); {
		case len(f.Component) == 2 && f.EffectiveDateTime.After(last.EffectiveDateTime):
			last = f
		case f.Status == "booked" && (next.Start.IsZero() || f.Start.Before(next.Start)):
			next = f
		}
	}
	if top, low := last.Component[0].ValueQuantity.Value, last.Component[1].ValueQuantity.Value; top != "128" || low != "79" {
		t.Errorf("got a last blood pressure of %s/%s, want 128/79", top, low)
	}
	if want := time.Date(2026, time.November, 26, 10, 30, 0, 0, time.UTC); !next.Start.Equal(want) {
		t.Errorf("got the next visit at %s, want %s", next.Start, want)
	}
}

func TestOnlyTheTeenagerHasALabelledChart(t *testing.T) {
	t.Parallel()
	for _, c := range Make(7, tuesday).Clients {
		labelled := 0
		for _, r := range c.Resources {
			if len(read(t, r).Meta.Security) > 0 {
				labelled++
			} else if strings.Contains(string(r.JSON), "ontracepti") {
				t.Errorf("%s: not labelled: %s", c.Name, r.JSON)
			}
		}
		if teen := strings.HasPrefix(c.Name, "Nuala"); teen != (labelled > 0) {
			t.Errorf("%s has %d labelled resources", c.Name, labelled)
		}
	}
}

func TestHelpersPointAtTheChartTheyHelpWith(t *testing.T) {
	t.Parallel()
	w := Make(7, tuesday)
	holds := map[string]bool{}
	for _, c := range w.Clients {
		for _, r := range c.Resources {
			holds[c.ID+r.Type+r.ID] = true
		}
	}
	helps := 0
	for _, c := range w.Clients {
		for _, h := range c.Helps {
			helps++
			if !holds[h.ClientID+"RelatedPerson"+h.RelatedPersonID] || h.ClientID == c.ID {
				t.Errorf("%s helps %s through %s, which is not there", c.Name, h.ClientID, h.RelatedPersonID)
			}
		}
	}
	if helps < 6 {
		t.Errorf("got %d helpers, want 6 at least", helps)
	}
}

var (
	madeUpPhone = regexp.MustCompile(`^(07700 900\d{3}|020 7946 0\d{3})$`)
	madeUpMail  = regexp.MustCompile(`^[a-z.-]+@([a-z]+\.)?example\.org$`)
)

func TestNobodyRealCanBeCalledOrWrittenTo(t *testing.T) {
	t.Parallel()
	for _, r := range everything(Make(7, tuesday)) {
		for _, x := range read(t, r).Telecom {
			if form := map[string]*regexp.Regexp{"phone": madeUpPhone, "email": madeUpMail}[x.System]; !form.MatchString(x.Value) {
				t.Errorf("%s/%s: %s %q", r.Type, r.ID, x.System, x.Value)
			}
		}
	}
}

func TestTheDeadAreNotBooked(t *testing.T) {
	t.Parallel()
	for _, c := range Make(7, tuesday).Clients {
		if !strings.Contains(string(c.Resources[0].JSON), "deceasedDateTime") {
			continue
		}
		for _, r := range c.Resources {
			if f := read(t, r); f.Status == "booked" || (r.Type == "MedicationRequest" && strings.Contains(string(r.JSON), `"active"`)) {
				t.Errorf("%s: still active: %s", c.Name, r.JSON)
			}
		}
		return
	}
	t.Error("nobody has died")
}

func TestEasterFallsWhereTheAlmanacSays(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]string{2024: "2024-03-31", 2025: "2025-04-20", 2026: "2026-04-05", 2027: "2027-03-28", 2038: "2038-04-25"} {
		if got := date(easterSunday(year, time.UTC)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestNothingHappensBeforeBirth(t *testing.T) {
	t.Parallel()
	for i, now := range moments {
		for _, c := range Make(uint64(i), now).Clients {
			var p struct{ BirthDate string }
			if err := json.Unmarshal(c.Resources[0].JSON, &p); err != nil {
				t.Fatal(err)
			}
			for _, m := range anyDate.FindAllSubmatch(bytes.Join(bodies(c), nil), -1) {
				if key, day := string(m[1]), string(m[2]); day < p.BirthDate {
					t.Errorf("%s, born %s: %s is %s", c.Name, p.BirthDate, key, day)
				}
			}
		}
	}
}

var anyDate = regexp.MustCompile(`"(\w+)":"(\d{4}-\d\d-\d\d)`)

func bodies(c Client) [][]byte {
	var out [][]byte
	for _, r := range c.Resources {
		out = append(out, r.JSON)
	}
	return out
}
