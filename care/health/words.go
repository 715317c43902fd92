package health

import (
	"strings"
	"time"

	"rapport/fhir"
	"rapport/lang"
	"rapport/web/parts"
	"rapport/web/reading"
)

// row is a kind of finding on one line: its newest value, where it lies and how
// it has moved, all in words.
func row(p lang.Printer, base string, k kind, now time.Time) parts.RowView {
	r := k.last()
	v := parts.RowView{Href: base + "/results/" + string(r.Ref), Title: named(p, r.name(p)), Meta: dated(p, r.At, now)}
	d, then := course(k.Found)
	v.Text = sentence(words(p, r.state()), compared(p, d, r, then, now))
	v.Value = reading.Say(p, r.main())
	if len([]rune(v.Value)) > 24 || v.Value == "" { // words, or many parts
		v.Text, v.Value = sentence(stop(listed(p, r)), v.Text), ""
	}
	v.Tag = tag(p, r.state())
	return v
}

// listed writes a finding of many parts on one line.
func listed(p lang.Printer, r finding) string {
	if len(r.Values) == 1 {
		return reading.Say(p, r.Values[0].Value)
	}
	var out []string
	for i, v := range r.Values {
		if i == 4 {
			out = append(out, "…")
			break
		}
		out = append(out, v.name(p)+" "+reading.Say(p, v.Value))
	}
	return strings.Join(out, ", ")
}

func tag(p lang.Printer, s reading.State) parts.TagView {
	if !s.Out() {
		return parts.TagView{}
	}
	t := parts.TagView{Text: reading.Word(p, s), Tone: parts.ToneWarn, Icon: "alert-circle"}
	switch s {
	case reading.Low, reading.VeryLow:
		t.Icon = "trending-down"
	case reading.High, reading.VeryHigh:
		t.Icon = "trending-up"
	case reading.Unsaid, reading.InRange, reading.Unusual:
	}
	if s.Grave() {
		t.Tone = parts.ToneDanger
	}
	return t
}

func rows(p lang.Printer, base string, ks []kind, now time.Time) []parts.RowView {
	var out []parts.RowView
	for _, k := range ks {
		out = append(out, row(p, base, k, now))
	}
	return out
}

// sentence joins sentences that are not empty.
func sentence(ss ...string) string {
	var out []string
	for _, s := range ss {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}

// clauses joins pieces of a line.
func clauses(ss ...string) string {
	var out []string
	for _, s := range ss {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}

func named(p lang.Printer, s string) string {
	if s == "" {
		return p.HealthUnnamed()
	}
	return s
}

// takes says how a medicine is taken: the prescriber's words, or the parts of
// the dosage in the reader's language.
func (m medicine) takes(p lang.Printer) string {
	if len(m.Dosage) > 0 {
		return strings.Join(m.Dosage, "; ")
	}
	var out []string
	for _, d := range m.Doses {
		if s := clauses(d.amount(p), d.often(p)); s != "" {
			out = append(out, s)
		}
	}
	s := strings.Join(out, "; ")
	if m.AsNeeded {
		s = clauses(s, p.HealthNeeded())
	}
	return lang.Upper(s)
}

func (d dose) amount(p lang.Printer) string {
	if d.Digits == "" {
		return ""
	}
	return p.HealthAtatime(reading.Say(p, reading.Value{Number: d.Digits, Unit: d.Printed, Code: d.Ucum}))
}

// often says how often; nothing for what is too odd for a short sentence.
func (d dose) often(p lang.Printer) string {
	switch {
	case d.Times > 0 && d.Every == 1 && d.Unit == "d":
		return p.HealthAday(d.Times)
	case d.Times > 0 && d.Every == 1 && d.Unit == "wk":
		return p.HealthAweek(d.Times)
	case d.Times > 0 && d.Every == 1 && d.Unit == "mo":
		return p.HealthAmonth(d.Times)
	case d.Times > 1 || d.Every < 1:
		return ""
	}
	switch d.Unit {
	case "h":
		return p.HealthEveryhours(d.Every)
	case "d":
		return p.HealthEverydays(d.Every)
	case "wk":
		return p.HealthEveryweeks(d.Every)
	case "mo":
		return p.HealthEverymonths(d.Every)
	}
	return ""
}

func (m medicine) row(p lang.Printer, now time.Time) parts.RowView {
	v := parts.RowView{Title: named(p, m.Name), Text: m.takes(p)}
	if m.Why != "" {
		v.Text = sentence(stop(v.Text), stop(p.HealthFor(m.Why)))
	}
	if !m.Current {
		v.Text = m.StopReason
		if v.Meta = dated(p, m.Ended, now); v.Meta == "" {
			v.Meta = dated(p, m.Started, now)
		}
	}
	return v
}

// stop ends a sentence.
func stop(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

func (c condition) row(p lang.Printer, now time.Time) parts.RowView {
	v := parts.RowView{Title: named(p, c.Name)}
	from, to := dated(p, c.Since, now), dated(p, c.Over, now)
	switch {
	case c.Past && from != "" && to != "" && from != to:
		v.Text = p.HealthFromto(from, to)
	case c.Past && to != "" && c.Over.Prec >= fhir.ToDay:
		v.Text = p.HealthUntilDay(to)
	case c.Past && to != "":
		v.Text = p.HealthUntil(to)
	case from != "" && c.Since.Prec >= fhir.ToDay:
		v.Text = p.HealthSinceDay(from)
	case from != "":
		v.Text = p.HealthSince(from)
	case c.SinceText != "":
		v.Text = p.HealthSince(c.SinceText)
	}
	return v
}

// says is an allergy on a line after its name.
func (a allergy) says(p lang.Printer) string {
	s := a.Words
	if s == "" {
		s = strings.Join(a.Signs, ", ")
	}
	if a.Grave {
		s = sentence(stop(lang.Upper(p.HealthGrave())), s)
	}
	return s
}

func (v visit) row(p lang.Printer, now time.Time) parts.RowView {
	name := v.Name
	if name == "" {
		name = p.HealthEventVisit()
	}
	return parts.RowView{Icon: "stethoscope", Title: name, Text: strings.Join(v.With, ", "), Meta: dated(p, v.At, now)}
}

func (d document) row(p lang.Printer, base string, now time.Time) parts.RowView {
	kind := d.Kind
	if kind == d.Name {
		kind = ""
	}
	return parts.RowView{Href: base + "/documents/" + string(d.Ref), Icon: "file-text", Title: named(p, d.Name), Text: clauses(kind, strings.Join(d.By, ", ")), Meta: dated(p, d.At, now)}
}
