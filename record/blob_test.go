package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/blob"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// sweeper is the software that sweeps; in earnest, one that works now and then.
var sweeper = account.AsSystem(account.Birthdays)

// photo is the bytes of an attachment, some chunks long.
func photo(of string) []byte { return bytes.Repeat([]byte("A photo of "+of+". "), 9000) }

// keep is what the act does that writes a resource which names attachments.
func (v *Vault) keep(c fhir.ClientID, ids ...string) error {
	return v.led.Commit(context.Background(), &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error { return v.keepBlob(ctx, tx, c, time.Time{}, ids...) }})
}

func (v *Vault) drop(c fhir.ClientID, ids ...string) error {
	return v.led.Commit(context.Background(), &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error { return v.dropBlob(ctx, tx, c, ids...) }})
}

// attach attaches a photo and returns its id.
func attach(t testing.TB, c *Chart, of string) string {
	t.Helper()
	id, err := c.Attach(context.Background(), photo(of))
	do(t, err)
	return id
}

// shows fails unless a chart gives the whole photo.
func shows(t testing.TB, c *Chart, id, of string) {
	t.Helper()
	a, err := c.Attached(context.Background(), id)
	if err != nil {
		t.Errorf("%s: %v", of, err)
		return
	}
	defer a.Close() //nolint:errcheck // only read
	got, err := io.ReadAll(a)
	if want := photo(of); err != nil || !bytes.Equal(got, want) || a.Size() != int64(len(want)) {
		t.Errorf("%s: %d bytes of %d, %v", of, len(got), len(want), err)
	}
}

// hides fails unless a chart says that there is no such attachment, in the words it has
// for one that never was.
func hides(t testing.TB, what string, c *Chart, id string) {
	t.Helper()
	_, err := c.Attached(context.Background(), id)
	_, never := c.Attached(context.Background(), blob.ID{}.String())
	if !errs.Is(err, errs.NotFound) || never == nil || err.Error() != never.Error() {
		t.Errorf("%s: %v; of what never was: %v", what, err, never)
	}
}

// attachments are the files there are, and what is known of each.
func (v *Vault) attachments(t testing.TB) (files []blob.ID, known map[blob.ID]attached) {
	t.Helper()
	files, err := v.blobs.List(context.Background())
	do(t, err)
	known = map[blob.ID]attached{}
	do(t, v.st.View(context.Background(), func(r store.Reader) error {
		return r.Objects(context.Background(), store.Blobs, func(o store.Object) error {
			id, x, err := v.attachedIn(o)
			known[id] = x
			return err
		})
	}))
	return files, known
}

func TestAnAttachmentIsSeenInItsChartAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	ada := h.open(h.client(h.ada), Own, h.ada, AllParts)
	id := attach(t, ada, "ada")
	shows(t, ada, id, "ada") // she looks before she sends
	nurse := h.staff("nurse")
	care := h.open(nurse, Care, h.ada, Messages)
	do(t, h.v.keep(h.ada, id))
	for range 2 {
		shows(t, care, id, "ada")
		hides(t, "bob's chart", h.bring(h.bob), id)
		hides(t, "the answers alone", h.open(nurse, Care, h.ada, Told|Documents), id)
		hides(t, "no part with attachments", h.open(nurse, Care, h.ada, Visits|Person), id)
		hides(t, "at the front desk", h.open(h.staff("frontdesk"), Care, h.ada, Visits), id)
		a, err := care.Attached(ctx, id)
		do(t, err)
		p := make([]byte, 11)
		if _, err := a.ReadAt(p, a.Size()-int64(len(photo("ada")))/2); err != nil {
			t.Error(err)
		}
		if n, err := a.Seek(-3, io.SeekEnd); err != nil || n != a.Size()-3 {
			t.Error(n, err)
		}
		do(t, a.Close())
		h.reopen()
		care = h.open(nurse, Care, h.ada, Messages)
	}
	for _, bad := range []string{"", "x", "../../data.db", blobScheme + id, id + "00"} {
		hides(t, bad, care, bad)
	}
	// a link shows that there are messages, and nothing that is in them
	byLink := *care
	byLink.basis = 2 // policy.ByLink
	hides(t, "by a link", &byLink, id)
	// who may not write, or where nothing has attachments
	for name, c := range map[string]*Chart{"no chart": nil, "the zero chart": {}, "visits": h.open(h.client(h.ada), Booking, h.ada, Visits), "front desk": h.open(h.staff("frontdesk"), Care, h.ada, Visits)} {
		_, err := c.Attach(ctx, []byte("x"))
		kindIs(t, name, err, errs.Refused)
		if c == nil || c.v == nil {
			_, err := c.Attached(ctx, id)
			kindIs(t, name, err, errs.Refused)
		}
	}
	c, err := h.v.Admit(ctx, importer, Importing)
	do(t, err)
	_, err = c.Attach(ctx, []byte("x"))
	kindIs(t, "a chart that is not there yet", err, errs.Refused)
	if files, known := h.v.attachments(t); len(files) != 1 || len(known) != 1 {
		t.Errorf("%d files, %d known", len(files), len(known))
	}
	h.verify()
}

// TestAFileThatWasMovedIsNotServed does what somebody with the disk can do.
func TestAFileThatWasMovedIsNotServed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, c := attach(t, h.bring(h.ada), "ada"), attach(t, h.bring(h.ada), "a tree"), attach(t, h.bring(h.bob), "bob")
	path := func(id string) string { return filepath.Join(h.dir, "blobs", id[:2], id[2:4], id) }
	was, err := os.ReadFile(path(a))
	do(t, err)
	for name, from := range map[string]string{"of another's": c, "of another of hers": b} {
		copyFile(t, path(from), path(a))
		_, err := h.bring(h.ada).Attached(t.Context(), a)
		kindIs(t, name, err, errs.Internal)
	}
	do(t, os.WriteFile(path(a), was, 0o600))
	shows(t, h.bring(h.ada), a, "ada")
	// and the object of another's
	h.edit(dataFile, fmt.Sprintf(`UPDATE object SET body = (SELECT body FROM object WHERE space = %d AND key = X'%s') WHERE key = X'%s'`, store.Blobs, a, c))
	if _, err := h.bring(h.ada).Attached(t.Context(), c); err == nil {
		t.Error("bob's is ada's")
	}
	do(t, os.Remove(path(a)))
	_, err = h.bring(h.ada).Attached(t.Context(), a)
	kindIs(t, "a file that is gone", err, errs.NotFound)
}

func TestWhatIsTooLargeIsNotKept(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes 200 MB")
	}
	h := newHouse(t)
	_, err := h.bring(h.ada).AttachFrom(t.Context(), io.LimitReader(endless{}, attachmentMost+1))
	kindIs(t, "a byte too much", err, errs.Invalid)
	if files, known := h.v.attachments(t); len(files)+len(known) > 0 {
		t.Errorf("%d files, %d known", len(files), len(known))
	}
	id, err := h.bring(h.ada).AttachFrom(t.Context(), io.LimitReader(endless{}, attachmentMost))
	do(t, err)
	a, err := h.bring(h.ada).Attached(t.Context(), id)
	do(t, err)
	if a.Size() != attachmentMost {
		t.Errorf("%d bytes", a.Size())
	}
	do(t, a.Close())
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestASweepRemovesWhatNothingNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.bring(h.ada)
	ctx := t.Context()
	kept, dropped, late := attach(t, c, "kept"), attach(t, c, "dropped"), attach(t, c, "late")
	do(t, h.v.keep(h.ada, kept, dropped))
	sweep := func(want int) {
		t.Helper()
		if n, err := h.v.Sweep(ctx, sweeper); err != nil || n != want {
			t.Errorf("%d swept, %v; want %d", n, err, want)
		}
	}
	h.now.Add(keptFor - time.Second)
	fresh := attach(t, c, "fresh")
	sweep(0)
	do(t, h.v.drop(h.ada, dropped, "nonsense"))
	sweep(1)
	h.now.Add(time.Second)
	sweep(1)
	sweep(0)
	h.reopen()
	shows(t, h.bring(h.ada), kept, "kept")
	shows(t, h.bring(h.ada), fresh, "fresh")
	hides(t, "swept", h.bring(h.ada), late)
	hides(t, "dropped", h.bring(h.ada), dropped)
	for name, id := range map[string]string{"swept": late, "dropped": dropped, "none": "nonsense"} {
		kindIs(t, name, h.v.keep(h.ada, fresh, id), errs.Invalid)
	}
	other := attach(t, h.bring(h.bob), "bob")
	kindIs(t, "another's", h.v.keep(h.ada, fresh, other), errs.Invalid)
	do(t, h.v.drop(h.ada, other)) // not hers to drop
	if _, known := h.v.attachments(t); len(known) != 3 || slices.ContainsFunc([]string{fresh, other}, func(s string) bool { id, _ := blob.ParseID(s); return known[id].Kept }) {
		t.Errorf("a refusal kept something: %+v", known)
	}
	id, _ := blob.ParseID(fresh)
	do(t, h.v.blobs.Remove(id))
	kindIs(t, "without its file", h.v.keep(h.ada, fresh), errs.Invalid)
	for _, who := range []account.Actor{{}, h.client(h.ada), h.staff("nurse"), h.staff("manager")} {
		_, err := h.v.Sweep(ctx, who)
		kindIs(t, "swept by "+who.String(), err, errs.Refused)
	}
	if _, err := h.v.Check(ctx); err != nil {
		t.Error(err)
	}
	id, _ = blob.ParseID(kept)
	do(t, h.v.blobs.Remove(id))
	_, err := h.v.Check(ctx)
	oneLine(t, err, "1 attachments have no file")
	h.verify()
}

// letterOf is a resource that names attachments.
func letterOf(id, of, text string, blobs ...string) fhir.Resource {
	rest := ""
	for _, b := range blobs {
		rest += `,{"contentAttachment":{"url":"` + blobScheme + b + `"}}`
	}
	return resource("Communication", id, `"status":"completed","subject":{"reference":"Patient/`+of+`"},"payload":[{"contentString":"`+text+`"}`+rest+`]`)
}

// write writes a letter and keeps what it names, as the message act does.
func (h *house) write(c *Chart, r fhir.Resource) {
	h.t.Helper()
	_, err := c.v.commit(context.Background(), deed{act: "write", plan: func(context.Context, store.Reader) ([]Write, error) {
		return []Write{{c, []Change{{Resource: r}}}}, nil
	}, also: func(ctx context.Context, tx store.Tx, _ bool) error {
		return c.v.keepBlob(ctx, tx, c.client, time.Time{}, blobsIn(r.JSON)...)
	}})
	do(h.t, err)
}

func TestAnAttachmentFollowsItsChartIntoAMergeAndBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, id := h.twins()
	ctx := t.Context()
	mine, theirs := attach(t, h.bring(a), "a"), attach(t, h.bring(b), "b")
	quoted, changed := attach(t, h.bring(a), "quoted"), attach(t, h.bring(a), "changed")
	h.write(h.bring(a), letterOf("m1", "ruth-a", "hello", mine, quoted))
	h.write(h.bring(a), letterOf("m2", "ruth-a", "look", changed))
	h.write(h.bring(b), letterOf("m3", "ruth-b", "there", theirs))
	half := attach(t, h.bring(a), "half") // chosen, and not sent before the merge
	before := h.open(importer, Importing, a, AllParts)

	do(t, h.doubler().Merge(ctx, id, b))
	hides(t, "through a chart that is not there any more", before, mine)
	_, err := before.Attach(ctx, []byte("x"))
	kindIs(t, "into it", err, errs.Refused)
	all := map[string]string{mine: "a", theirs: "b", quoted: "quoted", changed: "changed"}
	for range 2 {
		for x, of := range all {
			shows(t, h.bring(b), x, of)
		}
		h.reopen()
	}
	hides(t, "a third", h.bring(h.ada), mine)

	// while it is one chart: something is quoted, something changed, something dropped
	h.write(h.bring(b), letterOf("m4", "ruth-b", "see this again", quoted))
	_, err = h.bring(b).Put(ctx, letterOf("m2", "ruth-b", "look here", changed))
	do(t, err)
	do(t, h.v.drop(b, mine))
	do(t, h.v.keep(b, half))
	h.now.Add(2 * keptFor)
	if n, err := h.v.Sweep(ctx, sweeper); n != 0 || err != nil {
		t.Errorf("%d swept, %v", n, err)
	}
	if u := h.undo(id); u.Stayed != 1 {
		t.Errorf("%+v", u)
	}
	for range 2 {
		for x, of := range map[string]string{mine: "a", quoted: "quoted", changed: "changed", half: "half"} {
			shows(t, h.bring(a), x, of)
		}
		for x, of := range map[string]string{theirs: "b", quoted: "quoted", changed: "changed", half: "half"} {
			shows(t, h.bring(b), x, of)
		}
		hides(t, "what went back", h.bring(b), mine)
		hides(t, "what was never there", h.bring(a), theirs)
		h.reopen()
	}

	// merged again, the other way round
	do(t, h.doubler().Merge(ctx, id, a))
	for x, of := range map[string]string{mine: "a", theirs: "b", quoted: "quoted", changed: "changed", half: "half"} {
		shows(t, h.bring(a), x, of)
	}
	_, err = h.v.Check(ctx)
	do(t, err)
	h.verify()
}

func TestAChainOfMergesEnds(t *testing.T) {
	t.Parallel()
	card := func(into fhir.ClientID) away { return away{card: &Card{Into: into}} }
	p := &people{away: map[fhir.ClientID]away{"a": card("b"), "b": card("c"), "x": card("y"), "y": card("x")}}
	for from, want := range map[fhir.ClientID]fhir.ClientID{"a": "c", "b": "c", "c": "c", "d": "d"} {
		if got := p.went(from); got != want {
			t.Errorf("%s went to %s, want %s", from, got, want)
		}
	}
	p.went("x") // a ring, which cannot be, ends too
}

// TestAnAttachmentThatFailsInTheMiddleIsSwept lets the store fail at each write in turn.
func TestAnAttachmentThatFailsInTheMiddleIsSwept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	real := h.v.st
	ctx := t.Context()
	var id string
	chart := h.bring(h.ada)
	for _, act := range []struct {
		name   string
		before func()
		do     func() error
	}{
		{"attach", func() {}, func() (err error) { id, err = chart.Attach(ctx, photo("ada")); return err }},
		{"keep", func() {}, func() error { return h.v.keep(h.ada, id) }},
		{"drop", func() {}, func() error { return h.v.drop(h.ada, id) }},
		{"sweep", func() {
			_, err := h.v.Sweep(ctx, sweeper) // of what the last round left
			do(t, err)
			attach(t, chart, "late")
			h.now.Add(keptFor)
		}, func() error { _, err := h.v.Sweep(ctx, sweeper); return err }},
	} {
		name, failed := act.name, 0
		for at, well := 1, false; !well; at++ {
			act.before()
			f := &faulty{Store: real}
			h.relive(f)
			f.at = at
			well = act.do() == nil
			h.relive(real)
			if !well {
				failed++
			}
			files, known := h.v.attachments(t)
			for i, x := range known {
				if x.Kept && !slices.Contains(files, i) {
					t.Fatalf("%s failed at write %d: a kept attachment has no file", name, at)
				}
			}
		}
		if failed < 2 {
			t.Errorf("%s can fail in %d places: the test reaches too few", name, failed)
		}
	}
	h.now.Add(keptFor)
	_, err := h.v.Sweep(ctx, sweeper)
	do(t, err)
	if files, known := h.v.attachments(t); len(files)+len(known) > 0 {
		t.Errorf("%d files, %d known, and nothing is kept", len(files), len(known))
	}
}

func TestAFullDiskKeepsNoHalfAttachment(t *testing.T) {
	t.Parallel()
	dir := disk(t, 12)
	h := newHouse(t)
	do(t, h.v.Close())
	h.dir = copyTo(t, h.dir, filepath.Join(dir, "data"))
	v, err := Open(t.Context(), h.config())
	do(t, err)
	h.use(v)
	id := attach(t, h.bring(h.ada), "ada")
	do(t, v.keep(h.ada, id))
	for range 3 {
		_, err := h.bring(h.ada).AttachFrom(t.Context(), io.LimitReader(endless{}, 20<<20))
		oneLine(t, err, "the disk is full")
		kindIs(t, "a full disk", err, errs.Unavailable)
		if files, known := v.attachments(t); len(files) != 1 || len(known) != 1 {
			t.Errorf("%d files, %d known", len(files), len(known))
		}
	}
	shows(t, h.bring(h.ada), id, "ada")
	attach(t, h.bring(h.ada), "another, for which there is room")
	_, err = v.Check(t.Context())
	do(t, errors.Join(err, v.Close()))
}

func TestWhatIsKeptWhileASweepRunsStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := attach(t, h.bring(h.ada), "ada")
	h.now.Add(keptFor)
	_, late, err := h.v.unkept(t.Context())
	if err != nil || len(late) != 1 {
		t.Fatal(late, err)
	}
	do(t, h.v.keep(h.ada, id)) // between a sweep's look and its act
	if dropped, err := h.v.dropLate(t.Context(), late); err != nil || len(dropped) != 0 {
		t.Errorf("dropped %v, %v", dropped, err)
	}
	shows(t, h.bring(h.ada), id, "ada")
}
