package family

import (
	"context"
	"strings"
	"time"

	"rapport/fhir"
	"rapport/record"
)

// visit is the next one that is booked.
type visit struct {
	at   time.Time
	name string
	with []string
}

// next returns the next visit; the zero visit if none is booked.
func next(ctx context.Context, c *record.Chart, now time.Time) (visit, error) {
	found, err := c.Find(ctx, "Appointment", "status", "booked,arrived,checked-in", "date", "gt"+now.UTC().Format(time.RFC3339), "_sort", "date", "_count", "1")
	if err != nil || len(found) == 0 {
		return visit{}, err
	}
	v, err := fhir.ReadAppointment(found[0].JSON)
	if err != nil {
		return visit{}, err
	}
	x := visit{at: v.Start.At, name: v.Description}
	if x.name == "" && len(v.Reasons) > 0 {
		x.name = v.Reasons[0]
	}
	if x.name == "" && len(v.ServiceTypes) > 0 {
		x.name = v.ServiceTypes[0].Text
	}
	for _, p := range v.Participants {
		if typ, _ := p.Actor.Target(); strings.HasPrefix(typ, "Practitioner") && p.Actor.Display != "" {
			x.with = append(x.with, p.Actor.Display)
		}
	}
	return x, nil
}

// news counts what came or changed since a moment.
type news struct{ results, documents, messages, medicines, plans int }

// everyday are the kinds of result that nobody waits for.
const everyday = "vital-signs,social-history,survey,activity"

// since counts what is new in the open parts; nothing if the actor was never here.
func since(ctx context.Context, c *record.Chart, t time.Time) (news, error) {
	var n news
	if t.IsZero() {
		return n, nil
	}
	changed, err := c.Since(ctx, t)
	if err != nil {
		return n, err
	}
	own := c.Who().Client() == c.Client()
	for _, x := range changed {
		switch x.Type {
		case "DocumentReference":
			n.documents++
		case "MedicationRequest", "MedicationStatement":
			n.medicines++
		case "CarePlan", "Goal", "Task":
			n.plans++
		case "Communication":
			theirs, err := written(ctx, c, x.ID)
			if err != nil {
				return n, err
			}
			if !own || !theirs { // nobody is told of what they wrote themselves
				n.messages++
			}
		}
	}
	found, err := c.Find(ctx, "Observation", "_lastUpdated", "gt"+t.UTC().Format(time.RFC3339), "category:not", everyday, "status:not", "entered-in-error,cancelled", "_count", "100")
	n.results = len(found)
	return n, err
}

// written reports that a message is by the client it is about.
func written(ctx context.Context, c *record.Chart, id string) (bool, error) {
	f, err := c.Read(ctx, "Communication", id)
	if err != nil {
		return false, err
	}
	m, err := fhir.ReadCommunication(f.JSON)
	typ, _ := m.Sender.Target()
	return typ == "Patient", err
}
