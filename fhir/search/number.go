package search

import "math"

// decimal reads a decimal and half a unit of its last digit. Both sides of a
// comparison are read by it, so that equal texts are equal numbers.
func decimal(s []byte) (n, half float64, ok bool) {
	var m uint64
	exp, i, seen := 0, 0, 0
	neg := false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		neg = s[i] == '-'
		i++
	}
	point := false
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		seen++
		if m < 1e17 {
			m = m*10 + uint64(c-'0')
			if point {
				exp--
			}
		} else if !point {
			exp++
		}
	}
	if seen == 0 {
		return 0, 0, false
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		e, ok := exponent(s[i+1:])
		if !ok {
			return 0, 0, false
		}
		exp, i = exp+e, len(s)
	}
	if i != len(s) {
		return 0, 0, false
	}
	n = scale(float64(m), exp)
	if neg {
		n = -n
	}
	return n, scale(0.5, exp), true
}

func exponent(s []byte) (int, bool) {
	neg := false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	if len(s) == 0 {
		return 0, false
	}
	v := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = min(v*10+int(c-'0'), 1000)
	}
	if neg {
		v = -v
	}
	return v, true
}

// scale divides for a negative power: ten to the power of up to 22 is exact, its
// inverse is not.
func scale(f float64, exp int) float64 {
	if exp < 0 {
		return f / math.Pow10(-exp)
	}
	return f * math.Pow10(exp)
}
