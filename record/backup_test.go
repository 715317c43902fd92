package record

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/clock"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/keyring"
	"rapport/record/internal/store"
)

// safe is where a practice's copies go, and what opens them, in tests.
type safe struct {
	Spare
	identities string
}

func newSafe(t testing.TB) safe {
	t.Helper()
	secret, public, err := BackupKey()
	do(t, err)
	s := safe{Spare{Dir: filepath.Join(t.TempDir(), "copies"), For: []string{public}}, filepath.Join(t.TempDir(), "offline")}
	do(t, os.Mkdir(s.Dir, 0o700))
	do(t, os.WriteFile(s.identities, []byte(secret+"\n"), 0o600))
	return s
}

func (h *house) backup(s safe) Made {
	h.t.Helper()
	h.now.Add(time.Minute) // no two have one name
	m, err := Backup(h.t.Context(), h.config(), s.Spare)
	do(h.t, err)
	return m
}

// elsewhere is a new folder with this practice's keyring as it is now.
func (h *house) elsewhere() *house {
	h.t.Helper()
	x := &house{t: h.t, dir: filepath.Join(h.t.TempDir(), "elsewhere"), key: h.key, now: h.now, ada: h.ada, bob: h.bob}
	do(h.t, os.MkdirAll(x.dir, 0o700))
	raw, _, err := keyring.Bytes(h.t.Context(), filepath.Join(h.dir, ringFile))
	do(h.t, err)
	do(h.t, os.WriteFile(filepath.Join(x.dir, ringFile), raw, 0o600))
	return x
}

// TestABackupComesBack makes one while the practice is open, and brings it back under the
// keyring: all of it is there, and the keys are not in it.
func TestABackupComesBack(t *testing.T) {
	t.Parallel()
	h, s := newHouse(t), newSafe(t)
	h.write(h.bring(h.ada), pulse("o1", "ada", 60))
	ids := h.attached(h.ada, "a photo")
	made := h.backup(s)
	h.write(h.bring(h.ada), pulse("later", "ada", 61))
	raw, err := os.ReadFile(made.Path)
	do(t, err)
	if int64(len(raw)) != made.Size || !bytes.HasPrefix(raw, []byte("age-encryption.org/v1")) {
		t.Errorf("the copy has %d bytes, said %d", len(raw), made.Size)
	}
	if st, err := os.Stat(made.Path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("others can read the copy: %v, %v", st.Mode(), err)
	}
	x := h.elsewhere()
	r, err := Restore(t.Context(), x.config(), made.Path, s.identities)
	do(t, err)
	if r.Kind != "data" || r.Tried.Cards != 2 || r.Tried.Clients != 2 || r.Tried.Files != 1 || r.Tried.Entries == 0 || r.Before != "" {
		t.Errorf("brought back: %+v", r)
	}
	v, err := Open(t.Context(), x.config())
	do(t, err)
	x.use(v)
	c := x.bring(x.ada)
	if _, err := c.Read(t.Context(), "Observation", "o1"); err != nil {
		t.Errorf("what was backed up: %v", err)
	}
	if _, err := c.Read(t.Context(), "Observation", "later"); !errs.Is(err, errs.NotFound) {
		t.Errorf("what came later: %v", err)
	}
	shows(t, c, ids, "a photo")
	x.verify()
	if _, err := os.Stat(filepath.Join(x.dir, restoreDir)); err == nil {
		t.Error("the folder it was taken apart in is left")
	}
}

// attached attaches something to somebody's documents, for good.
func (h *house) attached(c fhir.ClientID, what string) string {
	h.t.Helper()
	id, err := h.bring(c).AttachFrom(h.t.Context(), bytes.NewReader(photo(what)))
	do(h.t, err)
	do(h.t, h.v.keep(c, id))
	h.write(h.bring(c), resource("DocumentReference", "doc-"+id[:8], fmt.Sprintf(`"status":"current","content":[{"attachment":{"url":"blob:%s"}}]`, id)))
	return id
}

// TestOldBackupsReviveNobody makes five backups while 200 clients come, erases 50, and
// brings each backup back with the keyring as it is: over the practice itself and in a new
// place.
func TestOldBackupsReviveNobody(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 200 charts and restores five backups")
	}
	t.Parallel()
	h, s := newHouse(t), newSafe(t)
	var all []fhir.ClientID
	var made []Made
	for i := range 200 {
		id := fmt.Sprintf("c%d", i)
		all = append(all, h.admit(id, fmt.Sprintf("Given%d", i), fmt.Sprintf("Family%d", i), "1970-01-01"))
		h.write(h.bring(all[i]), pulse("o-"+id, id, 60+i%40))
		if i%40 == 39 {
			made = append(made, h.backup(s))
		}
	}
	raw := h.rawKeys(all[:50])
	for _, c := range all[:50] {
		do(t, h.erase(c, 0))
	}
	usable, files := h.usable(raw, s.Dir)
	if usable > 0 {
		t.Errorf("%d keys lie in %d files", usable, files)
	}
	t.Logf("TRUST shred: 50 of 200, %d usable keys in %d files", usable, files)
	revived, whole := 0, 0
	for n, m := range made {
		x := h.elsewhere()
		_, err := Restore(t.Context(), x.config(), m.Path, s.identities)
		do(t, err)
		v, err := Open(t.Context(), x.config())
		do(t, err)
		for i, c := range all[:40*(n+1)] {
			_, known := v.people.card(c)
			chart, err := v.Open(t.Context(), importer, Importing, c, AllParts)
			if i < 50 {
				if known || err == nil || v.remains(t, c) {
					revived++
				}
				continue
			}
			do(t, err)
			if _, err := chart.Read(t.Context(), "Observation", fmt.Sprintf("o-c%d", i)); err != nil || !known {
				t.Errorf("backup %d: client %d is not whole: %v", n, i, err)
				continue
			}
			whole++
		}
		if _, err := v.Verify(t.Context()); err != nil {
			t.Errorf("backup %d: %v", n, err)
		}
		do(t, v.Close())
	}
	if want := 0 + 30 + 70 + 110 + 150; revived > 0 || whole != want {
		t.Errorf("%d erased are back; %d others are whole, want %d", revived, whole, want)
	}
	t.Logf("TRUST restore: 5 backups older than 50 erasures, %d erased revived, %d others whole", revived, whole)
}

// remains reports that something of a client lies in the data still, if only as noise.
func (v *Vault) remains(t testing.TB, c fhir.ClientID) (left bool) {
	t.Helper()
	pid, _ := pidOf(c)
	do(t, v.st.View(t.Context(), func(r store.Reader) error {
		row, err := r.ClientOf(t.Context(), pid)
		if err == nil {
			left, err = v.left(t.Context(), r, c, row)
		}
		return err
	}))
	return left
}

// rawKeys are what a client's keys derive, and what wraps them.
func (h *house) rawKeys(of []fhir.ClientID) [][]byte {
	h.t.Helper()
	out := h.wrappedKeys(of)
	db := h.behind(ringFile)
	rows, err := db.Query(`SELECT value FROM meta WHERE name GLOB 'kek.*'`)
	do(h.t, err)
	for rows.Next() {
		var w []byte
		do(h.t, rows.Scan(&w))
		out = append(out, bytes.Clone(w))
	}
	do(h.t, rows.Err())
	do(h.t, rows.Close())
	do(h.t, db.Close())
	return out
}

// usable looks for any of these in every file of the practice and of its copies.
func (h *house) usable(raw [][]byte, more string) (found, files int) {
	h.t.Helper()
	for _, dir := range []string{h.dir, more} {
		y := &house{t: h.t, dir: dir}
		n, _, f := y.residue(raw)
		files, found = files+n, found+f
	}
	return found, files
}

// TestWhatIsNoBackupIsRefused alters, cuts and swaps copies: nothing of what is there
// changes.
func TestWhatIsNoBackupIsRefused(t *testing.T) {
	t.Parallel()
	h, s := newHouse(t), newSafe(t)
	made := h.backup(s)
	good, err := os.ReadFile(made.Path)
	do(t, err)
	other := newHouse(t)
	foreign := other.backup(safe{Spare{Dir: t.TempDir(), For: s.For}, s.identities})
	stranger := newSafe(t)
	do(t, h.v.Close())
	before := h.everyByte()
	bad := filepath.Join(t.TempDir(), "bad.age")
	flipped := bytes.Clone(good)
	flipped[len(flipped)-5000] ^= 1
	for name, c := range map[string]struct {
		raw  []byte
		with safe
		want string
	}{
		"cut":               {good[:len(good)-1], s, "not whole"},
		"cut in the middle": {good[:len(good)/2], s, "not whole"},
		"a bit flipped":     {flipped, s, "not whole"},
		"with more":         {append(bytes.Clone(good), 0), s, "not whole"},
		"nothing":           {nil, s, "not whole"},
		"another key":       {good, stranger, "was made for another"},
		"another practice":  {read(t, foreign.Path), s, "of another practice"},
	} {
		do(t, os.WriteFile(bad, c.raw, 0o600))
		_, err := Restore(t.Context(), h.config(), bad, c.with.identities)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if h.everyByte() != before {
			t.Errorf("%s: something changed", name)
		}
	}
	if _, err := Restore(t.Context(), h.config(), made.Path, s.identities); err != nil {
		t.Errorf("the good one is refused too: %v", err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	do(t, err)
	return b
}

// everyByte is the data and the keyring as they lie on the disk.
func (h *house) everyByte() string {
	h.t.Helper()
	return string(read(h.t, filepath.Join(h.dir, dataFile))) + string(read(h.t, filepath.Join(h.dir, ringFile)))
}

// TestTheKeyringHasCopiesOfItsOwn makes one, loses the keyring, and brings it back; one that
// is there is never written over; and it is known which copies open whom.
func TestTheKeyringHasCopiesOfItsOwn(t *testing.T) {
	t.Parallel()
	h, s := newHouse(t), newSafe(t)
	data := h.backup(s)
	ring, err := BackupKeyring(t.Context(), h.config(), s.Spare)
	do(t, err)
	h.now.Add(time.Hour)
	do(t, h.erase(h.bob, 0))
	k, err := h.v.Keys(t.Context())
	do(t, err)
	if len(k.Spare()) != 1 || k.Spare()[0].Path != ring.Path || k.Gone != 1 {
		t.Errorf("the keys stand so: %+v", k)
	}
	do(t, h.v.Close())
	if _, err := Restore(t.Context(), h.config(), ring.Path, s.identities); !errs.Is(err, errs.Conflict) {
		t.Errorf("a keyring is written over: %v", err)
	}
	x := &house{t: t, dir: filepath.Join(t.TempDir(), "new"), key: h.key, now: h.now}
	if _, err := Restore(t.Context(), x.config(), data.Path, s.identities); err == nil || !strings.Contains(err.Error(), "no keyring") {
		t.Errorf("data without a keyring: %v", err)
	}
	r, err := Restore(t.Context(), x.config(), ring.Path, s.identities)
	do(t, err)
	if r.Kind != "keyring" {
		t.Errorf("%+v", r)
	}
	_, err = Restore(t.Context(), x.config(), data.Path, s.identities)
	do(t, err)
	v, err := Open(t.Context(), x.config())
	do(t, err)
	defer v.Close() //nolint:errcheck // only read
	if _, known := v.people.card(h.bob); !known {
		t.Error("a copy of the keyring from before opens nobody: then it need not be told of")
	}
	if _, err := BackupKeyring(t.Context(), Config{Dir: h.dir, Clock: h.now}, Spare{Dir: s.Dir}); err == nil {
		t.Error("a copy was made for nobody")
	}
}

// TestTheDailyBackupIsTried makes it, and says what it found; what is wrong with it is said
// too, and it is late when nobody makes one.
func TestTheDailyBackupIsTried(t *testing.T) {
	t.Parallel()
	h, s, keys := newHouse(t), newSafe(t), newSafe(t)
	h.write(h.bring(h.ada), pulse("o1", "ada", 60))
	h.attached(h.ada, "a photo")
	software := account.AsSystem(account.Promising)
	p, err := h.v.OpenPractice(t.Context(), h.staff("manager"), Running)
	do(t, err)
	last := func() Drill {
		t.Helper()
		d, err := p.LastDrill(t.Context())
		do(t, err)
		return d
	}
	if !last().Late(h.now.Now()) {
		t.Error("there was no backup ever, and that is fine")
	}
	did, err := h.v.DrillDue(t.Context(), software, s.Spare, keys.Spare)
	do(t, err)
	d := last()
	if !did || !d.OK || d.Late(h.now.Now()) || d.Tried.Clients != 2 || d.Tried.Files != 1 || d.Tried.Signed == 0 || d.Keyring.IsZero() {
		t.Fatalf("%v, %+v", did, d)
	}
	if _, err := Restore(t.Context(), h.elsewhere().config(), filepath.Join(s.Dir, d.Kept), s.identities); err != nil {
		t.Errorf("the offline key does not open it: %v", err)
	}
	if did, err := h.v.DrillDue(t.Context(), software, s.Spare, keys.Spare); did || err != nil {
		t.Errorf("twice a day: %v, %v", did, err)
	}
	if left, err := os.ReadDir(filepath.Join(h.dir, scratchDir)); err == nil {
		t.Errorf("%d things are left of it", len(left))
	}
	h.now.Add(DrillLate + time.Minute)
	if !last().Late(h.now.Now()) {
		t.Error("it is 36 hours old, and fine")
	}
	if _, err := h.v.DrillDue(t.Context(), h.staff("manager"), s.Spare, keys.Spare); err == nil {
		if last().At.After(d.At) {
			t.Error("a person has it made")
		}
	}
	do(t, os.RemoveAll(filepath.Join(h.dir, blobsDir))) // planted: the attachments are lost
	if _, err := h.v.DrillDue(t.Context(), software, s.Spare, keys.Spare); err == nil {
		t.Error("attachments are missing, and nobody says so")
	}
	if d := last(); d.OK || !strings.Contains(d.Why, "attachment") || !d.Late(h.now.Now()) {
		t.Errorf("%+v", d)
	}
}

// TestADrillFindsWhatIsWrong damages the data in ways a backup would carry along.
func TestADrillFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]string{
		"a body":         `UPDATE body SET sealed = zeroblob(length(sealed))`,
		"a card":         fmt.Sprintf(`UPDATE object SET body = zeroblob(length(body)) WHERE space = %d`, store.Cards),
		"a ledger entry": `DROP TRIGGER entry_fixed; UPDATE entry SET body = zeroblob(length(body)) WHERE seq = 3`,
		"the last entry": `DROP TRIGGER entry_kept; DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newHouse(t), newSafe(t)
			h.write(h.bring(h.ada), pulse("o1", "ada", 60))
			_, err := h.v.led.Current(t.Context()) // signed
			do(t, err)
			h.edit(dataFile, q)
			_, err = h.v.drill(t.Context(), s.Spare, Spare{})
			if err == nil {
				t.Error("it found nothing")
			}
			t.Log(err)
		})
	}
}

// childKeeps does one thing with keys or copies, and is killed at its nth step.
func childKeeps(ctx context.Context, cfg Config, what string) error {
	var at int
	if _, err := fmt.Sscan(os.Getenv("ROUND"), &at); err != nil {
		return err
	}
	cfg.Clock = clock.At(start.Add(time.Hour))
	armed := what == "backup" || what == "keyring" || what == "restore"
	cfg.step = func(string) {
		if !armed {
			return
		}
		if at--; at == 0 {
			killSelf()
		}
	}
	spare := Spare{Dir: os.Getenv("COPIES"), For: []string{os.Getenv("PUBLIC")}}
	switch what {
	case "backup":
		_, err := Backup(ctx, cfg, spare)
		return err
	case "keyring":
		_, err := BackupKeyring(ctx, cfg, spare)
		return err
	case "restore":
		_, err := Restore(ctx, cfg, os.Getenv("FROM"), os.Getenv("OFFLINE"))
		return err
	}
	v, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	armed = true
	switch what {
	case "rotate":
		return v.ring.Rotate(ctx, cfg.Clock.Now())
	case "drill":
		_, err := v.DrillDue(ctx, account.AsSystem(account.Promising), spare, Spare{})
		return err
	}
	h := &house{now: clock.At(start.Add(time.Hour)), v: v, doors: account.New(v, v, cfg.Clock)}
	return childErases(ctx, h, fhir.ClientID(os.Getenv("CLIENT")))
}
