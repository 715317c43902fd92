package record

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir/thread"
)

// TestTheWordsOfASealedThreadGo has a thread for one clinician alone, and looks after it
// until its words are no more.
func TestTheWordsOfASealedThreadGo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.open(h.client(h.ada), Messaging, h.ada, writes)
	blob, err := ada.Attach(t.Context(), []byte("%PDF-1.4 quince %%EOF"))
	do(t, err)
	id := h.say(ada, Message{Key: "a", Topic: "care", Title: "Marzipan", Text: "pistachio", Named: []thread.Party{{Ref: "Practitioner/clinician", Name: "P"}},
		Pieces: []thread.Piece{{Type: "application/pdf", Blob: blob, Name: "walnut", Caption: "hazelnut", Size: 20, Cover: []byte("macadamia")}}})
	read := func(c *Chart) (Conversation, []thread.Said) {
		t.Helper()
		k, said, err := c.Thread(t.Context(), id)
		do(t, err)
		return k, said
	}
	doctor := h.open(h.staff("clinician"), Care, h.ada, writes)
	for _, c := range []*Chart{ada, doctor} {
		k, said := read(c)
		if k.Title != "Marzipan" || len(said) != 1 || said[0].Text != "pistachio" || said[0].Pieces[0].Caption != "hazelnut" || string(said[0].Pieces[0].Cover) != "macadamia" || said[0].Pieces[0].Name != "walnut" {
			t.Fatalf("%+v %+v", k.Thread, said)
		}
	}
	all, err := ada.Threads(t.Context())
	do(t, err)
	if len(all) != 1 || all[0].Title != "Marzipan" || all[0].Last.Text != "pistachio" {
		t.Errorf("the list says %+v", all)
	}
	// the resource, as other programs read it, holds none of it
	found, err := ada.Find(t.Context(), communication)
	do(t, err)
	for _, f := range found {
		for _, w := range []string{"Marzipan", "pistachio", "walnut", "hazelnut", "macadamia"} {
			if bytes.Contains(f.JSON, []byte(w)) {
				t.Errorf("%s stands in %s", w, f.JSON)
			}
		}
	}
	if _, _, err := h.open(h.staff("nurse"), Care, h.ada, writes).Thread(t.Context(), id); !errs.Is(err, errs.NotFound) {
		t.Errorf("somebody else reads it: %v", err)
	}
	sweep := func() {
		t.Helper()
		_, err := h.v.Sweep(t.Context(), account.AsSystem(account.Promising))
		do(t, err)
	}
	// each word keeps the others a while longer
	h.now.Add(sealedHolds - time.Hour)
	sweep()
	doctor = h.open(h.staff("clinician"), Care, h.ada, writes)
	h.say(doctor, Message{Thread: id, Key: "b", Text: "pecan"})
	h.now.Add(2 * time.Hour)
	sweep()
	ada = h.open(h.client(h.ada), Messaging, h.ada, writes)
	k, said := read(ada)
	if k.Gone || len(said) != 2 || said[0].Text != "pistachio" || said[1].Text != "pecan" {
		t.Errorf("%+v", said)
	}
	if _, err := ada.Attached(t.Context(), blob); !errs.Is(err, errs.NotFound) {
		t.Errorf("what is attached is there after %s: %v", sealedHolds, err)
	}
	h.now.Add(sealedHolds)
	ada = h.open(h.client(h.ada), Messaging, h.ada, writes)
	for range 2 { // before and after anybody sweeps
		k, said = read(ada)
		if !k.Gone || k.Title != "" || len(said) != 2 || said[0].Text != "" || said[1].Text != "" || len(said[0].Pieces) != 1 || said[0].Pieces[0].Caption != "" {
			t.Errorf("%+v %+v", k, said)
		}
		sweep()
	}
	files := 0
	do(t, filepath.WalkDir(filepath.Join(h.dir, "blobs"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasPrefix(d.Name(), ".") {
			files++
		}
		return nil
	}))
	if files != 0 {
		t.Errorf("%d files are left", files)
	}
	// and it can be gone on with
	h.say(ada, Message{Thread: id, Key: "c", Text: "almond"})
	k, said = read(ada)
	if !k.Gone || len(said) != 3 || said[2].Text != "almond" || said[0].Text != "" {
		t.Errorf("%+v %+v", k, said)
	}
}
