package looks

import (
	"encoding/base64"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/shell"
)

// checkView is one line and its proof.
type checkView struct {
	Shell     shell.View
	P         lang.Printer
	Back      string
	Line      line
	When      string
	ProofHref string
	Fits      bool // the practice's own computer found that it does
	Number    string
	Size      string
	Steps     int // fingerprints between the line and the book
	Root      string
	Print     string
	Note      string
	Key       string
	Facts     facts
	Gave      string // the fingerprint of what left
}

// facts are what the page claims, for the browser to hold against the entry.
type facts struct{ Time, Name, Act, Purpose, Refused, What string }

// seq reads which look the page is about.
func seq(a *web.Ask) (int64, error) {
	n, err := strconv.ParseInt(a.Path("seq"), 10, 64)
	if err != nil || n < 0 {
		return 0, errs.E(errs.NotFound, "looks: no such look")
	}
	return n, nil
}

// proven returns the proof of the look in the address, and the look itself.
func proven(a *web.Ask, c *record.Chart) (record.Proof, record.Look, entry, error) {
	n, err := seq(a)
	if err != nil {
		return record.Proof{}, record.Look{}, entry{}, err
	}
	pr, err := c.Prove(a.Context(), n)
	if err != nil {
		return record.Proof{}, record.Look{}, entry{}, err
	}
	l, e, err := readEntry(pr)
	return pr, l, e, err
}

// check answers GET /me/{client}/looks/{seq}.
func check(a *web.Ask, c *record.Chart) (web.Answer, error) {
	pr, l, e, err := proven(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	d := diary{p: a.P, me: a.Who.ID(), base: base(c), now: a.Now}
	v := checkView{
		Shell: a.Shell(a.P.LooksCheckTitle(), "health", "js/check.js"), P: a.P, Back: base(c),
		Line: d.line(l, a.Local(l.Time)), When: lang.Upper(a.P.Date(a.Local(l.Time), a.Now)), ProofHref: d.href(l) + "/proof",
		Fits: pr.Check() == nil, Number: a.P.Count(int(pr.Index) + 1), Size: a.P.Count(int(pr.Checkpoint.Size)), Steps: len(pr.Hashes),
		Root: base64.StdEncoding.EncodeToString(pr.Checkpoint.Root[:]), Print: fingerprint(pr), Note: pr.Checkpoint.Note, Key: pr.Verifier, Gave: l.Gave.Hash,
		Facts: facts{Time: e.Time, Name: e.Actor.Name, Act: e.Act, Purpose: e.Purpose, Refused: strconv.FormatBool(e.Refused), What: e.what()},
	}
	return web.Page(checkPage(v)), nil
}

// proof answers GET /me/{client}/looks/{seq}/proof, for the browser's own check
// and for whoever wants to keep it.
func proof(a *web.Ask, c *record.Chart) (web.Answer, error) {
	pr, _, _, err := proven(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	return web.JSON(pr)
}

// fingerprint is the leaf hash of an entry, as the book holds it.
func fingerprint(pr record.Proof) string {
	c := commitment(pr.Salt, pr.Entry)
	h := tlog.RecordHash(c[:])
	return base64.StdEncoding.EncodeToString(h[:])
}
