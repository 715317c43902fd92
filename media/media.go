// Package media decides what somebody may send with a message, and cleans it: a
// picture, a film, a spoken message, a paper, the words themselves and the captions of
// a film. It is pure: it opens no file, asks nothing of anybody and runs no program.
//
// What a file is, its bytes say; what its sender calls it is not even asked. A picture
// is decoded and drawn anew, so nothing that hid in it comes along: no place, no
// camera, no second file behind it. A film and a recording are not decoded; their
// structure is walked, and whatever is not needed to play them is overwritten with
// nothing, at equal length, so that every offset stays true. A paper (PDF) stays as it
// is, and is for downloading only.
//
// It refuses to guess, to mend what is broken, to take what can run (pages, drawings
// that are programs, archives, office files), to write down a size before it knows that
// the bytes can hold it, and to repeat any content in an error.
package media

import (
	"bytes"
	"encoding/binary"

	"rapport/errs"
)

// Kind is what a piece is for whoever gets it.
type Kind uint8

// The kinds of piece. The zero Kind is nothing that can be sent.
const (
	_       Kind = iota
	Picture      // to be looked at
	Video        // to be played, with a picture
	Voice        // to be listened to
	Paper        // a PDF, to be downloaded and never shown in a page of ours
)

// Piece is one attachment, clean.
type Piece struct {
	Kind          Kind
	Type          string // the MIME type to serve it as, together with nosniff
	Body          []byte
	Width, Height int    // in pixels, as it is seen; 0 where there is nothing to see or nobody says
	Seconds       int    // how long it plays, rounded up; 0 is not known
	Thumb         []byte // a picture's cover until it is tapped: a JPEG of few, blurred pixels, at most 2 KB
}

// How much of each kind is taken, in bytes.
const (
	mostPicture = 50 << 20
	mostVideo   = 200 << 20
	mostVoice   = 50 << 20
	mostPaper   = 20 << 20
)

// Read says what body is and makes a clean Piece of it. It takes body over: a film is
// cleaned where it lies, and Piece.Body may be a part of body. Every error is
// errs.Invalid and says media.empty, media.large, media.kind, media.heic,
// media.broken or media.pixels.
func Read(body []byte) (Piece, error) {
	if len(body) == 0 {
		return Piece{}, refuse("media.empty", "nothing was sent")
	}
	if len(body) > mostVideo {
		return Piece{}, large(body)
	}
	for _, f := range []struct {
		is   func([]byte) bool
		most int
		read func([]byte) (Piece, error)
	}{
		{isPicture, mostPicture, readPicture},
		{isMP4, mostVideo, readMP4},
		{starts("\x1a\x45\xdf\xa3"), mostVideo, readWebM},
		{starts("OggS"), mostVoice, readOgg},
		{isWAV, mostVoice, readWAV},
		{isMP3, mostVoice, readMP3},
		{starts("%PDF-"), mostPaper, readPaper},
	} {
		if !f.is(body) {
			continue
		}
		if len(body) > f.most {
			return Piece{}, large(body)
		}
		p, err := f.read(body)
		if err == nil && p.Kind == Voice && len(p.Body) > mostVoice {
			return Piece{}, large(body)
		}
		if err != nil {
			return Piece{}, err
		}
		return p, nil
	}
	return Piece{}, unknown()
}

func starts(with string) func([]byte) bool {
	return func(b []byte) bool { return bytes.HasPrefix(b, []byte(with)) }
}

// riff reports a RIFF file of a form: WEBP or WAVE.
func riff(b []byte, form string) bool {
	return len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == form
}

// refuse makes the only sort of error this package has.
func refuse(say, format string, args ...any) error {
	return errs.Say(errs.E(errs.Invalid, "media: "+format, args...), say)
}

func large(b []byte) error    { return refuse("media.large", "%d bytes are too many", len(b)) }
func unknown() error          { return refuse("media.kind", "not a kind that is taken") }
func broken(why string) error { return refuse("media.broken", "%s", why) }
func be16(b []byte) int       { return int(binary.BigEndian.Uint16(b)) }
func be32(b []byte) int       { return int(binary.BigEndian.Uint32(b)) }
func le32(b []byte) int       { return int(binary.LittleEndian.Uint32(b)) }
func up(amount, per uint64) int {
	const day = 24 * 60 * 60
	if per == 0 || amount == 0 {
		return 0
	}
	n := amount / per
	if amount%per > 0 {
		n++
	}
	if n > day { // nobody sends a day: the number is not to be believed
		return 0
	}
	return int(n)
}

// readPaper takes a PDF as it is. What it can do inside a reader is not looked for,
// because a PDF can hide it from any search: it is only ever a download.
func readPaper(b []byte) (Piece, error) {
	end := bytes.LastIndex(b, []byte("%%EOF"))
	if end < 0 || end < len(b)-1024 {
		return Piece{}, broken("a paper without an end")
	}
	// An archive is read from its end, so one can stand behind or around a paper.
	if bytes.Contains(b[max(0, len(b)-(1<<16)-64):], []byte("PK\x05\x06")) {
		return Piece{}, unknown()
	}
	return Piece{Kind: Paper, Type: "application/pdf", Body: b}, nil
}
