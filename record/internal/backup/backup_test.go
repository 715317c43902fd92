package backup

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func quiet(string) {}

// forged makes a file for a public key, as anybody can, with whatever is in it.
func forged(t *testing.T, k *age.X25519Identity, put func(*tar.Writer)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "forged.age")
	f, err := os.Create(path)
	do(t, err)
	w, err := age.Encrypt(f, k.Recipient())
	do(t, err)
	tw := tar.NewWriter(w)
	put(tw)
	do(t, errors.Join(tw.Close(), w.Close(), f.Close()))
	return path
}

func entry(t *testing.T, w *tar.Writer, h tar.Header, body string) {
	t.Helper()
	h.Size, h.Mode = int64(len(body)), 0o600
	do(t, w.WriteHeader(&h))
	_, err := w.Write([]byte(body))
	do(t, err)
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	do(t, err)
	return string(b)
}

// TestACopyIsTakenApartOnlyIfItIsOneOfOurs makes files that open with the key and are no
// copies: without an end, with another end, with files that have no business there.
func TestACopyIsTakenApartOnlyIfItIsOneOfOurs(t *testing.T) {
	t.Parallel()
	k, err := NewIdentity()
	do(t, err)
	about := func(w *tar.Writer) {
		entry(t, w, tar.Header{Name: aboutName}, text(t, About{Format: format, Kind: Data}))
	}
	for name, c := range map[string]struct {
		put  func(*tar.Writer)
		want string
	}{
		"whole": {func(w *tar.Writer) {
			about(w)
			entry(t, w, tar.Header{Name: "data.db"}, "rows")
			entry(t, w, tar.Header{Name: endName}, text(t, end{1, 4}))
		}, ""},
		"no end": {func(w *tar.Writer) {
			about(w)
			entry(t, w, tar.Header{Name: "data.db"}, "rows")
		}, "not whole"},
		"a file too few": {func(w *tar.Writer) {
			about(w)
			entry(t, w, tar.Header{Name: "data.db"}, "rows")
			entry(t, w, tar.Header{Name: endName}, text(t, end{2, 4}))
		}, "not whole"},
		"nothing of itself": {func(w *tar.Writer) { entry(t, w, tar.Header{Name: "data.db"}, "rows") }, "not whole"},
		"from the future": {func(w *tar.Writer) {
			entry(t, w, tar.Header{Name: aboutName}, text(t, About{Format: format + 1}))
		}, "use the program"},
		"out of the folder": {func(w *tar.Writer) {
			about(w)
			entry(t, w, tar.Header{Name: "../keyring.db"}, "keys")
		}, "no copy of ours"},
		"a link": {func(w *tar.Writer) {
			about(w)
			entry(t, w, tar.Header{Name: "data.db", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, "")
		}, "no copy of ours"},
		"twice": {func(w *tar.Writer) {
			about(w)
			entry(t, w, tar.Header{Name: "data.db"}, "rows")
			entry(t, w, tar.Header{Name: "data.db"}, "others")
		}, "file exists"},
	} {
		into := filepath.Join(t.TempDir(), "into")
		do(t, os.Mkdir(into, 0o700))
		_, err := Read(forged(t, k, c.put), Just(k), into, quiet)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(into), "keyring.db")); err == nil {
			t.Errorf("%s: a file lies outside", name)
		}
	}
}

// TestCopiesAreForSomebodyAndOldOnesGo.
func TestCopiesAreForSomebodyAndOldOnesGo(t *testing.T) {
	t.Parallel()
	k, err := NewIdentity()
	do(t, err)
	dir, at := t.TempDir(), time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC)
	if _, err := Write(filepath.Join(dir, "x.age"), About{}, nil, nil, quiet); err == nil {
		t.Error("a copy for nobody, which is a copy for anybody")
	}
	if _, err := ParseRecipients([]string{"age1nonsense"}); err == nil {
		t.Error("that is no key")
	}
	for day := range 10 {
		_, err := Write(filepath.Join(dir, Name(Data, at.AddDate(0, 0, day))), About{Kind: Data}, []age.Recipient{k.Recipient()}, []Source{{Name: "data.db", Raw: []byte("rows")}}, quiet)
		do(t, err)
	}
	if _, err := Write(filepath.Join(dir, Name(Data, at)), About{Kind: Data}, []age.Recipient{k.Recipient()}, nil, quiet); err == nil {
		t.Error("a copy was written over")
	}
	others := []string{"notes.txt", "rapport-data-of-mine.age", Name(Keyring, at)}
	for _, n := range others {
		do(t, os.WriteFile(filepath.Join(dir, n), nil, 0o600))
	}
	if n, err := Prune(dir, Data, 3, at.AddDate(0, 0, 5)); err != nil || n != 5 { // two more are younger than that
		t.Errorf("%d went, %v; want 5", n, err)
	}
	if n, err := Prune(dir, Data, 3, at.AddDate(1, 0, 0)); err != nil || n != 2 {
		t.Errorf("%d went, %v; want 2", n, err)
	}
	for _, n := range others {
		if _, err := os.Stat(filepath.Join(dir, n)); err != nil {
			t.Errorf("%s went too", n)
		}
	}
}
