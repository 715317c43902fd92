package record

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/store"
)

// rowNumbers returns the row of a client and the type number of Observation.
func (h *house) rowNumbers() (ada, bob store.Client, obs uint16) {
	ada, _ = h.v.people.row(h.ada)
	bob, _ = h.v.people.row(h.bob)
	obs, _ = fhir.TypeNumber("Observation")
	return ada, bob, obs
}

// furnish gives Ada and Bob two results of two versions each.
func (h *house) furnish() {
	h.t.Helper()
	for who, id := range map[string]fhir.ClientID{"ada": h.ada, "bob": h.bob} {
		c := h.bring(id)
		for v := range 2 {
			_, err := c.Put(h.t.Context(), pulse("o1", who, 60+v), pulse("o2", who, 70+v))
			do(h.t, err)
		}
	}
}

func TestNoRowOpensInAnothersPlace(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]string{
		"the body of another resource":  `UPDATE facet SET body = (SELECT body FROM facet f WHERE f.client = :ada AND f.type = :obs AND f.key = :o2) WHERE client = :ada AND type = :obs AND key = :o1`,
		"the body of another client":    `UPDATE facet SET body = (SELECT body FROM facet f WHERE f.client = :bob AND f.type = :obs LIMIT 1) WHERE client = :ada AND type = :obs AND key = :o1`,
		"the body of an older version":  `UPDATE facet SET body = (SELECT body FROM past p WHERE p.client = :ada AND p.type = :obs AND p.key = :o1 AND p.version = 1) WHERE client = :ada AND type = :obs AND key = :o1`,
		"rolled back whole":             `UPDATE facet SET (version, body) = (SELECT 2, body FROM past p WHERE p.client = :ada AND p.type = :obs AND p.key = :o1 AND p.version = 1) WHERE client = :ada AND type = :obs AND key = :o1`,
		"another version number":        `UPDATE facet SET version = 3 WHERE client = :ada AND type = :obs AND key = :o1`,
		"its facet as its body":         `UPDATE body SET sealed = (SELECT facet FROM facet WHERE client = :ada AND type = :obs AND key = :o1) WHERE id = (SELECT body FROM facet WHERE client = :ada AND type = :obs AND key = :o1)`,
		"cut short":                     `UPDATE body SET sealed = substr(sealed, 1, length(sealed) - 1) WHERE id = (SELECT body FROM facet WHERE client = :ada AND type = :obs AND key = :o1)`,
		"emptied":                       `UPDATE body SET sealed = X'' WHERE id = (SELECT body FROM facet WHERE client = :ada AND type = :obs AND key = :o1)`,
		"no body at all":                `DELETE FROM body WHERE id = (SELECT body FROM facet WHERE client = :ada AND type = :obs AND key = :o1)`,
		"moved to another type":         `UPDATE facet SET type = type + 1 WHERE client = :ada AND type = :obs AND key = :o1`,
		"moved to another resource":     `UPDATE facet SET key = zeroblob(16) WHERE client = :ada AND type = :obs AND key = :o1`,
		"moved to another client":       `UPDATE facet SET key = zeroblob(16), client = :bob WHERE client = :ada AND type = :obs AND key = :o1`,
		"the facet of another resource": `UPDATE facet SET facet = (SELECT facet FROM facet f WHERE f.client = :ada AND f.type = :obs AND f.key = :o2) WHERE client = :ada AND type = :obs AND key = :o1`,
		"the facet of another client":   `UPDATE facet SET facet = (SELECT facet FROM facet f WHERE f.client = :bob AND f.type = :obs LIMIT 1) WHERE client = :ada AND type = :obs AND key = :o1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.furnish()
			ada, bob, obs := h.rowNumbers()
			keys := h.bring(h.ada).keys
			o1, o2 := keys.Row("Observation", "o1"), keys.Row("Observation", "o2")
			var good []string
			for _, v := range []int{60, 61, 70, 71} {
				good = append(good, string(pulse("o1", "ada", v).JSON), string(pulse("o2", "ada", v).JSON))
			}
			db := h.behind(dataFile)
			_, err := db.Exec(q, sql.Named("ada", ada), sql.Named("bob", bob), sql.Named("obs", obs), sql.Named("o1", o1[:]), sql.Named("o2", o2[:]))
			do(t, err)
			wrong := 0
			for _, whose := range []fhir.ClientID{h.ada, h.bob} {
				c := h.bring(whose)
				for _, id := range []string{"o1", "o2"} {
					f, err := c.Read(t.Context(), "Observation", id)
					if err != nil {
						wrong++
					} else if whose == h.ada && (string(f.JSON) == good[0] || !contains(good, string(f.JSON)) || id == "o1" && string(f.JSON) != string(pulse("o1", "ada", 61).JSON)) {
						t.Errorf("%s of %s reads %s", id, whose, f.JSON)
					}
				}
				fs, err := c.Search(t.Context(), query(t, "Observation", ""))
				if err != nil {
					wrong++
				}
				for _, f := range fs {
					if whose == h.ada && strings.Contains(string(f.JSON), "Patient/bob") || whose == h.bob && strings.Contains(string(f.JSON), "Patient/ada") {
						t.Errorf("searching %s finds %s", whose, f.JSON)
					}
				}
			}
			if wrong == 0 {
				t.Error("nobody notices")
			}
		})
	}
}

func contains(all []string, s string) bool {
	for _, x := range all {
		if x == s {
			return true
		}
	}
	return false
}

// TestOneFlippedBitIsNeverServed flips bits all over the sealed columns.
func TestOneFlippedBitIsNeverServed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.furnish()
	rnd := mrand.New(mrand.NewPCG(5, 6))
	db := h.behind(dataFile)
	c := h.bring(h.ada)
	type cell struct{ table, col, where string }
	ada, _, obs := h.rowNumbers()
	cells := []cell{
		{"body", "sealed", fmt.Sprintf("id = (SELECT max(body) FROM facet WHERE client = %d AND type = %d)", ada, obs)},
		{"facet", "facet", fmt.Sprintf("client = %d AND type = %d AND body = (SELECT max(body) FROM facet WHERE client = %d AND type = %d)", ada, obs, ada, obs)},
	}
	tried := 0
	for _, x := range cells {
		var was []byte
		do(t, db.QueryRow(`SELECT `+x.col+` FROM `+x.table+` WHERE `+x.where).Scan(&was)) //nolint:gosec // names from above
		for range 150 {
			bad := bytes.Clone(was)
			bad[rnd.IntN(len(bad))] ^= 1 << rnd.IntN(8)
			_, err := db.Exec(`UPDATE `+x.table+` SET `+x.col+` = ? WHERE `+x.where, bad) //nolint:gosec // as above
			do(t, err)
			if fs, err := c.Search(t.Context(), query(t, "Observation", "")); err == nil {
				t.Fatalf("a flipped bit in %s is served: %q", x.col, ids(fs))
			}
			tried++
		}
		_, err := db.Exec(`UPDATE `+x.table+` SET `+x.col+` = ? WHERE `+x.where, was) //nolint:gosec // as above
		do(t, err)
	}
	if fs, err := c.Search(t.Context(), query(t, "Observation", "")); err != nil || len(fs) != 2 {
		t.Errorf("put right again: %v, %v", ids(fs), err)
	}
	t.Logf("%d flipped bits, 0 served", tried)
}

func TestACardOrDoorOfAnotherDoesNotOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	link, err := h.doors.Invite(t.Context(), account.Subject{Kind: account.Staff, ID: "nurse"}, account.Once)
	do(t, err)
	// the link of a client is given the body of a nurse's
	mine, err := h.doors.Invite(t.Context(), account.Subject{Kind: account.Client, ID: string(h.ada)}, account.Once)
	do(t, err)
	db := h.behind(dataFile)
	rows, err := db.Query(`SELECT key, body FROM object WHERE space = ?`, store.Links)
	do(t, err)
	var keys, bodies [][]byte
	for rows.Next() {
		var k, b []byte
		do(t, rows.Scan(&k, &b))
		keys, bodies = append(keys, k), append(bodies, b)
	}
	do(t, errors.Join(rows.Err(), rows.Close()))
	if len(keys) != 2 {
		t.Fatalf("%d links, want 2", len(keys))
	}
	for i := range keys {
		_, err := db.Exec(`UPDATE object SET body = ? WHERE space = ? AND key = ?`, bodies[1-i], store.Links, keys[i])
		do(t, err)
	}
	for _, token := range []string{link, mine} {
		if s, err := h.doors.Enter(t.Context(), token, account.Ask{}); err == nil {
			t.Errorf("a link with another's body lets %v in", s.Subject)
		}
	}
	do(t, h.v.Close())
	h.edit(dataFile, `UPDATE object SET body = (SELECT body FROM object o WHERE o.space = ? AND o.key > object.key ORDER BY key LIMIT 1) WHERE space = ? AND key = (SELECT min(key) FROM object WHERE space = ?)`, store.Cards, store.Cards, store.Cards)
	v, err := Open(t.Context(), h.config())
	if err == nil {
		v.Close() //nolint:errcheck // only read
		t.Error("a directory with one person's card in another's place opens")
	}
}

// TestNothingASignInLeavesOnTheDiskLetsAnybodyIn looks for marked content and
// tokens in every file of the folder.
func TestNothingReadableIsOnTheDisk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mark := "Xyzzy-" + fmt.Sprint(mrand.Uint64())
	c, err := h.v.Admit(t.Context(), importer, Importing)
	do(t, err)
	_, err = c.Put(t.Context(), patient(mark, mark, mark, "1977-07-17"), resource("Observation", mark, `"status":"final","code":{"text":"`+mark+`"},"subject":{"reference":"Patient/`+mark+`"}`))
	do(t, err)
	link, err := h.doors.Invite(t.Context(), account.Subject{Kind: account.Client, ID: string(c.Client())}, account.Demo)
	do(t, err)
	in, err := h.doors.Enter(t.Context(), link, account.Ask{})
	token := in.Token
	do(t, err)
	who, err := h.doors.Who(t.Context(), token)
	do(t, err)
	if who.Name() == "" {
		t.Fatal("nobody came in")
	}
	h.open(who, Own, c.Client(), AllParts)
	// the clear things that should be there, so that the search is not blind
	for _, needle := range []struct {
		s     string
		there bool
	}{{mark, false}, {"1977-07-17", false}, {link, false}, {token, false}, {string(c.Client()), false}, {"Staff nurse", true}, {"CREATE TABLE", true}} {
		n := 0
		for _, running := range []bool{true, false} {
			if !running && needle.s == "CREATE TABLE" {
				do(t, h.v.Close())
			}
			files, err := filepath.Glob(filepath.Join(h.dir, "*"))
			do(t, err)
			for _, f := range files {
				b, err := os.ReadFile(f)
				do(t, err)
				n += bytes.Count(b, []byte(needle.s))
				n += bytes.Count(b, []byte(strings.ToLower(needle.s))) * 2
			}
		}
		if (n > 0) != needle.there {
			t.Errorf("%q is on the disk %d times, want there: %v", needle.s, n, needle.there)
		}
	}
}

func TestEveryWayAFolderCanBeWrongSaysWhatToDo(t *testing.T) {
	t.Parallel()
	other := newHouse(t)
	do(t, other.v.Close())
	for _, c := range []struct {
		name, want string
		spoil      func(h *house)
	}{
		{"no folder", "there is no practice in", func(h *house) { h.dir = filepath.Join(h.dir, "nowhere") }},
		{"an empty folder", "there is no practice in", func(h *house) { h.dir = h.t.TempDir() }},
		{"no keyring", "bring back your copy of keyring.db", func(h *house) { do(h.t, os.Remove(filepath.Join(h.dir, ringFile))) }},
		{"an empty keyring", "bring back your copy", func(h *house) { do(h.t, os.Truncate(filepath.Join(h.dir, ringFile), 0)) }},
		{"no data", "restore a backup", func(h *house) { do(h.t, os.Remove(filepath.Join(h.dir, dataFile))) }},
		{"data cut short", "restore a backup", func(h *house) { do(h.t, os.Truncate(filepath.Join(h.dir, dataFile), 8192*3)) }},
		{"no key file", "give the right one with --key-file", func(h *house) { do(h.t, os.Remove(h.key)) }},
		{"no key file named", "give a key file with --key-file", func(h *house) { h.key = "" }},
		{"a key file inside the folder", "lies inside the data folder", func(h *house) { h.key = filepath.Join(h.dir, "key") }},
		{"a key file inside, written in a roundabout way", "lies inside the data folder", func(h *house) { h.key = h.dir + "/../" + filepath.Base(h.dir) + "/key" }},
		{"another practice's key file", "does not fit this practice", func(h *house) { h.key = other.key }},
		{"another practice's keyring", "does not fit this practice", func(h *house) { copyFile(h.t, filepath.Join(other.dir, ringFile), filepath.Join(h.dir, ringFile)) }},
		{"another practice's keyring and key", "is of another practice", func(h *house) {
			copyFile(h.t, filepath.Join(other.dir, ringFile), filepath.Join(h.dir, ringFile))
			h.key = other.key
		}},
		{"another practice's data", "is of another practice", func(h *house) { copyFile(h.t, filepath.Join(other.dir, dataFile), filepath.Join(h.dir, dataFile)) }},
		{"data of a later version", "use the program that wrote it", func(h *house) { h.edit(dataFile, `PRAGMA user_version = 9`) }},
		{"a ledger cut short", "restore a backup", func(h *house) {
			h.edit(dataFile, `DROP TRIGGER entry_kept`)
			h.edit(dataFile, `DELETE FROM entry WHERE seq > 3`)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			do(t, h.v.Close())
			c.spoil(h)
			v, err := Open(t.Context(), h.config())
			if err == nil {
				v.Close() //nolint:errcheck // it must not have opened
			}
			oneLine(t, err, c.want)
			// whatever was wrong, the folder was let go
			if f, err := hold(filepath.Dir(filepath.Join(h.dir, "x"))); err == nil {
				do(t, f.release())
			} else if !strings.Contains(err.Error(), "no practice") {
				t.Errorf("the folder is still held: %v", err)
			}
		})
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	do(t, errors.Join(err, os.WriteFile(to, b, 0o600)))
}

func TestMakingAPracticeDestroysNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := Create(t.Context(), h.config())
	kindIs(t, "where there is one, in use", err, errs.Conflict)
	do(t, h.v.Close())
	_, err = Create(t.Context(), h.config())
	kindIs(t, "where there is one", err, errs.Conflict)
	// a data backup was restored and its keyring was not
	do(t, os.Rename(filepath.Join(h.dir, ringFile), filepath.Join(h.dir, "..", "mine")))
	before, err := os.ReadFile(filepath.Join(h.dir, dataFile))
	do(t, err)
	_, err = Create(t.Context(), h.config())
	oneLine(t, err, "bring back your copy of keyring.db")
	after, err := os.ReadFile(filepath.Join(h.dir, dataFile))
	if err != nil || !bytes.Equal(before, after) {
		t.Fatal("the data was destroyed")
	}
	do(t, os.Rename(filepath.Join(h.dir, "..", "mine"), filepath.Join(h.dir, ringFile)))
	v, err := Open(t.Context(), h.config())
	do(t, err)
	h.use(v)
	h.bring(h.ada)
	// a key file that is there is used, not replaced
	second := &house{t: t, dir: filepath.Join(t.TempDir(), "d"), key: h.key, now: h.now}
	was, err := os.ReadFile(h.key)
	do(t, err)
	v, err = Create(t.Context(), second.config())
	do(t, err)
	second.use(v)
	if now, err := os.ReadFile(h.key); err != nil || !bytes.Equal(now, was) {
		t.Error("the key file was replaced")
	}
	for f, want := range map[string]os.FileMode{second.dir: 0o700, filepath.Join(second.dir, "lock"): 0o600} {
		if st, err := os.Stat(f); err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", f, st.Mode().Perm(), err, want)
		}
	}
}

func TestAPracticeMayBeLockedWithAPassphrase(t *testing.T) {
	t.Parallel()
	c := Config{Dir: filepath.Join(t.TempDir(), "data"), Passphrase: "correct horse battery", Rand: rand.Reader}
	v, err := Create(t.Context(), c)
	do(t, err)
	do(t, v.Close())
	if m, err := Mode(t.Context(), c.Dir); m != "passphrase" || err != nil {
		t.Errorf("Mode = %q, %v", m, err)
	}
	c.Passphrase = "correct horse"
	_, err = Open(t.Context(), c)
	oneLine(t, err, "try again")
	c.Passphrase, c.KeyFile = "", filepath.Join(t.TempDir(), "key")
	_, err = Open(t.Context(), c)
	oneLine(t, err, "--passphrase")
	c.Passphrase = "correct horse battery"
	v, err = Open(t.Context(), c)
	do(t, err)
	do(t, v.Close())
	_, err = Mode(context.Background(), t.TempDir())
	oneLine(t, err, "there is no practice")
}

func TestAKeyInsideTheFolderIsFoundBySymlinksAndRelativePathsToo(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), t.TempDir()
	link := filepath.Join(elsewhere, "link")
	do(t, os.Symlink(dir, link))
	do(t, os.WriteFile(filepath.Join(dir, "key"), nil, 0o600))
	do(t, os.Symlink(filepath.Join(dir, "key"), filepath.Join(elsewhere, "key")))
	here, err := os.Getwd()
	do(t, err)
	for _, c := range []struct{ key, dir string }{
		{filepath.Join(link, "key"), dir},
		{filepath.Join(link, "new"), dir},
		{filepath.Join(dir, "new"), link},
		{filepath.Join(elsewhere, "key"), dir},
		{"key", here},
		{filepath.Join(here, "key"), "."},
		{filepath.Join(dir, "deeper", "key"), dir},
	} {
		oneLine(t, outside(c.key, c.dir), "lies inside the data folder")
	}
	for _, c := range []struct{ key, dir string }{
		{filepath.Join(elsewhere, "new"), dir},
		{filepath.Join(elsewhere, "new"), filepath.Join(dir, "not", "yet")},
		{dir + "-key", dir},
		{filepath.Join(dir, "..keys"), filepath.Join(dir, "data")},
	} {
		do(t, outside(c.key, c.dir))
	}
}

func TestAPlaceIsThatOfOneThingOnly(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	n := 0
	for inst := range 2 {
		for pid := range 2 {
			c := &Chart{v: &Vault{inst: [16]byte{byte(inst)}}, pid: store.PID{byte(pid)}}
			for typ := range uint16(2) {
				for key := range 2 {
					for version := range int64(2) {
						for _, half := range []byte{halfBody, halfFacet} {
							seen[string(c.place(typ, store.Key{byte(key)}, version, half))] = true
							n++
						}
					}
				}
			}
		}
	}
	if len(seen) != n {
		t.Errorf("%d things have %d places", n, len(seen))
	}
}
