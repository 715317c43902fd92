package practice

import (
	"time"

	"rapport/lang"
	"rapport/record"
	"rapport/web"
)

// copies is how the practice's backups stand, for who has to see to them.
type copies struct {
	drill record.Drill
	now   time.Time
	at    time.Time // of the last one, in the practice's zone
}

func newCopies(a *web.Ask, p *record.Practice) (copies, error) {
	d, err := p.LastDrill(a.Context())
	return copies{drill: d, now: a.Now, at: a.Local(d.At)}, err
}

func (c copies) late() bool { return c.drill.Late(c.now) }

// when is the day and the time of the last backup.
func (c copies) when(p lang.Printer) string { return p.Date(c.at, c.now) + ", " + p.Clock(c.at) }

// wrong says what is wrong, and what to do.
func (c copies) wrong(p lang.Printer) string {
	switch {
	case c.drill.At.IsZero():
		return p.CopiesNever()
	case !c.drill.OK:
		return p.CopiesBad(c.when(p))
	case c.drill.Kept == "":
		return p.CopiesNowhere()
	}
	return p.CopiesOld(c.when(p))
}
