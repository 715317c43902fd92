package record

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapport/account"
	"rapport/errs"
	"rapport/record/internal/ledger"
)

// Gave is what left a chart, as its line on the ledger says it.
type Gave = ledger.Gave

// The recipients that the ledger has words of its own for. Any other stands there as it
// was said.
const (
	ToThemselves = "themselves"           // whoever took it, to keep or to pass on
	ToLink       = "whoever has the link" // nobody knows who
)

// giveWords bounds how a recipient is named, in letters.
const giveWords = 200

// Gift is something that is about to leave.
type Gift struct {
	To       string // the recipient: a constant above, or as it was said
	As       string // the format: a media type
	Manifest []byte // what names every file with a hash of its own; of one file, the file
	N        int    // resources and files in it
	Parts    Parts  // the open parts that are in it; 0 for all of them
}

// Give writes down that something leaves this chart, to whom and what, and what the
// manifest's hash is. It is durable when Give returns, and nothing may leave before:
// errs.Unavailable if the ledger could not be written. A line without its parcel says that
// it was begun.
func (c *Chart) Give(ctx context.Context, g Gift) (Gave, error) {
	if c == nil || c.v == nil || c.parts == 0 || c.parts&g.Parts != g.Parts || c.eyes.Kind != account.Nobody {
		return Gave{}, errRefused
	}
	if !legible(g.To) || !legible(g.As) || len(g.Manifest) == 0 || g.N < 0 {
		return Gave{}, errs.E(errs.Invalid, "record: what leaves says to whom, as what, and what it is")
	}
	if g.Parts == 0 {
		g.Parts = c.parts
	}
	sum := sha256.Sum256(g.Manifest)
	out := Gave{To: g.To, As: g.As, Hash: hex.EncodeToString(sum[:]), N: g.N}
	line := c.v.line(ctx, c.who, c.why, "give", c.basis, g.Parts)
	c.v.chain(ctx, line, c.client)
	line.Entry.Gave = &out
	if err := c.v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}}); err != nil {
		return Gave{}, unwritten(err)
	}
	return out, nil
}

// legible reports that something names a recipient or a format, and can be read.
func legible(s string) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= giveWords && !strings.ContainsFunc(s, unicode.IsControl)
}
