package topics

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/lang"
	"rapport/record"
	"rapport/web/shell"
	"rapport/web/webtest"
)

func TestAManagerSaysWhoAnswersAndByWhen(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	m := h.As("manager")
	m.Get("/practice/messages").Is(200).Has(".topics", "How I am", "within 4 working hours", "Front desk reads it").Says("Nothing was promised yet")
	form := m.Get("/practice/messages/care").Is(200).Form("form.form")
	form.Set("hours", "2.5")
	form.Set("name-en", "My health")
	m.Post("/practice/messages/care", form).Is(303)
	m.Get("/practice/messages").Has(".topics", "My health", "2.5 working")
	for field, v := range map[string]string{"hours": "soon", "name-en": ""} {
		bad := url.Values{}
		for k, x := range form {
			bad[k] = x
		}
		if field == "name-en" {
			for _, l := range lang.All() {
				bad.Set("name-"+l.String(), "")
			}
		}
		bad.Set(field, v)
		m.Post("/practice/messages/care", bad).Is(422).Has(".problem")
	}
	for _, hours := range []string{"0", "0.001", "-1", "80.1", "81", "NaN", "Inf", "1e9"} {
		form.Set("hours", hours)
		m.Post("/practice/messages/care", form).Is(422)
	}
	form.Set("hours", "0,5")
	form.Del("role")
	m.Post("/practice/messages/care", form).Is(422).Says("Nobody answers")
	form.Set("who", "physician")
	m.Post("/practice/messages/care", form).Is(303)
	m.Get("/practice/messages").Has(".topics", "0.5 working hours, 1 person answers")
	fresh := m.Get("/practice/messages/new").Form("form.form")
	fresh.Set("name-en", "Garden")
	fresh.Set("role", "coordinator") // nobody is one here
	m.Post("/practice/messages/new", fresh).Is(303)
	m.Get("/practice/messages").Has(".topics", "Garden", "Nobody answers")
	m.Get("/practice/messages/none").Is(404)
	for _, who := range []string{"nurse", "frontdesk", "ada"} {
		h.As(who).Get("/practice/messages").Is(404)
		h.As(who).Post("/practice/messages/care", form).Is(404)
		h.As(who).Post("/practice/replies/close", url.Values{"do": {"remove"}}).Is(404)
	}
}

func TestPromisesAreCountedByWeek(t *testing.T) {
	t.Parallel()
	p := lang.New(lang.English, lang.WordClient)
	now := time.Date(2027, 1, 14, 12, 0, 0, 0, time.UTC) // in week 2
	got := weeks(p, []record.Tally{{Week: "2027-W02", Topic: "care"}, {Week: "2026-W53", Topic: "care", Kept: 9, Broken: 1}, {Week: "2026-W53", Topic: "gone", Kept: 3}, {Week: "2026-W48", Topic: "care", Broken: 2}, {Week: "2026-W47", Topic: "care", Kept: 1}},
		map[string]string{"care": "How I am"}, now)
	if len(got) != 3 {
		t.Fatalf("%d weeks: %+v", len(got), got)
	}
	if w := got[1]; w.Name != "Week of 28 Dec" || w.Kept != "12 of 13" || w.Value != "92" || w.Share != "92%" || len(w.Topics) != 2 {
		t.Errorf("%+v", w)
	}
	if a, b := got[1].Topics[0], got[1].Topics[1]; a.Name != "How I am" || a.Kept != "9 of 10" || a.Share != "90%" || b.Name != "A topic that is not there any more" || b.Value != "100" {
		t.Errorf("%+v", got[1].Topics)
	}
	if w := got[2]; w.Name != "Week of 23 Nov" || w.Value != "0" || w.Share != "0%" {
		t.Errorf("%+v", w)
	}
	if w := got[0]; w.Share != "" || w.Value != "" || w.Kept != "0 of 0" {
		t.Errorf("a week in which nothing was due: %+v", w)
	}
	if got := weeks(p, nil, nil, now); got != nil {
		t.Errorf("%+v", got)
	}
}

// TestPromisesAreATable draws what was kept for the eye and for a screen reader.
func TestPromisesAreATable(t *testing.T) {
	t.Parallel()
	p := lang.New(lang.English, lang.WordClient)
	v := listView{P: p, Shell: shell.View{P: p}}
	v.Weeks = weeks(p, []record.Tally{{Week: "2026-W48", Topic: "care", Kept: 9, Broken: 1}}, map[string]string{"care": "How I am"}, time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))
	var b strings.Builder
	if err := listPage(v).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<caption class="sr">Promises kept`, `<th scope="rowgroup">Week of 23 Nov</th>`, `<th scope="row">How I am</th>`, `<td>9 of 10</td>`, `<span>90%</span> <meter min="0" max="100" value="90" aria-hidden="true">`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestATopicThatWaitsForNobodySaysSo(t *testing.T) {
	t.Parallel()
	p := lang.New(lang.English, lang.WordClient)
	staff := []record.StaffMember{{ID: "n", Name: "Priya", Roles: "nurse"}, {ID: "d", Name: "Dan", Roles: "frontdesk"}, {ID: "gone", Name: "Gus", Roles: "nurse", Left: true}}
	const nobody, unread, gone, dan = "Nobody answers this: choose who does", "Whoever is chosen may not read this: choose somebody else, or mark it as administrative", "Whoever takes over does not work here any more: choose somebody", "Dan takes over, but may not read this"
	for name, x := range map[string]struct {
		topic record.Topic
		want  string
	}{
		"well":                 {record.Topic{Roles: "nurse", Cover: "n"}, ""},
		"nobody":               {record.Topic{Roles: "coordinator"}, nobody},
		"who left":             {record.Topic{Who: []string{"gone"}}, nobody},
		"the desk, about care": {record.Topic{Roles: "frontdesk"}, unread},
		"the desk":             {record.Topic{Roles: "frontdesk", Desk: true, Cover: "d"}, ""},
		"covered by the desk":  {record.Topic{Roles: "nurse", Cover: "d"}, dan},
		"covered by who left":  {record.Topic{Roles: "nurse", Cover: "gone"}, gone},
		"all at once":          {record.Topic{Roles: "frontdesk", Cover: "x"}, unread + "; " + gone},
	} {
		if got := strings.Join(faults(p, x.topic, staff), "; "); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
	h := webtest.New(t, Routes()...)
	m := h.As("manager")
	form := m.Get("/practice/messages/care").Form("form.form")
	form["role"] = []string{"frontdesk"}
	m.Post("/practice/messages/care", form).Is(303)
	m.Get("/practice/messages").Has(".topics .tag", unread)
	m.Get("/practice/messages/care").Has("form .problem", unread)
	form["role"], form["who"] = []string{"nurse"}, []string{"nobody"}
	form.Set("cover", "nobody")
	m.Post("/practice/messages/care", form).Is(303)
	for _, x := range h.Practice().Topics() {
		if x.ID == "care" && (len(x.Who) > 0 || x.Cover != "") {
			t.Errorf("somebody who is not there answers: %+v", x)
		}
	}
	form["role"] = nil
	m.Post("/practice/messages/care", form).Is(422).Says(nobody)
	form["role"] = []string{"nurse"}
	form.Set("name-fr", strings.Repeat("é", 121))
	m.Post("/practice/messages/care", form).Is(422).Has(".problem", "too long")
}

func TestWhatIsSaidOftenIsWrittenAndRemoved(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	m := h.As("manager")
	m.Get("/practice/replies").Is(200).Says("Result as expected", "Sore calf")
	m.Get("/practice/replies/calf").Is(200).Has("#steps", "Warm, red or swollen")
	form := m.Get("/practice/replies/new").Form("form.form")
	form.Set("title", "Come in")
	form.Set("body-en", "Dear {name}, come in.")
	form.Set("steps", "Look\n\n  Ask \n")
	m.Post("/practice/replies/new", form).Is(303)
	m.Get("/practice/replies").Says("Come in")
	if len(h.Practice().Replies()) != len(record.DefaultReplies())+1 {
		t.Error("one more is not kept")
	}
	r := h.Practice().Replies()[len(record.DefaultReplies())]
	if strings.Join(r.Steps, "|") != "Look|Ask" {
		t.Errorf("%q", r.Steps)
	}
	form.Set("topic", "none")
	m.Post("/practice/replies/"+r.ID, form).Is(303)
	if got := h.Practice().Replies()[len(record.DefaultReplies())]; got.ID != r.ID || got.Topic != "" {
		t.Errorf("a topic that is not there: %+v", got)
	}
	for _, bad := range []string{"Dear {nmae}", "Dear {name"} {
		form.Set("body-en", bad)
		m.Post("/practice/replies/new", form).Is(422).Has(".problem", "in braces").Has("#body-en", bad).HasNot("[value=remove]")
	}
	m.Post("/practice/replies/"+r.ID, url.Values{"do": {"remove"}}).Is(303)
	m.Get("/practice/replies").SaysNot("Come in")
	m.Get("/practice/replies/" + r.ID).Is(404)
	lost := record.Reply{ID: "lost", Title: "Lost", Topic: "none", Body: map[string]string{"en": "Hello"}}
	if err := h.Practice().SetReplies(t.Context(), []record.Reply{lost}); err != nil {
		t.Fatal(err)
	}
	m.Get("/practice/replies").Has(".rows .tag", "offered nowhere")
	m.Post("/practice/replies/"+r.ID, url.Values{"do": {"remove"}}).Is(404)
}

func TestInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	m := h.As("manager")
	for _, l := range lang.All() {
		m.Language = l.String()
		for _, at := range []string{"/practice/messages", "/practice/messages/care", "/practice/messages/new", "/practice/replies", "/practice/replies/calf"} {
			m.Get(at).Is(200).SaysNot("%!", "{n}", "{hours}")
		}
	}
}
