package demo

import (
	"strings"
	"time"
)

// how a visit happens.
type how int

const (
	inPerson how = iota
	byVideo
	byPhone
	atTheirs // a home visit
)

// outcome of a visit that was booked.
type outcome int

const (
	happened outcome = iota
	cancelled
	missed
)

// visit is one line of somebody's story: when, with whom, why, what was said.
type visit struct {
	ago      int // days; negative lies ahead
	minute   int // wanted time of day; about when the diary is free if zero
	by       string
	minutes  int // 20 if zero
	how      how
	outcome  outcome
	reason   string
	note     string
	language string // of the note; English if empty
	label    secrecy
	comment  string // what the person wrote when booking
	pause    string // why it was cancelled
}

// seen is a visit that took place; findings hang on it.
type seen struct {
	enc   reference
	at    time.Time
	by    *worker
	label secrecy
}

// visit puts v in the diary. A past one that took place becomes an Appointment,
// an Encounter and, if it has words, a note.
func (c *chart) visit(v visit) seen {
	if v.minutes == 0 {
		v.minutes = 20
	}
	if v.minute == 0 {
		v.minute = pick(c.dice, []int{8*60 + 30, 9 * 60, 9*60 + 40, 10*60 + 20, 11 * 60, 11*60 + 40, 14 * 60, 15 * 60, 16*60 + 20, 17 * 60})
	}
	by := c.by(v.by)
	at := c.diary.take(by.ID, c.id, v.ago, v.minute, v.minutes)
	end := at.Add(time.Duration(v.minutes) * time.Minute)
	app := c.appointment(v, by, at, end)
	if v.ago < 0 || v.outcome != happened {
		return seen{at: at, by: by}
	}
	e := &wireEncounter{
		Status: "finished", Class: coding{actCode, v.how.class()}, Type: []concept{{Text: v.reason}}, Subject: c.self,
		Participant: []participant{{Individual: &by.ref}}, Appointment: []reference{app},
		Period: &period{instant(at), instant(end)}, ReasonCode: []concept{{Text: v.reason}}, ServiceProvider: &c.org,
	}
	if v.how == inPerson {
		e.Location = []place{{by.room}}
	}
	s := seen{enc: c.keep("Encounter", end, v.label, e), at: at, by: by, label: v.label}
	if v.note != "" {
		c.write(s, end, v)
	}
	c.seen[v.ago] = s
	return s
}

// moment returns when something was decided that many days ago: at the end of
// the visit of that day, if it had one under the same label, or else some time
// in opening hours.
func (c *chart) moment(ago int, label secrecy) (time.Time, *reference) {
	if s, ok := c.seen[ago]; ok && s.label == label {
		return s.at.Add(9 * time.Minute), &s.enc
	}
	return c.officeHour(min(ago, c.since-1)), nil
}

func (h how) class() string {
	return [...]string{inPerson: "AMB", byVideo: "VR", byPhone: "VR", atTheirs: "HH"}[h]
}

func (h how) words() string {
	return [...]string{inPerson: "In person", byVideo: "Video", byPhone: "Phone", atTheirs: "Home visit"}[h]
}

// coding is the way to meet as this program codes it; none of a home visit.
func (h how) coding() []coding {
	if code := [...]string{inPerson: "inperson", byVideo: "video", byPhone: "phone", atTheirs: ""}[h]; code != "" {
		return []coding{{"urn:rapport:mode", code}}
	}
	return nil
}

// service says which of the practice's services a visit is, as far as its reason tells.
func (v visit) service() concept {
	out := concept{Text: v.reason}
	low := strings.ToLower(v.reason)
	for _, s := range [...][2]string{{"blood pressure", "blood-pressure"}, {"blood-pressure", "blood-pressure"}, {"medicine", "medicines"}, {"diabetes", "long-term"}, {"asthma", "long-term"}, {"annual", "long-term"},
		{"pregnan", "pregnancy"}, {"midwife", "pregnancy"}, {"physio", "physio"}, {"child", "children"}, {"growth", "children"}, {"vaccin", "nurse"}, {"blood test", "nurse"}, {"smear", "nurse"}} {
		if strings.Contains(low, s[0]) {
			out.Coding = []coding{{"urn:rapport:service", s[1]}}
			return out
		}
	}
	if v.by == lena || v.by == samir {
		out.Coding = []coding{{"urn:rapport:service", "gp"}}
	}
	return out
}

func (c *chart) appointment(v visit, by *worker, at, end time.Time) reference {
	status, stance := "booked", "accepted"
	booked := c.within(at.AddDate(0, 0, -c.between(3, 16)))
	if joined := c.officeHour(c.since); booked.Before(joined) {
		booked = joined
	}
	written := end
	switch {
	case v.outcome == cancelled:
		status, stance = "cancelled", "declined"
		written = c.within(at.Add(-26 * time.Hour))
	case v.outcome == missed:
		status = "noshow"
	case v.ago >= 0:
		status = "fulfilled"
	default:
		booked = c.officeHour(c.between(0, 9))
		written = booked
	}
	a := &wireAppointment{
		Status: status, ServiceType: []concept{v.service()}, AppointmentType: &concept{Coding: v.how.coding(), Text: v.how.words()},
		ReasonCode: []concept{{Text: v.reason}}, Description: v.reason, Start: instant(at), End: instant(end),
		MinutesDuration: int(end.Sub(at).Minutes()), Created: instant(booked), Comment: v.comment,
		Participant: []attendee{{c.self, stance}, {by.ref, "accepted"}},
	}
	if v.pause != "" {
		a.CancelationReason = &concept{Text: v.pause}
	}
	switch v.how {
	case inPerson:
		a.Participant = append(a.Participant, attendee{by.room, "accepted"})
	case byVideo:
		a.Participant = append(a.Participant, attendee{c.video, "accepted"})
	}
	r := c.keep("Appointment", written, v.label, a)
	r.Display = v.reason
	return r
}

// officeHour returns a moment within opening hours on about that day, never
// after now.
func (c *chart) officeHour(ago int) time.Time {
	for ago = c.workday(ago); ; ago = c.workday(ago + 1) {
		t := c.clock(ago, c.between(opens+10, closes-10))
		if !t.After(c.now) {
			return t
		}
	}
}

// write keeps the words of a visit as a note.
func (c *chart) write(s seen, at time.Time, v visit) {
	lang := v.language
	if lang == "" {
		lang = "en"
	}
	c.keep("DocumentReference", at, s.label, &wireDocument{
		Status: "current", DocStatus: "final", Type: ptr(of(loinc, "34108-1", "Visit note")), Subject: c.self,
		Category: []concept{{Text: "Visit note"}}, Date: instant(at), Author: []reference{s.by.ref}, Custodian: &c.org,
		Description: v.reason,
		Content: []content{{attachment{
			ContentType: "text/plain;charset=UTF-8", Language: lang, Data: []byte(v.note), Title: v.reason, Creation: instant(at),
		}}},
		Context: &documentContext{Encounter: []reference{s.enc}},
	})
}

// letter keeps a letter that came from, or went, elsewhere.
func (c *chart) letter(ago int, from reference, title, text string) {
	at := c.officeHour(ago)
	c.keep("DocumentReference", at, ordinary, &wireDocument{
		Status: "current", DocStatus: "final", Type: &concept{Text: "Letter"}, Subject: c.self,
		Category: []concept{{Text: "Letter"}}, Date: instant(at), Author: []reference{from}, Custodian: &c.org,
		Description: title,
		Content: []content{{attachment{
			ContentType: "text/plain;charset=UTF-8", Language: "en", Data: []byte(text), Title: title, Creation: instant(at),
		}}},
	})
}
