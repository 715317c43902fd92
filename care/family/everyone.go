package family

import (
	"rapport/account"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// everyoneView is one day for everybody somebody cares for.
type everyoneView struct {
	Shell   shell.View
	P       lang.Printer
	People  []oneView
	Others  bool // somebody besides the reader
	Waiting bool // the reader asked to be taken on
	Guest   bool // the reader is no client
}

// oneView is one of them.
type oneView struct {
	Client fhir.ClientID
	Name   string
	Given  string
	Own    bool
	May    string // what the reader may see; "" on their own
	Rows   []parts.RowView
}

// everyone answers GET /family.
func everyone(a *web.Ask, h *record.Household) (web.Answer, error) {
	ctx := a.Context()
	cs, err := h.Charts(ctx)
	if err != nil {
		return web.Answer{}, err
	}
	cared, err := h.Caring(ctx)
	if err != nil {
		return web.Answer{}, err
	}
	v := everyoneView{P: a.P, Others: len(cared) > 0, Guest: a.Who.Kind() == account.Guest}
	open := map[fhir.ClientID]*record.Chart{}
	for _, c := range cs {
		open[c.Client()] = c
	}
	if me := a.Who.Client(); open[me] != nil {
		x := oneView{Client: me, Name: a.Who.Name(), Own: true}
		if err := x.fill(a, open[me], "/me/"+string(me)+"/today"); err != nil {
			return web.Answer{}, err
		}
		v.People = append(v.People, x)
	}
	for _, of := range cared {
		x := oneView{Client: of.Client, Name: of.Name, Given: given(of), May: things(a.P, of.Reads)}
		if err := x.fill(a, open[of.Client], a.Landing(of)); err != nil {
			return web.Answer{}, err
		}
		v.People = append(v.People, x)
	}
	beyond, err := h.Beyond(ctx)
	if err != nil {
		return web.Answer{}, err
	}
	for _, of := range beyond {
		v.Others = true
		v.People = append(v.People, oneView{Client: of.Client, Name: of.Name, Given: given(of)})
	}
	if v.Waiting, err = h.Waiting(ctx); err != nil {
		return web.Answer{}, err
	}
	title := a.P.FamilyEveryone()
	if v.Guest && !v.Others { // that is not what they came for
		title = lang.Upper(a.Who.Name())
	}
	v.Shell = a.Shell(title, "family")
	return web.Page(everyonePage(v)), nil
}

func given(of record.Cared) string {
	if of.Given != "" {
		return of.Given
	}
	return of.Name
}

// fill adds what is next, what is new, and the way to the rest. What is not open
// adds nothing: no row says that there is none.
func (x *oneView) fill(a *web.Ask, c *record.Chart, landing string) error {
	if c != nil {
		n, err := next(a.Context(), c, a.Now)
		if err != nil {
			return err
		}
		if !n.at.IsZero() {
			x.Rows = append(x.Rows, n.row(a))
		}
		s, err := since(a.Context(), c, c.LastLook())
		if err != nil {
			return err
		}
		if text := s.say(a.P); text != "" {
			x.Rows = append(x.Rows, parts.RowView{Href: landing, Icon: "bell", Title: text})
		}
	}
	if landing != "" {
		x.Rows = append(x.Rows, parts.RowView{Href: landing, Icon: "sun", Title: a.P.FamilyAllGo()})
	}
	return nil
}

// row is a visit on one line.
func (v visit) row(a *web.Ask) parts.RowView {
	at := a.Local(v.at)
	r := parts.RowView{Icon: "calendar", Title: v.name, Text: lang.Upper(a.P.Date(at, a.Now)) + ", " + a.P.Clock(at)}
	if len(v.with) > 0 {
		r.Text = lang.Upper(a.P.Date(at, a.Now)) + ", " + a.P.TodayAt(a.P.Clock(at), a.P.And(v.with))
	}
	if r.Title == "" {
		r.Title = a.P.TodayVisit()
	}
	return r
}

// say puts what is new into words; "" for nothing.
func (n news) say(p lang.Printer) string {
	var out []string
	for _, x := range []struct {
		n   int
		say func(int) string
	}{{n.messages, p.FamilyAllMessages}, {n.results, p.FamilyAllResults}, {n.documents, p.FamilyAllDocuments}, {n.medicines, p.FamilyAllMedicines}, {n.plans, p.FamilyAllPlans}} {
		if x.n > 0 {
			out = append(out, x.say(x.n))
		}
	}
	return lang.Upper(p.And(out))
}

// join answers POST /family/join: somebody without a chart asks, or asks again, to be
// taken on.
func join(a *web.Ask, h *record.Household) (web.Answer, error) {
	if a.Who.Kind() == account.Guest { // a client is taken on
		if err := h.AskToJoin(a.Context()); err != nil {
			return web.Answer{}, err
		}
	}
	return web.See("/family"), nil
}

// stop answers POST /family/stop.
func stop(a *web.Ask, h *record.Household) (web.Answer, error) {
	if err := h.StepBack(a.Context(), fhir.ClientID(a.Form("client"))); err != nil {
		return web.Answer{}, err
	}
	return web.See("/family"), nil
}
