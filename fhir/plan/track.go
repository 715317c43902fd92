package plan

import (
	"math"
	"slices"

	"rapport/fhir"
)

// enough is how many readings are looked at, at the beginning and at the end.
const enough = 3

// OffTrack returns the open goals that are off their track on a day: those whose day
// has passed, those that half of their time has brought no nearer by the readings,
// and those that the person feels farther from than before.
func (p Plan) OffTrack(readings []Reading, day Date) []Off {
	if p.Status != Active || p.Started == 0 {
		return nil
	}
	var out []Off
	for _, g := range p.Goals {
		if !g.Lifecycle.Open() || g.Achievement == Achieved || g.Achievement == Sustaining {
			continue
		}
		if why := p.off(g, readings, day); why != 0 {
			out = append(out, Off{g, why})
		}
	}
	return out
}

func (p Plan) off(g Goal, readings []Reading, day Date) OffWhy {
	mine := p.of(g.Measure, readings, day)
	measurable := g.Measure.From.Text != "" || g.Measure.To.Text != ""
	met := measurable && len(mine) > 0 && g.Measure.Meets(mean(mine[max(0, len(mine)-enough):]))
	if met {
		return 0
	}
	if g.Due != 0 && day > g.Due {
		return Overdue
	}
	if n := len(g.Progress); n > 1 && g.Progress[n-1].Value <= g.Progress[n-2].Value-2 {
		return FeelsFarther
	}
	if !measurable || g.Measure.Code == "" || g.Due == 0 || int(day-p.Started)*2 < int(g.Due-p.Started) {
		return 0
	}
	if len(mine) == 0 {
		return NoReadings
	}
	if len(mine) < 2*enough {
		return 0 // too few to say
	}
	if g.Measure.distance(mean(mine[len(mine)-enough:])) >= g.Measure.distance(mean(mine[:enough])) {
		return NotNearer
	}
	return 0
}

// of returns the readings of a measure since the plan began, oldest first.
func (p Plan) of(m Measure, readings []Reading, day Date) []Reading {
	var out []Reading
	for _, r := range readings {
		if d := DateOf(r.At); m.Code != "" && r.Code == m.Code && (r.System == m.System || r.System == "" || m.System == "") && d >= p.Started && d <= day {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Reading) int { return a.At.Compare(b.At) })
	return out
}

// distance is how far a number is from what is wanted.
func (m Measure) distance(x float64) float64 {
	switch {
	case m.From.Text != "" && x < m.From.Float:
		return m.From.Float - x
	case m.To.Text != "" && x > m.To.Float:
		return x - m.To.Float
	}
	return 0
}

func mean(rs []Reading) float64 {
	sum := 0.0
	for _, r := range rs {
		sum += r.Value
	}
	return sum / math.Max(float64(len(rs)), 1)
}

const dayURL = "urn:rapport:day"

// ID returns the id of the Task: the same for the same plan, step, day and number, so
// that saying twice that it is done is saying it once.
func (d Done) ID() string { return name("done", d.Plan, d.Step, d.Day.String(), stepID(max(d.N, 1))) }

// Task writes it as a completed Task for a subject ("Patient/1").
func (d Done) Task(subject string) (fhir.Resource, error) {
	o := obj{{"resourceType", "Task"}, {"id", d.ID()},
		{"extension", []any{group(dayURL, ext("day", "Date", d.Day.String()), ext("n", "Integer", max(d.N, 1)))}},
		{"identifier", []any{obj{{"system", StepSystem}, {"value", d.Step}}}},
		{"basedOn", []any{obj{{"reference", "CarePlan/" + d.Plan}}}},
		{"status", "completed"}, {"intent", "plan"}, {"for", obj{{"reference", subject}}}}
	if at := instant(d.At); at != "" {
		o.set("executionPeriod", obj{{"start", at}, {"end", at}})
		o.set("lastModified", at)
	}
	if d.By != "" {
		o.set("owner", obj{{"reference", d.By}})
	}
	return resource(o)
}

// ReadDone reads a Task that says a step was done. ok is false for any other Task,
// and for one that was taken back.
func ReadDone(task []byte) (d Done, ok bool) {
	doc, err := fhir.Parse(task)
	if err != nil || doc.Type() != "Task" {
		return Done{}, false
	}
	n := doc.Root()
	if n.Get("status").Str() != "completed" {
		return Done{}, false
	}
	for i := range n.Each("identifier") {
		if i.Get("system").Str() == StepSystem {
			d.Step = i.Get("value").Str()
		}
	}
	for b := range n.Each("basedOn") {
		if typ, id := fhir.SplitReference(b.Get("reference").Str()); typ == "CarePlan" {
			d.Plan = id
		}
	}
	for x := range n.Each("extension") {
		if x.Get("url").Str() == dayURL {
			s := subs(x)
			d.Day, d.N = dateOf(s["day"]), s["n"].Int()
		}
	}
	d.By = n.Get("owner", "reference").Str()
	if at := n.Get("executionPeriod", "end").Time(); !at.IsZero() {
		d.At = at.At.UTC()
	}
	return d, d.Step != "" && d.Day != 0 && d.N > 0
}
