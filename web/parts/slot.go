package parts

import "strconv"

// Slot is the classes that put something at its time of day in a column of hours, to
// five minutes: where it begins and how long it is. The style sheet grid.css knows
// them, so that nothing is styled inline.
func Slot(from, to int) string {
	n := max((to-from+4)/5*5, 5)
	return "slot sh" + strconv.Itoa(from/60) + " sm" + strconv.Itoa(from%60/5*5) + " lh" + strconv.Itoa(n/60) + " lm" + strconv.Itoa(n%60)
}

// Span is the classes of a column of hours: the first that is shown, and how many.
func Span(first, last int) string {
	return "span fh" + strconv.Itoa(first) + " nh" + strconv.Itoa(last-first)
}
