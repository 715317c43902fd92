package media

import (
	"bytes"
	"slices"
)

// rooms says which boxes stay, and in which box (ISO/IEC 14496-12, QuickTime File
// Format). Everything else is overwritten: udta, meta, uuid, loci, ID32 and free, which
// is where cameras write down where they were, and whatever comes to be invented.
var rooms = map[string][]string{
	"":     {"ftyp", "styp", "moov", "mdat", "moof", "sidx", "mfra"},
	"moov": {"mvhd", "trak", "mvex"},
	"trak": {"tkhd", "edts", "mdia"},
	"edts": {"elst"},
	"mdia": {"mdhd", "hdlr", "minf"},
	"minf": {"vmhd", "smhd", "hdlr", "dinf", "stbl"},
	"dinf": {"dref"},
	"stbl": {"stsd", "stts", "stss", "stsc", "stsz", "stz2", "stco", "co64", "ctts", "cslg", "sdtp", "sbgp", "sgpd", "stps", "subs"},
	"mvex": {"mehd", "trex"},
	"moof": {"mfhd", "traf"},
	"traf": {"tfhd", "tfdt", "trun", "sdtp", "sbgp", "sgpd", "subs"},
	"mfra": {"tfra", "mfro"},
}

// What a browser of today plays.
var (
	films  = []string{"avc1", "avc3", "hvc1", "hev1", "av01", "vp08", "vp09"}
	sounds = []string{"mp4a", "Opus", "fLaC", "alac"}
	brands = []string{"isom", "mp41", "mp42", "avc1", "M4V ", "M4VH", "M4VP", "M4A ", "M4B ", "MSNV", "dash", "qt  ", "3gp4", "3gp5", "3gp6"}
	stills = []string{"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis", "miaf"}
)

// mostMotion is how many boxes of media a film with a track to be emptied may have.
const mostMotion = 64

func isMP4(b []byte) bool { return len(b) >= 12 && string(b[4:8]) == "ftyp" }

// box is one box: it begins at head, and what it holds lies between from and to.
type box struct {
	name           string
	head, from, to int
}

// boxes calls f for every box between two places.
func boxes(b []byte, from, to int, f func(box) error) error {
	for at := from; at < to; {
		if to-at < 8 {
			return broken("a box without a header")
		}
		x := box{name: string(b[at+4 : at+8]), head: at, from: at + 8, to: at + be32(b[at:])}
		switch be32(b[at:]) {
		case 0: // to the end
			x.to = to
		case 1:
			if to-at < 16 || be32(b[at+8:]) != 0 {
				return broken("a box that is too large")
			}
			x.from, x.to = at+16, at+be32(b[at+12:])
		}
		if x.to < x.from || x.to > to {
			return broken("a box that ends elsewhere")
		}
		if err := f(x); err != nil {
			return err
		}
		at = x.to
	}
	return nil
}

// first returns the first box of a path of names.
func first(b []byte, in box, path ...string) (box, bool) {
	for _, name := range path {
		var found box
		_ = boxes(b, in.from, in.to, func(x box) error { //nolint:errcheck // found or not
			if found.name == "" && x.name == name {
				found = x
			}
			return nil
		})
		if found.name == "" {
			return box{}, false
		}
		in = found
	}
	return in, true
}

// movie is an MP4 (or a QuickTime film) being cleaned where it lies.
type movie struct {
	b             []byte
	moov          box
	motion        []box // mdat
	parts, nested int   // moof; boxes of media that are not kept in mind
	seen, heard   int
	emptied, left int // tracks; bytes that may yet be overwritten
	piece         Piece
}

func readMP4(b []byte) (Piece, error) {
	m := &movie{b: b, left: len(b)}
	if err := m.brand(); err != nil {
		return Piece{}, err
	}
	if err := m.index(); err != nil {
		return Piece{}, err
	}
	if err := m.walk(box{to: len(m.b)}); err != nil {
		return Piece{}, err
	}
	if m.moov.name == "" || len(m.motion) == 0 {
		return Piece{}, broken("a film without its pictures")
	}
	// A film in parts names its tracks in each: one of them cannot just go.
	if m.seen+m.heard == 0 || m.emptied > 0 && m.parts > 0 {
		return Piece{}, unknown()
	}
	m.piece.Body = m.b
	m.piece.Kind, m.piece.Type = Video, "video/mp4"
	if m.seen == 0 {
		m.piece.Kind, m.piece.Type = Voice, "audio/mp4"
	}
	return m.piece, nil
}

// brand looks at what the first box says the file is.
func (m *movie) brand() error {
	end := be32(m.b)
	if end < 16 || end > len(m.b) || end%4 != 0 || end > 1024 {
		return broken("a film without a beginning")
	}
	if slices.Contains(stills, string(m.b[8:12])) {
		return refuse("media.heic", "a picture that only some devices can show")
	}
	for at := 8; at < end; at += 4 {
		name := string(m.b[at : at+4])
		iso := name[:3] == "iso" && name[3] >= '2' && name[3] <= '9'
		if at != 12 && (iso || slices.Contains(brands, name)) { // at 12 stands a version
			return nil
		}
	}
	return unknown()
}

// index finds the parts of the file, and cuts off what is too short to be one.
func (m *movie) index() error {
	begun := 0
	if n := topEnd(m.b); len(m.b)-n < 8 {
		m.b = m.b[:n]
	}
	return boxes(m.b, 0, len(m.b), func(x box) error {
		switch x.name {
		case "ftyp":
			if begun++; begun > 1 {
				return broken("two beginnings")
			}
		case "moov":
			if m.moov.name != "" {
				return broken("two films in one")
			}
			m.moov = x
		case "moof":
			m.parts++
		case "mdat":
			if len(m.motion) < mostMotion {
				m.motion = append(m.motion, x)
			} else {
				m.nested++
			}
		}
		return nil
	})
}

// topEnd returns where the last whole box at the top ends.
func topEnd(b []byte) int {
	end := 0
	_ = boxes(b, 0, len(b), func(x box) error { end = x.to; return nil }) //nolint:errcheck // asked again
	return end
}

// walk keeps what rooms names, and overwrites the rest. The rooms are a tree without a
// loop, so it goes six deep at most.
func (m *movie) walk(in box) error {
	return boxes(m.b, in.from, in.to, func(x box) error {
		if !slices.Contains(rooms[in.name], x.name) {
			m.free(x)
			return nil
		}
		if x.name == "trak" {
			playable, err := m.track(x)
			if err != nil {
				return err
			}
			if !playable {
				m.emptied++
				if err := m.empty(x); err != nil {
					return err
				}
				m.free(x)
				return nil
			}
		}
		if _, ok := rooms[x.name]; ok {
			return m.walk(x)
		}
		return m.leaf(x)
	})
}

// free turns a box into an empty one of the same length.
func (m *movie) free(x box) {
	copy(m.b[x.head+4:], "free")
	clear(m.b[x.from:x.to])
}

// leaf reads what a piece says of itself, and takes out when it was made and by what.
func (m *movie) leaf(x box) error {
	d := m.b[x.from:x.to]
	switch x.name {
	case "mvhd", "tkhd", "mdhd":
		if len(d) < 84 && x.name != "mdhd" || len(d) < 24 || d[0] == 1 && len(d) < 36 || d[0] > 1 {
			return broken("a header that is too short")
		}
		if d[0] == 1 {
			clear(d[4:20])
		} else {
			clear(d[4:12])
		}
		if x.name == "mvhd" {
			m.piece.Seconds = length(d)
		}
	case "hdlr":
		if len(d) < 24 {
			return broken("a handler that is too short")
		}
		clear(d[24:])
	}
	return nil
}

func length(mvhd []byte) int {
	if mvhd[0] == 1 {
		return up(be64(mvhd[24:]), uint64(be32(mvhd[20:])))
	}
	if be32(mvhd[16:]) == 0xffffffff {
		return 0
	}
	return up(uint64(be32(mvhd[16:])), uint64(be32(mvhd[12:])))
}

// track reports whether a track is one to see or to hear, in a way that can be played.
func (m *movie) track(x box) (bool, error) {
	hdlr, ok := first(m.b, x, "mdia", "hdlr")
	stsd, ok2 := first(m.b, x, "mdia", "minf", "stbl", "stsd")
	tkhd, ok3 := first(m.b, x, "tkhd")
	if !ok || !ok2 || !ok3 || hdlr.to-hdlr.from < 24 || stsd.to-stsd.from < 16 || tkhd.to-tkhd.from < 84 {
		return false, broken("a track that does not say what it is")
	}
	codec := string(m.b[stsd.from+12 : stsd.from+16])
	switch string(m.b[hdlr.from+8 : hdlr.from+12]) {
	case "vide":
		if !slices.Contains(films, codec) {
			return false, nil
		}
		m.seen++
		m.measure(m.b[tkhd.from:tkhd.to])
		return true, nil
	case "soun":
		if !slices.Contains(sounds, codec) {
			return false, nil
		}
		m.heard++
		return true, nil
	}
	return false, nil
}

// measure reads how large a track is shown; what lies on its side is turned.
func (m *movie) measure(tkhd []byte) {
	at := 40
	if tkhd[0] == 1 {
		at += 12
	}
	if len(tkhd) < at+44 || m.piece.Width > 0 {
		return
	}
	m.piece.Width, m.piece.Height = be16(tkhd[at+36:]), be16(tkhd[at+40:])
	if bytes.Equal(tkhd[at:at+4], make([]byte, 4)) && be32(tkhd[at+4:]) != 0 {
		m.piece.Width, m.piece.Height = m.piece.Height, m.piece.Width
	}
}
