package keyring

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/errs"
	"rapport/record/internal/seal"
)

// home is where one practice's keyring and key file lie.
type home struct{ path, key string }

func newHome(t *testing.T) home {
	t.Helper()
	h := home{filepath.Join(t.TempDir(), "keyring.db"), filepath.Join(t.TempDir(), "key")}
	if err := NewKeyFile(h.key, rand.Reader); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h home) config() Config { return Config{Path: h.path, KeyFile: h.key, Rand: rand.Reader} }

func (h home) create(t *testing.T) *Ring {
	t.Helper()
	c := h.config()
	c.Create = true
	return opened2(t, c)
}

func opened2(t *testing.T, c Config) *Ring {
	t.Helper()
	r, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func newPID(t *testing.T) PID {
	t.Helper()
	var p PID
	if _, err := rand.Read(p[:]); err != nil {
		t.Fatal(err)
	}
	return p
}

// oneLine holds an error to what a person at a terminal needs: one line that says
// what to do, and nothing of a key.
func oneLine(t *testing.T, err error, want string, secrets ...string) {
	t.Helper()
	if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), want) {
		t.Errorf("%v (%v); want unavailable, and that it says %q", err, errs.KindOf(err), want)
		return
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
	for _, s := range secrets {
		if s != "" && strings.Contains(err.Error(), s) {
			t.Errorf("the error names a key: %v", err)
		}
	}
}

func TestKeysComeBackAfterAStart(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	one, two := newPID(t), newPID(t)
	if err := r.Add(t.Context(), one, two); err != nil {
		t.Fatal(err)
	}
	k, err := r.Client(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	place := []byte("place")
	body, facet, ledger := k.Body.Seal(nil, []byte("b"), place), k.Facet.Seal(nil, []byte("f"), place), k.Ledger.Seal(nil, []byte("l"), place)
	row, own := k.Row("Observation", "o1"), r.Own("x")
	blob, err := r.Blob(t.Context(), "signer", func() ([]byte, error) { return []byte("secret"), nil })
	if err != nil || string(blob) != "secret" {
		t.Fatalf("Blob = %q, %v", blob, err)
	}
	r.Close()

	r = opened2(t, h.config())
	again, err := r.Client(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	other, err := r.Client(t.Context(), two)
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		sealed []byte
		box    func(*Client) seal.Box
	}{
		"body":   {body, func(c *Client) seal.Box { return c.Body }},
		"facet":  {facet, func(c *Client) seal.Box { return c.Facet }},
		"ledger": {ledger, func(c *Client) seal.Box { return c.Ledger }},
	} {
		if _, err := x.box(again).Open(nil, x.sealed, place); err != nil {
			t.Errorf("%s does not open after a start: %v", name, err)
		}
		if _, err := x.box(other).Open(nil, x.sealed, place); err == nil {
			t.Errorf("another client's key opens the %s", name)
		}
		opens := 0
		for _, box := range []seal.Box{again.Body, again.Facet, again.Ledger, r.Practice()} {
			if _, err := box.Open(nil, x.sealed, place); err == nil {
				opens++
			}
		}
		if opens != 1 {
			t.Errorf("%d of this client's keys open the %s, want 1", opens, name)
		}
	}
	if again.Row("Observation", "o1") != row || other.Row("Observation", "o1") == row || again.Row("Observation", "o2") == row || again.Row("Observatio", "no1") == row {
		t.Error("a resource's row is not its own")
	}
	if r.Own("x") != own || r.Own("y") == own {
		t.Error("the practice's own keys are not its own")
	}
	blob, err = r.Blob(t.Context(), "signer", func() ([]byte, error) { return nil, errors.New("drawn twice") })
	if err != nil || string(blob) != "secret" {
		t.Errorf("Blob after a start = %q, %v", blob, err)
	}
	if n, err := r.Check(t.Context()); n != 7 || err != nil {
		t.Errorf("Check = %d, %v; want 7 keys", n, err)
	}
}

func TestAKeyThatIsNotThereIsGone(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	pid := newPID(t)
	if _, err := r.Client(t.Context(), pid); !errs.Is(err, errs.Gone) || !errors.Is(err, ErrNoKey) {
		t.Errorf("a client who never was: %v, want gone", err)
	}
	if err := r.Add(t.Context(), pid); err != nil {
		t.Fatal(err)
	}
	if err := r.Add(t.Context(), pid); err == nil {
		t.Error("a client got keys twice")
	}
	r.Close()
	h.edit(t, `DELETE FROM key WHERE pid = ? AND use = ?`, pid[:], useRecord)
	if _, err := opened2(t, h.config()).Client(t.Context(), pid); !errs.Is(err, errs.Gone) {
		t.Errorf("a client whose key was deleted: %v, want gone", err)
	}
}

// edit changes the keyring's file as its owner could.
func (h home) edit(t *testing.T, q string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+h.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(q, args...); err != nil {
		t.Fatal(err)
	}
}

func TestKeysCannotBeMovedOrAltered(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]string{
		"a bit flipped":                   `UPDATE key SET wrapped = CAST(substr(wrapped, 1, 20) || X'00' || substr(wrapped, 22) AS BLOB) WHERE pid = :one AND use = 1`,
		"cut short":                       `UPDATE key SET wrapped = substr(wrapped, 1, 40) WHERE pid = :one AND use = 1`,
		"swapped with another client's":   `UPDATE key SET wrapped = (SELECT wrapped FROM key WHERE pid = :two AND use = 1) WHERE pid = :one AND use = 1`,
		"swapped with its own other half": `UPDATE key SET wrapped = (SELECT wrapped FROM key WHERE pid = :one AND use = 2) WHERE pid = :one AND use = 1`,
		"said to be of another epoch":     `UPDATE key SET epoch = 2 WHERE pid = :one AND use = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			r := h.create(t)
			one, two := newPID(t), newPID(t)
			if err := r.Add(t.Context(), one, two); err != nil {
				t.Fatal(err)
			}
			r.Close()
			h.edit(t, q, sql.Named("one", one[:]), sql.Named("two", two[:]))
			r = opened2(t, h.config())
			_, err := r.Client(t.Context(), one)
			oneLine(t, err, "damaged")
			if _, err := r.Client(t.Context(), two); err != nil {
				t.Errorf("another client suffers: %v", err)
			}
			if _, err := r.Check(t.Context()); err == nil {
				t.Error("Check finds nothing")
			}
		})
	}
}

func TestEveryWrongKeyFileSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		spoil      func(t *testing.T, h *home)
	}{
		{"missing", "is not there", func(t *testing.T, h *home) { do(t, os.Remove(h.key)) }},
		{"empty", "cut short", func(t *testing.T, h *home) { do(t, os.Truncate(h.key, 0)) }},
		{"cut short", "cut short", func(t *testing.T, h *home) { do(t, os.Truncate(h.key, 40)) }},
		{"without its last characters", "cut short", func(t *testing.T, h *home) { do(t, os.Truncate(h.key, int64(len(keyFileHead)+40))) }},
		{"something else", "is not a rapport key file", func(t *testing.T, h *home) { do(t, os.WriteFile(h.key, []byte("-----BEGIN PRIVATE KEY-----"), 0o600)) }},
		{"huge", "is not a rapport key file", func(t *testing.T, h *home) { do(t, os.WriteFile(h.key, make([]byte, 5000), 0o600)) }},
		{"a folder", "is not a rapport key file", func(t *testing.T, h *home) { h.key = t.TempDir() }},
		{"a device that never ends", "is not a rapport key file", func(_ *testing.T, h *home) { h.key = "/dev/zero" }},
		{"readable by everyone", "chmod 600", func(t *testing.T, h *home) { do(t, os.Chmod(h.key, 0o644)) }},
		{"readable by its group", "chmod 600", func(t *testing.T, h *home) { do(t, os.Chmod(h.key, 0o640)) }},
		{"of another practice", "does not fit this practice", func(t *testing.T, h *home) { h.key = newHome(t).key }},
		{"none given", "", func(_ *testing.T, h *home) { h.key = "" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.create(t).Close()
			c.spoil(t, &h)
			text := ""
			if st, err := os.Stat(h.key); err == nil && st.Mode().IsRegular() {
				b, err := os.ReadFile(h.key)
				do(t, err)
				text = strings.TrimSpace(strings.TrimPrefix(string(b), keyFileHead))
			}
			_, err := Open(t.Context(), h.config())
			oneLine(t, err, c.want, text)
		})
	}
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryDamagedKeyringSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, h home){
		"missing":           func(t *testing.T, h home) { do(t, os.Remove(h.path)) },
		"empty":             func(t *testing.T, h home) { do(t, os.Truncate(h.path, 0)) },
		"cut short":         func(t *testing.T, h home) { do(t, os.Truncate(h.path, 5000)) },
		"no database":       func(t *testing.T, h home) { do(t, os.WriteFile(h.path, bytes.Repeat([]byte("nonsense"), 2000), 0o600)) },
		"without its salt":  func(t *testing.T, h home) { h.edit(t, `DELETE FROM meta WHERE name = 'salt'`) },
		"without its kek":   func(t *testing.T, h home) { h.edit(t, `DELETE FROM meta WHERE name = 'kek.1'`) },
		"without its mode":  func(t *testing.T, h home) { h.edit(t, `DELETE FROM meta WHERE name = 'mode'`) },
		"with a bad id":     func(t *testing.T, h home) { h.edit(t, `UPDATE meta SET value = X'00' WHERE name = 'instance'`) },
		"without an id":     func(t *testing.T, h home) { h.edit(t, `DELETE FROM meta WHERE name = 'instance'`) },
		"of another id":     func(t *testing.T, h home) { h.edit(t, `UPDATE meta SET value = zeroblob(16) WHERE name = 'instance'`) },
		"without its key":   func(t *testing.T, h home) { h.edit(t, `DELETE FROM key`) },
		"without its table": func(t *testing.T, h home) { h.edit(t, `DROP TABLE key`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.create(t).Close()
			spoil(t, h)
			before, _ := os.Stat(h.path)
			r, err := Open(t.Context(), h.config())
			if err == nil {
				r.Close()
			}
			if oneLine(t, err, "keyring"); err != nil && !strings.Contains(err.Error(), "bring back your copy") && !strings.Contains(err.Error(), "damaged") {
				t.Errorf("%v; want what to do", err)
			}
			if after, _ := os.Stat(h.path); before == nil && after != nil {
				t.Error("a keyring was made where one was missing")
			}
		})
	}
}

func TestAPassphraseOpensOnlyWithItself(t *testing.T) {
	t.Parallel()
	c := Config{Path: filepath.Join(t.TempDir(), "keyring.db"), Passphrase: "correct horse", Rand: rand.Reader, Create: true}
	opened2(t, c).Close()
	c.Create = false
	opened2(t, c).Close()
	if m, err := Mode(t.Context(), c.Path); m != "passphrase" || err != nil {
		t.Errorf("Mode = %q, %v", m, err)
	}
	for _, wrong := range []string{"correct horse ", "Correct horse", "x"} {
		c.Passphrase = wrong
		_, err := Open(t.Context(), c)
		oneLine(t, err, "passphrase does not fit", wrong+" ", "correct horse")
	}
	c.Passphrase = ""
	h := newHome(t)
	c.KeyFile = h.key
	_, err := Open(t.Context(), c)
	oneLine(t, err, "--passphrase")

	h.create(t).Close()
	if m, err := Mode(t.Context(), h.path); m != "file" || err != nil {
		t.Errorf("Mode = %q, %v", m, err)
	}
	withPass := h.config()
	withPass.Passphrase = "correct horse"
	_, err = Open(t.Context(), withPass)
	oneLine(t, err, "--key-file", "correct horse")
}

func TestANewKeyFileIsItsOwnersAloneAndTakesNobodysPlace(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	// what a crash on the way left behind stops nothing
	do(t, os.WriteFile(path+".new", []byte("half"), 0o600))
	do(t, NewKeyFile(path, rand.Reader))
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", st.Mode(), err)
	}
	if _, err := os.Stat(path + ".new"); err == nil {
		t.Error("a second copy of the key was left behind")
	}
	was, err := os.ReadFile(path)
	do(t, err)
	if text, ok := strings.CutPrefix(strings.TrimSpace(string(was)), keyFileHead); !ok {
		t.Errorf("key file: %q", was)
	} else if b, err := base64.StdEncoding.DecodeString(text); err != nil || len(b) != 32 {
		t.Errorf("key of %d bytes, %v", len(b), err)
	}
	if err := NewKeyFile(path, rand.Reader); err == nil {
		t.Error("a key file was made over another")
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, was) {
		t.Error("the key there was is not there any more")
	}
	if err := NewKeyFile(filepath.Join(t.TempDir(), "short"), strings.NewReader("short")); err == nil {
		t.Error("a key was made of too little chance")
	}
	oneLine(t, NewKeyFile(filepath.Join(t.TempDir(), "no", "such", "folder"), rand.Reader), "cannot be made")
}

func TestAKeyringsFolderMayHaveAnyName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with space", "50%20off", "what?", "a#b", "naïve ✓", "a&b=c"} {
		dir := filepath.Join(t.TempDir(), name)
		do(t, os.Mkdir(dir, 0o700))
		h := newHome(t)
		h.path = filepath.Join(dir, "keyring.db")
		h.create(t).Close()
		if _, err := os.Stat(h.path); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestADeletedKeyLeavesNothing scans the keyring's folder for what wrapped a key.
func TestADeletedKeyLeavesNothing(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	pid := newPID(t)
	do(t, r.Add(t.Context(), pid))
	var wrapped []byte
	do(t, r.db.QueryRowContext(context.Background(), `SELECT wrapped FROM key WHERE pid = ? AND use = ?`, pid[:], useRecord).Scan(&wrapped))
	find := func() int {
		n := 0
		files, err := filepath.Glob(filepath.Join(filepath.Dir(h.path), "*"))
		do(t, err)
		for _, f := range files {
			b, err := os.ReadFile(f)
			do(t, err)
			n += bytes.Count(b, wrapped)
		}
		return n
	}
	if find() == 0 {
		t.Fatal("a key that is there is not found: the search is blind")
	}
	if _, err := r.db.ExecContext(context.Background(), `DELETE FROM key WHERE pid = ?`, pid[:]); err != nil {
		t.Fatal(err)
	}
	if n := find(); n != 0 {
		t.Errorf("a deleted key is still there %d times", n)
	}
}

func TestManyClientsKeysAreNotAllKeptInMemory(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	pids := make([]PID, cacheMax+50)
	for i := range pids {
		pids[i] = newPID(t)
	}
	do(t, r.Add(t.Context(), pids...))
	if n := len(r.cache); n > cacheMax {
		t.Errorf("%d clients' keys in memory, %d allowed", n, cacheMax)
	}
	for _, pid := range pids {
		if _, err := r.Client(t.Context(), pid); err != nil {
			t.Fatal(err)
		}
	}
}
