package alike

import (
	"cmp"
	"math/bits"
	"slices"
)

// The bounds on what an Index looks at and answers.
const (
	// MaxCandidates is the most that Candidates returns.
	MaxCandidates = 50
	// maxBlock is the size from which a block is passed over: what so many people
	// share (a shelter's phone) leads to nobody.
	maxBlock = 1000
)

// Index finds people worth comparing. It sorts everybody into blocks by things
// one person's descriptions mostly share (a number; a birth date; a name with
// part of a date; a name with a place …), so that only those who share some block
// are looked at. The zero Index is empty. Candidates changes
// nothing and may run beside itself; Add and Drop may run beside nothing.
type Index struct {
	blocks map[uint64]block
	posts  []post // posts[0] is none
	free   uint32 // the first unused post
	slots  []slot
	unused []uint32
	byID   map[int]uint32
}

type block struct{ first, n uint32 }

// post is one person in one block.
type post struct{ slot, next uint32 }

type slot struct {
	id   int
	keys []uint64
}

// Len returns how many people are in the index.
func (x *Index) Len() int { return len(x.byID) }

// Add makes somebody known under the caller's id, in place of what was known
// under it.
func (x *Index) Add(id int, p Person) {
	x.Drop(id)
	if x.byID == nil {
		x.blocks, x.byID, x.posts = map[uint64]block{}, map[int]uint32{}, make([]post, 1)
	}
	f := look(p)
	s := slot{id, slices.Clip(keys(nil, &f))}
	var at uint32
	if n := len(x.unused); n > 0 {
		at, x.unused = x.unused[n-1], x.unused[:n-1]
		x.slots[at] = s
	} else {
		at = uint32(len(x.slots))
		x.slots = append(x.slots, s)
	}
	x.byID[id] = at
	for _, k := range s.keys {
		b := x.blocks[k]
		x.blocks[k] = block{x.post(post{at, b.first}), b.n + 1}
	}
}

func (x *Index) post(p post) uint32 {
	if at := x.free; at != 0 {
		x.free = x.posts[at].next
		x.posts[at] = p
		return at
	}
	x.posts = append(x.posts, p)
	return uint32(len(x.posts) - 1)
}

// Drop forgets whoever is known under an id.
func (x *Index) Drop(id int) {
	at, ok := x.byID[id]
	if !ok {
		return
	}
	for _, k := range x.slots[at].keys {
		b := x.blocks[k]
		from := &b.first
		for x.posts[*from].slot != at {
			from = &x.posts[*from].next
		}
		gone := *from
		*from = x.posts[gone].next
		x.posts[gone] = post{0, x.free}
		x.free = gone
		if b.n--; b.n == 0 {
			delete(x.blocks, k)
		} else {
			x.blocks[k] = b
		}
	}
	delete(x.byID, id)
	x.slots[at] = slot{}
	x.unused = append(x.unused, at)
}

// Candidates returns the ids of those worth comparing with p, at most
// MaxCandidates: those who share the most and the rarest blocks first, then by
// id. Somebody in the index is their own candidate.
func (x *Index) Candidates(p Person) []int {
	f := look(p)
	var room [maxKeys]uint64
	found := map[uint32]int{}
	for _, k := range keys(room[:0], &f) {
		b := x.blocks[k]
		if b.n > maxBlock {
			continue
		}
		rare := 12 - bits.Len32(b.n)
		for at := b.first; at != 0; at = x.posts[at].next {
			found[x.posts[at].slot] += rare
		}
	}
	best := make([]candidate, 0, len(found))
	for s, n := range found {
		best = append(best, candidate{x.slots[s].id, n})
	}
	slices.SortFunc(best, func(a, b candidate) int { return cmp.Or(b.shared-a.shared, cmp.Compare(a.id, b.id)) })
	out := make([]int, min(len(best), MaxCandidates))
	for i := range out {
		out[i] = best[i].id
	}
	return out
}

type candidate struct{ id, shared int }

// The kinds of block. A key is a digest of its kind and of what is shared.
const (
	byNumber = iota + 1
	byBirth
	byPhone
	byMail
	byNames
	byGivenYear
	byFamilyYear
	byFamilyDay
	byGivenPlace
	byFamilyPlace
	byStreet
)

// maxKeys is how many keys a person has at most: lists are bounded by maxList.
const maxKeys = 3*maxList + 24

// keys appends the keys of the blocks somebody lies in, each once.
func keys(to []uint64, f *face) []uint64 {
	add := func(kind int, parts ...string) {
		for _, p := range parts {
			if p == "" {
				return
			}
		}
		if k := digest(kind, parts); !slices.Contains(to, k) {
			to = append(to, k)
		}
	}
	for _, n := range f.numbers {
		add(byNumber, n.system, n.value)
	}
	for _, p := range f.phones {
		add(byPhone, tail(p))
	}
	for _, m := range f.mails {
		add(byMail, m)
	}
	given, family := first(f.given), first(f.family)
	year, day := "", ""
	if f.birth.n >= 4 {
		year = string(f.birth.d[:4])
	}
	if f.birth.n == 8 {
		day = string(f.birth.d[6:])
		add(byBirth, string(f.birth.d[:]))
	}
	add(byNames, min(given, family), max(given, family)) // either may be the other's
	add(byGivenYear, given, year)
	add(byFamilyYear, family, year)
	add(byFamilyDay, family, day)
	add(byGivenPlace, given, f.postcode)
	add(byFamilyPlace, family, f.postcode)
	add(byGivenPlace, given, f.city)
	add(byFamilyPlace, family, f.city)
	if len(f.street) > 0 && len(f.house) > 0 {
		add(byStreet, f.house[0], f.street[0], f.postcode)
	}
	return to
}

func first(ws []string) string {
	if len(ws) == 0 {
		return ""
	}
	return ws[0]
}

// digest is FNV-1a over a kind and its parts. People who meet in a block by
// chance, or because somebody contrived it, are compared and found unlike.
func digest(kind int, parts []string) uint64 {
	h := (14695981039346656037 ^ uint64(kind)) * 1099511628211
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	return h
}
