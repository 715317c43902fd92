package webtest

import (
	"os"

	"rapport/account"
	"rapport/record"
	"rapport/web"
)

// Backwards runs f, and returns the house as its data was before: what somebody has who
// kept a copy of the folder and brings it back. Nothing may be under way when it is called.
func (h *House) Backwards(f func(), routes ...web.Route) *House {
	h.T.Helper()
	dir := h.T.TempDir()
	if err := os.CopyFS(dir, os.DirFS(h.Dir)); err != nil {
		h.T.Fatal(err)
	}
	f()
	v, err := record.Open(h.T.Context(), record.Config{Dir: dir, KeyFile: h.key, Clock: h.Now})
	if err != nil {
		h.T.Fatal(err)
	}
	h.T.Cleanup(func() {
		if err := v.Close(); err != nil {
			h.T.Error(err)
		}
	})
	old := *h
	old.Dir, old.Vault, old.Doors = dir, v, account.New(v, v, h.Now)
	if err := old.Doors.Serve(h.Config.Base, func() string { return v.Settings().Name }); err != nil {
		h.T.Fatal(err)
	}
	old.Config.Vault, old.Config.Doors = v, old.Doors
	if old.Web, err = web.New(old.Config, routes...); err != nil {
		h.T.Fatal(err)
	}
	return &old
}
