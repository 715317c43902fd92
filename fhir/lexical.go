package fhir

import "bytes"

// scalarFits says whether a JSON number or truth value fits a primitive type.
func scalarFits(p prim, kind byte, s []byte) bool {
	switch p {
	case primBoolean:
		return kind == 't' || kind == 'f'
	case primDecimal:
		return kind == 'n'
	case primInteger, primUnsigned, primPositive:
		return kind == 'n' && integerFits(p, s)
	}
	return false
}

func integerFits(p prim, s []byte) bool {
	neg := s[0] == '-'
	if neg {
		s = s[1:]
	}
	if len(s) > 10 {
		return false
	}
	var v int64
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
		v = v*10 + int64(c-'0')
	}
	if neg {
		return p == primInteger && v > 0 && v <= 1<<31
	}
	return v < 1<<31 && (p != primPositive || v > 0)
}

const maxString = 1 << 20 // R4: strings shall not exceed 1 MB

// lexical says whether the characters of a string have the form R4 asks of a
// primitive type (datatypes, 2.24.0.1). Control characters in a text are the
// caller's to look for: JSON can only hold them escaped.
func lexical(p prim, s []byte) bool {
	if len(s) == 0 {
		return false
	}
	switch p {
	case primString, primMarkdown:
		return len(s) <= maxString
	case primXHTML:
		return narrative(s)
	case primURI, primURL, primCanonical:
		return unspaced(s)
	case primUUID:
		return len(s) == 45 && string(s[:9]) == "urn:uuid:" && isUUID(s[9:])
	case primOID:
		return oid(s)
	case primID:
		return identifier(s)
	case primCode:
		return code(s)
	case primBase64:
		return base64(s)
	case primDate:
		return len(s) <= 10 && dateLen(s) == len(s)
	case primDateTime:
		return dateTime(s, false)
	case primInstant:
		return dateTime(s, true)
	case primTime:
		return timeLen(s) == len(s)
	}
	return true
}

func printable(s []byte) bool {
	for _, c := range s {
		if c < 0x20 && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

func unspaced(s []byte) bool {
	for _, c := range s {
		if c <= ' ' {
			return false
		}
	}
	return true
}

func narrative(s []byte) bool {
	s = bytes.TrimSpace(s)
	if !bytes.HasPrefix(s, []byte("<div")) || len(s) < 6 || !bytes.ContainsRune([]byte(" \t\r\n/>"), rune(s[4])) {
		return false
	}
	return bytes.HasSuffix(s, []byte("</div>")) || bytes.HasSuffix(s, []byte("/>"))
}

func isUUID(s []byte) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !(c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f') {
				return false
			}
		}
	}
	return true
}

func oid(s []byte) bool {
	rest, ok := bytes.CutPrefix(s, []byte("urn:oid:"))
	if !ok || len(rest) < 3 || rest[0] < '0' || rest[0] > '2' || rest[1] != '.' {
		return false
	}
	for part := range bytes.SplitSeq(rest, []byte{'.'}) {
		if n := digits(part, 0); n == 0 || n != len(part) || (part[0] == '0' && n > 1) {
			return false
		}
	}
	return true
}

func identifier(s []byte) bool {
	if len(s) == 0 || len(s) > 64 {
		return false
	}
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}

func code(s []byte) bool {
	space := true
	for _, c := range s {
		if c < 0x20 || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return !space
}

// base64Class: 1 a digit, 2 padding, 3 whitespace, 0 nothing base64 has.
var base64Class = func() (t [256]byte) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = 1
	}
	t['='] = 2
	for _, c := range []byte(" \t\r\n") {
		t[c] = 3
	}
	return t
}()

func base64(s []byte) bool {
	n, pad := 0, 0
	for _, c := range s {
		switch base64Class[c] {
		case 0:
			return false
		case 1:
			if pad > 0 {
				return false
			}
			n++
		case 2:
			pad++
		}
	}
	return pad <= 2 && (n+pad)%4 == 0 && n > 0
}
