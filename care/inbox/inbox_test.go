package inbox

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/fhir"
	"rapport/fhir/thread"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web/webtest"
)

type house struct {
	*webtest.House
	t testing.TB
}

// newHouse is a practice that works on weekdays, where the nurse and the physician see
// people; it is half past nine on a Tuesday.
func newHouse(t testing.TB) house {
	t.Helper()
	h := house{webtest.New(t, Routes()...), t}
	x := hours.Timetable{Services: []hours.Service{
		{ID: "gp", Names: map[string]string{"en": "GP visit", "es": "Consulta", "fr": "Consultation"}, Minutes: 15, Who: []string{"physician"}, Modes: hours.AllModes, Public: true},
	}}
	for d := time.Monday; d <= time.Friday; d++ {
		x.Stretches = append(x.Stretches, hours.Stretch{ID: "p" + d.String(), Who: "physician", Day: d, From: 9 * 60, To: 12 * 60}, hours.Stretch{ID: "n" + d.String(), Who: "nurse", Day: d, From: 9 * 60, To: 17 * 60})
	}
	p, err := h.Vault.OpenPractice(t.Context(), account.AsSystem(account.Importer), record.Importing)
	if err == nil {
		x.Version = h.Vault.Timetable().Version
		err = p.SetTimetable(t.Context(), x)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// opened opens a chart for somebody to write.
func (h house) opened(who string, why record.Purpose, of fhir.ClientID) *record.Chart {
	h.t.Helper()
	c, err := h.Vault.Open(h.t.Context(), h.As(who).Actor(), why, of, record.Person|record.Visits|record.Messages, record.Messages)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// writes has a client begin a thread.
func (h house) writes(who string, of fhir.ClientID, m record.Message) string {
	h.t.Helper()
	if m.Key == "" {
		m.Key = m.Topic + m.Text
	}
	id, err := h.opened(who, record.Messaging, of).Say(h.t.Context(), m)
	h.Now.Add(time.Second)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// said is what a client reads in a thread.
func (h house) said(who string, of fhir.ClientID, id string) (record.Conversation, []thread.Said) {
	h.t.Helper()
	k, said, err := h.opened(who, record.Messaging, of).Thread(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return k, said
}

// looked counts how often a member of staff opened Ada's chart.
func (h house) looked(who string) (n int) {
	h.t.Helper()
	for _, l := range h.Looks(h.Ada, 200) {
		if l.Kind == "staff" && l.ID == who && l.Act == "open" {
			n++
		}
	}
	return n
}

func do(what, id string, more ...string) url.Values {
	v := url.Values{"do": {what}, "id": {id}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func TestTheListSaysWhoAndByWhenAndNotAWordMore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.writes("ada", h.Ada, record.Message{Topic: "care", Title: "Marzipan", Text: "pistachio"})
	nurse := h.As("nurse")
	p := nurse.Get("/inbox?tab=unassigned").Is(200).Has(".q b", "Ada").Has(".q-s", "How I am").Has(".due", "h").SaysNot("pistachio", "Marzipan")
	if got := h.looked("nurse"); got != 0 {
		t.Errorf("the list left %d looks in the chart", got)
	}
	to := p.Attr(".q a", "href")
	nurse.Get(to).Is(200).Has(".bub", "pistachio").Has("#state", "Nobody yet")
	if got := h.looked("nurse"); got != 1 {
		t.Errorf("opening it left %d looks in the chart, want 1", got)
	}
	h.As("manager").Get("/inbox").Is(404)
	h.As("ada").Get("/inbox").Is(404)
	h.As("ada").Get(to).Is(404)
}

func TestAReplyGoesToTheClientAndANoteCannot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.writes("ada", h.Ada, record.Message{Topic: "care", Text: "hello"})
	nurse, at := h.As("nurse"), "/inbox/"+string(h.Ada)+"/"+id
	p := nurse.Get(at).Is(200)
	if p.Count("form[data-composer]") != 2 || p.Attr(".as-note form", "action") != at+"/note" || p.Attr(".as-reply form", "action") != at {
		t.Error("a reply and a note are not written in forms of their own")
	}
	note := p.Form(".as-note form", "text", "between us", "call", "physician")
	nurse.Post(at+"/note", note).Is(303)
	nurse.Get(at).Has(".m-note .bub", "between us")
	if _, said := h.said("ada", h.Ada, id); len(said) != 1 {
		t.Errorf("the client reads %d things, want their own", len(said))
	}
	h.As("physician").Get("/inbox?tab=mine").Has(".q-s", "A colleague asks")
	p = nurse.Get(at)
	reply := p.Form(".as-reply form", "text", "all is well", "wait", "")
	reply.Del("wait")
	nurse.Post(at, reply).Is(303)
	nurse.Post(at, reply).Is(303) // a flaky network sends it again
	k, said := h.said("ada", h.Ada, id)
	if len(said) != 2 || said[1].Text != "all is well" || k.Talk.State != record.TalkAnswered {
		t.Errorf("the client reads %d things, state %d", len(said), k.Talk.State)
	}
	nurse.Get("/inbox?tab=done").Has(".q b", "Ada")
	nurse.Get(at).Has("#state", "Nobody waits")
	nurse.Post(at, url.Values{"key": {"k"}, "text": {" \u200b "}}).Is(422).Has(".as-reply .problem")
	nurse.Post(at+"/note", url.Values{"key": {"k"}, "text": {""}}).Is(422).Has(".as-note .problem").HasNot(".as-reply .problem")
}

func TestADraftOfANoteIsNoDraftOfAReply(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.writes("ada", h.Ada, record.Message{Topic: "care", Text: "hello"})
	nurse, at := h.As("nurse"), "/inbox/"+string(h.Ada)+"/"+id
	nurse.Post(at+"/draft?of=note", url.Values{"text": {"for us alone"}}).Is(200)
	p := nurse.Get(at).Has("#note-text", "for us alone")
	if strings.Contains(p.Text("#text"), "for us") {
		t.Error("what was typed as a note stands where a reply is written")
	}
	h.As("physician").Get(at).SaysNot("for us alone")
}

func TestWhatIsOnTheListIsTakenHandedOverPutOffAndDone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.writes("ada", h.Ada, record.Message{Topic: "care", Text: "hello"})
	nurse := h.As("nurse")
	nurse.Post("/inbox", do("take", id, "back", "/inbox?tab=mine")).Is(303)
	nurse.Get("/inbox").Has(".q b", "Ada")
	if k, _ := h.said("ada", h.Ada, id); k.Talk.State != record.TalkWith || k.Talk.Owner != "nurse" {
		t.Errorf("the client sees state %d with %q", k.Talk.State, k.Talk.Owner)
	}
	nurse.Post("/inbox", do("assign", id, "owner", "physician")).Is(303)
	nurse.Get("/inbox").HasNot(".q")
	h.As("physician").Get("/inbox").Has(".q b", "Ada")
	nurse.Post("/inbox", do("assign", id, "owner", "frontdesk")).Is(400).Says("does not read this")
	h.As("physician").Post("/inbox", do("snooze", id, "until", "hour", "why", "colleague")).Is(303)
	h.As("physician").Get("/inbox").HasNot(".q")
	nurse.Get("/inbox?tab=team").Has(".q-g", "Back")
	h.As("physician").Post("/inbox", do("snooze", id, "until", "hour", "why", "because")).Is(400)
	h.Now.Add(61 * time.Minute)
	h.As("physician").Get("/inbox").Has(".q b", "Ada")
	h.As("physician").Post("/inbox", do("done", id)).Is(303)
	h.As("physician").Get("/inbox?tab=team").HasNot(".q")
	h.As("physician").Post("/inbox", do("done", id)).Is(404)
	h.As("physician").Post("/inbox", do("explode", id)).Is(400)
	for _, to := range []string{"https://evil.example/", "//evil.example", "https://evil.example/inbox", "//evil.example/inbox?tab=mine", "/inbox/../clients/../../x", "/inboxes", "/clients", "javascript:1"} {
		p := h.As("nurse").Post("/inbox", url.Values{"do": {"done"}, "back": {to}}).Is(303)
		if got := p.Header.Get("Location"); got != "/inbox" {
			t.Errorf("back to %q leads to %q", to, got)
		}
	}
}

func TestSeveralAreSeenToAtOnceAndOnlyWhatIsAdministrative(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.writes("ada", h.Ada, record.Message{Topic: "visit", Text: "a"})
	b := h.writes("bob", h.Bob, record.Message{Topic: "paper", Text: "b"})
	c := h.writes("bob", h.Bob, record.Message{Topic: "care", Text: "c"})
	desk := h.As("frontdesk")
	p := desk.Get("/inbox?tab=unassigned").Is(200)
	if p.Count(".q-pick input") != 2 || p.Count(".q") != 2 {
		t.Errorf("the desk sees %d, and can choose %d", p.Count(".q"), p.Count(".q-pick input"))
	}
	desk.Post("/inbox", url.Values{"do": {"done"}, "id": {a, b, c}}).Is(303)
	if n := desk.Get("/inbox?tab=done").Count(".q"); n != 2 {
		t.Errorf("%d are done, want 2", n)
	}
	p = h.As("nurse").Get("/inbox?tab=team")
	if p.Count(".q") != 1 || p.Count(".q-pick input") != 0 {
		t.Errorf("what gives care is not left alone: %d", p.Count(".q"))
	}
}

func TestTheDeskReadsWhatWasWrittenToItAndNothingElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	paper := h.writes("ada", h.Ada, record.Message{Topic: "paper", Text: "a letter please"})
	care := h.writes("ada", h.Ada, record.Message{Topic: "care", Text: "hot calf"})
	c := h.opened("nurse", record.Care, h.Ada)
	if _, err := c.Say(t.Context(), record.Message{Thread: care, Key: "n", Text: "a note", Note: true, Calls: []string{"physician"}}); err != nil {
		t.Fatal(err)
	}
	desk := h.As("frontdesk")
	p := desk.Get("/inbox?tab=team").Is(200)
	if p.Count(".q") != 1 || !strings.HasPrefix(p.Attr(".q a", "href"), "/desk/") {
		t.Errorf("the desk's list has %d", p.Count(".q"))
	}
	at := "/desk/" + string(h.Ada) + "/"
	desk.Get(at+paper).Is(200).Has(".bub", "a letter").HasNot(".vals", ".along", ".opens").SaysNot("Penicillin", "hot calf")
	desk.Get(at + care).Is(404)
	desk.Post(at+care, url.Values{"key": {"x"}, "text": {"hello"}}).Is(404)
	desk.Get("/inbox/" + string(h.Ada) + "/" + paper).Is(404)
	desk.Post(at+paper, desk.Get(at+paper).Form(".as-reply form", "text", "it is ready")).Is(303)
	if _, said := h.said("ada", h.Ada, paper); len(said) != 2 {
		t.Error("the desk's answer did not arrive")
	}
}

func TestASealedThreadIsNotThereForOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.writes("ada", h.Ada, record.Message{Topic: "care", Title: "quince", Text: "only you", Named: []thread.Party{{Ref: "Practitioner/physician", Name: "P"}}})
	at := "/inbox/" + string(h.Ada) + "/" + id
	h.As("nurse").Get("/inbox?tab=team").Is(200).HasNot(".q")
	h.As("nurse").Get(at).Is(404)
	h.As("nurse").Post("/inbox", do("take", id)).Is(404)
	physician := h.As("physician")
	physician.Get("/inbox?tab=team").Has(".q-g", "Private to named").SaysNot("quince", "only you").HasNot(".q-pick")
	p := physician.Get(at).Is(200).Has(".bub", "only you").Has(".alerts", "Private to named")
	if p.Count("#owner option") != 2 {
		t.Errorf("it can be handed to %d", p.Count("#owner option")-1)
	}
}

func TestTwoWhoHaveItOpenSeeEachOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.writes("ada", h.Ada, record.Message{Topic: "care", Text: "hello"})
	at := "/inbox/" + string(h.Ada) + "/" + id
	h.As("nurse").Get(at).HasNot(".here")
	c := h.opened("physician", record.Care, h.Ada)
	ear, err := h.Vault.Hear(h.As("physician").Actor(), c.LiveTicket(id))
	if err != nil {
		t.Fatal(err)
	}
	h.As("nurse").Get(at).Has(".here", "has this open too")
	h.As("physician").Get(at).HasNot(".here")
	ear.Close()
	h.As("nurse").Get(at).HasNot(".here")
}

func TestATimeIsKeptAndTheClientTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.writes("ada", h.Ada, record.Message{Topic: "care", Text: "hello"})
	nurse, at := h.As("nurse"), "/inbox/"+string(h.Ada)+"/"+id
	p := nurse.Get(at).Is(200)
	if p.Count(".opens button") != mostTimes {
		t.Fatalf("%d times are offered", p.Count(".opens button"))
	}
	form := p.Form(".opens form")
	nurse.Post(at+"/time", form).Is(303)
	nurse.Post(at+"/time", form).Is(303) // sent twice
	k, said := h.said("ada", h.Ada, id)
	if len(said) != 2 || len(said[1].Cards) != 1 || said[1].Cards[0].Type != "Slot" || k.Talk.State != record.TalkYours {
		t.Fatalf("the client reads %+v, state %d", said, k.Talk.State)
	}
	b, err := h.Vault.Open(t.Context(), h.As("ada").Actor(), record.Booking, h.Ada, record.Visits)
	if err != nil {
		t.Fatal(err)
	}
	held, err := b.Calendar().Held(t.Context())
	if err != nil || held.From.UTC().Format(time.RFC3339) != form.Get("from") || held.Ends.Sub(h.Now.Now()) < 10*time.Minute {
		t.Fatalf("the client has %v held until %v: %v", held.From, held.Ends, err)
	}
	if _, err := b.Book(t.Context(), "k", "", record.Pick{Service: "gp", Who: held.Who, From: held.From, Mode: hours.InPerson}); err != nil {
		t.Errorf("the client cannot take it: %v", err)
	}
	gone := url.Values{"key": {"z"}, "service": {"gp"}, "who": {"physician"}, "from": {form.Get("from")}}
	nurse.Post(at+"/time", gone).Is(422).Has(".as-reply .problem")
	for _, bad := range []url.Values{{"from": {"soon"}}, {"from": {form.Get("from")}, "service": {"nothing"}}} {
		nurse.Post(at+"/time", bad).Is(400)
	}
}

func TestAFormAndThePlanAreSentAlong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.writes("ada", h.Ada, record.Message{Topic: "care", Text: "hello"})
	nurse, at := h.As("nurse"), "/inbox/"+string(h.Ada)+"/"+id
	p := nurse.Get(at).Is(200)
	f := p.Form(".along")
	f.Set("form", "urn:rapport:form:first-visit")
	nurse.Post(at+"/form", f).Is(303)
	_, said := h.said("ada", h.Ada, id)
	if len(said) != 2 || said[1].Cards[0].Type != "Questionnaire" || said[1].Cards[0].Name == "" {
		t.Fatalf("the client reads %+v", said)
	}
	nurse.Post(at+"/form", url.Values{"form": {"urn:none"}}).Is(400)
	nurse.Post(at+"/plan", url.Values{"key": {"p"}}).Is(404) // there is none
	h.As("frontdesk").Post("/desk/"+string(h.Ada)+"/"+id+"/form", f).Is(404)
}

func TestOneThingIsSaidToManyEachApart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for who, of := range map[string]fhir.ClientID{"ada": h.Ada, "bob": h.Bob} {
		c, err := h.Vault.Open(t.Context(), h.As(who).Actor(), record.Booking, of, record.Visits)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
		if who == "bob" {
			at = at.Add(15 * time.Minute)
		}
		if _, err := c.Book(t.Context(), "k", "", record.Pick{Service: "gp", Who: "physician", From: at, Mode: hours.InPerson}); err != nil {
			t.Fatal(err)
		}
	}
	desk := h.As("frontdesk")
	desk.Get("/inbox/many").Is(200).HasNot(".many-list")
	p := desk.Get("/inbox/many?date=2026-11-25").Is(200).Has(".many-list", "Ada", "Bob")
	form := p.Form("form[method=post][action='/inbox/many']", "text", "Please come ten minutes early.", "topic", "visit")
	if len(form["to"]) != 2 {
		t.Fatalf("%d are chosen", len(form["to"]))
	}
	desk.Post("/inbox/many", form).Is(303)
	h.Now.Add(time.Minute)
	desk.Post("/inbox/many", form).Is(303) // sent twice
	for who, of := range map[string]fhir.ClientID{"ada": h.Ada, "bob": h.Bob} {
		all, err := h.opened(who, record.Messaging, of).Threads(t.Context())
		if err != nil || len(all) != 1 || all[0].Last.Text != "Please come ten minutes early." {
			t.Errorf("%s has %d threads: %v", who, len(all), err)
		}
		other := map[string]string{"ada": "Bob", "bob": "Ada"}[who]
		if strings.Contains(all[0].Last.Text+all[0].Title, other) {
			t.Errorf("%s reads of %s", who, other)
		}
	}
	bad := url.Values{"date": {"2026-11-25"}, "key": {"q"}, "topic": {"visit"}, "text": {"x"}, "to": {string(h.Ada), "nobody"}}
	bad.Set("to", "nobody")
	desk.Post("/inbox/many", bad).Is(422).Says("at least one")
	bad.Set("to", string(h.Ada))
	bad.Set("text", "")
	desk.Post("/inbox/many", bad).Is(422)
	bad.Set("text", "x")
	bad.Set("topic", "care") // the desk could not read the answer
	desk.Post("/inbox/many", bad).Is(422)
}

func TestStaffWriteFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nurse, at := h.As("nurse"), "/inbox/"+string(h.Ada)+"/new"
	p := nurse.Get(at).Is(200)
	form := p.Form("form[data-composer]", "text", "Your result is here.", "topic", "care")
	nurse.Post(at, form).Is(303)
	all, err := h.opened("ada", record.Messaging, h.Ada).Threads(t.Context())
	if err != nil || len(all) != 1 || all[0].Last.Text != "Your result is here." {
		t.Errorf("the client has %d threads: %v", len(all), err)
	}
	nurse.Post(at, url.Values{"key": {"k"}, "text": {"x"}, "topic": {"nothing"}}).Is(422)
	d := h.As("frontdesk").Get("/desk/" + string(h.Ada) + "/new").Is(200)
	if strings.Contains(d.Body, `value="care"`) {
		t.Error("the desk may begin what it could not read")
	}
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.writes("ada", h.Ada, record.Message{Topic: "care", Text: "hello"})
	nurse := h.As("nurse")
	for _, l := range lang.All() {
		nurse.Language = l.String()
		for _, p := range []string{"/inbox", "/inbox?tab=team", "/inbox?tab=unassigned", "/inbox?tab=done", "/inbox/many?date=2026-11-25", "/inbox/" + string(h.Ada) + "/" + id, "/inbox/" + string(h.Ada) + "/new"} {
			nurse.Get(p).Is(200).SaysNot("%!", "{n}", "{name}", "{when}")
		}
	}
}

func TestWhatIsSaidOftenIsABeginning(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.writes("ada", h.Ada, record.Message{Topic: "care", Text: "my calf is hot"})
	nurse, at := h.As("nurse"), "/inbox/"+string(h.Ada)+"/"+id
	p := nurse.Get(at).Is(200).Has(".says", "Sore calf", "All is said").Has("mark", "calf").Has(".m-words", "calf, hot")
	if strings.Contains(p.Text(".says"), "Medicine is renewed") {
		t.Error("what is said about medicines is offered where it is about something else")
	}
	nurse.Get(at+"?say=calf").Has("#text", "Dear Ada, please rest").Has(".steps-first", "One leg or both?")
	nurse.Get(at + "?say=nothing").HasNot(".steps-first")
	if _, said := h.said("ada", h.Ada, id); len(said) != 1 {
		t.Error("it went by itself")
	}
	got := nurse.Post(at+"/draft", url.Values{"text": {"Please rest and drink some water today."}}).Is(200).Body
	if !strings.Contains(got, "Reads at age") {
		t.Errorf("%s", got)
	}
}
