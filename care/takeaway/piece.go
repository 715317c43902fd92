package takeaway

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"time"

	"filippo.io/age"

	"rapport/errs"
)

// folder is what all of a copy lies in once it is unpacked.
const folder = "export/"

// piece is one file of a copy. pour writes the same bytes every time.
type piece struct {
	name   string // within the folder
	kind   string // its media type
	packed bool   // it is as small as it gets
	pour   func(context.Context, io.Writer) error
	size   int64 // once it was listed, and its hash
	sum    string
}

// listed is a file as the manifest names it.
type listed struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// list finds out the size and the hash of every piece, by reading all of it once.
func list(ctx context.Context, ps []piece) ([]listed, error) {
	out := make([]listed, 0, len(ps))
	for i := range ps {
		p := &ps[i]
		h := sha256.New()
		n := &counted{w: h}
		if err := p.pour(ctx, n); err != nil {
			return nil, err
		}
		p.size, p.sum = n.n, hex.EncodeToString(h.Sum(nil))
		out = append(out, listed{p.name, p.kind, p.size, p.sum})
	}
	return out, nil
}

// counted counts what goes through it.
type counted struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// work is scrypt's factor: 2^16 takes 64 MB and a fifth of a second, here and for whoever
// guesses. The tool's own 2^18 takes 256 MB, which a small practice's machine does not
// have twice, nor an old phone once.
const work = 16

// errChanged is for a copy whose chart is not what it was when it was listed.
var errChanged = errs.E(errs.Conflict, "takeaway: a file is not what it was when it was listed")

// lock writes pieces as one archive that the words open, the manifest first. It holds a
// few pages of memory, however long they are. What differs from the list breaks it off.
func lock(ctx context.Context, w io.Writer, words string, manifest []byte, ps []piece, at time.Time) error {
	r, err := age.NewScryptRecipient(words)
	if err != nil {
		return err
	}
	r.SetWorkFactor(work)
	sealed, err := age.Encrypt(w, r)
	if err != nil {
		return err
	}
	z := zip.NewWriter(sealed)
	first := piece{name: "manifest.json", pour: func(_ context.Context, w io.Writer) error { return all(w.Write(manifest)) }}
	for _, p := range append([]piece{first}, ps...) {
		if err := p.into(ctx, z, at); err != nil {
			return err
		}
	}
	return errors.Join(z.Close(), sealed.Close())
}

// all is the error of a write.
func all(_ int, err error) error { return err }

// into adds a piece to an archive, if it is still what it was.
func (p *piece) into(ctx context.Context, z *zip.Writer, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	h := &zip.FileHeader{Name: folder + p.name, Method: zip.Deflate, Modified: at}
	if p.packed {
		h.Method = zip.Store
	}
	f, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	sum := sha256.New()
	if err := p.pour(ctx, io.MultiWriter(f, sum)); err != nil {
		return err
	}
	if p.sum != "" && hex.EncodeToString(sum.Sum(nil)) != p.sum {
		return errChanged
	}
	return nil
}

// manifest is what a copy is: its files with their hashes, and whose and when. Its own
// hash is what the ledger holds.
type manifest struct {
	Version   int       `json:"version"`
	Made      time.Time `json:"made"`
	Practice  string    `json:"practice"`
	Client    string    `json:"client"`
	Name      string    `json:"name"`
	Language  string    `json:"language"`
	Resources int       `json:"resources"`
	Earlier   int       `json:"earlier"` // versions before the newest, and deletions
	Files     int       `json:"attachments"`
	Gone      []string  `json:"gone,omitempty"` // attachments that are no longer kept, by what names them
	Looks     int64     `json:"looks"`
	Book      string    `json:"checkpoint"` // the signed checkpoint that the looks are proven against
	Key       string    `json:"verifier"`
	List      []listed  `json:"files"`
}

// bytes are the manifest as it is written and hashed.
func (m manifest) bytes() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", " ")
	return append(b, '\n'), err
}
