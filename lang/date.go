package lang

import (
	"strconv"
	"strings"
	"time"
)

var months = [tags][12]string{
	{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
	{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
}

var monthsShort = [tags][12]string{
	{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"},
	{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
}

var days = [tags][7]string{
	{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
	{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
}

var daysShort = [tags][7]string{
	{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
	{"dom", "lun", "mar", "mié", "jue", "vie", "sáb"},
	{"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."},
}

// The formats below write t in its own location: turn it into the practice's
// zone first.

// Date writes a day with its weekday: "Tuesday 24 November", "martes 24 de
// noviembre", "mardi 24 novembre". A day of another year than now's carries it.
func (p Printer) Date(t, now time.Time) string {
	s := days[p.tag][t.Weekday()] + " " + p.DayMonth(t)
	if t.Year() != now.Year() {
		s += p.of() + strconv.Itoa(t.Year())
	}
	return s
}

// DayMonth writes "24 November", "24 de noviembre", "24 novembre".
func (p Printer) DayMonth(t time.Time) string {
	d := strconv.Itoa(t.Day())
	if p.tag == French && t.Day() == 1 {
		d = "1er"
	}
	return d + p.of() + months[p.tag][t.Month()-1]
}

// Full writes "24 November 2026", "24 de noviembre de 2026", "24 novembre 2026".
func (p Printer) Full(t time.Time) string { return p.DayMonth(t) + p.of() + strconv.Itoa(t.Year()) }

// Short writes "24 Nov 2026", "24 nov 2026", "24 nov. 2026".
func (p Printer) Short(t time.Time) string { return p.ShortDay(t) + " " + strconv.Itoa(t.Year()) }

// ShortDay writes "24 Nov".
func (p Printer) ShortDay(t time.Time) string {
	return strconv.Itoa(t.Day()) + " " + monthsShort[p.tag][t.Month()-1]
}

// Month writes "November 2026", "noviembre de 2026".
func (p Printer) Month(t time.Time) string {
	return months[p.tag][t.Month()-1] + p.of() + strconv.Itoa(t.Year())
}

// MonthShort writes "Nov".
func (p Printer) MonthShort(t time.Time) string { return monthsShort[p.tag][t.Month()-1] }

// Weekday writes "Tuesday".
func (p Printer) Weekday(t time.Time) string { return days[p.tag][t.Weekday()] }

// WeekdayShort writes "Tue".
func (p Printer) WeekdayShort(t time.Time) string { return daysShort[p.tag][t.Weekday()] }

// Clock writes the time of day, "09:05", on a 24-hour clock in every language.
func (p Printer) Clock(t time.Time) string { return t.Format("15:04") }

func (p Printer) of() string {
	if p.tag == Spanish {
		return " de "
	}
	return " "
}

// Number writes a decimal, given with a point, as the language does. The digits
// stay as they are: "1.10" is "1,10" in Spanish.
func (p Printer) Number(decimal string) string {
	if p.tag == English {
		return decimal
	}
	return strings.Replace(decimal, ".", ",", 1)
}

// Count writes a whole number with groups of three: "12 345" with a narrow
// no-break space in every language, which none of the three misreads.
func (p Printer) Count(n int) string {
	s := strconv.Itoa(n)
	neg := strings.TrimPrefix(s, "-")
	if len(neg) < 5 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:len(s)-len(neg)])
	for i, c := range neg {
		if i > 0 && (len(neg)-i)%3 == 0 {
			b.WriteString("\u202f")
		}
		b.WriteRune(c)
	}
	return b.String()
}

// And joins words as a sentence does: "a, b and c", "a, b y c", "a, b et c".
func (p Printer) And(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	last := words[len(words)-1]
	and := [tags]string{" and ", " y ", " et "}[p.tag]
	if p.tag == Spanish {
		l := strings.ToLower(last)
		if strings.HasPrefix(l, "i") || strings.HasPrefix(l, "hi") && !strings.HasPrefix(l, "hie") {
			and = " e "
		}
	}
	return strings.Join(words[:len(words)-1], ", ") + and + last
}
