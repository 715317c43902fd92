package takeaway

import (
	"context"
	"io"
	"time"

	"rapport/fhir"
	"rapport/fhir/thread"
	"rapport/record"
)

// telling puts a chart into words as it is gone through, a resource at a time.
type telling struct {
	x      *copying
	sheets []*sheet
	at     map[record.Parts]*section
	name   string // what the client is called
	grids  map[string]*grid
	heads  map[string]*thread.Thread
	said   map[string][]*thread.Said
	plans  [][]byte
	goals  [][]byte
	sealed []sealedLine
}

// newTelling lays out the pages: every part of a chart has its place on one of them.
func newTelling(x *copying) *telling {
	p := x.p
	r := &telling{x: x, at: map[record.Parts]*section{}, grids: map[string]*grid{}, heads: map[string]*thread.Thread{}, said: map[string][]*thread.Said{}}
	add := func(name, title string, parts ...record.Parts) {
		s := &sheet{name: name, title: title}
		for _, part := range parts {
			sec := &section{title: r.partTitle(part)}
			s.sections, s.parts, r.at[part] = append(s.sections, sec), s.parts|part, sec
		}
		r.sheets = append(r.sheets, s)
	}
	add("you.html", p.TakePagesYou(), record.Person, record.Agreements)
	add("health.html", p.TakePagesHealth(), record.Conditions, record.Medicines, record.Allergies, record.Immunisations, record.Procedures, record.Family)
	add("results.html", p.HealthResults(), record.Results)
	add("visits.html", p.HealthVisits(), record.Visits)
	add("plans.html", p.TakePagesPlans(), record.Plans)
	add("messages.html", p.TakePagesMessages(), record.Messages)
	add("forms.html", p.TakePagesForms(), record.Told)
	add("documents.html", p.HealthDocuments(), record.Documents)
	add("other.html", p.TakePagesOther(), record.Money, record.Other)
	return r
}

func (r *telling) partTitle(part record.Parts) string {
	p := r.x.p
	switch part {
	case record.Person:
		return p.TakePagesPerson()
	case record.Agreements:
		return p.TakePagesAgreements()
	case record.Conditions:
		return p.HealthConditions()
	case record.Medicines:
		return p.HealthMedicines()
	case record.Allergies:
		return p.HealthAllergies()
	case record.Immunisations:
		return p.HealthVaccines()
	case record.Procedures:
		return p.TakePagesProcedures()
	case record.Family:
		return p.TakePagesFamily()
	case record.Results:
		return p.HealthResults()
	case record.Visits:
		return p.HealthVisits()
	case record.Plans:
		return p.TakePagesPlans()
	case record.Messages:
		return p.TakePagesMessages()
	case record.Told:
		return p.TakePagesForms()
	case record.Documents:
		return p.HealthDocuments()
	case record.Money:
		return p.TakePagesMoney()
	}
	return p.TakePagesRest()
}

// take puts one resource where it belongs.
func (r *telling) take(ctx context.Context, h record.Holding, d *fhir.Doc) error {
	sec := r.at[record.PartOf(h.Type)]
	out, done, err := r.row(ctx, h, d)
	if err != nil || done {
		return err
	}
	out.note = r.x.p.TakeAll()
	out.all = r.x.outline(d.Root())
	if out.title == "" {
		out.title = r.x.p.TakeEntry(spaced(h.Type))
	}
	if out.at.IsZero() {
		out.at = h.Time
	}
	sec.rows = append(sec.rows, out)
	return nil
}

// pages renders what was read.
func (r *telling) pages(ctx context.Context) ([]piece, error) {
	if err := r.finish(ctx); err != nil {
		return nil, err
	}
	who, err := r.lookSheet(ctx)
	if err != nil {
		return nil, err
	}
	var shown []*sheet
	for _, s := range append(r.sheets, who) {
		any := false
		for _, sec := range s.sections {
			sec.sort()
			any = any || !sec.empty()
		}
		if any {
			shown = append(shown, s)
		}
	}
	v := leafView{P: r.x.p, Practice: r.x.practice, Name: r.name, Made: r.x.moment(r.x.now), Sheets: shown}
	v.Sums = []string{r.x.p.TakeSumResources(r.x.newest), r.x.p.TakeSumFiles(len(r.x.files.all)), r.x.p.TakeSumLooks(int(r.x.looks.upTo))}
	if n := len(r.x.files.gone); n > 0 {
		v.Sums = append(v.Sums, r.x.p.TakeSumGone(n))
	}
	index, err := kept("index.html", "text/html", func(w io.Writer) error { return indexPage(v).Render(ctx, w) })
	if err != nil {
		return nil, err
	}
	out := []piece{index}
	for _, s := range shown {
		v := v
		v.Sheet = s
		p, err := kept(s.name, "text/html", func(w io.Writer) error { return sheetPage(v).Render(ctx, w) })
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return r.withSealed(out)
}

// lookSheet is who has seen what, line by line.
func (r *telling) lookSheet(ctx context.Context) (*sheet, error) {
	sec := &section{title: r.x.p.LooksTitle()}
	var failed error
	for k := range r.x.looks.each(ctx, &failed) {
		t := r.x.line(k)
		who := t.Who
		if t.Role != "" {
			who += ", " + t.Role
		}
		sec.rows = append(sec.rows, row{at: k.Time.Add(time.Duration(k.Number)), title: who, when: r.x.moment(k.Time), text: t.What})
	}
	return &sheet{name: "looks.html", title: r.x.p.LooksTitle(), lede: r.x.p.LooksLede(), sections: []*section{sec}}, failed
}
