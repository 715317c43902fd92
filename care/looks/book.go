package looks

import (
	"bytes"
	"iter"
	"slices"
	"strconv"
	"strings"

	"rapport/errs"
	"rapport/lang"
	pf "rapport/proof"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// bookView is where a page's lines are checked against the book, on the reader's device.
type bookView struct {
	Href, Me string
	Low      string // the lowest number that was read for the page; "" for a page of one line
}

// scripts check the lines of a page. The words of an alarm come before what raises it.
func scripts(p lang.Printer) []string {
	return []string{"js/alarm-" + p.Tag().String() + ".js", "js/looks.js"}
}

// bookAnswer is the newest checkpoint and the lines that a browser asked for.
type bookAnswer struct {
	Checkpoint string    `json:"checkpoint"`
	Key        string    `json:"key"`
	Since      *pf.Since `json:"since,omitempty"` // absent where the book never had so many lines
	Lines      []pf.Line `json:"lines"`           // by number
}

// stretch is how many lines in a row are handed out, and asked how many apart from it.
const (
	stretch = 600
	askMost = 400
)

// book answers GET /me/{client}/looks/book: what a browser needs to hold a page, and what
// it saw before, against the book.
func book(a *web.Ask, c *record.Chart) (web.Answer, error) {
	ctx := a.Context()
	cp, err := c.Checkpoint(ctx)
	if err != nil {
		return web.Answer{}, err
	}
	out := bookAnswer{Checkpoint: cp.Note, Key: c.Key(), Lines: []pf.Line{}}
	if from, err := strconv.ParseInt(a.Query("from"), 10, 64); err == nil && from > 0 {
		switch s, err := c.Still(ctx, cp, from); {
		case err == nil:
			out.Since = &s
		case !errs.Is(err, errs.NotFound):
			return web.Answer{}, err
		}
	}
	newest, err := c.Looks(ctx, 0, 1)
	if err != nil || len(newest) == 0 {
		return web.Answer{}, err
	}
	numbers, err := wantedLines(a, newest[0].Number)
	if err != nil {
		return web.Answer{}, err
	}
	for i := 0; i < len(numbers); { // a run of numbers is one reading
		j := i + 1
		for j < len(numbers) && numbers[j] == numbers[j-1]+1 {
			j++
		}
		ls, err := c.Chain(ctx, cp, numbers[i], numbers[j-1])
		if err != nil {
			return web.Answer{}, err
		}
		out.Lines = append(out.Lines, ls...)
		i = j
	}
	return web.JSON(out)
}

// wantedLines are the numbers of the lines that are asked for, with the newest, each once,
// in order; all from the lowest if they are not too many.
func wantedLines(a *web.Ask, newest int64) ([]int64, error) {
	out := []int64{newest}
	for s := range strings.FieldsSeq(a.Query("lines")) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || len(out) > askMost {
			return nil, errs.E(errs.Invalid, "looks: no such lines")
		}
		if n >= 1 && n < newest {
			out = append(out, n)
		}
	}
	low, err := strconv.ParseInt(a.Query("low"), 10, 64)
	if low = max(min(low, slices.Min(out)), 1); err == nil && newest-low < stretch {
		out = nil
		for n := low; n <= newest; n++ {
			out = append(out, n)
		}
		return out, nil
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// receiptView is a receipt to print.
type receiptView struct {
	Shell shell.View
	P     lang.Printer
	Back  string
	Facts []parts.Fact
	Rows  []string
	Code  parts.QRView
	Copy  string
}

// receipt answers GET /me/{client}/looks/receipt.
func receipt(a *web.Ask, c *record.Chart) (web.Answer, error) {
	ctx := a.Context()
	cp, err := c.Checkpoint(ctx)
	if err != nil {
		return web.Answer{}, err
	}
	newest, err := c.Looks(ctx, 0, 1)
	if err != nil {
		return web.Answer{}, err
	}
	if len(newest) == 0 {
		return web.Answer{}, errs.E(errs.NotFound, "looks: there is no line yet")
	}
	ls, err := c.Chain(ctx, cp, newest[0].Number, newest[0].Number)
	if err != nil {
		return web.Answer{}, err
	}
	if len(ls) == 0 {
		return web.Answer{}, errs.E(errs.Unavailable, "looks: the newest line is not signed yet")
	}
	print, err := pf.Print(c.Key())
	if err != nil {
		return web.Answer{}, err
	}
	r := pf.Receipt{Day: a.Now.Format("2006-01-02"), Size: cp.Size, Root: cp.Root, Print: print, Number: newest[0].Number, Leaf: pf.Leaf(ls[0].Salt, ls[0].Entry)}
	v := receiptView{Shell: a.Shell(a.P.ProofReceiptTitle(), "health"), P: a.P, Back: base(c), Rows: r.Rows(), Copy: base(c) + "/copy?was=" + strconv.FormatInt(r.Size, 10)}
	v.Facts = []parts.Fact{{Term: a.P.ProofReceiptDay(), Text: lang.Upper(a.P.Full(a.Now))}, {Term: a.P.ProofReceiptSize(), Text: a.P.Count(int(r.Size))}, {Term: a.P.ProofReceiptNumber(), Text: a.P.Count(int(r.Number))}}
	v.Code, err = parts.QR(r.Text(), a.P.ProofReceiptCode())
	return web.Page(receiptPage(v)), err
}

// keep answers GET /me/{client}/looks/copy with all lines about the client and the proof of
// each, for themselves. It shows that the book still holds what it held when it had as many
// lines as the address says, as on an older receipt.
func keep(a *web.Ask, c *record.Chart) (web.Answer, error) {
	ctx := a.Context()
	newest, err := c.Looks(ctx, 0, 1)
	if err != nil || len(newest) == 0 {
		return web.Answer{}, err
	}
	cp, err := c.Checkpoint(ctx)
	if err != nil {
		return web.Answer{}, err
	}
	h := pf.Head{Format: pf.Format, Made: a.Now.UTC().Format("2006-01-02T15:04:05Z"), Client: string(c.Client()), Key: c.Key(), Checkpoint: cp.Note}
	for _, q := range a.QueryAll("was") {
		was, err := strconv.ParseInt(strings.Map(digit, q), 10, 64)
		if err != nil || len(h.Since) >= 20 {
			continue
		}
		s, err := c.Still(ctx, cp, was)
		if err == nil {
			h.Since = append(h.Since, s)
		} else if !errs.Is(err, errs.NotFound) {
			return web.Answer{}, err
		}
	}
	var b bytes.Buffer
	if err := pf.Write(&b, h, lines(a, c, cp, newest[0].Number)); err != nil {
		return web.Answer{}, err
	}
	if _, err := c.Give(ctx, record.Gift{To: record.ToThemselves, As: "application/json", Manifest: b.Bytes(), N: int(newest[0].Number), Parts: record.Looks}); err != nil {
		return web.Answer{}, err
	}
	return web.File("application/json", "looks-"+a.Now.Format("2006-01-02")+".json", b.Bytes()), nil
}

func digit(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

// lines are all lines about a client up to a number, oldest first.
func lines(a *web.Ask, c *record.Chart, cp record.Checkpoint, upTo int64) iter.Seq2[pf.Line, error] {
	return func(yield func(pf.Line, error) bool) {
		for from := int64(1); from <= upTo; from += stretch {
			ls, err := c.Chain(a.Context(), cp, from, min(from+stretch-1, upTo))
			if err != nil {
				yield(pf.Line{}, err)
				return
			}
			for _, l := range ls {
				if !yield(l, nil) {
					return
				}
			}
		}
	}
}
