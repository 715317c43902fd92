package webtest

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"rapport/clock"
	"rapport/record"
	"rapport/web"
)

// Fork opens a copy of a House that does nothing at the moment: another world, with the
// same people, ids, keys, sessions and time. rand is what the copy draws from.
func (h *House) Fork(t testing.TB, rand io.Reader, routes ...web.Route) *House {
	t.Helper()
	f := &House{T: t, Dir: filepath.Join(t.TempDir(), "data"), Now: clock.At(h.Now.Now()), Log: &bytes.Buffer{}, Ada: h.Ada, Bob: h.Bob, hanas: h.hanas, key: h.key}
	if err := os.CopyFS(f.Dir, os.DirFS(h.Dir)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(f.Dir, func(p string, d os.DirEntry, err error) error {
		if err == nil {
			err = os.Chmod(p, map[bool]os.FileMode{true: 0o700, false: 0o600}[d.IsDir()])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := record.Open(t.Context(), record.Config{Dir: f.Dir, KeyFile: f.key, Clock: f.Now, Rand: rand})
	if err != nil {
		t.Fatal(err)
	}
	f.use(v)
	f.serve(routes)
	return f
}

// In is the same browser, with the same session, in another world.
func (v *Visitor) In(f *House) *Visitor {
	x := *v
	x.h, x.kept = f, maps.Clone(v.kept)
	return &x
}

// Through has a visitor reach the House through something of the test's.
func (v *Visitor) Through(x http.Handler) { v.through = x }
