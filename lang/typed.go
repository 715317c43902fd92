package lang

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// DateIn turns a birth date as it is said here, "14 mar 1968" or "March 14,
// 1968", or with the month first, "3/14/1968", into one the directory finds. What
// is no such date stays as it was written.
func (p Printer) DateIn(q string) string {
	words := strings.FieldsFunc(strings.ToLower(q), func(r rune) bool { return strings.ContainsRune(" ,./-", r) })
	var ns []int
	month := 0
	for _, w := range words {
		switch n, err := strconv.Atoi(strings.TrimRight(w, "erdnsth")); {
		case err == nil:
			ns = append(ns, n)
		case w == "de", w == "of":
		case month == 0 && p.monthOf(w) > 0:
			month = p.monthOf(w)
		default:
			return q
		}
	}
	if month == 0 && len(ns) == 3 && ns[0] <= 12 && ns[1] > 12 {
		month, ns = ns[0], ns[1:]
	}
	if month == 0 || len(ns) != 2 || ns[0] < 1 || ns[0] > 31 || ns[1] < 1000 || ns[1] > 9999 {
		return q
	}
	return time.Date(ns[1], time.Month(month), ns[0], 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// monthOf reads the name of a month, or its first three letters or more.
func (p Printer) monthOf(w string) int {
	for m := 1; m <= 12 && utf8.RuneCountInString(w) >= 3; m++ {
		name, _, _ := strings.Cut(strings.ToLower(p.Month(time.Date(2000, time.Month(m), 1, 0, 0, 0, 0, time.UTC))), " ")
		if strings.HasPrefix(name, w) {
			return m
		}
	}
	return 0
}
