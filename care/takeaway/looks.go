package takeaway

import (
	"context"
	"encoding/json"
	"io"
	"iter"

	"rapport/proof"
	"rapport/record"
	"rapport/web/look"
	"rapport/web/verify"
)

// looks are the lines of the ledger about a client until now, newest first, and the
// checkpoint that all of them are proven against.
type looks struct {
	c    *record.Chart
	upTo int64 // the number of the newest
	cp   record.Checkpoint
	key  string // the key that it is signed with
}

// batch is how many are read at a time.
const batch = 200

func listLooks(ctx context.Context, c *record.Chart) (*looks, error) {
	l := &looks{c: c}
	ls, err := c.Looks(ctx, 0, 1)
	if err != nil {
		return nil, err
	}
	if l.cp, err = c.Checkpoint(ctx); err != nil {
		return nil, err
	}
	for _, x := range ls {
		l.upTo, l.key = x.Number, c.Key()
	}
	return l, nil
}

// each goes through them; the error is of the reading that ended it.
func (l *looks) each(ctx context.Context, failed *error) iter.Seq[record.Look] {
	return func(yield func(record.Look) bool) {
		for below := l.upTo + 1; below > 1; {
			ls, err := l.c.Looks(ctx, below, batch)
			if err != nil || len(ls) == 0 {
				*failed = err
				return
			}
			for _, x := range ls {
				if below = x.Number; !yield(x) {
					return
				}
			}
		}
	}
}

// proven are all lines with their proofs, oldest first.
func (l *looks) proven(ctx context.Context) iter.Seq2[proof.Line, error] {
	return func(yield func(proof.Line, error) bool) {
		for from := int64(1); from <= l.upTo; from += batch {
			ls, err := l.c.Chain(ctx, l.cp, from, min(from+batch-1, l.upTo))
			if err != nil {
				yield(proof.Line{}, err)
				return
			}
			for _, x := range ls {
				if !yield(x, nil) {
					return
				}
			}
		}
	}
}

// pieces are the looks for programs: each with its sentence, and each with its proof.
func (l *looks) pieces(x *copying) []piece {
	lines := func(line func(context.Context, record.Look) ([]byte, error)) func(context.Context, io.Writer) error {
		return func(ctx context.Context, w io.Writer) error {
			var failed error
			err := linesOf(ctx, w, l.each(ctx, &failed), func(k record.Look) ([]byte, error) { return line(ctx, k) })
			if failed != nil {
				return failed
			}
			return err
		}
	}
	return []piece{
		{name: "looks/looks.ndjson", kind: "application/x-ndjson", pour: lines(func(_ context.Context, k record.Look) ([]byte, error) { return json.Marshal(x.line(k)) })},
		{name: "looks/proof.json", kind: "application/json", pour: func(ctx context.Context, w io.Writer) error {
			h := proof.Head{Format: proof.Format, Made: x.now.UTC().Format("2006-01-02T15:04:05Z"), Client: string(l.c.Client()), Key: l.key, Checkpoint: l.cp.Note}
			return proof.Write(w, h, l.proven(ctx))
		}},
		{name: "looks/check.html", kind: "text/html", pour: func(ctx context.Context, w io.Writer) error {
			b, err := verify.Page(ctx, x.p)
			if err != nil {
				return err
			}
			return all(w.Write(b))
		}},
	}
}

// told is a look as a program reads it. Whose account it was is left to the proof's entry.
type told struct {
	Line    int64        `json:"line"`   // place in the ledger
	Number  int64        `json:"number"` // place among the lines about this client
	Time    string       `json:"time"`
	Who     string       `json:"who"`
	Role    string       `json:"role,omitempty"`
	What    string       `json:"what"`
	Act     string       `json:"act"`
	Purpose string       `json:"purpose"`
	Refused bool         `json:"refused,omitempty"`
	Parts   string       `json:"parts,omitempty"`
	Gave    *record.Gave `json:"gave,omitempty"`
}

func (x *copying) line(k record.Look) told {
	s := look.Say(x.p, k, x.c.Who().ID())
	t := told{Line: k.Seq, Number: k.Number, Time: k.Time.Format("2006-01-02T15:04:05.000Z07:00"), Who: s.Who, Role: s.Role, What: s.What, Act: k.Act, Purpose: k.Purpose, Refused: k.Refused, Parts: k.Parts.String()}
	if k.Gave != (record.Gave{}) {
		t.Gave = &k.Gave
	}
	return t
}
