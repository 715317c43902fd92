package demo

// goal is what a person wants, in their own words.
type goal struct {
	words    string
	from     int    // days ago
	due      int    // days ago; negative lies ahead
	progress string // an R4 goal-achievement code
	measure  *measure
	low, up  float64 // the range to reach, if there is a measure
	target   string  // in words, if there is none
	why      []reference
}

func (c *chart) wants(g goal) reference {
	at, _ := c.moment(g.from, ordinary)
	looked := at // when the progress was last judged
	if later := c.officeHour(c.between(1, 9)); later.After(at) {
		looked = later
	}
	t := target{DueDate: date(c.day(g.due)), DetailString: g.target}
	t.Measure = &concept{Text: g.words}
	if g.measure != nil {
		t.Measure = ptr(of(loinc, g.measure.code, g.measure.name))
		t.DetailRange = &span{High: g.measure.quantity(g.up)}
		if g.low > 0 {
			t.DetailRange.Low = g.measure.quantity(g.low)
		}
	}
	r := c.keep("Goal", looked, ordinary, &wireGoal{
		LifecycleStatus: "active", AchievementStatus: ptr(of(hl7+"goal-achievement", g.progress, "")),
		Description: concept{Text: g.words}, Subject: c.self, StartDate: date(at), Target: []target{t},
		StatusDate: date(looked), ExpressedBy: &c.self, Addresses: g.why,
	})
	r.Display = g.words
	return r
}

// step is one thing to do.
type step struct {
	name, words string
	state       string // an R4 care-plan-activity-status
	times       []string
	clock       string // a wall time, instead of times
	when        string // in words, if it is not daily
	goals       []reference
	by          string // who helps; the person alone if empty
}

// plan is what a person and the team agreed.
type plan struct {
	title, words string
	from, until  int // days ago
	by           string
	team         []string
	why, goals   []reference
	steps        []step
}

func (c *chart) agrees(p plan) {
	at, _ := c.moment(p.from, ordinary)
	w := &wirePlan{
		Status: "active", Intent: "plan", Title: p.title, Description: p.words, Subject: c.self,
		Period: &period{date(c.day(p.from)), date(c.day(p.until))}, Created: instant(at), Author: &c.by(p.by).ref,
		Contributor: []reference{c.self}, Addresses: p.why, Goal: p.goals,
	}
	for _, key := range p.team {
		w.Contributor = append(w.Contributor, c.by(key).ref)
	}
	for _, s := range p.steps {
		d := &activityDetail{
			Code: &concept{Text: s.name}, Status: s.state, Description: s.words, Goal: s.goals, ScheduledString: s.when,
			Performer: []reference{c.self},
		}
		if s.by != "" {
			d.Performer = append(d.Performer, c.by(s.by).ref)
		}
		switch {
		case s.clock != "":
			d.ScheduledTiming = &timing{&repeat{TimeOfDay: []string{s.clock}}} // every day; R4 allows no frequency beside it
		case len(s.times) > 0:
			d.ScheduledTiming = &timing{&repeat{Frequency: len(s.times), Period: "1", PeriodUnit: "d", When: s.times}}
		}
		w.Activity = append(w.Activity, activity{d})
	}
	c.keep("CarePlan", at, ordinary, w)
}
