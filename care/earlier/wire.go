package earlier

import (
	"context"

	"rapport/fhir"
	"rapport/record"
)

// whoOf is the id of whoever a visit is with; "" if it is with nobody in particular.
func whoOf(ctx context.Context, c *record.Chart, id string) (string, error) {
	f, err := c.Read(ctx, "Appointment", id)
	if err != nil {
		return "", err
	}
	v, err := fhir.ReadAppointment(f.JSON)
	if err != nil {
		return "", err
	}
	for _, p := range v.Participants {
		if typ, who := p.Actor.Target(); typ == "Practitioner" {
			return who, nil
		}
	}
	return "", nil
}
