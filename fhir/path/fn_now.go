package path

import "time"

// FHIRPath 5.9: the time, which is the host's and stands still in an evaluation.
var moments = map[string]*function{
	"now":       {0, 0, func(c *call) ([]Value, error) { return c.now(kindDateTime), nil }},
	"today":     {0, 0, func(c *call) ([]Value, error) { return c.now(kindDate), nil }},
	"timeOfDay": {0, 0, func(c *call) ([]Value, error) { return c.now(kindTime), nil }},
}

func (c *call) now(k kind) []Value {
	t := c.run.env.Now
	if t.IsZero() {
		return nil
	}
	_, east := t.Zone()
	m, ok := moment{known: toFraction, zoned: true, zone: int16(east / 60)}.at(t.Truncate(time.Millisecond))
	if !ok {
		return nil
	}
	switch k {
	case kindDate:
		m = moment{year: m.year, month: m.month, day: m.day, known: toDay}
	case kindTime:
		m = moment{hour: m.hour, minute: m.minute, second: m.second, nanos: m.nanos, known: toFraction}
	}
	return []Value{computed(atom{kind: k, when: m, text: m.write(k)})}
}
