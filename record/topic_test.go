package record

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/errs"
	"rapport/hours"
)

func TestWhoIsToAnswerAndMayReadItAnswers(t *testing.T) {
	t.Parallel()
	staff := []StaffMember{
		{ID: "n", Roles: "nurse"}, {ID: "gone", Roles: "nurse", Left: true}, {ID: "d", Roles: "frontdesk"},
		{ID: "m", Roles: "manager"}, {ID: "at", At: map[string]string{"north": "clinician"}},
	}
	for name, x := range map[string]struct {
		topic  Topic
		want   []string
		unread bool
	}{
		"a role":                      {Topic{Roles: "nurse"}, []string{"n"}, false},
		"a role at one place":         {Topic{Roles: "clinician"}, []string{"at"}, false},
		"nobody has the role":         {Topic{Roles: "coordinator"}, nil, false},
		"nobody at all":               {Topic{}, nil, false},
		"by name":                     {Topic{Who: []string{"at", "gone", "nobody"}}, []string{"at"}, false},
		"the desk, administrative":    {Topic{Roles: "frontdesk", Desk: true}, []string{"d"}, false},
		"the desk, about care":        {Topic{Roles: "frontdesk"}, nil, true},
		"the desk among others":       {Topic{Roles: "frontdesk nurse"}, []string{"n"}, false},
		"who runs the practice":       {Topic{Who: []string{"m"}}, nil, true},
		"who runs it, administrative": {Topic{Who: []string{"m"}, Desk: true}, nil, true},
	} {
		if got := x.topic.Team(staff); !slices.Equal(got, x.want) || x.topic.Unread(staff) != x.unread {
			t.Errorf("%s: %v, unread %v", name, got, x.topic.Unread(staff))
		}
	}
}

func TestAPromiseCountsTheHoursOfWhoMayReadIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens(func(tt *hours.Timetable) {
		tt.Stretches = nil
		for d := time.Monday; d <= time.Friday; d++ {
			tt.Stretches = append(tt.Stretches, hours.Stretch{ID: "n" + d.String(), Who: "nurse", Day: d, From: 9 * 60, To: 17 * 60},
				hours.Stretch{ID: "f" + d.String(), Who: "frontdesk", Day: d, From: 6 * 60, To: 9 * 60})
		}
	})
	staff, err := h.v.staff(t.Context())
	do(t, err)
	evening := time.Date(2026, 11, 24, 20, 0, 0, 0, h.v.Zone()) // a Tuesday
	x := Topic{ID: "x", Roles: "frontdesk nurse", Minutes: 60}
	if got, want := h.v.promise(staff, x, "", evening).Due, evening.Add(14*time.Hour); !got.Equal(want) {
		t.Errorf("about care: %v, want %v: when a nurse has worked an hour", got, want)
	}
	x.Desk = true
	if got, want := h.v.promise(staff, x, "", evening).Due, evening.Add(11*time.Hour); !got.Equal(want) {
		t.Errorf("administrative: %v, want %v: when the front desk has", got, want)
	}
}

func TestWhatPeopleMayWriteAboutIsKeptAndChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p, err := h.v.OpenPractice(t.Context(), h.staff("manager"), Running)
	do(t, err)
	ok := Topic{ID: "a", Names: map[string]string{"en": "A"}, Roles: "nurse", Minutes: 60, Who: []string{"nurse"}}
	if lines := h.grew("", func() { do(t, p.SetTopics(t.Context(), []Topic{ok})) }); !slices.Equal(lines, []string{"staff topics running"}) {
		t.Errorf("on the ledger: %v", lines)
	}
	with := func(f func(*Topic)) []Topic { x := ok.clone(); f(&x); return []Topic{x} }
	var many []Topic
	for i := range 25 {
		many = append(many, with(func(x *Topic) { x.ID = strings.Repeat("x", i+1) })...)
	}
	for name, bad := range map[string][]Topic{
		"none": {}, "many": many, "twice": {ok, ok},
		"no id":      with(func(x *Topic) { x.ID = "" }),
		"nameless":   with(func(x *Topic) { x.Names = nil }),
		"blank":      with(func(x *Topic) { x.Names = map[string]string{"en": " "} }),
		"long":       with(func(x *Topic) { x.Names["fr"] = strings.Repeat("x", 241) }),
		"long about": with(func(x *Topic) { x.About = map[string]string{"fr": strings.Repeat("x", 1201)} }),
		"role":       with(func(x *Topic) { x.Roles = "king" }),
		"at once":    with(func(x *Topic) { x.Minutes = 0 }),
		"never":      with(func(x *Topic) { x.Minutes = 4801 }),
	} {
		if err := p.SetTopics(t.Context(), bad); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ok.Names["en"], ok.Who[0] = "changed", "changed"
	got := p.Topics()
	got[0].Names["en"], got[0].Who[0] = "changed", "changed"
	for _, when := range []string{"at once", "after a restart"} {
		if ts := h.v.Topics(); len(ts) != 1 || ts[0].Names["en"] != "A" || ts[0].Who[0] != "nurse" {
			t.Errorf("%s: %v", when, ts)
		}
		h.reopen()
	}
}

func TestOnlyWhoRunsThePracticeSaysWhatPeopleMayWriteAbout(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, why := range map[string]Purpose{"staffing": Staffing, "writing": Writing} {
		p, err := h.v.OpenPractice(t.Context(), h.staff("manager"), why)
		do(t, err)
		kindIs(t, name+", topics", p.SetTopics(t.Context(), DefaultTopics()), errs.Refused)
		kindIs(t, name+", replies", p.SetReplies(t.Context(), DefaultReplies()), errs.Refused)
	}
}
