package proof

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rapport/errs"
)

// Format is what a copy calls itself.
const Format = "looks/1"

// Largest is the largest copy that is read, in bytes: some fifty thousand lines.
const Largest = 64 << 20

// Line is one line of a copy: the entry as it was hashed, and its way to the checkpoint.
type Line struct {
	Entry  Bytes       `json:"entry"`
	Salt   Bytes       `json:"salt"`
	Index  int64       `json:"index"`  // place in the book, from 0
	Hashes []tlog.Hash `json:"hashes"` // RFC 6962 inclusion proof, leaf to root
}

// Since shows that the book still holds an earlier one.
type Since struct {
	From   int64       `json:"from"`   // how many lines the earlier one had
	Hashes []tlog.Hash `json:"hashes"` // RFC 6962 consistency proof
}

// Head is what stands in a copy before its lines.
type Head struct {
	Format     string  `json:"format"`
	Made       string  `json:"made"` // RFC 3339, UTC, whole seconds
	Client     string  `json:"client"`
	Key        string  `json:"key"`        // as in golang.org/x/mod/sumdb/note
	Checkpoint string  `json:"checkpoint"` // the signed note
	Since      []Since `json:"since"`
}

// Copy is all lines of one client until a checkpoint, oldest first.
type Copy struct {
	Head
	Lines []Line `json:"lines"`
}

// Bytes are written in base64, in one way only.
type Bytes []byte

// MarshalJSON implements json.Marshaler.
func (b Bytes) MarshalJSON() ([]byte, error) {
	return []byte(`"` + base64.StdEncoding.EncodeToString(b) + `"`), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (b *Bytes) UnmarshalJSON(raw []byte) error {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	got, err := base64.StdEncoding.Strict().DecodeString(s)
	*b = got
	return err
}

// Write writes a copy, a line at a time, so that a long one need not lie in memory.
func Write(w io.Writer, h Head, lines iter.Seq2[Line, error]) error {
	if h.Since == nil {
		h.Since = []Since{}
	}
	for i := range h.Since {
		if h.Since[i].Hashes == nil {
			h.Since[i].Hashes = []tlog.Hash{}
		}
	}
	head, err := plain(h)
	if err != nil {
		return err
	}
	if _, err := w.Write(append(head[:len(head)-1], `,"lines":[`...)); err != nil {
		return err
	}
	sep := "\n"
	for l, err := range lines {
		if err != nil {
			return err
		}
		if l.Hashes == nil {
			l.Hashes = []tlog.Hash{}
		}
		b, err := plain(l)
		if err != nil {
			return err
		}
		if _, err := w.Write(append([]byte(sep), b...)); err != nil {
			return err
		}
		sep = ",\n"
	}
	_, err = io.WriteString(w, "\n]}\n")
	return err
}

// plain is JSON as JavaScript writes it.
func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// all goes through the lines of a copy that lies in memory.
func (c *Copy) all(yield func(Line, error) bool) {
	for _, l := range c.Lines {
		if !yield(l, nil) {
			return
		}
	}
}

// What a copy's own texts are made of. What does not fit is not ours.
var (
	clientRe = regexp.MustCompile(`^[a-z2-7]{26}$`)
	keyRe    = regexp.MustCompile(`^[!-*,-~]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$`)
	noteRe   = regexp.MustCompile(`^[\n -~—]+$`)
)

var errUnread = errs.E(errs.Invalid, "proof: this is not a copy as it was saved")

// Parse reads a copy. It takes nothing but what Write wrote, to the byte, so that no two
// programs read two things out of one file; space at the end is let pass.
func Parse(b []byte) (*Copy, error) {
	if len(b) > Largest {
		return nil, errs.E(errs.Invalid, "proof: a copy has at most %d MB", Largest>>20)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	c := &Copy{}
	if err := d.Decode(c); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnread, err)
	}
	var again bytes.Buffer
	if err := Write(&again, c.Head, c.all); err != nil {
		return nil, err
	}
	at, err := time.Parse("2006-01-02T15:04:05Z", c.Made)
	switch {
	case !bytes.Equal(bytes.TrimRight(again.Bytes(), " \r\n"), bytes.TrimRight(b, " \r\n")), err != nil, at.Format("2006-01-02T15:04:05Z") != c.Made,
		c.Format != Format, !clientRe.MatchString(c.Client), !keyRe.MatchString(c.Key), !noteRe.MatchString(c.Checkpoint), strings.Contains(c.Checkpoint[:len(c.Checkpoint)-1], "\n\n\n"):
		return nil, errUnread
	}
	for _, s := range c.Since {
		if s.From < 1 || s.From > most {
			return nil, errUnread
		}
	}
	for _, l := range c.Lines {
		if l.Index < 0 || l.Index > most || len(l.Salt) != 32 {
			return nil, errUnread
		}
	}
	return c, nil
}
