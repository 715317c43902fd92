package media

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// brands are the kinds of MP4 that browsers play (ISO/IEC 14496-12, box ftyp).
var brands = []string{"isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "M4A ", "dash", "mp4v", "qt  "}

// told are the boxes in which a recorder writes what it knows beside the pictures: where,
// when, with what.
var toldBoxes = []string{"udta", "meta", "uuid", "ilst"}

// holders are the boxes that hold others, and are looked into.
var holders = []string{"moov", "trak", "mdia", "moof", "traf"}

// movie takes an MP4. What can say where it was recorded becomes free space of the same
// size, so that what points into the file still does.
func movie(body []byte) (Piece, error) {
	if len(body) > videoMost {
		return Piece{}, wrong("media.large", "a video of too many bytes")
	}
	if !slices.Contains(brands, string(body[8:12])) {
		return Piece{}, wrong("media.kind", "an MP4 of another brand")
	}
	out := bytes.Clone(body)
	seen := map[string]bool{}
	if !walk(out, 0, seen) || !seen["moov"] {
		return Piece{}, wrong("media.broken", "a video that is cut")
	}
	p := Piece{Kind: Video, Type: "video/mp4", Body: out}
	if string(body[8:12]) == "M4A " || seen["smhd"] && !seen["vmhd"] {
		p.Kind, p.Type = Voice, "audio/mp4"
	}
	return p, nil
}

// walk goes through the boxes of b and blanks those that tell; false if one does not fit.
func walk(b []byte, depth int, seen map[string]bool) bool {
	for len(b) > 0 {
		if len(b) < 8 {
			return false
		}
		size, head := uint64(binary.BigEndian.Uint32(b)), 8
		switch size {
		case 0:
			size = uint64(len(b))
		case 1:
			if len(b) < 16 {
				return false
			}
			size, head = binary.BigEndian.Uint64(b[8:]), 16
		}
		if size < uint64(head) || size > uint64(len(b)) {
			return false
		}
		kind, box := string(b[4:8]), b[:size]
		seen[kind] = true
		switch {
		case slices.Contains(toldBoxes, kind):
			copy(box[4:8], "free")
			clear(box[head:])
		case kind == "minf":
			if depth > 8 || !walk(box[head:], depth+1, seen) {
				return false
			}
		case slices.Contains(holders, kind):
			if depth > 8 || !walk(box[head:], depth+1, seen) {
				return false
			}
		}
		b = b[size:]
	}
	return true
}

// The elements of Matroska that are looked at (RFC 9559), by their ids.
const (
	ebmlHead    = 0x1a45dfa3
	ebmlDocType = 0x4282
	mkvSegment  = 0x18538067
	mkvTags     = 0x1254c367
	mkvAttached = 0x1941a469
	mkvTracks   = 0x1654ae6b
	mkvEntry    = 0xae
	mkvType     = 0x83
)

// matroska takes a WebM; its tags and attachments become empty space.
func matroska(body []byte) (Piece, error) {
	if len(body) > videoMost {
		return Piece{}, wrong("media.large", "a video of too many bytes")
	}
	out := bytes.Clone(body)
	var s webm
	if !s.walk(out, 0) || s.doc != "webm" {
		return Piece{}, wrong("media.kind", "a Matroska file that is no WebM")
	}
	p := Piece{Kind: Video, Type: "video/webm", Body: out}
	if s.tracks > 0 && !s.pictures {
		p.Kind, p.Type = Voice, "audio/webm"
	}
	return p, nil
}

// webm is what is found out about one.
type webm struct {
	doc      string
	tracks   int
	pictures bool
}

// number reads a variable-length integer: with its marker, as ids are kept, or without.
func number(b []byte, marker bool) (v uint64, n int) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0
	}
	for n = 1; b[0]&(0x80>>(n-1)) == 0; n++ {
	}
	if len(b) < n {
		return 0, 0
	}
	v = uint64(b[0])
	if !marker {
		v &= 0xff >> n
	}
	for _, x := range b[1:n] {
		v = v<<8 | uint64(x)
	}
	return v, n
}

// walk goes through the elements of b. A recorder that streams does not know how long a
// segment or cluster is: one of unknown size goes to the end, and a cut one is fine.
func (s *webm) walk(b []byte, depth int) bool {
	for len(b) > 0 {
		id, n := number(b, true)
		if n == 0 || n > 4 {
			return depth > 0 && s.doc != ""
		}
		size, m := number(b[n:], false)
		if m == 0 {
			return depth > 0
		}
		head := n + m
		if unknown := uint64(1)<<(7*m) - 1; size == unknown || size > uint64(len(b)-head) {
			size = uint64(len(b) - head)
		}
		inside := b[head : head+int(size)] //nolint:gosec // no more than is there
		switch id {
		case ebmlHead, mkvSegment, mkvTracks, mkvEntry:
			if depth > 4 || !s.walk(inside, depth+1) {
				return false
			}
		case ebmlDocType:
			s.doc = string(inside)
		case mkvType:
			s.tracks++
			s.pictures = s.pictures || len(inside) > 0 && inside[len(inside)-1] == 1
		case mkvTags, mkvAttached:
			blank(b[:head+int(size)]) //nolint:gosec // as above
		}
		if depth == 0 && id != ebmlHead && id != mkvSegment {
			return false
		}
		b = b[head+int(size):] //nolint:gosec // as above
	}
	return true
}

// blank makes an element one that is skipped (Void), of the same size.
func blank(b []byte) {
	for n := 8; n >= 1; n-- {
		if size := len(b) - 1 - n; size >= 0 && uint64(size) < uint64(1)<<(7*n)-1 {
			clear(b)
			b[0] = 0xec
			for i := range n {
				b[n-i] = byte(size >> (8 * i))
			}
			b[1] |= 0x80 >> (n - 1)
			return
		}
	}
}
