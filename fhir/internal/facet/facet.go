// Package facet is the form search values are kept in: a header with the
// resource's hash, type and id, then one group of rows per search parameter, all
// in varints. Package fhir writes facets and package fhir/search reads them. It
// knows neither resources nor queries, holds no table of its own and refuses
// nothing: a facet that is cut short reads as one with fewer rows.
package facet

import "encoding/hex"

// Version is the first byte of every facet. Facets of another version are
// rebuilt from the resource.
const Version = 1

const (
	hashAt  = 1
	typeAt  = hashAt + 16
	uuidLen = 0xff
)

// Header begins a facet.
func Header(dst []byte, hash [16]byte, typ uint16, id string) []byte {
	dst = append(dst, Version)
	dst = append(dst, hash[:]...)
	dst = Uvarint(dst, uint64(typ))
	return AppendID(dst, []byte(id))
}

// AppendID appends a logical id: a UUID in lower case as its 16 bytes, anything
// else as it is, cut at 64 bytes.
func AppendID(dst, id []byte) []byte {
	if len(id) == 36 && canonical(id) {
		dst = append(dst, uuidLen)
		var b [16]byte
		j := 0
		for i := 0; i < 36; i += 2 {
			if id[i] == '-' {
				i++
			}
			b[j] = nibble(id[i])<<4 | nibble(id[i+1])
			j++
		}
		return append(dst, b[:]...)
	}
	id = id[:min(len(id), 64)]
	dst = append(dst, byte(len(id)))
	return append(dst, id...)
}

func canonical(id []byte) bool {
	for i, c := range id {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') {
			return false
		}
		if c != '-' && !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

func nibble(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}

// takeID returns an id as it is kept, length byte included, and what follows.
func takeID(b []byte) (id, rest []byte) {
	if len(b) == 0 {
		return nil, nil
	}
	n := 1 + int(b[0])
	if b[0] == uuidLen {
		n = 17
	}
	if n > len(b) {
		return nil, nil
	}
	return b[:n], b[n:]
}

// IDText returns the id an id is kept for.
func IDText(kept []byte) string {
	if len(kept) == 0 {
		return ""
	}
	if kept[0] != uuidLen {
		return string(kept[1:])
	}
	var b [36]byte
	hex.Encode(b[:], kept[1:5])
	hex.Encode(b[9:], kept[5:7])
	hex.Encode(b[14:], kept[7:9])
	hex.Encode(b[19:], kept[9:11])
	hex.Encode(b[24:], kept[11:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// Hash returns the hash of the resource's compact body.
func Hash(f []byte) (h [16]byte) {
	if len(f) >= typeAt {
		copy(h[:], f[hashAt:])
	}
	return h
}

// Open returns a facet's type, its id as kept, and its groups.
func Open(f []byte) (typ uint16, id, groups []byte) {
	if len(f) < typeAt || f[0] != Version {
		return 0, nil, nil
	}
	t, rest := take(f[typeAt:])
	id, groups = takeID(rest)
	return uint16(t), id, groups
}

// Uvarint appends a varint.
func Uvarint(dst []byte, v uint64) []byte {
	for v >= 0x80 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}

// take reads a varint; it returns 0 and nothing when b ends too early.
func take(b []byte) (uint64, []byte) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), b[1:]
	}
	var v uint64
	for i, c := range b {
		if i == 10 {
			break
		}
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			return v, b[i+1:]
		}
	}
	return 0, nil
}

// Bytes appends a length and the bytes.
func Bytes(dst, b []byte) []byte { return append(Uvarint(dst, uint64(len(b))), b...) }

func takeBytes(b []byte) (v, rest []byte) {
	n, b := take(b)
	if n > uint64(len(b)) {
		return nil, nil
	}
	return b[:n], b[n:]
}

// Group appends a parameter's rows.
func Group(dst []byte, no uint16, rows []byte) []byte {
	dst = Uvarint(dst, uint64(no))
	dst = Uvarint(dst, uint64(len(rows))<<1)
	return append(dst, rows...)
}

// Same appends that a parameter's rows are those of an earlier one: patient and
// subject, code and combo-code usually are.
func Same(dst []byte, no, as uint16) []byte {
	dst = Uvarint(dst, uint64(no))
	return Uvarint(dst, uint64(as)<<1|1)
}

// Find returns the rows of a parameter. The groups are in the order of their
// numbers.
func Find(groups []byte, no uint16) (rows []byte, ok bool) {
	rows, ok, _ = Look(groups, no)
	return rows, ok
}

// Look is Find that also says when it met what no facet holds on the way, so that
// what is not found may have been lost.
func Look(groups []byte, no uint16) (rows []byte, ok, broken bool) {
	all := groups
	for len(groups) > 0 {
		var n, l uint64
		n, groups = take(groups)
		l, groups = take(groups)
		same := l&1 != 0
		l >>= 1
		switch {
		case n == 0:
			return nil, false, true
		case n == uint64(no) && same:
			if l >= n {
				return nil, false, true // only ever an earlier one: this ends
			}
			return Look(all, uint16(l))
		case n > uint64(no):
			return nil, false, false
		case !same && l > uint64(len(groups)):
			return nil, false, true
		case n == uint64(no):
			return groups[:l], true, false
		case !same:
			groups = groups[l:]
		}
	}
	return nil, false, false
}
