package steps

import (
	"context"
	"slices"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir/plan"
	"rapport/record"
)

// Kept is a plan as it lies in a chart, with what was done of it.
type Kept struct {
	plan.Plan
	Found    record.Found     // the CarePlan
	Versions map[string]int64 // of its Goals, by their ids
	Goaled   [][]byte         // its Goals
	Done     []plan.Done
	Tasks    [][]byte // what says so
}

// mostTasks bounds how much of what was done is read.
const mostTasks = "1000"

// Open reads the newest plan of this program's own in a chart; errs.NotFound if there is
// none. Another system's plans are left alone.
func Open(ctx context.Context, c *record.Chart) (*Kept, error) {
	return OpenSince(ctx, c, time.Time{})
}

// OpenSince is Open with what was done since a time, and whether what is done once was.
func OpenSince(ctx context.Context, c *record.Chart, since time.Time) (*Kept, error) {
	found, err := c.Find(ctx, "CarePlan", "status", "draft,active,on-hold", "_sort", "-_lastUpdated", "_count", "20")
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if goals, ours := plan.Peek(f.JSON); ours {
			return read(ctx, c, f, goals, since)
		}
	}
	return nil, errs.E(errs.NotFound, "steps: no plan")
}

// Ended are the ids of the plans of this program's own that have ended.
func Ended(ctx context.Context, c *record.Chart) ([]string, error) {
	found, err := c.Find(ctx, "CarePlan", "status:not", "draft,active,on-hold", "_count", "500")
	var out []string
	for _, f := range found {
		if _, ours := plan.Peek(f.JSON); ours {
			out = append(out, f.ID)
		}
	}
	return out, err
}

func read(ctx context.Context, c *record.Chart, f record.Found, goals []string, since time.Time) (*Kept, error) {
	k := &Kept{Found: f, Versions: map[string]int64{}}
	for _, id := range goals {
		g, err := c.Read(ctx, "Goal", id)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		k.Versions[id], k.Goaled = g.Version, append(k.Goaled, g.JSON)
	}
	var err error
	if k.Plan, err = plan.ReadPlan(f.JSON, k.Goaled); err != nil {
		return nil, err
	}
	return k, k.ticked(ctx, c, since)
}

// ticked reads what was done: since a day, all of it; before, only what is done once.
func (k *Kept) ticked(ctx context.Context, c *record.Chart, since time.Time) error {
	of := []string{"based-on", "CarePlan/" + k.Found.ID, "_sort", "-_lastUpdated", "_count", mostTasks}
	if since.IsZero() {
		return k.add(ctx, c, of...)
	}
	if err := k.add(ctx, c, append(of, "_lastUpdated", "ge"+since.UTC().Format(time.RFC3339))...); err != nil {
		return err
	}
	for _, s := range k.Steps {
		if s.When.Rhythm() != plan.Once || !s.Status.Open() || slices.ContainsFunc(k.Done, func(d plan.Done) bool { return d.Step == s.ID }) {
			continue
		}
		if err := k.add(ctx, c, "based-on", "CarePlan/"+k.Found.ID, "identifier", plan.StepSystem+"|"+s.ID, "_count", "1"); err != nil {
			return err
		}
	}
	return nil
}

func (k *Kept) add(ctx context.Context, c *record.Chart, params ...string) error {
	tasks, err := c.Find(ctx, "Task", params...)
	for _, t := range tasks {
		if d, ok := plan.ReadDone(t.JSON); ok {
			k.Done, k.Tasks = append(k.Done, d), append(k.Tasks, t.JSON)
		}
	}
	return err
}

// Gauge is how something is measured: its numbers, and the unit they are in.
type Gauge struct {
	Code, Display, Unit, UCUM string
	Parts                     []Gauge
}

// Gauges are what can be measured at home in a step, by LOINC code.
var gauges = map[string]Gauge{
	"85354-9": {Code: "85354-9", Display: "Blood pressure", Unit: "mmHg", UCUM: "mm[Hg]", Parts: []Gauge{
		{Code: "8480-6", Display: "Systolic blood pressure"}, {Code: "8462-4", Display: "Diastolic blood pressure"}}},
	"29463-7": {Code: "29463-7", Display: "Body weight", Unit: "kg", UCUM: "kg"},
	"8867-4":  {Code: "8867-4", Display: "Heart rate", Unit: "/min", UCUM: "/min"},
	"8310-5":  {Code: "8310-5", Display: "Body temperature", Unit: "°C", UCUM: "Cel"},
	"59408-5": {Code: "59408-5", Display: "Oxygen saturation", Unit: "%", UCUM: "%"},
	"15074-8": {Code: "15074-8", Display: "Glucose", Unit: "mmol/L", UCUM: "mmol/L"},
	"2339-0":  {Code: "2339-0", Display: "Glucose", Unit: "mg/dL", UCUM: "mg/dL"},
	"93832-4": {Code: "93832-4", Display: "Sleep duration", Unit: "h", UCUM: "h"},
}

// GaugeOf returns how something is measured, by its LOINC code; false for what is not
// measured at home.
func GaugeOf(code string) (Gauge, bool) {
	g, ok := gauges[strings.TrimSpace(code)]
	return g, ok
}
