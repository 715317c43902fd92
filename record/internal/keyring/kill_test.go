package keyring

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"rapport/record/internal/seal"
)

// childVar makes this test binary a process that does one thing to a keyring and is
// killed, with no time to clean up, at its nth step.
const childVar = "RAPPORT_TEST_KEYRING"

func TestMain(m *testing.M) {
	if what := os.Getenv(childVar); what != "" {
		if err := child(what); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(what string) error {
	at, err := strconv.Atoi(os.Getenv("AT"))
	if err != nil {
		return err
	}
	c := Config{Path: os.Getenv("RING"), KeyFile: os.Getenv("KEY"), Rand: rand.Reader, Step: func(string) {
		if at--; at == 0 {
			syscall.Kill(os.Getpid(), syscall.SIGKILL) //nolint:errcheck // the end either way
			select {}
		}
	}}
	ctx := context.Background()
	r, err := Open(ctx, c)
	if err != nil {
		return err
	}
	defer r.Close()
	switch what {
	case "rotate":
		return r.Rotate(ctx, day)
	case "destroy":
		return r.Destroy(ctx, day, Doomed{PID: numbered(0)}, Doomed{PID: numbered(1)}, Doomed{PID: numbered(2), Set: 1 << 3})
	case "master":
		return r.Remaster(ctx, c.KeyFile, "")
	}
	return fmt.Errorf("no such thing to do: %s", what)
}

var day = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// numbered is the pseudonym of a client in these tests.
func numbered(n int) PID { return PID{0: 1, 14: byte(n >> 8), 15: byte(n)} }

// clients fills a keyring, and returns what each client's key sealed.
func clients(t *testing.T, r *Ring, n int) [][]byte {
	t.Helper()
	pids := make([]PID, n)
	for i := range pids {
		pids[i] = numbered(i)
	}
	do(t, r.Add(t.Context(), pids...))
	out := make([][]byte, n)
	for i, pid := range pids {
		c, err := r.Client(t.Context(), pid)
		do(t, err)
		out[i] = c.Body.Seal(nil, pid[:], []byte("here"))
	}
	return out
}

// opens holds that a client's key opens what it sealed, and is wrapped by one epoch only.
func opens(t *testing.T, r *Ring, n int, sealed []byte) bool {
	t.Helper()
	pid := numbered(n)
	c, err := r.Client(t.Context(), pid)
	if err != nil {
		return false
	}
	b, err := c.Body.Open(nil, sealed, []byte("here"))
	if err != nil || !bytes.Equal(b, pid[:]) {
		t.Errorf("client %d opens as another: %v", n, err)
	}
	if _, ok := c.Closed(1 << 2); !ok {
		t.Errorf("client %d has lost a compartment", n)
	}
	fit := 0
	rows, err := r.db.QueryContext(t.Context(), `SELECT wrapped, epoch FROM key WHERE pid = ? AND use = ?`, pid[:], useRecord)
	do(t, err)
	defer rows.Close()
	for rows.Next() {
		var w []byte
		var epoch uint32
		do(t, rows.Scan(&w, &epoch))
		for _, box := range r.epochs.Load().box {
			if _, err := box.Open(nil, w, r.place(pid, useRecord, epoch)); err == nil {
				fit++
			}
		}
	}
	if fit != 1 {
		t.Errorf("client %d opens with %d epochs, want exactly one", n, fit)
	}
	return true
}

// TestKilledAtEveryStepOfARotation kills a process at each step of a rotation, of a
// destruction and of a change of the master key. After it a start opens every client with
// exactly one epoch, those destroyed stay so, and what was begun is finished.
func TestKilledAtEveryStepOfARotation(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes at every step; -short leaves it out")
	}
	t.Parallel()
	const n = 2*rewrapAtOnce + 10
	for _, what := range []string{"rotate", "destroy", "master"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			steps := 0
			for at := 1; ; at++ {
				if !killedAt(t, what, at, n) {
					break
				}
				steps++
			}
			if steps < 3 {
				t.Errorf("only %d steps: the hook is not called", steps)
			}
			t.Logf("TRUST kill %s: %d steps, every client opened with exactly one epoch after each", what, steps)
		})
	}
}

func killedAt(t *testing.T, what string, at, n int) bool {
	t.Helper()
	h := newHome(t)
	r := h.create(t)
	sealed := clients(t, r, n)
	do(t, r.Close())
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVar+"="+what, "RING="+h.path, "KEY="+h.key, "AT="+strconv.Itoa(at))
	out, err := cmd.CombinedOutput()
	killed := cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled()
	if err != nil && !killed {
		t.Fatalf("%s: %v: %s", what, err, out)
	}
	r = opened2(t, h.config())
	gone, err := r.Gone(t.Context())
	do(t, err)
	if what == "destroy" && at > 1 && len(gone) != 2 {
		t.Errorf("killed at step %d: %d are gone, want 2", at, len(gone))
	}
	whole := func(when string) {
		for i := range n {
			_, dead := gone[numbered(i)]
			if opens(t, r, i, sealed[i]) == dead {
				t.Fatalf("killed at step %d, %s: client %d opens: %v, destroyed: %v", at, when, i, !dead, dead)
			}
		}
	}
	whole("before it is finished")
	do(t, r.Settle())
	do(t, r.Resume(t.Context()))
	s, err := r.State(t.Context())
	do(t, err)
	if s.Open != 1 || s.Behind != 0 || what == "rotate" && at > 1 && s.Epoch != 2 {
		t.Errorf("killed at step %d, after it was finished: %+v", at, s)
	}
	do(t, r.Close())
	if _, err := os.Stat(h.key + nextKey); err == nil {
		t.Errorf("killed at step %d: a second key file is left", at)
	}
	r = opened2(t, h.config())
	whole("after it was finished")
	do(t, r.Close())
	return killed
}

// remains tries every run of bytes in a folder that could be a wrapped key of a client,
// with every key that can be had from what is left, and looks for the keys themselves. It
// returns how many are usable.
func remains(t *testing.T, r *Ring, dir string, wrapped map[PID][][]byte, raw []seal.Key) (usable, files int) {
	t.Helper()
	boxes := r.epochs.Load().box
	do(t, filepath.Walk(dir, func(p string, st os.FileInfo, err error) error {
		if err != nil || st.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(p)
		do(t, err)
		for _, k := range raw {
			usable += bytes.Count(b, k[:])
		}
		for pid, all := range wrapped {
			for _, w := range all {
				if bytes.Contains(b, w) {
					usable++
				}
				for _, box := range boxes {
					for epoch := range uint32(5) {
						for _, u := range []use{useRecord, useLedger, useClosed} {
							if _, err := box.Open(nil, w, r.place(pid, u, epoch)); err == nil {
								usable++
							}
						}
					}
				}
			}
		}
		return nil
	}))
	return usable, files
}

// TestWhatWasDestroyedIsNoiseEverywhere keeps what was on the disk of a key before it was
// destroyed, as a journal or a freed page could, and a copy of the whole file.
func TestWhatWasDestroyedIsNoiseEverywhere(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	sealed := clients(t, r, 40)
	wrapped, raw := map[PID][][]byte{}, []seal.Key{}
	var doomed []Doomed
	for i := range 10 {
		pid := numbered(i * 3)
		doomed = append(doomed, Doomed{PID: pid})
		for _, u := range []use{useRecord, useLedger, useClosed} {
			var w []byte
			do(t, r.db.QueryRowContext(t.Context(), `SELECT wrapped FROM key WHERE pid = ? AND use = ?`, pid[:], u).Scan(&w))
			wrapped[pid] = append(wrapped[pid], w)
		}
		k, err := r.load(t.Context(), pid, useRecord)
		do(t, err)
		raw = append(raw, k)
	}
	old, err := r.meta(t.Context(), kekName(1)) // with it, what was kept of a key would open
	do(t, err)
	wrapped[numbered(0)] = append(wrapped[numbered(0)], old)
	if n, _ := remains(t, r, filepath.Dir(h.path), wrapped, nil); n == 0 {
		t.Fatal("before anything is destroyed no key is found: the search is blind")
	}
	before, err := os.ReadFile(h.path)
	do(t, err)
	do(t, r.Destroy(t.Context(), day, doomed...))
	if n, files := remains(t, r, filepath.Dir(h.path), wrapped, raw); n != 0 {
		t.Errorf("%d keys are usable in %d files", n, files)
	}
	for i, s := range sealed {
		if got, want := opens(t, r, i, s), i%3 != 0 || i >= 30; got != want {
			t.Errorf("client %d opens: %v, want %v", i, got, want)
		}
	}
	// a copy of the file from before is another matter: it says so, and docs/threats.md does
	do(t, r.Close())
	do(t, os.WriteFile(h.path, before, 0o600))
	if !opens(t, opened2(t, h.config()), 0, sealed[0]) {
		t.Error("an old copy of the keyring does not open: then nobody need be told of it")
	}
}

// TestTwoProcessesShareAKeyring rotates in one process while another adds clients and
// reads, as the command does while the practice is served.
func TestTwoProcessesShareAKeyring(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	served := h.create(t)
	sealed := clients(t, served, 50)
	other := opened2(t, h.config())
	for round := range 3 {
		do(t, other.Rotate(t.Context(), day))
		do(t, other.Remaster(t.Context(), h.key, ""))
		late := numbered(1000 + round)
		do(t, served.Add(t.Context(), late))
		do(t, served.Destroy(t.Context(), day, Doomed{PID: numbered(round)}))
		clear(served.cache)
		for i := round + 1; i < 50; i++ {
			if !opens(t, served, i, sealed[i]) {
				t.Fatalf("round %d: client %d does not open where it is served", round, i)
			}
		}
		if _, err := other.Client(t.Context(), late); err != nil {
			t.Errorf("round %d: who came meanwhile: %v", round, err)
		}
	}
	if n, err := served.Check(t.Context()); err != nil || n != 3*50+1 {
		t.Errorf("%d keys open, %v; want %d", n, err, 3*50+1)
	}
}

// TestACompartmentIsDestroyedAlone takes one compartment's key and leaves the rest. What
// comes into the compartment later has a key of its own.
func TestACompartmentIsDestroyedAlone(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	clients(t, r, 3)
	put := func(who, n int) []byte {
		c, err := r.Client(t.Context(), numbered(who))
		do(t, err)
		k, ok := c.Closed(1 << n)
		if !ok {
			t.Fatalf("client %d, compartment %d does not open", who, n)
		}
		return k.Body.Seal(nil, []byte("told"), nil)
	}
	sealed := [3][Slots][]byte{}
	for who := range 3 {
		for n := range Slots {
			sealed[who][n] = put(who, n)
		}
	}
	held, err := r.Client(t.Context(), numbered(1))
	do(t, err)
	do(t, r.Destroy(t.Context(), day, Doomed{numbered(1), 1<<4 | 1<<5}))
	if _, ok := held.Closed(1 << 4); ok {
		t.Error("who had the client's keys still opens what was destroyed")
	}
	later := put(1, 4)
	r.Close()
	r = opened2(t, h.config())
	for who := range 3 {
		c, err := r.Client(t.Context(), numbered(who))
		do(t, err)
		for n := range Slots {
			k, _ := c.Closed(1 << n)
			_, err := k.Body.Open(nil, sealed[who][n], nil)
			want := who != 1 || n != 4 && n != 5
			if (err == nil) != want || c.Lost(1<<n) == want {
				t.Errorf("client %d, compartment %d opens: %v, want %v; lost: %v", who, n, err == nil, want, c.Lost(1<<n))
			}
			if who == 1 && n == 4 {
				if _, err := k.Body.Open(nil, later, nil); err != nil {
					t.Error("what came after does not open")
				}
			}
		}
	}
	if s, err := r.State(t.Context()); err != nil || s.Gone != 0 {
		t.Errorf("%d are gone, %v; a compartment is not the client", s.Gone, err)
	}
}

// TestTheMasterKeyChangesBetweenAllItsForms goes from file to passphrase and back.
func TestTheMasterKeyChangesBetweenAllItsForms(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	sealed := clients(t, r, 2)
	old, err := os.ReadFile(h.key)
	do(t, err)
	do(t, r.Remaster(t.Context(), "", "five unrelated words here"))
	do(t, r.Rotate(t.Context(), day))
	r.Close()
	if _, err := Open(t.Context(), h.config()); err == nil {
		t.Error("the key file still opens")
	}
	r = opened2(t, Config{Path: h.path, Passphrase: "five unrelated words here", Rand: rand.Reader})
	if r.at.Passphrase != "" {
		t.Error("the passphrase stays in memory")
	}
	do(t, r.Rotate(t.Context(), day))
	if err := r.Remaster(t.Context(), h.key, ""); err == nil {
		t.Error("a file that was there is written over")
	}
	h.key += "2"
	do(t, r.Remaster(t.Context(), h.key, ""))
	r.Close()
	r = opened2(t, h.config())
	for i := range sealed {
		if !opens(t, r, i, sealed[i]) {
			t.Errorf("client %d does not open", i)
		}
	}
	r.Close()
	do(t, os.WriteFile(h.key, old, 0o600))
	_, err = Open(t.Context(), h.config())
	oneLine(t, err, "does not fit")
}
