package looks

import (
	"encoding/base64"
	"strconv"

	"rapport/errs"
	"rapport/lang"
	pf "rapport/proof"
	"rapport/record"
	"rapport/web"
	"rapport/web/shell"
)

// checkView is one line and its proof.
type checkView struct {
	Shell  shell.View
	P      lang.Printer
	Back   string
	Line   line
	When   string
	Book   bookView
	Fits   bool // the practice's own computer found that it does
	Number string
	Size   string
	Steps  int // fingerprints between the line and the book
	Root   string
	Print  string
	Note   string
	Key    string
	Gave   string // the fingerprint of what left
}

// seq reads which look the page is about.
func seq(a *web.Ask) (int64, error) {
	n, err := strconv.ParseInt(a.Path("seq"), 10, 64)
	if err != nil || n < 0 {
		return 0, errs.E(errs.NotFound, "looks: no such look")
	}
	return n, nil
}

// proven returns the line of the book in the address, with its way to the newest
// checkpoint, and the look that it is.
func proven(a *web.Ask, c *record.Chart) (record.Proof, record.Look, error) {
	n, err := seq(a)
	if err != nil {
		return record.Proof{}, record.Look{}, err
	}
	pr, err := c.Prove(a.Context(), n)
	if err != nil {
		return record.Proof{}, record.Look{}, err
	}
	l, err := record.LookOf(pf.Line{Entry: pr.Entry, Index: pr.Index})
	return pr, l, err
}

// check answers GET /me/{client}/looks/{seq}.
func check(a *web.Ask, c *record.Chart) (web.Answer, error) {
	pr, l, err := proven(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	d := diary{p: a.P, me: a.Who.ID(), base: base(c), now: a.Now}
	v := checkView{
		Shell: a.Shell(a.P.LooksCheckTitle(), "health", scripts(a.P)...), P: a.P, Back: base(c),
		Line: d.line(l, a.Local(l.Time)), When: lang.Upper(a.P.Date(a.Local(l.Time), a.Now)), Book: bookView{Href: base(c) + "/book", Me: d.me},
		Fits: pr.Check() == nil, Number: a.P.Count(int(pr.Index) + 1), Size: a.P.Count(int(pr.Checkpoint.Size)), Steps: len(pr.Hashes),
		Root: base64.StdEncoding.EncodeToString(pr.Checkpoint.Root[:]), Print: fingerprint(pr), Note: pr.Checkpoint.Note, Key: pr.Verifier, Gave: l.Gave.Hash,
	}
	return web.Page(checkPage(v)), nil
}

// fingerprint is the leaf hash of an entry, as the book holds it.
func fingerprint(pr record.Proof) string {
	h := pf.Leaf(pr.Salt, pr.Entry)
	return base64.StdEncoding.EncodeToString(h[:])
}
