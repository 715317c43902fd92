package schedule

import "rapport/record"

// visitRef is the name of a visit in an address.
func visitRef(c *record.Chart, id string) record.Ref { return c.Ref("Appointment", id) }
