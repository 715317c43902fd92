package inbox

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"rapport/fhir"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/reading"
	"rapport/web/talk"
)

// sideView is what stands beside a thread.
type sideView struct {
	P          lang.Printer
	Phone, Tel string
	Service    string // of the times
	ServiceID  string
	Times      []opening
	Action     string // where a time is offered
	Key        string
	Results    []value
	Coming     []coming
	Medicines  []line
	Reach      []line // how they were told lately
	Forms      []parts.Option
	Form, Plan string // where they are sent along; "" at the desk
}

type opening struct{ Clock, Who, From, ID string }

type value struct {
	Name, Value, Word string
	Tone              parts.Tone
}

type coming struct{ Day, Month, Title, Text string }

type line struct{ Text, Small string }

// How much of each the margin shows.
const (
	mostTimes   = 4
	mostValues  = 5
	mostComing  = 3
	mostTaken   = 8
	mostReached = 3
)

func (s side) sideOf(a *web.Ask, c *record.Chart, names map[string]string) (sideView, error) {
	key, err := c.NewID()
	if err != nil {
		return sideView{}, err
	}
	v := sideView{P: a.P, Key: key, Action: s.href(c, a.Path("thread")) + "/time"}
	if card, ok := c.Card(); ok && len(card.Phones) > 0 && !card.Deceased {
		v.Phone, v.Tel = card.Phones[0], string(parts.Tel(card.Phones[0]))
	}
	v.times(a, c, names)
	if s.why == record.Care {
		at := s.href(c, a.Path("thread"))
		v.Forms, v.Form, v.Plan = formOptions(a, c), at+"/form", at+"/plan"
	}
	for _, f := range []func(*web.Ask, *record.Chart) error{v.visits, v.reached, v.results, v.taken} {
		if err := f(a, c); err != nil {
			return v, err
		}
	}
	return v, nil
}

// times are the first open times of today, of the first service that has any: of whoever
// looks, before others.
func (v *sideView) times(a *web.Ask, c *record.Chart, names map[string]string) {
	cal, today := c.Calendar(), hours.DateOf(a.Now)
	for _, x := range cal.Timetable().Services {
		if !x.Public {
			continue
		}
		all := cal.Openings(hours.Query{Service: x.ID, From: today, To: today})
		slices.SortStableFunc(all, func(p, q hours.Opening) int {
			return cmp.Compare(b2i(p.Who != a.Who.ID()), b2i(q.Who != a.Who.ID()))
		})
		for _, o := range all {
			if len(v.Times) < mostTimes && o.From.After(a.Now.Add(20*time.Minute)) {
				v.Times = append(v.Times, opening{a.P.Clock(a.Local(o.From)), names[o.Who], o.From.UTC().Format(time.RFC3339), o.Who})
			}
		}
		if len(v.Times) > 0 {
			slices.SortFunc(v.Times, func(p, q opening) int { return cmp.Or(cmp.Compare(p.From, q.From), cmp.Compare(p.ID, q.ID)) })
			v.Service, v.ServiceID = a.In(x.Names), x.ID
			return
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// reached is how they were told of things lately, and how far that came.
func (v *sideView) reached(a *web.Ask, c *record.Chart) error {
	told, err := c.Told(a.Context())
	if err != nil {
		return err
	}
	for _, n := range told[:min(len(told), mostReached)] {
		for _, r := range n.Rungs {
			v.Reach = append(v.Reach, line{Text: way(a.P, r.By), Small: rung(a, n, r)})
		}
	}
	v.Reach = v.Reach[:min(len(v.Reach), 2*mostReached)]
	return nil
}

func way(p lang.Printer, by string) string {
	switch by {
	case "push":
		return p.InboxByPush()
	case "text":
		return p.InboxByText()
	}
	return p.InboxByMail()
}

func rung(a *web.Ask, n record.Notice, r record.Rung) string {
	when := talk.By(a, r.At)
	switch {
	case !n.Seen.IsZero():
		return a.P.InboxSeen(talk.By(a, n.Seen))
	case r.State == record.RungSent:
		return a.P.InboxSent(when)
	case r.State == record.RungLost:
		return a.P.InboxLost(when)
	}
	return a.P.InboxWaits(when)
}

func (v *sideView) visits(a *web.Ask, c *record.Chart) error {
	found, err := c.Find(a.Context(), "Appointment", "date", "ge"+a.Now.UTC().Format(time.RFC3339), "_sort", "date", "_count", "10")
	if err != nil {
		return err
	}
	for _, f := range found {
		x, err := fhir.ReadAppointment(f.JSON)
		if err != nil || slices.Contains([]string{"cancelled", "noshow", "entered-in-error"}, x.Status) || len(v.Coming) == mostComing {
			continue
		}
		at := a.Local(x.Start.At)
		title := x.Description
		for _, t := range x.ServiceTypes {
			title = cmp.Or(title, t.Text)
		}
		v.Coming = append(v.Coming, coming{strconv.Itoa(at.Day()), a.P.MonthShort(at), cmp.Or(title, a.P.ClientsVisit()), a.P.Clock(at)})
	}
	return nil
}

func (v *sideView) results(a *web.Ask, c *record.Chart) error {
	if c.Parts()&record.Results == 0 {
		return nil
	}
	found, err := c.Find(a.Context(), "Observation", "_sort", "-date", "_count", "40")
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, f := range found {
		x, err := fhir.ReadObservation(f.JSON)
		if err != nil || x.Status == "entered-in-error" || x.Status == "cancelled" || len(v.Results) == mostValues {
			continue
		}
		name := reading.Name(a.P, loinc(x.Code), x.Code.Text)
		val, ok := reading.Of(x)
		if !ok || seen[name] {
			continue
		}
		seen[name] = true
		r := value{Name: name, Value: reading.Say(a.P, val)}
		if st := val.State(); st.Out() {
			r.Word, r.Tone = reading.Word(a.P, st), parts.ToneWarn
			if st.Grave() {
				r.Tone = parts.ToneDanger
			}
		}
		v.Results = append(v.Results, r)
	}
	return nil
}

func (v *sideView) taken(a *web.Ask, c *record.Chart) error {
	if c.Parts()&record.Medicines == 0 {
		return nil
	}
	seen := map[string]bool{}
	for _, typ := range []string{"MedicationRequest", "MedicationStatement"} {
		found, err := c.Find(a.Context(), typ, "status", "active", "_count", "30")
		if err != nil {
			return err
		}
		for _, f := range found {
			x, err := fhir.ReadMedicine(f.JSON)
			if err != nil || x.Code.Text == "" || seen[x.Code.Text] || len(v.Medicines) == mostTaken {
				continue
			}
			seen[x.Code.Text] = true
			l := line{Text: x.Code.Text}
			if len(x.Dosage) > 0 {
				l.Small = x.Dosage[0]
			}
			v.Medicines = append(v.Medicines, l)
		}
	}
	return nil
}

// facts are who it is, and what must not be missed.
func facts(a *web.Ask, c *record.Chart, card record.Card, k record.Conversation) ([]string, []parts.TagView) {
	var out []string
	if card.Birth != "" {
		if t, err := time.Parse(time.DateOnly, card.Birth); err == nil {
			out = append(out, a.P.ClientsBorn(a.P.DayMonth(t)+" "+strconv.Itoa(t.Year())))
		}
	}
	var tags []parts.TagView
	if len(k.Named) > 0 {
		tags = append(tags, parts.TagView{Tone: parts.ToneBrand, Icon: "lock", Text: a.P.InboxSealed()})
	}
	if c.Parts()&record.Allergies == 0 {
		return out, tags
	}
	found, err := c.Find(a.Context(), "AllergyIntolerance", "_count", "20")
	if err != nil {
		return out, tags
	}
	for _, f := range found {
		x, err := fhir.ReadAllergyIntolerance(f.JSON)
		if err == nil && x.Code.Text != "" && (x.ClinicalStatus == "" || x.ClinicalStatus == "active") && x.Verification != "entered-in-error" && x.Verification != "refuted" {
			tags = append(tags, parts.TagView{Tone: parts.ToneDanger, Icon: "alert-triangle", Text: x.Code.Text})
		}
	}
	return out, tags
}

// loinc is the LOINC code of what was measured; "" for none.
func loinc(c fhir.Concept) string {
	for _, x := range c.Codings {
		if x.System == "http://loinc.org" {
			return x.Code
		}
	}
	return ""
}
