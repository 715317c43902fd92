package facet

// How a system is kept: a small number, or its text.
const (
	NoSystem      = iota
	OtherSystem   // the text follows
	ImpliedSystem // a code whose element has one system only
	firstSystem
)

// System returns the number a system is kept under, given its place in the
// table of known systems, from 1; 0 is a system the table does not have.
func System(known uint32) uint64 {
	if known == 0 {
		return OtherSystem
	}
	return uint64(known) + firstSystem - 1
}

// Known returns the place in the table a number stands for, or 0.
func Known(system uint64) uint32 {
	if system < firstSystem {
		return 0
	}
	return uint32(system - firstSystem + 1)
}

// Token is a row of a token parameter. Text is what is shown for the code.
type Token struct {
	System     uint64
	Other      []byte // the system's text, for OtherSystem
	Code, Text []byte
}

// AppendToken appends a row.
func AppendToken(dst []byte, t Token) []byte {
	head := t.System << 2
	if len(t.Code) > 0 {
		head |= 1
	}
	if len(t.Text) > 0 {
		head |= 2
	}
	dst = Uvarint(dst, head)
	if t.System == OtherSystem {
		dst = Bytes(dst, t.Other)
	}
	if len(t.Code) > 0 {
		dst = Bytes(dst, t.Code)
	}
	if len(t.Text) > 0 {
		dst = Bytes(dst, t.Text)
	}
	return dst
}

// NextToken reads a row.
func NextToken(b []byte) (t Token, rest []byte) {
	head, b := take(b)
	t.System = head >> 2
	if t.System == OtherSystem {
		t.Other, b = takeBytes(b)
	}
	if head&1 != 0 {
		t.Code, b = takeBytes(b)
	}
	if head&2 != 0 {
		t.Text, b = takeBytes(b)
	}
	return t, b
}

// How a reference is kept.
const (
	refText = iota
	refIdentifier
	refNothing
	firstType
)

// Ref is a row of a reference parameter: a type and id, or a text (an absolute
// address, a canonical, a URN), or an identifier, or nothing but a display.
type Ref struct {
	Type       uint16
	ID         []byte // as kept
	Text       []byte
	Identifier Token
	Named      bool // Identifier is set
}

// AppendRef appends a type and id.
func AppendRef(dst []byte, typ uint16, id []byte) []byte {
	return AppendID(Uvarint(dst, uint64(typ)+firstType-1), id)
}

// AppendRefText appends a reference that is not to a type and id.
func AppendRefText(dst, text []byte) []byte { return Bytes(append(dst, refText), text) }

// AppendRefIdentifier appends a reference by identifier.
func AppendRefIdentifier(dst []byte, t Token) []byte {
	return AppendToken(append(dst, refIdentifier), t)
}

// AppendRefNothing appends that there is a reference that leads nowhere.
func AppendRefNothing(dst []byte) []byte { return append(dst, refNothing) }

// NextRef reads a row.
func NextRef(b []byte) (r Ref, rest []byte) {
	head, b := take(b)
	switch head {
	case refText:
		r.Text, b = takeBytes(b)
	case refIdentifier:
		r.Identifier, b = NextToken(b)
		r.Named = true
	case refNothing:
	default:
		r.Type = uint16(head - firstType + 1)
		r.ID, b = takeID(b)
	}
	return r, b
}

// Date is a row of a date parameter: [From, To) in Unix seconds. A side that is
// open is math.MinInt64 or math.MaxInt64.
type Date struct{ From, To int64 }

const (
	minTime = -1 << 63
	maxTime = 1<<63 - 1
)

// AppendDate appends a row.
func AppendDate(dst []byte, d Date) []byte {
	head := byte(0)
	if d.From == minTime {
		head |= 1
	}
	if d.To == maxTime {
		head |= 2
	}
	dst = append(dst, head)
	switch head {
	case 0:
		return Uvarint(Uvarint(dst, zigzag(d.From)), uint64(d.To-d.From))
	case 1:
		return Uvarint(dst, zigzag(d.To))
	case 2:
		return Uvarint(dst, zigzag(d.From))
	}
	return dst
}

func zigzag(v int64) uint64   { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

// NextDate reads a row.
func NextDate(b []byte) (d Date, rest []byte) {
	d = Date{minTime, maxTime}
	head, b := take(b)
	var v uint64
	switch head {
	case 0:
		v, b = take(b)
		d.From = unzigzag(v)
		v, b = take(b)
		d.To = d.From + int64(v)
	case 1:
		v, b = take(b)
		d.To = unzigzag(v)
	case 2:
		v, b = take(b)
		d.From = unzigzag(v)
	}
	return d, b
}

// Quantity is a row of a number or quantity parameter. Value and High are
// decimals as written; High is set for a range. Comparator is one of 0 (none),
// and <, (, ), > for <, <=, >=, >.
type Quantity struct {
	System      uint64
	Other       []byte
	Code, Unit  []byte
	Comparator  byte
	Value, High []byte
	Range       bool
}

const comparators = "\x00<()>"

// AppendQuantity appends a row.
func AppendQuantity(dst []byte, q Quantity) []byte {
	head := q.System << 6
	for i := range len(comparators) {
		if comparators[i] == q.Comparator {
			head |= uint64(i) << 3
		}
	}
	if len(q.Code) > 0 {
		head |= 1
	}
	if len(q.Unit) > 0 {
		head |= 2
	}
	if q.Range {
		head |= 4
	}
	dst = Uvarint(dst, head)
	if q.System == OtherSystem {
		dst = Bytes(dst, q.Other)
	}
	if len(q.Code) > 0 {
		dst = Bytes(dst, q.Code)
	}
	if len(q.Unit) > 0 {
		dst = Bytes(dst, q.Unit)
	}
	dst = Bytes(dst, q.Value)
	if q.Range {
		dst = Bytes(dst, q.High)
	}
	return dst
}

// NextQuantity reads a row.
func NextQuantity(b []byte) (q Quantity, rest []byte) {
	head, b := take(b)
	q.System = head >> 6
	if i := head >> 3 & 7; int(i) < len(comparators) {
		q.Comparator = comparators[i]
	}
	if q.System == OtherSystem {
		q.Other, b = takeBytes(b)
	}
	if head&1 != 0 {
		q.Code, b = takeBytes(b)
	}
	if head&2 != 0 {
		q.Unit, b = takeBytes(b)
	}
	q.Value, b = takeBytes(b)
	if q.Range = head&4 != 0; q.Range {
		q.High, b = takeBytes(b)
	}
	return q, b
}

// NextText reads a row of a string parameter, appended by Bytes.
func NextText(b []byte) (s, rest []byte) { return takeBytes(b) }

// AppendURI appends a row of a uri parameter.
func AppendURI(dst []byte, system uint64, text []byte) []byte {
	dst = Uvarint(dst, system)
	if system == OtherSystem {
		dst = Bytes(dst, text)
	}
	return dst
}

// NextURI reads a row.
func NextURI(b []byte) (system uint64, text, rest []byte) {
	system, b = take(b)
	if system == OtherSystem {
		text, b = takeBytes(b)
	}
	return system, text, b
}
