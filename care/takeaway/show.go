package takeaway

import (
	"context"
	"io"
	"time"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// view is the page on which a copy is taken.
type view struct {
	Shell    shell.View
	P        lang.Printer
	Back     parts.Link
	Action   string
	Opener   string
	Size     string
	Words    string // as they were made, or as they were typed
	Problem  string
	Practice string
}

// show answers GET /me/{client}/take. The words on it are nowhere else, and are kept
// nowhere: another look makes others.
func (d *desk) show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	words, err := draw(d.rand)
	if err != nil {
		return web.Answer{}, err
	}
	v, err := d.viewOf(a, c, words)
	return web.Page(takePage(v)), err
}

func (d *desk) viewOf(a *web.Ask, c *record.Chart, words string) (view, error) {
	me := "/me/" + string(c.Client())
	v := view{Shell: a.Shell(a.P.TakeTitle(), "health"), P: a.P, Back: parts.Link{Text: a.P.LooksTitle(), Href: me + "/looks"}, Action: me + "/take", Opener: "/take/open.html", Words: words, Practice: a.Practice.Name}
	entries, files, size, err := weigh(a.Context(), c)
	v.Size = a.P.TakeSize(a.P.Count(entries), a.P.Count(files), megabytes(a.P, size), a.P.TakeMinutes(minutes(size)))
	return v, err
}

// attaching are the types whose content is mostly what they have attached.
var attaching = map[string]bool{"Communication": true, "QuestionnaireResponse": true, "DocumentReference": true, "DiagnosticReport": true, "Media": true, "Binary": true}

// Each entry is some 2 KB here and there, as FHIR and as words, before it is packed.
const perEntry = 2 << 10

// weigh guesses how large a copy will be, without reading all of it.
func weigh(ctx context.Context, c *record.Chart) (entries, files int, size int64, err error) {
	all, err := c.Holdings(ctx)
	if err != nil {
		return 0, 0, 0, err
	}
	for _, h := range all {
		if size += perEntry; h.Newest && !h.Deleted {
			entries++
		}
		if !attaching[h.Type] || h.Deleted || !h.Newest {
			continue
		}
		b, err := c.Content(ctx, h)
		if err != nil {
			return 0, 0, 0, err
		}
		d, err := fhir.Parse(b)
		if err != nil {
			return 0, 0, 0, err
		}
		err = attachmentsIn(d.Root(), func(x attachment) error {
			if id, ok := x.blob(); ok {
				r, err := c.Attached(ctx, id)
				if err != nil {
					return nil //nolint:nilerr // it is gone, and weighs nothing
				}
				files, size = files+1, size+r.Size()
				return r.Close()
			}
			if x.Data != "" {
				files, size = files+1, size+int64(len(x.Data))
			}
			return nil
		})
		if err != nil {
			return 0, 0, 0, err
		}
	}
	return entries, files, size, nil
}

// megabytes rounds up: there is something in it.
func megabytes(p lang.Printer, n int64) string { return p.Count(int((n + 1<<20 - 1) >> 20)) }

// minutes is how long it takes at a megabyte in a second, and to begin.
func minutes(n int64) int { return int(n/(60<<20)) + 1 }

// take answers POST /me/{client}/take with the copy.
func (d *desk) take(a *web.Ask, c *record.Chart) (web.Answer, error) {
	words := settled(a.Form("words"))
	problem := ""
	if weak(words) {
		problem = a.P.TakeWeak(leastOwn)
	} else {
		select {
		case d.turns <- struct{}{}:
		default:
			problem = a.P.TakeBusy()
		}
	}
	if problem != "" {
		v, err := d.viewOf(a, c, words)
		v.Problem = problem
		return web.Wrong(takePage(v)), err
	}
	name := "copy-" + a.Now.Format(time.DateOnly) + ".zip.age" // whoever sees the screen sees it
	return web.Flow("application/octet-stream", name, func(ctx context.Context) (web.Pouring, error) {
		return begin(ctx, a, c, words)
	}, func() { <-d.turns }), nil
}

// begin lists all that is in a copy, and puts on the ledger that it leaves. Only then is
// there anything to send.
func begin(ctx context.Context, a *web.Ask, c *record.Chart, words string) (web.Pouring, error) {
	x, err := gather(a, c)
	if err != nil {
		return nil, err
	}
	ps, err := x.pieces(ctx)
	if err != nil {
		return nil, err
	}
	files, err := list(ctx, ps)
	if err != nil {
		return nil, err
	}
	earlier := 0
	for range x.past {
		earlier++
	}
	m, err := manifest{Version: 1, Made: a.Now.UTC(), Practice: x.practice, Client: string(c.Client()), Name: x.reader.name, Language: a.P.Tag().String(),
		Resources: x.newest, Earlier: earlier, Files: len(x.files.all), Gone: x.files.gone, Looks: x.looks.upTo, Book: x.looks.cp.Note, Key: x.looks.key, List: files}.bytes()
	if err != nil {
		return nil, err
	}
	if _, err := c.Give(ctx, record.Gift{To: record.ToThemselves, As: "application/zip", Manifest: m, N: x.newest + len(x.files.all)}); err != nil {
		return nil, err
	}
	return func(ctx context.Context, w io.Writer) error { return lock(ctx, w, words, m, ps, a.Now) }, nil
}
