package proof

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Receipt is what a client keeps on paper: how long the book was on a day, what it held,
// whose key signs it, and the newest line about them.
type Receipt struct {
	Day    string // 2026-11-24
	Size   int64
	Root   tlog.Hash
	Print  [16]byte // of the key
	Number int64    // the line's place among the client's own
	Leaf   tlog.Hash
}

// letters are those of Crockford's base 32: none looks like another.
var letters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// checked writes bytes with n more that show a slip of the pen, in them or in what stands
// before them.
func checked(tag, before string, b []byte, n int) string {
	sum := sha256.Sum256(append([]byte(tag+" "+before+" "), b...))
	return letters.EncodeToString(append(append([]byte(nil), b...), sum[:n]...))
}

// Text is the receipt as a square code holds it: eight parts with points between.
func (r Receipt) Text() string {
	day, size, number := strings.ReplaceAll(r.Day, "-", ""), strconv.FormatInt(r.Size, 10), strconv.FormatInt(r.Number, 10)
	return strings.Join([]string{"BOOK1", day, size, checked("root", size, r.Root[:], 3), checked("key", day, r.Print[:], 4), number, checked("line", number, r.Leaf[:], 3)}, ".")
}

// Rows are the parts of the text, to be read off paper: in groups of four.
func (r Receipt) Rows() []string {
	rows := strings.Split(r.Text(), ".")
	for i, s := range rows {
		if len(s) <= 20 {
			continue
		}
		var groups []string
		for ; s != ""; s = s[4:] {
			groups = append(groups, s[:4])
		}
		rows[i] = strings.Join(groups, " ")
	}
	return rows
}

// Misread says which part of a receipt cannot be right: form, root, key or line.
type Misread struct{ Part string }

// Error implements error.
func (m *Misread) Error() string { return "proof: the receipt cannot be read: " + m.Part }

var receiptRe = regexp.MustCompile(`^BOOK1\.([0-9]{8})\.([1-9][0-9]{0,15})\.([0-9A-Z]{56})\.([0-9A-Z]{32})\.([1-9][0-9]{0,15})\.([0-9A-Z]{56})$`)

var partsRe = regexp.MustCompile(`[ \t\r\n.]*[\n.][ \t\r\n.]*`)

// tidy takes out what people add when they copy by hand, and reads what looks alike as
// what it must be. A new line is a point, since each part has a line of its own.
func tidy(s string) string {
	s = partsRe.ReplaceAllString(strings.ToUpper(s), ".")
	s = strings.Trim(strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '-', '\u00a0', '\u202f':
			return -1
		}
		return r
	}, s), ".")
	word, rest, _ := strings.Cut(s, ".")
	return word + "." + strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(rest)
}

// ParseReceipt reads a receipt as it was scanned or typed; the error is a *Misread.
func ParseReceipt(s string) (*Receipt, error) {
	m := receiptRe.FindStringSubmatch(tidy(s))
	if len(s) > 2000 || m == nil {
		return nil, &Misread{"form"}
	}
	r := &Receipt{Day: m[1][:4] + "-" + m[1][4:6] + "-" + m[1][6:]}
	var err error
	if r.Size, err = strconv.ParseInt(m[2], 10, 64); err != nil || r.Size > most {
		return nil, &Misread{"root"}
	}
	if r.Number, err = strconv.ParseInt(m[5], 10, 64); err != nil || r.Number > most {
		return nil, &Misread{"line"}
	}
	for _, p := range []struct {
		tag, before, text string
		to                []byte
	}{{"root", m[2], m[3], r.Root[:]}, {"key", m[1], m[4], r.Print[:]}, {"line", m[5], m[6], r.Leaf[:]}} {
		b, err := letters.DecodeString(p.text)
		if err != nil || checked(p.tag, p.before, b[:len(p.to)], len(b)-len(p.to)) != p.text {
			return nil, &Misread{p.tag}
		}
		copy(p.to, b)
	}
	if _, err := time.Parse(time.DateOnly, r.Day); err != nil {
		return nil, &Misread{"key"}
	}
	return r, nil
}

// String says what a receipt is of, for people at a terminal.
func (r Receipt) String() string {
	return fmt.Sprintf("of %s: %d lines in the book, line %d among the client's own", r.Day, r.Size, r.Number)
}
