package people

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record"
)

// atOnce is how many people are taken in one commit.
const atOnce = 100

// maxProblems bounds a report: a file of which everything is wrong says so early.
const maxProblems = 1000

// Report says what an import of a list did.
type Report struct {
	Rows      int // that had something in them
	Taken     int // people who were new
	Known     int // rows of people who were here, under the same number of the same source
	NotTaken  int // rows that were left out; Problems says which
	Proposals int // pairs that may be one person, for staff to decide
	Problems  []Problem
	More      int // problems that Problems has no room for
}

func (r *Report) problem(p Problem) {
	if len(r.Problems) >= maxProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, p)
}

// Importer takes lists of people into charts.
type Importer struct {
	v   *record.Vault
	who account.Actor
	dir *record.Directory
}

// New returns an Importer.
func New(ctx context.Context, v *record.Vault, who account.Actor) (*Importer, error) {
	dir, err := v.OpenDirectory(ctx, who, record.Importing)
	if err != nil {
		return nil, err
	}
	return &Importer{v, who, dir}, nil
}

// list is one file being taken.
type list struct {
	im   *Importer
	opt  Options
	rep  Report
	seen map[string][]byte // by id, what an earlier row said
	new  []record.Write    // to be taken in one commit
	here []fhir.ClientID   // to be compared with everybody
}

// placeholder is the id of a row until it is known whose it is.
const placeholder = "row"

// File takes every row of a list into a chart of its own. Who is here under the same
// number of the same source is not taken again, nor changed, so that a second run
// changes nothing. Two rows with one number are one person if they say the same; the
// second of two that differ is not taken. The options need no ID.
//
// The error is errs.Invalid if this is no list of people, and otherwise what stopped
// it: what was taken before is safe, and the same call goes on from there.
func (im *Importer) File(ctx context.Context, r io.Reader, opt Options) (Report, error) {
	opt.ID = func(int, string) string { return placeholder }
	s, err := Read(r, opt)
	if err != nil {
		return Report{}, err
	}
	l := &list{im: im, opt: opt, seen: map[string][]byte{}}
	for _, p := range s.Unknown() {
		l.rep.problem(p)
	}
	for row, err := range s.Rows() {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = l.row(ctx, row)
		}
		if err != nil {
			return l.rep, err
		}
	}
	return l.rep, l.keep(ctx)
}

// row takes one row, or says why not.
func (l *list) row(ctx context.Context, row Row) error {
	l.rep.Rows++
	for _, p := range row.Problems {
		l.rep.problem(p)
	}
	if row.Person.Type == "" {
		l.rep.NotTaken++
		return nil
	}
	id := l.id(row)
	if was, again := l.seen[id]; again {
		if bytes.Equal(was, row.Person.JSON) {
			l.rep.Known++
		} else {
			l.rep.NotTaken++
			l.rep.problem(Problem{row.Line, "", "has the number of an earlier line and says something else, and was not taken"})
		}
		return nil
	}
	l.seen[id] = row.Person.JSON
	if c, here := l.im.dir.ByPerson(id); here || l.im.dir.Joined(id) {
		l.rep.Known++
		if here { // compared again: the run before may have been stopped
			l.here = append(l.here, c)
		}
		return l.full(ctx)
	}
	c, err := l.im.v.Admit(ctx, l.im.who, record.Importing)
	if err != nil {
		return err
	}
	person := fhir.Resource{Type: "Patient", ID: id, JSON: fhir.WithID(row.Person.JSON, id)}
	l.new = append(l.new, record.Write{Chart: c, Changes: []record.Change{{Resource: person}}})
	return l.full(ctx)
}

// id is that of whoever has a row's number, or says all that a row without one says:
// the same in every run, and telling nothing to who has not the key.
func (l *list) id(row Row) string {
	of := "number " + row.Number
	if row.Number == "" {
		of = "row " + l.opt.Source + " " + string(row.Person.JSON)
	}
	return hex.EncodeToString(l.im.v.Key("csv", of))
}

// full keeps what has come together, once it is enough.
func (l *list) full(ctx context.Context) error {
	if len(l.new) < atOnce && len(l.here) < atOnce {
		return nil
	}
	return l.keep(ctx)
}

// keep takes what has come together, and proposes who may be here twice.
func (l *list) keep(ctx context.Context) error {
	if len(l.new) > 0 {
		if _, err := l.im.v.Commit(ctx, l.new...); err != nil {
			return errs.E(errs.KindOf(err), "people: keep: %w", err)
		}
	}
	for _, w := range l.new {
		l.here = append(l.here, w.Chart.Client())
	}
	l.rep.Taken += len(l.new)
	n, err := l.im.v.Propose(ctx, l.im.who, l.here...)
	l.rep.Proposals += n
	l.new, l.here = l.new[:0], l.here[:0]
	return err
}
