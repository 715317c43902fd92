package keyring

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

func pids(t *testing.T, r *Ring, n int) []PID {
	t.Helper()
	out := make([]PID, n)
	for i := range out {
		out[i] = newPID(t)
	}
	if err := r.Add(t.Context(), out...); err != nil {
		t.Fatal(err)
	}
	return out
}

// marked seals a word with every key of clients, so that another opening can tell the keys
// are the same.
func marked(t *testing.T, r *Ring, of []PID) map[PID][]byte {
	t.Helper()
	out := map[PID][]byte{}
	for _, pid := range of {
		c, err := r.Client(t.Context(), pid)
		if err != nil {
			t.Fatal(err)
		}
		k, _ := c.Closed(1)
		out[pid] = k.Body.Seal(nil, c.Body.Seal(nil, []byte("it is me"), nil), nil)
	}
	return out
}

func opens(t *testing.T, r *Ring, pid PID, w []byte) error {
	t.Helper()
	c, err := r.Client(t.Context(), pid)
	if err != nil {
		return err
	}
	k, ok := c.Closed(1)
	if !ok {
		return errors.New("the compartment's key is destroyed")
	}
	b, err := k.Body.Open(nil, w, nil)
	if err == nil {
		b, err = c.Body.Open(nil, b, nil)
	}
	if err == nil && string(b) != "it is me" {
		err = errors.New("it says something else")
	}
	return err
}

func TestAnEpochEnds(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	all := pids(t, r, 1200)
	was := marked(t, r, all)
	gone, shut := all[3], all[4]
	if err := errors.Join(r.Destroy(t.Context(), gone), r.DestroyClosed(t.Context(), shut, 1)); err != nil {
		t.Fatal(err)
	}
	if _, behind, err := r.Epoch(t.Context()); err != nil || behind == 0 {
		t.Errorf("no rotation is due: %d, %v", behind, err)
	}
	if err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, ring := range []*Ring{r, opened2(t, h.config())} {
		if e, behind, err := ring.Epoch(t.Context()); e != 2 || behind != 0 || err != nil {
			t.Errorf("epoch %d, %d behind, %v", e, behind, err)
		}
		for pid, w := range was {
			err := opens(t, ring, pid, w)
			if pid == gone && !errors.Is(err, ErrNoKey) || pid == shut && err == nil || pid != gone && pid != shut && err != nil {
				t.Errorf("client %x: %v", pid[:2], err)
			}
		}
		if c, err := ring.Client(t.Context(), shut); err != nil {
			t.Error(err)
		} else if _, ok := c.Closed(2); !ok {
			t.Error("another compartment went, too")
		}
		if g, err := ring.Gone(t.Context()); err != nil || len(g) != 1 || g[0] != gone {
			t.Errorf("gone: %x, %v", g, err)
		}
		if n, err := ring.Check(t.Context()); err != nil || n != 3*1199+1 {
			t.Errorf("%d keys, %v", n, err)
		}
	}
	if err := r.DestroyClosed(t.Context(), gone, 1); !errors.Is(err, ErrNoKey) {
		t.Errorf("a key is made for who is gone: %v", err)
	}
}

// TestAnOldCopyOfPagesOpensNothing: what the keyring's file held before, with the keyring
// as it is now, opens no destroyed key: the pages are of an epoch that is no more.
func TestAnOldCopyOfPagesOpensNothing(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	all := pids(t, r, 20)
	var epoch uint32
	var wrapped []byte
	if err := r.db.QueryRowContext(t.Context(), `SELECT epoch, wrapped FROM key WHERE pid = ? AND use = ?`, all[0][:], useRecord).Scan(&epoch, &wrapped); err != nil {
		t.Fatal(err)
	}
	if _, err := r.unwrap(wrapped, all[0], useRecord, epoch); err != nil {
		t.Fatal("it does not open to begin with", err)
	}
	if err := errors.Join(r.Destroy(t.Context(), all[0]), r.Rotate(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := r.unwrap(wrapped, all[0], useRecord, epoch); err == nil {
		t.Error("it opens still")
	}
	raw, err := os.ReadFile(h.path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, wrapped) {
		t.Error("it lies in the file still")
	}
}

func TestReadingWhileAnEpochEnds(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	all := pids(t, r, 800)
	was := marked(t, r, all)
	var wg sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			pid := all[i%len(all)]
			r.forget(pid)
			if err := opens(t, r, pid, was[pid]); err != nil {
				t.Error(err)
				return
			}
			if i%50 == 0 {
				if err := r.Add(t.Context(), newPID(t)); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for range 3 {
		if err := r.Rotate(t.Context()); err != nil {
			t.Error(err)
		}
	}
	stop()
	wg.Wait()
	if e, behind, err := r.Epoch(t.Context()); e != 4 || behind != 0 || err != nil {
		t.Errorf("epoch %d, %d behind, %v", e, behind, err)
	}
}

func TestAnotherMaster(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	all := pids(t, r, 5)
	was := marked(t, r, all)
	c := h.config()
	c.KeyFile, c.Passphrase = "", "correct horse battery staple"
	if err := r.Rekey(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := r.Rotate(t.Context()); err != nil { // the next epoch is locked with it, too
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), h.config()); err == nil {
		t.Error("the old key file opens it still")
	}
	again := opened2(t, c)
	for pid, w := range was {
		if err := opens(t, again, pid, w); err != nil {
			t.Error(err)
		}
	}
}

// killedRing is the variable by which a child process is told what to do.
const killedRing = "RAPPORT_KILLED_RING"

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv(killedRing); path != "" {
		dieWithin(path)
	}
	os.Exit(m.Run())
}

// dieWithin destroys a client's keys and rotates, and is killed after so many steps.
func dieWithin(path string) {
	left, err := strconv.Atoi(os.Getenv("STEPS"))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	r, err := Open(ctx, Config{Path: path, KeyFile: path + ".key", Rand: rand.Reader, Step: func(string) {
		if left--; left == 0 {
			syscall.Kill(os.Getpid(), syscall.SIGKILL) //nolint:errcheck // it cannot fail
			select {}
		}
	}})
	if err != nil {
		panic(err)
	}
	raw, err := os.ReadFile(path + ".gone")
	if err != nil {
		panic(err)
	}
	if err := errors.Join(r.Destroy(ctx, PID(raw)), r.Rotate(ctx)); err != nil {
		panic(err)
	}
	os.Exit(0)
}

// TestKilledWhileKeysAreDestroyed: after a kill at any step, or at any moment, every
// client opens with exactly one epoch, and the rotation goes on where it was.
func TestKilledWhileKeysAreDestroyed(t *testing.T) {
	if testing.Short() {
		t.Skip("kills some forty processes")
	}
	t.Parallel()
	kills, ended := 0, false
	for n := 1; !ended || n <= 40; n++ {
		h := newHome(t)
		r := h.create(t)
		all := pids(t, r, 700)
		was := marked(t, r, all)
		if err := errors.Join(r.Close(), os.Rename(h.key, h.path+".key"), os.WriteFile(h.path+".gone", all[0][:], 0o600)); err != nil {
			t.Fatal(err)
		}
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$") //nolint:gosec // this very binary
		child.Env = append(os.Environ(), killedRing+"="+h.path, "STEPS="+strconv.Itoa(n))
		if ended { // the steps are through: at any moment instead
			child.Env = append(child.Env, "STEPS=100000")
			go func() {
				time.Sleep(time.Duration(n) * 3 * time.Millisecond)
				child.Process.Kill() //nolint:errcheck // it may be done
			}()
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			child.Wait() //nolint:errcheck // it was killed, or not
		} else if err := child.Run(); err == nil {
			ended = true
			continue
		}
		kills++
		after(t, h.path, all, was)
	}
	t.Logf("TRUST rotation killed: %d times, every client opens with one epoch, every rotation resumed", kills)
}

// after looks at a keyring whose process was killed, and goes on with what it did.
func after(t *testing.T, path string, all []PID, was map[PID][]byte) {
	t.Helper()
	r := opened2(t, Config{Path: path, KeyFile: path + ".key", Rand: rand.Reader})
	defer r.Close() //nolint:errcheck // only read
	gone, err := r.Gone(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	whole := func() {
		for i, pid := range all {
			if err := opens(t, r, pid, was[pid]); err != nil && (i > 0 || len(gone) == 0) {
				t.Fatalf("client %d: %v", i, err)
			} else if err == nil && i == 0 && len(gone) > 0 {
				t.Fatal("what is destroyed opens")
			}
			r.forget(pid)
		}
	}
	whole()
	if _, behind, err := r.Epoch(t.Context()); err != nil || behind == 0 && len(r.keks) > 1 {
		t.Errorf("%d behind, %v", behind, err)
	} else if behind > 0 {
		if err := r.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	whole()
	if _, behind, err := r.Epoch(t.Context()); behind != 0 || err != nil || len(r.keks) != 1 {
		t.Errorf("afterwards %d behind, %d epochs, %v", behind, len(r.keks), err)
	}
	if _, err := os.Stat(path + "-journal"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a journal is left behind")
	}
}
