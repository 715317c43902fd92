package proof

import (
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Kind is what is wrong. The words are the same in the page that checks without us.
type Kind string

// The kinds.
const (
	Key       Kind = "key"       // the key is not what it says it is
	Signature Kind = "signature" // the checkpoint is not signed with it
	Altered   Kind = "altered"   // a line does not lead to the book
	Missing   Kind = "missing"   // a line was taken out
	Order     Kind = "order"     // a line does not stand where it belongs
	Dated     Kind = "dated"     // a line is dated before the one before it
	Chain     Kind = "chain"     // a line does not follow the one before it
	Other     Kind = "other"     // a line is another client's, or another book's

	ReceiptKey     Kind = "receipt-key"     // the receipt is of another key
	ReceiptShorter Kind = "receipt-shorter" // the book is shorter than it was
	ReceiptOther   Kind = "receipt-other"   // the book does not hold what it held
	ReceiptLine    Kind = "receipt-line"    // the line on the receipt is gone, or another
)

// Wrong is one thing that does not fit. Number is the line's place among the client's own,
// from 1; To is above it where a whole stretch is missing.
type Wrong struct {
	Kind       Kind
	Number, To int64
	Now, Was   int64 // of a book that became shorter: its lines
}

// Report is what checking a copy found.
type Report struct {
	Lines    int
	Size     int64     // lines in the book
	Last     time.Time // of the newest line
	Wrong    []Wrong
	Unproven bool // the receipt's line fits, but the copy does not show the book's past since
}

// enough is how many faults are told; the rest would not help.
const enough = 50

// entry is what of an entry a check needs.
type entry struct {
	instance, client, prev string
	number                 int64
	at                     time.Time
}

const moment = "2006-01-02T15:04:05.000Z"

var numberRe = regexp.MustCompile(`^[1-9][0-9]{0,15}$`)

// read reads an entry; false for what is none.
func read(raw []byte) (entry, bool) {
	var m map[string]json.RawMessage // case counts, as it does everywhere else
	var e entry
	if json.Unmarshal(raw, &m) != nil {
		return e, false
	}
	text := func(key string) string {
		var s string
		if json.Unmarshal(m[key], &s) != nil {
			return ""
		}
		return s
	}
	e.instance, e.client, e.prev = text("instance"), text("client"), text("prev")
	var err error
	if e.at, err = time.Parse(moment, text("time")); err != nil || e.at.Format(moment) != text("time") || !numberRe.Match(m["pseq"]) {
		return e, false
	}
	e.number, err = strconv.ParseInt(string(m["pseq"]), 10, 64)
	return e, err == nil && e.number <= most
}

// walk goes through the lines of a copy, oldest first.
type walk struct {
	c    *Copy
	cp   Checkpoint
	rep  *Report
	want int64 // the number that comes next
	prev string
	held map[int64]tlog.Hash // the leaves of lines that are in the book, by number
	at   map[int64]int       // where in the copy each number stands last
	time time.Time
	last int64 // the index of the line before
}

// Check says all that is wrong with a copy, and holds it to a receipt if there is one.
func (c *Copy) Check(r *Receipt) Report {
	rep := Report{Lines: len(c.Lines)}
	key, err := Print(c.Key)
	if err != nil {
		rep.Wrong = []Wrong{{Kind: Key}}
		return rep
	}
	cp, err := Open(c.Checkpoint, c.Key)
	if err != nil {
		rep.Wrong = []Wrong{{Kind: Signature}}
		return rep
	}
	rep.Size = cp.Size
	w := &walk{c: c, cp: cp, rep: &rep, want: 1, held: map[int64]tlog.Hash{}, at: map[int64]int{}, last: -1}
	w.lines()
	rep.Last = w.time
	if r != nil {
		w.receipt(r, key)
	}
	return rep
}

func (w *walk) wrong(x Wrong) {
	if len(w.rep.Wrong) < enough {
		w.rep.Wrong = append(w.rep.Wrong, x)
	}
}

func (w *walk) lines() {
	leaves, es, fits := make([]tlog.Hash, len(w.c.Lines)), make([]entry, len(w.c.Lines)), make([]bool, len(w.c.Lines))
	for i, l := range w.c.Lines {
		leaves[i] = Leaf(l.Salt, l.Entry)
		if tlog.CheckRecord(l.Hashes, w.cp.Size, w.cp.Root, l.Index, leaves[i]) == nil {
			es[i], fits[i] = read(l.Entry)
		}
		if fits[i] {
			w.at[es[i].number] = i
		}
	}
	for i, l := range w.c.Lines {
		if !fits[i] {
			w.wrong(Wrong{Kind: Altered, Number: w.want})
			w.want, w.prev = w.want+1, "?"
			continue
		}
		w.line(i, l, es[i], leaves[i])
	}
}

// line is one that is in the book: is it the one that comes next?
func (w *walk) line(i int, l Line, e entry, leaf tlog.Hash) {
	w.held[e.number] = leaf
	if e.number < w.want {
		w.wrong(Wrong{Kind: Order, Number: e.number})
		return
	}
	if e.number > w.want {
		w.gap(i, e.number)
		w.prev = "?" // what it follows is not here
	}
	if w.prev != "?" && e.prev != w.prev {
		w.wrong(Wrong{Kind: Chain, Number: e.number})
	}
	if e.at.Before(w.time) {
		w.wrong(Wrong{Kind: Dated, Number: e.number})
	} else {
		w.time = e.at
	}
	if l.Index <= w.last {
		w.wrong(Wrong{Kind: Order, Number: e.number})
	} else {
		w.last = l.Index
	}
	if e.client != w.c.Client || !strings.HasSuffix(w.cp.Origin, "/"+e.instance) {
		w.wrong(Wrong{Kind: Other, Number: e.number})
	}
	w.want, w.prev = e.number+1, hex.EncodeToString(leaf[:])
}

// gap names what is missing before a line; what comes later in the copy is told there.
func (w *walk) gap(i int, to int64) {
	if len(w.rep.Wrong) >= enough {
		return
	}
	var stops []int64
	for k, at := range w.at {
		if k >= w.want && k < to && at > i {
			stops = append(stops, k)
		}
	}
	slices.Sort(stops)
	from := w.want
	for _, k := range append(stops, to) {
		if from < k {
			w.wrong(Wrong{Kind: Missing, Number: from, To: k - 1})
		}
		from = k + 1
	}
}

// receipt holds the book to a receipt.
func (w *walk) receipt(r *Receipt, key [16]byte) {
	if r.Print != key {
		w.wrong(Wrong{Kind: ReceiptKey})
		return
	}
	if leaf, ok := w.held[r.Number]; !ok || leaf != r.Leaf {
		w.wrong(Wrong{Kind: ReceiptLine, Number: r.Number})
	}
	switch {
	case r.Size > w.cp.Size:
		w.wrong(Wrong{Kind: ReceiptShorter, Now: w.cp.Size, Was: r.Size})
	case r.Size == w.cp.Size && r.Root != w.cp.Root:
		w.wrong(Wrong{Kind: ReceiptOther, Now: w.cp.Size, Was: r.Size})
	case r.Size < w.cp.Size:
		w.since(r)
	}
}

func (w *walk) since(r *Receipt) {
	for _, s := range w.c.Since {
		if s.From != r.Size {
			continue
		}
		if tlog.CheckTree(s.Hashes, w.cp.Size, w.cp.Root, r.Size, r.Root) != nil {
			w.wrong(Wrong{Kind: ReceiptOther, Now: w.cp.Size, Was: r.Size})
		}
		return
	}
	w.rep.Unproven = true
}
