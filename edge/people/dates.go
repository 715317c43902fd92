package people

import (
	"fmt"
	"strconv"
	"strings"
)

// The years somebody alive may have been born in; others are slips, or stand for
// no date.
const (
	firstYear = 1850
	lastYear  = 2200
)

// birth reads a date as the FHIR date it is, or says why it is none.
func birth(s string, order Order) (date, why string) {
	if i := strings.IndexAny(s, " T"); i > 0 && strings.Trim(s[i+1:], "0:.Z") == "" {
		s = s[:i] // midnight, as databases write it
	}
	if n := len(s); number(s) >= 0 {
		switch n {
		case 4:
			return whole(s, "", "")
		case 8:
			return whole(s[:4], s[4:6], s[6:])
		}
		return "", "is not a date in a form that is known"
	}
	sep := strings.IndexAny(s, "-/.")
	if sep < 0 {
		return "", "is not a date in a form that is known"
	}
	p := strings.Split(s, s[sep:sep+1])
	for _, x := range p {
		if number(x) < 0 {
			return "", "is not a date in a form that is known"
		}
	}
	switch {
	case len(p) == 2 && len(p[0]) == 4 && len(p[1]) == 2 && s[sep] == '-':
		return whole(p[0], p[1], "")
	case len(p) != 3 || len(p[1]) > 2:
	case len(p[0]) == 4 && len(p[2]) <= 2:
		return whole(p[0], p[1], p[2])
	case len(p[0]) > 2:
	case len(p[2]) == 4 && order == DayFirst:
		return whole(p[2], p[1], p[0])
	case len(p[2]) == 4 && order == MonthFirst:
		return whole(p[2], p[0], p[1])
	case len(p[2]) == 4:
		return "", "is a date of which it was not said whether the day or the month comes first"
	case len(p[2]) == 2:
		return "", "is a date with two digits for the year"
	}
	return "", "is not a date in a form that is known"
}

// number returns what plain digits, at most 8, stand for, or -1.
func number(s string) int {
	if s == "" || len(s) > 8 || strings.Trim(s, "0123456789") != "" {
		return -1
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// whole puts a date together from its digits; what is not known is "".
func whole(year, month, day string) (date, why string) {
	y, m, d := number(year), number(month), number(day)
	switch {
	case y < firstYear || y > lastYear:
		return "", "is a date too long ago or too far ahead"
	case month == "":
		return year, ""
	case m < 1 || m > 12 || day != "" && (d < 1 || d > days(y, m)):
		return "", "is a date that does not exist"
	case day == "":
		return fmt.Sprintf("%04d-%02d", y, m), ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d), ""
}

func days(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
