package record

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/blob"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// The file of an attachment lies outside the database, so its life has an order that a
// crash at any step cannot spoil: the object that says whose it is comes before the
// file, and is dropped, durably, before the file is removed. A file without an object is
// therefore nobody's for ever, and an object that is kept always has its file.

// attachmentMost is how many bytes one attachment may have.
const attachmentMost = 200 << 20

// keptFor is how long an attachment waits for the resource that names it.
const keptFor = 24 * time.Hour

// blobScheme is how a resource names an attachment in the url of a FHIR Attachment.
const blobScheme = "blob:"

// attached is what is known of one attachment beside its file.
type attached struct {
	Client fhir.ClientID   // under whose key it is sealed, whatever their chart was merged into
	Also   []fhir.ClientID `json:",omitempty"` // whose charts name it besides: a merge brought it there
	Parts  Parts           // where it may be named
	Made   time.Time
	Kept   bool      // a resource names it
	Until  time.Time `json:",omitzero"` // when it goes, of one in a sealed thread
}

var (
	errNoBlob   = errs.E(errs.NotFound, "record: no such attachment in this chart")
	errTooLarge = errs.E(errs.Invalid, "record: an attachment is larger than %d MB", attachmentMost>>20)
)

// attaching are the parts whose resources have attachments, and a type of each.
var attaching = []struct {
	part Parts
	typ  string
}{{Messages, "Communication"}, {Told, response}, {Documents, "DocumentReference"}}

// attaches returns those of some parts in which this chart shows attachments: where
// a resource is shown in pieces, what it has attached is not.
func (c *Chart) attaches(parts Parts) (out Parts) {
	for _, a := range attaching {
		if _, all := c.basis.Elements(a.typ); all {
			out |= parts & a.part
		}
	}
	return out
}

// Attach is [Chart.AttachFrom] of bytes that are all there.
func (c *Chart) Attach(ctx context.Context, body []byte) (id string, err error) {
	return c.AttachFrom(ctx, bytes.NewReader(body))
}

// AttachFrom keeps the bytes of an attachment, 200 MB at most, and returns the id that
// a resource names it by, in an Attachment's url as "blob:" and the id. It is durable
// when it returns, and belongs to nothing: it is swept after a day unless an act kept
// it with the resource that names it. It is for who may write messages, answers or
// documents here, and has no line on the ledger; the act that keeps it has.
func (c *Chart) AttachFrom(ctx context.Context, r io.Reader) (id string, err error) {
	if c == nil || c.v == nil || c.attaches(c.writes) == 0 {
		return "", errRefused
	}
	if _, here := c.v.people.row(c.client); !here {
		return "", errRefused // not made yet, or merged since it was opened
	}
	var name blob.ID
	if _, err := io.ReadFull(c.v.rand, name[:]); err != nil {
		return "", wrap("attach", err)
	}
	x := attached{Client: c.client, Parts: c.attaches(c.writes), Made: c.v.now.Now().UTC()}
	if err := c.v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		return c.v.put(ctx, tx, store.Blobs, name[:], time.Time{}, &x)
	}}); err != nil {
		return "", wrap("attach", err)
	}
	if _, err := c.v.blobs.Write(ctx, name, c.keys.Blob, c.v.blobPlace(c.pid), &atMost{r, attachmentMost}); err != nil {
		c.v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error { //nolint:errcheck // else it is swept
			return tx.DropObject(ctx, store.Blobs, name[:])
		}})
		return "", wrap("attach", err)
	}
	return name.String(), nil
}

// atMost gives what r gives, and fails once that is too much.
type atMost struct {
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (l *atMost) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

func (v *Vault) blobPlace(pid store.PID) blob.Place {
	return blob.Place{Instance: v.inst, Client: pid}
}

// Attachment is an attachment being read, from anywhere in it. Reading costs what is
// read and holds 128 KB, however long it is. Close it.
type Attachment struct{ r *blob.Reader }

var _ io.ReadSeekCloser = (*Attachment)(nil)

// Size returns its length in bytes.
func (a *Attachment) Size() int64 { return a.r.Size() }

// Read implements io.Reader.
func (a *Attachment) Read(p []byte) (int, error) { return a.r.Read(p) }

// ReadAt implements io.ReaderAt.
func (a *Attachment) ReadAt(p []byte, off int64) (int, error) { return a.r.ReadAt(p, off) }

// Seek implements io.Seeker.
func (a *Attachment) Seek(off int64, from int) (int64, error) { return a.r.Seek(off, from) }

// Close implements io.Closer.
func (a *Attachment) Close() error { return a.r.Close() }

// Attached opens an attachment of this chart; errs.NotFound if it is another chart's,
// of a part that is not open, gone, or never was. An id is known from a resource: take
// it from one that this chart shows, never from an address alone, or what a resource
// hides is not hidden in what it has attached.
func (c *Chart) Attached(ctx context.Context, id string) (*Attachment, error) {
	if c == nil || c.v == nil || c.parts == 0 {
		return nil, errRefused
	}
	name, ok := blob.ParseID(id)
	if !ok {
		return nil, wrap("attachment", errNoBlob)
	}
	var x attached
	err := c.v.st.View(ctx, func(r store.Reader) (err error) {
		if x, err = c.v.blobOf(ctx, r, c.client, name); err == nil && (c.attaches(c.parts)&x.Parts == 0 || x.Kept && x.late(c.v.now.Now())) {
			err = errNoBlob
		}
		return err
	})
	if err != nil {
		return nil, wrap("attachment", err)
	}
	pid, _ := pidOf(x.Client)
	keys, err := c.v.ring.Client(ctx, pid)
	if err != nil {
		return nil, wrap("attachment", err)
	}
	r, err := c.v.blobs.Open(name, keys.Blob, c.v.blobPlace(pid))
	if err != nil {
		return nil, wrap("attachment", err)
	}
	return &Attachment{r}, nil
}

// blobOf reads what is known of an attachment of a client; errNoBlob if it is not theirs.
func (v *Vault) blobOf(ctx context.Context, r store.Reader, c fhir.ClientID, id blob.ID) (attached, error) {
	var x attached
	err := v.get(ctx, r, store.Blobs, id[:], &x)
	if errs.Is(err, errs.NotFound) || err == nil && !slices.ContainsFunc(append([]fhir.ClientID{x.Client}, x.Also...), func(o fhir.ClientID) bool { return v.people.went(o) == c }) {
		return attached{}, errNoBlob
	}
	return x, err
}

// went returns whose chart goes on for a client: their own, or the one it was merged
// into, at the end of all merges.
func (p *people) went(c fhir.ClientID) fhir.ClientID {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for range len(p.away) + 1 {
		a, away := p.away[c]
		if !away {
			break
		}
		c = a.card.Into
	}
	return c
}

// keepBlob keeps attachments of a client with the resource that names them, in the
// transaction that writes it. One that is not this client's, or is gone, is errs.Invalid,
// and then none of the act happens.
func (v *Vault) keepBlob(ctx context.Context, tx store.Tx, c fhir.ClientID, until time.Time, ids ...string) error {
	for _, s := range ids {
		id, ok := blob.ParseID(s)
		if !ok {
			return errs.E(errs.Invalid, "record: that names no attachment")
		}
		x, err := v.blobOf(ctx, tx, c, id)
		if err == nil {
			var has bool
			if has, err = v.blobs.Has(id); err == nil && !has {
				err = errNoBlob
			}
		}
		if errors.Is(err, errNoBlob) {
			return errs.E(errs.Invalid, "record: attachment %s is gone, or of another chart", id)
		}
		if err != nil {
			return err
		}
		if !x.Kept {
			x.Until = until
		}
		if err := v.putBlob(ctx, tx, id, x, c); err != nil {
			return err
		}
	}
	return nil
}

// putBlob keeps an attachment for a client, whose own it is or whose chart a merge
// brought it into: then it stays there even if the merge is undone.
func (v *Vault) putBlob(ctx context.Context, tx store.Tx, id blob.ID, x attached, c fhir.ClientID) error {
	if x.Kept && (x.Client == c || slices.Contains(x.Also, c)) {
		return nil
	}
	if x.Kept = true; x.Client != c && !slices.Contains(x.Also, c) {
		x.Also = append(x.Also, c)
	}
	return v.put(ctx, tx, store.Blobs, id[:], time.Time{}, &x)
}

// dropBlob drops attachments of a client in the transaction that takes away what named
// them; a sweep removes the files. What a merge brought here is only let go, for the
// chart it came from may be there again; and what it took elsewhere stays.
func (v *Vault) dropBlob(ctx context.Context, tx store.Tx, c fhir.ClientID, ids ...string) error {
	for _, s := range ids {
		id, ok := blob.ParseID(s)
		if !ok {
			continue
		}
		x, err := v.blobOf(ctx, tx, c, id)
		if errors.Is(err, errNoBlob) {
			continue
		}
		if err == nil && x.Client == c && len(x.Also) == 0 {
			err = tx.DropObject(ctx, store.Blobs, id[:])
		} else if err == nil {
			x.Also = slices.DeleteFunc(x.Also, func(o fhir.ClientID) bool { return o == c })
			err = v.put(ctx, tx, store.Blobs, id[:], time.Time{}, &x)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// blobNamed finds what a resource names.
var blobNamed = regexp.MustCompile(`"` + blobScheme + `([0-9a-f]{32})"`)

func blobsIn(json []byte) (out []string) {
	for _, m := range blobNamed.FindAllSubmatch(json, -1) {
		out = append(out, string(m[1]))
	}
	return out
}

// Sweep removes the attachments that nothing named for a day, and files that belong to
// nothing, and returns how many files. It is for software that does so now and then.
func (v *Vault) Sweep(ctx context.Context, who account.Actor) (int, error) {
	if d := policy.Decide(policy.Facts{Kind: who.Kind(), Level: who.Level(), Purpose: Telling, Target: policy.Directory}); !d.Allow() {
		return 0, v.noted(ctx, who, Telling, "sweep", d)
	}
	if err := v.led.Commit(ctx, &ledger.Act{Write: v.dropSeals}); err != nil {
		return 0, wrap("sweep", err)
	}
	files, err := v.blobs.List(ctx) // before the objects: what is listed had its object already
	if err != nil {
		return 0, wrap("sweep", err)
	}
	known, late, err := v.unkept(ctx)
	if err != nil {
		return 0, wrap("sweep", err)
	}
	if late, err = v.dropLate(ctx, late); err != nil {
		return 0, wrap("sweep", err)
	}
	for _, id := range late {
		delete(known, id)
	}
	n := 0
	for _, id := range files {
		if known[id] {
			continue
		}
		if err := v.blobs.Remove(id); err != nil {
			return n, wrap("sweep", err)
		}
		n++
	}
	return n, nil
}

// unkept returns every attachment that is known, and those nothing named in time.
func (v *Vault) unkept(ctx context.Context) (known map[blob.ID]bool, late []blob.ID, err error) {
	known = map[blob.ID]bool{}
	err = v.st.View(ctx, func(r store.Reader) error {
		return r.Objects(ctx, store.Blobs, func(o store.Object) error {
			id, x, err := v.attachedIn(o)
			if err != nil {
				return err
			}
			known[id] = true
			if x.late(v.now.Now()) {
				late = append(late, id)
			}
			return nil
		})
	})
	return known, late, err
}

// attachedIn reads what an object says of an attachment.
func (v *Vault) attachedIn(o store.Object) (id blob.ID, x attached, err error) {
	if len(o.Key) != len(id) {
		return id, x, errs.E(errs.Internal, "record: an attachment has a name of %d bytes", len(o.Key))
	}
	id = blob.ID(o.Key)
	return id, x, v.unpack(store.Blobs, store.Object{Key: id[:], Body: o.Body}, &x)
}

// late reports that an attachment goes: nothing named it in time, or its time is over.
func (x *attached) late(now time.Time) bool {
	return !x.Kept && now.Sub(x.Made) >= keptFor || !x.Until.IsZero() && !now.Before(x.Until)
}

// dropLate drops what nothing named in time, unless something did meanwhile, and
// returns what it dropped.
func (v *Vault) dropLate(ctx context.Context, late []blob.ID) (dropped []blob.ID, err error) {
	if len(late) == 0 {
		return nil, nil
	}
	err = v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		dropped = nil
		for _, id := range late {
			var x attached
			err := v.get(ctx, tx, store.Blobs, id[:], &x)
			if errs.Is(err, errs.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if !x.late(v.now.Now()) {
				continue
			}
			if err := tx.DropObject(ctx, store.Blobs, id[:]); err != nil {
				return err
			}
			dropped = append(dropped, id)
		}
		return nil
	}})
	return dropped, err
}

// missing counts the attachments that are kept and have no file: the folder was restored
// without them.
func (v *Vault) missing(ctx context.Context) (n int, err error) {
	err = v.st.View(ctx, func(r store.Reader) error {
		return r.Objects(ctx, store.Blobs, func(o store.Object) error {
			id, x, err := v.attachedIn(o)
			if err != nil || !x.Kept {
				return err
			}
			has, err := v.blobs.Has(id)
			if !has && err == nil {
				n++
			}
			return err
		})
	})
	return n, err
}

// stays keeps for a chart the attachments of what a merge brought into it and somebody
// changed since: that stays there when the merge is undone.
func (u *undoing) stays(ctx context.Context, tx store.Tx) error {
	v := u.d.v
	into, err := u.d.inner(ctx, u.kept.Merge.Into)
	if err != nil {
		return err
	}
	for _, t := range u.kept.Merge.Brought {
		tn, err := typeNumber(t.Type)
		if err != nil {
			return err
		}
		row, err := tx.Row(ctx, into.row, tn, into.keys.Row(t.Type, t.ID))
		if errors.Is(err, store.ErrNotExist) || err == nil && (row.Gone || row.Version == t.Version) {
			continue
		}
		if err != nil {
			return err
		}
		sealed, err := tx.Body(ctx, row.Body)
		if err != nil {
			return err
		}
		json, err := into.open(sealed, row)
		if err != nil {
			return err
		}
		for _, s := range blobsIn(json) {
			id, _ := blob.ParseID(s)
			x, err := v.blobOf(ctx, tx, into.client, id)
			if err == nil && x.Kept {
				err = v.putBlob(ctx, tx, id, x, into.client)
			}
			if err != nil && !errors.Is(err, errNoBlob) {
				return err
			}
		}
	}
	return nil
}
