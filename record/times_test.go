package record

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/record/internal/store"
)

// sameTimes holds the calendar in memory against what a new start would load.
func sameTimes(t testing.TB, v *Vault) {
	t.Helper()
	w := &Vault{st: v.st, now: v.now, rand: v.rand, inst: v.inst, doorKey: v.doorKey, doorBox: v.doorBox}
	do(t, w.loadTimes(context.Background()))
	now := v.now.Now()
	v.times.lapse(now)
	w.times.lapse(now)
	v.times.mu.RLock()
	defer v.times.mu.RUnlock()
	recent := func(all map[timeID]*taking) map[timeID]taking {
		out := map[timeID]taking{}
		for id, x := range all {
			if x.Taken.To > now.UnixMilli()-store.LongestTaken {
				out[id] = *x
			}
		}
		return out
	}
	if diff := cmp.Diff(recent(w.times.byID), recent(v.times.byID)); diff != "" {
		t.Errorf("memory is not what the disk says (-disk +memory):\n%s", diff)
	}
	for of, want := range w.times.by {
		var got []string
		for _, b := range v.times.by[of] {
			if b.To.UnixMilli() > now.UnixMilli()-store.LongestTaken {
				got = append(got, b.From.UTC().String()+b.To.UTC().String()+b.Service)
			}
		}
		var disk []string
		for _, b := range want {
			if b.To.UnixMilli() > now.UnixMilli()-store.LongestTaken {
				disk = append(disk, b.From.UTC().String()+b.To.UTC().String()+b.Service)
			}
		}
		if diff := cmp.Diff(disk, got); diff != "" {
			t.Errorf("what %s is taken for (-disk +memory):\n%s", of, diff)
		}
	}
	for of, bs := range v.times.by {
		if _, ok := w.times.by[of]; !ok && len(bs) > 0 && bs[len(bs)-1].To.UnixMilli() > now.UnixMilli()-store.LongestTaken {
			t.Errorf("%s is taken in memory alone: %v", of, bs)
		}
	}
}
