package media

import (
	"bytes"
	"encoding/binary"
)

// crcs is the table of Ogg's checksum (RFC 3533): 0x04c11db7, not mirrored, which
// hash/crc32 does not have.
var crcs = func() (t [256]uint32) {
	for i := range t {
		r := uint32(i) << 24
		for range 8 {
			if r&(1<<31) != 0 {
				r = r<<1 ^ 0x04c11db7
			} else {
				r <<= 1
			}
		}
		t[i] = r
	}
	return t
}()

// seal writes a page's checksum anew.
func seal(page []byte) {
	clear(page[22:26])
	var c uint32
	for _, x := range page {
		c = c<<8 ^ crcs[byte(c>>24)^x]
	}
	binary.LittleEndian.PutUint32(page[22:], c)
}

// readOgg takes one stream of Opus (RFC 7845) and empties its comments. The space they
// took becomes padding, so no page moves.
func readOgg(b []byte) (Piece, error) {
	const head, begins = 27, 2
	p := Piece{Kind: Voice, Type: "audio/ogg", Body: b}
	var last, skip uint64
	comments := false // all of them seen
	for at, n := 0, 0; at < len(b); n++ {
		if len(b)-at < head || string(b[at:at+5]) != "OggS\x00" || len(b)-at < head+int(b[at+26]) {
			return Piece{}, broken("a page that is none")
		}
		laces := b[at+head : at+head+int(b[at+26])]
		from := at + head + len(laces)
		to := from
		for _, l := range laces {
			to += int(l)
		}
		if to > len(b) {
			return Piece{}, broken("a page that is cut off")
		}
		if (b[at+5]&begins != 0) != (n == 0) || !bytes.Equal(b[at+14:at+18], b[14:18]) {
			return Piece{}, refuse("media.kind", "more than one stream")
		}
		switch {
		case n == 0:
			if to-from < 19 || string(b[from:from+8]) != "OpusHead" {
				return Piece{}, unknown()
			}
			skip = uint64(binary.LittleEndian.Uint16(b[from+10:]))
		case !comments:
			if n == 1 && (to-from < 16 || string(b[from:from+8]) != "OpusTags") {
				return Piece{}, broken("no comments where they must be")
			}
			clear(b[from:to])
			if n == 1 {
				copy(b[from:], "OpusTags")
			}
			seal(b[at:to])
			comments = len(laces) > 0 && laces[len(laces)-1] < 255
		default:
			if g := binary.LittleEndian.Uint64(b[at+6:]); g != 1<<64-1 {
				last = g
			}
		}
		at = to
	}
	if !comments {
		return Piece{}, broken("a recording that is cut off")
	}
	if last > skip {
		p.Seconds = up(last-skip, 48000)
	}
	return p, nil
}
