package alike

// date is a birth date as far as it is known: its digits, YYYYMMDD, the first n
// of which are given. n is 0, 4, 6 or 8.
type date struct {
	d [8]byte
	n int
}

// readDate reads a FHIR date. Anything else is no date.
func readDate(s string) date {
	var out date
	if len(s) != 4 && len(s) != 7 && len(s) != 10 {
		return date{}
	}
	for i := range len(s) {
		switch {
		case i == 4 || i == 7:
			if s[i] != '-' {
				return date{}
			}
		case s[i] < '0' || s[i] > '9':
			return date{}
		default:
			out.d[out.n] = s[i]
			out.n++
		}
	}
	return out
}

func (a date) year() int {
	return int(a.d[0]-'0')*1000 + int(a.d[1]-'0')*100 + int(a.d[2]-'0')*10 + int(a.d[3]-'0')
}

// newYear reports a date that is often written when only the year is known.
func (a date) newYear() bool { return a.n == 8 && string(a.d[4:]) == "0101" }

// generation is the number of years from which two people may be parent and child.
const generation = 15

// births compares birth dates.
func births(a, b date) Reason {
	n := min(a.n, b.n)
	switch {
	case n == 0:
		return 0
	case a.newYear() || b.newYear():
		n = 4
	}
	switch {
	case string(a.d[:n]) != string(b.d[:n]):
		if a.n == 8 && b.n == 8 && slipped(a, b) {
			return BirthSlip
		}
		return DifferentBirth
	case n < 8:
		return BirthPartly
	}
	return SameBirth
}

// slipped reports that one date is the other with day and month exchanged, one
// digit wrong, or two beside each other exchanged. A child may be born on its
// parent's birthday: dates a generation apart are two.
func slipped(a, b date) bool {
	if y := a.year() - b.year(); y >= generation || y <= -generation {
		return false
	}
	if string(a.d[:4]) == string(b.d[:4]) && string(a.d[4:6]) == string(b.d[6:]) && string(a.d[6:]) == string(b.d[4:6]) {
		return true
	}
	var at [8]int
	wrong := 0
	for i := range a.d {
		if a.d[i] != b.d[i] {
			at[wrong] = i
			wrong++
		}
	}
	return wrong == 1 || wrong == 2 && at[1] == at[0]+1 && a.d[at[0]] == b.d[at[1]] && a.d[at[1]] == b.d[at[0]]
}
