package media

import (
	"math"
	"slices"
)

// The elements of a WebM file that matter here (RFC 8794, RFC 9559).
const (
	idDocType   = 0x4282
	idSegment   = 0x18538067
	idInfo      = 0x1549a966
	idTracks    = 0x1654ae6b
	idCluster   = 0x1f43b675
	idTrack     = 0xae
	idVideo     = 0xe0
	idScale     = 0x2ad7b1
	idDuration  = 0x4489
	idTrackType = 0x83
	idCodec     = 0x86
	idEncodings = 0x6d80
	idWidth     = 0xb0
	idHeight    = 0xba
	idVoid      = 0xec
)

// layers says which elements stay, and in which. Everything else becomes Void: Tags,
// Attachments, Chapters, titles, names of files, dates and checksums over them.
var layers = map[uint32][]uint32{
	idSegment: {0x114d9b74, idInfo, idTracks, idCluster, 0x1c53bb6b},
	idCluster: {0xe7, 0xa3, 0xa0, 0xab, 0xa7}, // one of unknown size; the others are not looked into
	idInfo:    {idScale, idDuration, 0x4d80, 0x5741},
	idTracks:  {idTrack},
	idTrack: {0xd7, 0x73c5, idTrackType, 0xb9, 0x88, 0x55aa, 0x9c, 0x6de7, 0x23e383, 0x22b59c, idCodec, 0x63a2,
		0x56aa, 0x56bb, idVideo, 0xe1, 0x55ee},
}

// element is one element: it begins at head, and what it holds lies between from and to.
type element struct {
	id             uint32
	head, from, to int
	open           bool // of unknown size: to is the end of what it lies in
}

func elementAt(b []byte, at, end int) (element, bool) {
	e := element{head: at, to: end}
	n := 1
	for ; at < end && n <= 4 && b[at]>>(8-n) == 0; n++ {
	}
	if n > 4 || end-at < n+1 {
		return e, false
	}
	for _, c := range b[at : at+n] {
		e.id = e.id<<8 | uint32(c)
	}
	at += n
	for n = 1; n <= 8 && b[at]>>(8-n) == 0; n++ {
	}
	if n > 8 || end-at < n {
		return e, false
	}
	size := uint64(b[at]) &^ (1 << (8 - n))
	for _, c := range b[at+1 : at+n] {
		size = size<<8 | uint64(c)
	}
	e.from = at + n
	if size == 1<<(7*n)-1 {
		e.open = true
		return e, true
	}
	if size > uint64(end-e.from) {
		return e, false
	}
	e.to = e.from + int(size)
	return e, true
}

// elements calls f for each element between two places, none of which may be open.
func elements(b []byte, from, to int, f func(element) error) error {
	for at := from; at < to; {
		e, ok := elementAt(b, at, to)
		if !ok || e.open {
			return broken("an element that ends elsewhere")
		}
		if err := f(e); err != nil {
			return err
		}
		at = e.to
	}
	return nil
}

// clip is a WebM file being cleaned where it lies.
type clip struct {
	b                     []byte
	seen, heard, clusters int
	scale                 uint64 // nanoseconds
	long                  float64
	piece                 Piece
}

func readWebM(b []byte) (Piece, error) {
	head, ok := elementAt(b, 0, len(b))
	if !ok || head.open {
		return Piece{}, broken("a clip without a beginning")
	}
	kind := ""
	if err := elements(b, head.from, head.to, func(e element) error {
		if e.id == idDocType {
			kind = string(b[e.from:min(e.to, e.from+16)])
		}
		return nil
	}); err != nil {
		return Piece{}, err
	}
	if kind != "webm" {
		return Piece{}, unknown()
	}
	seg, ok := elementAt(b, head.to, len(b))
	if !ok || seg.id != idSegment {
		return Piece{}, broken("a clip without a segment")
	}
	c := &clip{b: b[:seg.to], scale: 1_000_000}
	if err := c.segment(seg); err != nil {
		return Piece{}, err
	}
	if c.seen+c.heard == 0 || c.clusters == 0 {
		return Piece{}, broken("a clip with nothing in it")
	}
	c.piece.Body, c.piece.Kind, c.piece.Type = c.b, Video, "video/webm"
	if c.seen == 0 {
		c.piece.Kind, c.piece.Type = Voice, "audio/webm"
	}
	if long := c.long * float64(c.scale); long > 0 && long < 1e15 {
		c.piece.Seconds = up(uint64(long), 1e9)
	}
	return c.piece, nil
}

// segment walks the top of a clip. What a cluster of unknown size holds stands, for
// this, beside it.
func (c *clip) segment(seg element) error {
	inside := false
	for at := seg.from; at < seg.to; {
		e, ok := elementAt(c.b, at, seg.to)
		if !ok || e.open && e.id != idCluster {
			return broken("an element that ends elsewhere")
		}
		at = e.to
		var err error
		switch {
		case e.id == idInfo:
			err = c.only(e, c.info)
		case e.id == idTracks:
			err = c.only(e, func(t element) error { return c.track(t) })
		case e.id == idCluster:
			c.clusters++
			if e.open {
				at = e.from
			}
		case slices.Contains(layers[idSegment], e.id), inside && slices.Contains(layers[idCluster], e.id):
		default:
			c.void(e)
		}
		if err != nil {
			return err
		}
		if slices.Contains(layers[idSegment], e.id) {
			inside = e.id == idCluster && e.open
		}
	}
	return nil
}

// only keeps what layers names in an element, and calls f for each of those.
func (c *clip) only(in element, f func(element) error) error {
	return elements(c.b, in.from, in.to, func(e element) error {
		if e.id == idEncodings {
			return unknown()
		}
		if !slices.Contains(layers[in.id], e.id) {
			c.void(e)
			return nil
		}
		return f(e)
	})
}

// void turns an element into an empty one of the same length.
func (c *clip) void(e element) {
	all := c.b[e.head:e.to]
	clear(all)
	all[0] = idVoid
	if n := len(all); n >= 9 {
		all[1] = 1 // a size of eight bytes
		for i, v := 8, n-9; i > 1; i, v = i-1, v>>8 {
			all[i] = byte(v)
		}
		return
	}
	all[1] = 0x80 | byte(len(all)-2)
}

func (c *clip) info(e element) error {
	switch e.id {
	case idScale:
		if n, ok := c.number(e); ok {
			c.scale = n
		}
	case idDuration:
		if n, ok := c.number(e); ok && e.to-e.from == 8 {
			c.long = math.Float64frombits(n)
		} else if ok && e.to-e.from == 4 {
			c.long = float64(math.Float32frombits(uint32(n)))
		}
	default: // the programs it was made with: they must be there, and may say nothing
		clear(c.b[e.from:e.to])
	}
	return nil
}

func (c *clip) number(e element) (uint64, bool) {
	var n uint64
	for _, x := range c.b[e.from:min(e.to, e.from+8)] {
		n = n<<8 | uint64(x)
	}
	return n, e.to-e.from <= 8
}

// track takes one track: moving pictures or sound, as browsers play them in WebM.
func (c *clip) track(t element) error {
	var kind uint64
	var codec string
	var w, h uint64
	err := c.only(t, func(e element) error {
		switch e.id {
		case idTrackType:
			kind, _ = c.number(e)
		case idCodec:
			codec = string(c.b[e.from:min(e.to, e.from+16)])
		case idVideo:
			return elements(c.b, e.from, e.to, func(v element) error {
				switch v.id {
				case idWidth:
					w, _ = c.number(v)
				case idHeight:
					h, _ = c.number(v)
				}
				return nil
			})
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case kind == 1 && slices.Contains([]string{"V_VP8", "V_VP9", "V_AV1"}, codec):
		c.seen++
		if w < 1<<16 && h < 1<<16 && c.piece.Width == 0 {
			c.piece.Width, c.piece.Height = int(w), int(h)
		}
	case kind == 2 && slices.Contains([]string{"A_OPUS", "A_VORBIS"}, codec):
		c.heard++
	default: // texts and places can be tracks too, and lie among the pictures
		return unknown()
	}
	return nil
}
