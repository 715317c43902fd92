package media

import "encoding/binary"

func be64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

// table returns the entries of a table box: how many it says it has, and their bytes,
// which are at least as many as that takes.
func (m *movie) table(trak box, name string, head, each int) (int, []byte, bool) {
	x, ok := first(m.b, trak, "mdia", "minf", "stbl", name)
	d := m.b[x.from:x.to]
	if !ok || len(d) < head {
		return 0, nil, false
	}
	n := be32(d[head-4:])
	if each > 0 && n > (len(d)-head)/each {
		return 0, nil, false
	}
	return n, d[head:], true
}

// empty overwrites the samples of a track that is not kept: where a camera was, second
// by second, can stand there. It touches nothing outside the boxes of media, and for
// all tracks together no more bytes than the file has.
func (m *movie) empty(trak box) error {
	odd := broken("a track whose samples are not to be found")
	const stszHead = 12
	n, sizes, ok := m.table(trak, "stsz", stszHead, 0)
	if !ok || m.nested > 0 {
		return odd
	}
	if n == 0 {
		return nil
	}
	stsz, _ := first(m.b, trak, "mdia", "minf", "stbl", "stsz")
	same := be32(m.b[stsz.from+4:])
	if same == 0 && n > len(sizes)/4 {
		return odd
	}
	runs, run, ok := m.table(trak, "stsc", 8, 12)
	each := 4
	chunks, places, ok2 := m.table(trak, "stco", 8, each)
	if !ok2 {
		each = 8
		chunks, places, ok2 = m.table(trak, "co64", 8, each)
	}
	if !ok || !ok2 || runs == 0 {
		return odd
	}
	for c, r, s := 1, 0, 0; c <= chunks && s < n; c++ {
		for r+1 < runs && be32(run[12*(r+1):]) <= c {
			r++
		}
		at := uint64(be32(places[each*(c-1):]))
		if each == 8 {
			at = be64(places[each*(c-1):])
		}
		for k := be32(run[12*r+4:]); k > 0 && s < n; k, s = k-1, s+1 {
			size := same
			if same == 0 {
				size = be32(sizes[4*s:])
			}
			if m.left -= size; m.left < 0 || !m.wipe(at, size) {
				return odd
			}
			at += uint64(size)
		}
	}
	return nil
}

// wipe overwrites some bytes of media.
func (m *movie) wipe(at uint64, size int) bool {
	if size == 0 {
		return true
	}
	for _, x := range m.motion {
		if at >= uint64(x.from) && at <= uint64(x.to) && size <= x.to-int(at) {
			clear(m.b[at : int(at)+size])
			return true
		}
	}
	return false
}
