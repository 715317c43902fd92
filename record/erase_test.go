package record

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/record/internal/store"
)

// erase has somebody ask for something to be erased, and the privacy officer do it.
func (h *house) erase(c fhir.ClientID, in label.Set) error {
	h.t.Helper()
	ctx := h.t.Context()
	do(h.t, h.open(h.client(c), Minding, c, AllParts).AskErase(ctx, in, "I moved away."))
	p, err := h.v.OpenPractice(ctx, h.staff("privacy"), Guarding)
	do(h.t, err)
	all, err := p.Reviews(ctx)
	do(h.t, err)
	for _, x := range all {
		if x.Client == c && x.Kind == ReviewErase && x.Done.IsZero() {
			return p.Erase(ctx, x.ID, "It is done.")
		}
	}
	h.t.Fatal("nothing waits to be erased")
	return nil
}

// TestErasedIsGone: nothing is left of who is erased but hashes on the ledger, in this
// process, in the next, and their person can come anew.
func TestErasedIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(h.bring(h.ada), pulse("o1", "ada", 60))
	h.seeded()
	h.reads(h.ada, "ada@example.org", "1815-12-10")
	before := h.size()
	do(t, h.erase(h.ada, 0))
	ada := h.ada
	for round := range 2 {
		if _, err := h.v.Open(t.Context(), h.staff("nurse"), Care, ada, Results); !errs.Is(err, errs.Refused) && !errs.Is(err, errs.NotFound) {
			t.Errorf("round %d: her chart opens: %v", round, err)
		}
		if _, known := h.v.people.card(ada); known {
			t.Errorf("round %d: she is in the directory", round)
		}
		h.unmentioned(ada)
		if h.size() <= before {
			t.Error("the ledger lost lines")
		}
		h.verify()
		if x, err := h.v.Check(t.Context()); err != nil || x.Clients != 1 {
			t.Errorf("checked: %+v, %v", x, err)
		}
		h.reopen()
	}
	if again := h.admit("ada", "Ada", "Lovelace", "1815-12-10"); again == ada {
		t.Error("she has her old chart")
	}
}

// unmentioned looks for a client in everything that lies in the data, opened.
func (h *house) unmentioned(c fhir.ClientID) {
	h.t.Helper()
	do(h.t, h.v.st.View(h.t.Context(), func(r store.Reader) error {
		for space := store.Cards; space <= store.Reviews; space++ {
			err := r.Objects(h.t.Context(), space, func(o store.Object) error {
				raw, err := h.v.unsealed(space, o)
				if err != nil {
					raw = o.Body
				}
				if bytes.Contains(raw, []byte(c)) || bytes.Contains(raw, []byte("Lovelace")) {
					h.t.Errorf("space %d: %s", space, raw)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// TestWhoHelpsKeepsTheRest: of what belongs to others only the mention of who is erased
// goes.
func TestWhoHelpsKeepsTheRest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	hana := h.helper(h.ada, Grant{Name: "Hana", Relation: "sister", Reads: Results})
	do(t, h.erase(h.ada, 0))
	h.unmentioned(h.ada)
	if _, err := h.v.Open(t.Context(), hana, Helping, h.ada, Results); err == nil {
		t.Error("who helped sees what is erased")
	}
}

// TestALegalHoldKeeps: what a legal matter stops is not erased, and can be once it is over.
func TestALegalHoldKeeps(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p, err := h.v.OpenPractice(t.Context(), h.staff("privacy"), Guarding)
	do(t, err)
	do(t, p.Hold(t.Context(), h.ada, "A matter of 2026"))
	if err := h.erase(h.ada, 0); !errs.Is(err, errs.Conflict) {
		t.Errorf("erased during a legal matter: %v", err)
	}
	if _, known := h.v.people.card(h.ada); !known {
		t.Fatal("she is gone")
	}
	do(t, p.Hold(t.Context(), h.ada, ""))
	all, err := p.Reviews(t.Context())
	do(t, err)
	do(t, p.Erase(t.Context(), all[0].ID, ""))
}

// TestOneCompartmentIsErased: what lies in it goes with its key; the rest stays.
func TestOneCompartmentIsErased(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(h.bring(h.ada), pulse("o1", "ada", 60))
	h.write(h.bring(h.ada), pulse("o2", "ada", 61))
	mind := h.open(h.client(h.ada), Minding, h.ada, AllParts)
	do(t, mind.Mark(t.Context(), "Observation", mind.Ref("Observation", "o1"), label.Own, 0))
	do(t, mind.Mark(t.Context(), "Observation", mind.Ref("Observation", "o2"), label.Mental, 0))
	do(t, h.erase(h.ada, label.Own))
	for range 2 {
		c := h.open(h.client(h.ada), Own, h.ada, Results)
		if _, err := c.Read(t.Context(), "Observation", "o1"); !errs.Is(err, errs.NotFound) {
			t.Errorf("what is erased reads: %v", err)
		}
		if _, err := c.Read(t.Context(), "Observation", "o2"); err != nil {
			t.Errorf("what is not erased: %v", err)
		}
		if hs, err := h.open(h.client(h.ada), Minding, h.ada, AllParts).Holdings(t.Context()); err != nil || len(hs) == 0 {
			t.Errorf("the list of all there is: %d, %v", len(hs), err)
		}
		h.verify()
		h.reopen()
	}
	asked, err := h.open(h.client(h.ada), Minding, h.ada, AllParts).Erasures(t.Context())
	if err != nil || len(asked) != 1 || asked[0].Verdict != VerdictErased || asked[0].Note != "It is done." {
		t.Errorf("she reads %+v, %v", asked, err)
	}
}

// TestOnlyTheOfficerErases, with a fresh passkey, and once.
func TestOnlyTheOfficerErases(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	do(t, h.open(h.client(h.ada), Minding, h.ada, AllParts).AskErase(t.Context(), 0, "I moved away."))
	officer := h.staff("privacy")
	p, err := h.v.OpenPractice(t.Context(), officer, Guarding)
	do(t, err)
	all, err := p.Reviews(t.Context())
	do(t, err)
	m, err := h.v.OpenPractice(t.Context(), h.staff("manager"), Running)
	do(t, err)
	if err := m.Erase(t.Context(), all[0].ID, ""); !errs.Is(err, errs.Refused) {
		t.Errorf("the manager erases: %v", err)
	}
	do(t, p.Erase(t.Context(), all[0].ID, ""))
	if err := p.Erase(t.Context(), all[0].ID, ""); err == nil {
		t.Error("erased twice")
	}
}

// TestShred erases 50 of 200 clients: none of their wrapped keys lies in any file, and in
// five older copies of the data, brought back under the keyring as it is, they are gone and
// the others are whole.
func TestShred(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 200 charts and brings five copies back")
	}
	t.Parallel()
	h := newHouse(t)
	clients := []fhir.ClientID{}
	var copies []string
	for i := range 200 {
		id := fmt.Sprintf("c%d", i)
		clients = append(clients, h.admit(id, fmt.Sprintf("Given%d", i), fmt.Sprintf("Family%d", i), "1970-01-01"))
		h.write(h.bring(clients[i]), pulse("o-"+id, id, 60+i%40))
		if i%40 == 39 {
			to := filepath.Join(t.TempDir(), fmt.Sprintf("copy%d.db", i))
			h.edit(dataFile, `VACUUM INTO ?`, to)
			copies = append(copies, to)
		}
	}
	gone := clients[:50]
	wrapped := h.wrappedKeys(gone)
	for _, c := range gone {
		do(t, h.erase(c, 0))
	}
	files, bytesRead, found := h.residue(wrapped)
	if found > 0 {
		t.Errorf("%d wrapped keys of %d lie in the files still", found, len(wrapped))
	}
	t.Logf("TRUST shred: 50 of 200 clients, %d wrapped keys looked for in %d files (%d bytes): %d found", len(wrapped), files, bytesRead, found)
	whole, revived := h.broughtBack(copies, clients)
	if revived > 0 {
		t.Errorf("%d erased clients are back", revived)
	}
	t.Logf("TRUST old copies: 5 brought back with today's keyring, %d erased revived, %d others whole", revived, whole)
}

// wrappedKeys are the bytes by which the keyring keeps clients' keys.
func (h *house) wrappedKeys(of []fhir.ClientID) (out [][]byte) {
	h.t.Helper()
	db := h.behind(ringFile)
	for _, c := range of {
		pid, _ := pidOf(c)
		rows, err := db.Query(`SELECT wrapped FROM key WHERE pid = ?`, pid[:])
		do(h.t, err)
		for rows.Next() {
			var w []byte
			do(h.t, rows.Scan(&w))
			out = append(out, bytes.Clone(w))
		}
		do(h.t, rows.Err())
		do(h.t, rows.Close())
	}
	do(h.t, db.Close())
	if len(out) != 3*len(of) {
		h.t.Fatalf("%d wrapped keys of %d clients", len(out), len(of))
	}
	return out
}

// residue looks for bytes in every file of the folder.
func (h *house) residue(of [][]byte) (files int, size int64, found int) {
	h.t.Helper()
	do(h.t, filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		files, size = files+1, size+int64(len(b))
		for _, w := range of {
			if bytes.Contains(b, w) {
				found++
			}
		}
		return err
	}))
	return files, size, found
}

// broughtBack opens older copies of the data under today's keyring.
func (h *house) broughtBack(copies []string, clients []fhir.ClientID) (whole, revived int) {
	h.t.Helper()
	do(h.t, h.v.Close())
	ring, err := os.ReadFile(filepath.Join(h.dir, ringFile))
	do(h.t, err)
	for n, from := range copies {
		dir := filepath.Join(h.t.TempDir(), fmt.Sprint(n))
		do(h.t, os.MkdirAll(dir, 0o700))
		do(h.t, os.WriteFile(filepath.Join(dir, ringFile), ring, 0o600))
		do(h.t, copied(from, filepath.Join(dir, dataFile)))
		v, err := Open(h.t.Context(), Config{Dir: dir, KeyFile: h.key, Clock: h.now})
		do(h.t, err)
		for i, c := range clients[:40*(n+1)] {
			_, known := v.people.card(c)
			chart, err := v.Open(h.t.Context(), account.AsSystem(account.Importer), Importing, c, AllParts)
			if i < 50 {
				if known || err == nil {
					revived++
				}
				continue
			}
			do(h.t, err)
			if _, err := chart.Read(h.t.Context(), "Observation", fmt.Sprintf("o-c%d", i)); err != nil || !known {
				h.t.Errorf("copy %d: client %d is not whole: %v", n, i, err)
				continue
			}
			whole++
		}
		if _, err := v.Verify(h.t.Context()); err != nil {
			h.t.Errorf("copy %d: %v", n, err)
		}
		do(h.t, v.Close())
	}
	return whole, revived
}

func copied(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}
