package record

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rapport/clock"
	"rapport/fhir"
)

func killSelf() {
	syscall.Kill(os.Getpid(), syscall.SIGKILL) //nolint:errcheck // the end either way
	select {}
}

// childErases has a client's wish, which waits, carried out by the privacy officer.
func childErases(ctx context.Context, h *house, _ fhir.ClientID) error {
	h.t = dies{}
	p, err := h.v.OpenPractice(ctx, h.staff("privacy"), Guarding)
	if err != nil {
		return err
	}
	all, err := p.Reviews(ctx)
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.Kind == ReviewErase && x.Done.IsZero() {
			return p.Erase(ctx, x.ID, "It is done.")
		}
	}
	return fmt.Errorf("nothing waits to be erased")
}

// dies is a test that is none: in a child there is nobody to report to.
type dies struct{ testing.TB }

func (dies) Helper() {}

func (dies) Fatal(args ...any) {
	fmt.Fprintln(os.Stderr, args...)
	os.Exit(1)
}

// vaulted is a practice with one backup, which others are copied from.
type vaulted struct {
	h      *house
	s      safe
	public string
	backup Made
}

func newKept(t *testing.T) vaulted {
	t.Helper()
	h, s := newHouse(t), newSafe(t)
	h.write(h.bring(h.ada), pulse("o1", "ada", 60))
	h.attached(h.ada, "a photo")
	h.write(h.bring(h.bob), pulse("o2", "bob", 61))
	k := vaulted{h: h, s: s, public: s.For[0], backup: h.backup(s)}
	h.write(h.bring(h.ada), pulse("later", "ada", 62))
	do(t, h.open(h.client(h.bob), Minding, h.bob, AllParts).AskErase(t.Context(), 0, "I moved away."))
	do(t, h.v.Close())
	return k
}

// killed has a child do something in a copy of the folder and die at a step; false if it
// was done before it came to that step.
func (k vaulted) killed(t *testing.T, what string, at int) (*house, string, bool) {
	t.Helper()
	x := &house{t: t, dir: deepCopy(t, k.h.dir), key: k.h.key, now: clock.At(start.Add(2 * time.Hour)), ada: k.h.ada, bob: k.h.bob}
	copies := filepath.Join(t.TempDir(), "copies")
	do(t, os.Mkdir(copies, 0o700))
	return x, copies, k.run(t, x, what, copies, at)
}

func (k vaulted) run(t *testing.T, x *house, what, copies string, at int) bool {
	t.Helper()
	cmd := x.process(what, fmt.Sprint(at))
	cmd.Env = append(cmd.Env, "COPIES="+copies, "PUBLIC="+k.public, "FROM="+k.backup.Path, "OFFLINE="+k.s.identities, "CLIENT="+string(x.bob))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	killed := cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled()
	if err != nil && !killed {
		t.Fatalf("%s, step %d: %v, %s", what, at, err, stderr.String())
	}
	return killed
}

func deepCopy(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	out, err := exec.Command("cp", "-a", from, to).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return to
}

// started opens the practice after a kill, and holds that it is one of the states it may be
// in: everything of Ada opens, with one epoch, and Bob opens whole or not at all.
func (h *house) started(at int) (bob, later bool) {
	t := h.t
	t.Helper()
	v, err := Open(t.Context(), h.config())
	if err != nil {
		t.Fatalf("step %d: it does not open: %v", at, err)
	}
	defer v.Close() //nolint:errcheck // only read
	h.v = v
	k, err := v.Keys(t.Context())
	do(t, err)
	if k.Open != 1 || k.Behind != 0 {
		t.Errorf("step %d: %d epochs open, %d keys are behind", at, k.Open, k.Behind)
	}
	if _, err := v.Check(t.Context()); err != nil {
		t.Errorf("step %d: %v", at, err)
	}
	h.verify()
	c := h.bring(h.ada)
	if _, err := c.Read(t.Context(), "Observation", "o1"); err != nil {
		t.Errorf("step %d: %v", at, err)
	}
	_, lerr := c.Read(t.Context(), "Observation", "later")
	if x, err := v.Open(t.Context(), importer, Importing, h.bob, AllParts); err == nil {
		if _, err := x.Read(t.Context(), "Observation", "o2"); err != nil {
			t.Errorf("step %d: half of Bob is there: %v", at, err)
		}
		bob = true
	} else if _, known := v.people.card(h.bob); known {
		t.Errorf("step %d: Bob's chart is gone and his name is there", at)
	}
	return bob, lerr == nil
}

// TestKilledAtEveryStep kills whoever rotates, erases, backs up, tries a backup or restores,
// at each step: the next start finds everything whole, or the same command finishes it.
func TestKilledAtEveryStep(t *testing.T) {
	if testing.Short() {
		t.Skip("starts some eighty processes")
	}
	t.Parallel()
	k := newKept(t)
	for what, after := range map[string]func(*testing.T, *house, string, int){
		"rotate": func(t *testing.T, x *house, _ string, at int) {
			if bob, later := x.started(at); !bob || !later {
				t.Errorf("step %d: something is lost", at)
			}
		},
		"erase": func(t *testing.T, x *house, _ string, at int) {
			bob, later := x.started(at)
			if !later {
				t.Errorf("step %d: something is lost", at)
			}
			if s, err := KeysIn(t.Context(), x.dir); err != nil || bob != (s.Gone == 0) {
				t.Errorf("step %d: Bob opens: %v, and %d are gone: %v", at, bob, s.Gone, err)
			}
			if bob { // it was not begun: it still waits, and is done now
				k.run(t, x, "erase", x.dir, -1)
				if bob, _ := x.started(at); bob {
					t.Errorf("step %d: he is there after all", at)
				}
			}
		},
		"backup":  k.afterACopy,
		"keyring": k.afterACopy,
		"drill":   k.afterACopy,
		"restore": func(t *testing.T, x *house, _ string, at int) {
			_, later := x.started(at)
			if later {
				k.run(t, x, "restore", x.dir, -1)
				_, later = x.started(at)
			}
			if bob, _ := x.started(at); later || !bob {
				t.Errorf("step %d: it is not what the backup holds", at)
			}
			if b, err := filepath.Glob(filepath.Join(x.dir, beforeDir+"*", dataFile)); err != nil || len(b) == 0 {
				t.Errorf("step %d: what was there before is gone", at)
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for at := 1; ; at++ {
				x, copies, killed := k.killed(t, what, at)
				after(t, x, copies, at)
				if !killed {
					if at < 4 {
						t.Errorf("only %d steps", at-1)
					}
					t.Logf("TRUST kill -9 during %s: %d steps, 0 practices lost", what, at-1)
					return
				}
			}
		})
	}
}

// afterACopy holds that what has a copy's name is a whole copy, that nothing changed, and
// that the next one works.
func (k vaulted) afterACopy(t *testing.T, x *house, copies string, at int) {
	t.Helper()
	if bob, later := x.started(at); !bob || !later {
		t.Errorf("step %d: something is lost", at)
	}
	all, err := os.ReadDir(copies)
	do(t, err)
	for _, d := range all {
		if !strings.HasSuffix(d.Name(), ".age") || strings.Contains(d.Name(), "keyring") {
			continue
		}
		if _, err := Restore(t.Context(), x.elsewhere().config(), filepath.Join(copies, d.Name()), k.s.identities); err != nil {
			t.Errorf("step %d: half a copy has a copy's name: %v", at, err)
		}
	}
	if _, err := Backup(t.Context(), Config{Dir: x.dir, Clock: clock.At(start.Add(9 * time.Hour))}, Spare{Dir: copies, For: []string{k.public}}); err != nil {
		t.Errorf("step %d: the next backup: %v", at, err)
	}
}
