package record

import (
	"maps"
	"slices"
	"time"

	"rapport/hours"
	"rapport/record/internal/store"
)

// What is taken, in memory, and which seat an opening is.

// change takes and frees times in memory, after the store has.
func (t *times) change(freed []timeID, took []*taking) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range freed {
		t.free(id)
	}
	for _, x := range took {
		t.free(x.ID)
		t.byID[x.ID] = x
		if x.Holder != (store.Key{}) {
			t.held[x.Holder] = x
		}
		for _, of := range x.Seat.of() {
			if x.Beside {
				t.crowded[of]++
			}
			if t.crowded[of] > 0 {
				t.rebuild(of)
				continue
			}
			b := x.busy()
			i, _ := begins(t.by[of], b.From)
			t.by[of] = slices.Insert(t.by[of], i, b)
		}
	}
	t.changed()
}

// begins finds what begins at a time, or where it would stand.
func begins(bs []hours.Busy, at time.Time) (int, bool) {
	return slices.BinarySearchFunc(bs, at, func(b hours.Busy, at time.Time) int { return b.From.Compare(at) })
}

func (x *taking) busy() hours.Busy {
	return hours.Busy{From: time.UnixMilli(x.Taken.From), To: time.UnixMilli(x.Taken.To), Service: x.Service}
}

// free takes a time out.
func (t *times) free(id timeID) {
	x := t.byID[id]
	if x == nil {
		return
	}
	delete(t.byID, id)
	delete(t.told, id)
	if t.held[x.Holder] == x {
		delete(t.held, x.Holder)
	}
	for _, of := range x.Seat.of() {
		if t.crowded[of] > 0 {
			t.rebuild(of)
		} else {
			if i, ok := begins(t.by[of], x.busy().From); ok {
				t.by[of] = slices.Delete(t.by[of], i, i+1)
			}
		}
		if x.Beside {
			t.crowded[of]--
		}
	}
}

// rebuild keeps the times of one together where some overlap.
func (t *times) rebuild(of string) { t.by[of] = t.together(of, nil) }

// together is the times of one, some left out, put together so that none overlaps.
func (t *times) together(of string, but []*taking) []hours.Busy {
	var all []hours.Busy
	for _, x := range t.byID {
		if slices.Contains(x.Seat.of(), of) && !slices.Contains(but, x) {
			all = append(all, x.busy())
		}
	}
	slices.SortFunc(all, func(a, b hours.Busy) int { return a.From.Compare(b.From) })
	var out []hours.Busy
	for _, b := range all {
		if n := len(out); n > 0 && b.From.Before(out[n-1].To) {
			if b.To.After(out[n-1].To) {
				out[n-1].To = b.To
			}
			continue
		}
		out = append(out, b)
	}
	return out
}

// without is what is taken, some times left out, and what is held for somebody. They are
// left out as they are in memory, where those who ask may be a moment behind themselves.
// Right only for the day that is asked about: of who has some left out, the rest of their
// year is not copied.
func (t *times) without(day time.Time, mine store.Key, but []*taking) hours.Taken {
	const near = 3 * 24 * time.Hour // a time is a day at most, and so is a day, nearly
	var gone []*taking
	leave := func(x *taking) {
		if x != nil && x.Seat.From.Sub(day).Abs() < near {
			gone = append(gone, x)
		}
	}
	leave(t.held[mine])
	for _, x := range but {
		if x != nil {
			leave(t.byID[x.ID])
		}
	}
	if len(gone) == 0 {
		return t.by
	}
	out := maps.Clone(t.by)
	for _, x := range gone {
		for _, of := range x.Seat.of() {
			if t.crowded[of] > 0 {
				out[of] = t.together(of, gone)
				continue
			}
			bs := out[of]
			first, _ := begins(bs, day.Add(-2*near))
			last, _ := begins(bs, day.Add(2*near))
			bs = slices.Clone(bs[first:last])
			if i, ok := begins(bs, x.busy().From); ok {
				bs = slices.Delete(bs, i, i+1)
			}
			out[of] = bs
		}
	}
	return out
}

// ways are the ways in which what is held can be, and the room it would be in.
func (t *times) ways(v *Vault, x *taking, staff bool) (hours.Modes, string) {
	out, room := x.Mode, x.Room
	for _, m := range hours.AllModes.Each() {
		s, ok := t.seat(v, Pick{x.Service, x.Who, x.Seat.From, m}, staff, x.Holder, x)
		if ok {
			out |= m
		}
		if ok && m == hours.InPerson {
			room = s.Room
		}
	}
	return out, room
}

// seat finds the opening that is picked, as if some times, and what is held for
// somebody, were not taken.
func (t *times) seat(v *Vault, p Pick, staff bool, mine store.Key, but ...*taking) (Seat, bool) {
	zone, now := v.Zone(), v.now.Now()
	t.lapse(now)
	t.mu.RLock()
	defer t.mu.RUnlock()
	by := t.without(p.From, mine, but)
	day := hours.DateOf(p.From.In(zone))
	for _, o := range hours.Openings(t.doing, zone, by, hours.Query{Service: p.Service, From: day, To: day, Who: []string{p.Who}, Now: now, Staff: staff, At: p.From}) {
		if o.From.Equal(p.From) && p.Mode.String() != "" && o.Modes&p.Mode != 0 {
			return t.made(p, o), true
		}
	}
	return Seat{}, false
}

// made is the seat of an opening.
func (t *times) made(p Pick, o hours.Opening) Seat {
	s, _ := t.table.Service(p.Service)
	x := Seat{Service: p.Service, Who: o.Who, Mode: p.Mode, From: o.From, To: o.To, Also: s.Devices}
	if p.Mode == hours.InPerson {
		x.Room = o.Room
	}
	return x
}

// stands reports that what is held can be had as it is, whatever else the practice wrote
// down meanwhile: it has not begun, there is such a service, and nothing of it is closed.
func (v *Vault) stands(x *taking, staff bool) bool {
	v.times.mu.RLock()
	t, left := v.times.table, v.times.left[x.Who]
	v.times.mu.RUnlock()
	_, ok := t.Service(x.Service)
	return ok && !left && (staff || x.Seat.From.After(v.now.Now())) && t.Covers(x.rules(), v.Zone()) != hours.RoomClosed
}

// staffed notes who works here, and who does no more: of them nothing is open.
func (t *times) staffed(ms ...StaffMember) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range ms {
		t.left[m.ID] = m.Left
	}
	t.staff()
}

// staff works out who does what.
func (t *times) staff() {
	now := *t.table
	now.Services = slices.Clone(now.Services)
	for i := range now.Services {
		s := &now.Services[i]
		s.Who = slices.DeleteFunc(slices.Clone(s.Who), func(id string) bool { return t.left[id] })
	}
	t.doing = &now
	t.changed()
}
