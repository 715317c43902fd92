package timetable

import (
	"fmt"
	"strconv"
	"strings"

	"rapport/hours"
	"rapport/lang"
	"rapport/web/parts"
)

// What people type, read strictly and forgivingly: "9:00", "9", "900" and "09:00" are
// one time, and none of them is guessed at.

// minuteIn reads a time of day as minutes after midnight; 24:00 is the end of a day.
func minuteIn(s string) (int, bool) {
	s = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(s), ".", ":"), "h", ":")
	h, m, has := strings.Cut(s, ":")
	if !has && len(s) > 2 {
		h, m = s[:len(s)-2], s[len(s)-2:]
	}
	if m == "" {
		m = "00"
	}
	if len(h) < 1 || len(h) > 2 || len(m) != 2 || strings.Trim(h+m, "0123456789") != "" {
		return 0, false
	}
	hh, err := strconv.Atoi(h)
	mm, err2 := strconv.Atoi(m)
	if err != nil || err2 != nil || mm > 59 || hh*60+mm > hours.DayMinutes {
		return 0, false
	}
	return hh*60 + mm, true
}

// clock writes minutes after midnight as a field and a page show them.
func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// dateIn reads a day; "" is none.
func dateIn(s string) (d hours.Date, ok bool) {
	if strings.TrimSpace(s) == "" {
		return 0, true
	}
	return hours.ParseDate(strings.TrimSpace(s))
}

// dateText is a day as a date field holds it; none is empty.
func dateText(d hours.Date) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// countIn reads a whole number that may be left out.
func countIn(s string, most int) (int, bool) {
	if strings.TrimSpace(s) == "" {
		return 0, true
	}
	n, err := strconv.Atoi(strings.TrimSpace(s))
	return n, err == nil && n >= 0 && n <= most
}

// countText is a number as its field holds it; 0 is empty.
func countText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// wrongs is what is wrong with a form, by field, in the order of the form.
type wrongs struct {
	fields []string
	texts  map[string]string
}

func (w *wrongs) add(field, text string) {
	if w.texts == nil {
		w.texts = map[string]string{}
	}
	if _, twice := w.texts[field]; !twice {
		w.fields = append(w.fields, field)
		w.texts[field] = text
	}
}

func (w *wrongs) of(field string) string { return w.texts[field] }

func (w *wrongs) any() bool { return len(w.fields) > 0 }

// list is what is wrong for the top of the form. Groups of choices have no one field,
// so their frame takes the link.
func (w *wrongs) list() []parts.FieldProblem {
	var out []parts.FieldProblem
	for _, f := range w.fields {
		id := f
		switch f {
		case "days", "modes", "who-group", "kind":
			id = strings.TrimSuffix(f, "-group") + "-group"
		}
		out = append(out, parts.FieldProblem{ID: id, Text: w.texts[f]})
	}
	return out
}

// modeWord says a way to meet.
func modeWord(p lang.Printer, m hours.Modes) (text, icon string) {
	switch m {
	case hours.InPerson:
		return p.TimetableModeInperson(), "map-pin"
	case hours.Video:
		return p.TimetableModeVideo(), "video"
	case hours.Phone:
		return p.TimetableModePhone(), "phone"
	}
	return "", ""
}

func modeOptions(p lang.Printer, chosen hours.Modes) []parts.Option {
	var out []parts.Option
	for _, m := range hours.AllModes.Each() {
		text, _ := modeWord(p, m)
		out = append(out, parts.Option{Value: m.String(), Text: text, Chosen: chosen&m != 0})
	}
	return out
}

func modesIn(codes []string) hours.Modes {
	var m hours.Modes
	for _, c := range codes {
		m |= hours.ParseMode(c)
	}
	return m
}

// modeWords says several.
func modeWords(p lang.Printer, m hours.Modes) string {
	var out []string
	for _, x := range m.Each() {
		text, _ := modeWord(p, x)
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// runes reports that a text is at most so many letters long.
func runes(s string, most int) bool { return len([]rune(s)) <= most }
