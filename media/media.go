// Package media says what somebody may send beside their words, and cleans it: a picture
// is drawn anew, so that nothing of where and with what it was taken is left; in a video
// what can hold a place is blanked. It is pure.
//
// It refuses what it does not know by its bytes, whatever it is called: programs, pages,
// drawings with scripts, archives, and pictures that would fill the memory. It keeps no
// original.
package media

import (
	"bytes"
	"image"
	"image/color"
	_ "image/gif" // read, and drawn anew
	"image/jpeg"
	_ "image/png" // as above

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // as above

	"rapport/errs"
)

// Kind says what something is. The zero Kind is nothing that may be sent.
type Kind uint8

// The kinds.
const (
	_       Kind = iota
	Picture      // drawn anew as a JPEG
	Video        // MP4 or WebM
	Voice        // sound alone, in MP4, WebM, Ogg or WAV
	Paper        // a PDF, which is kept as a file and never shown in a page
)

// Piece is something that may be kept and shown.
type Piece struct {
	Kind          Kind
	Type          string // MIME, as it is served
	Body          []byte
	Width, Height int    // of a picture, in pixels
	Cover         []byte // of a picture: a small blurred JPEG, under 2 KB
}

// The bounds.
const (
	sideMost   = 2048     // of a picture as it is kept, in pixels
	pixelsMost = 40 << 20 // of a picture as it came: 40 million
	edgeMost   = 20_000   // of one side of it
	videoMost  = 200 << 20
	paperMost  = 20 << 20
	pictureMax = 40 << 20 // bytes
	coverSide  = 24       // pixels
	quality    = 84
)

func wrong(key, why string) error { return errs.Say(errs.E(errs.Invalid, "media: %s", why), key) }

// Read says what bytes are, cleans them, and returns what may be kept. It fails with
// errs.Invalid and something to say to whoever sent them.
func Read(body []byte) (Piece, error) {
	switch {
	case len(body) == 0:
		return Piece{}, wrong("media.empty", "no bytes")
	case isPicture(body):
		return picture(body)
	case len(body) > 12 && string(body[4:8]) == "ftyp":
		return movie(body)
	case bytes.HasPrefix(body, []byte{0x1a, 0x45, 0xdf, 0xa3}):
		return matroska(body)
	case bytes.HasPrefix(body, []byte("OggS")):
		return sound(body, "audio/ogg")
	case len(body) > 12 && string(body[:4]) == "RIFF" && string(body[8:12]) == "WAVE":
		return sound(body, "audio/wav")
	case bytes.HasPrefix(body, []byte("%PDF-")):
		return paper(body)
	}
	return Piece{}, wrong("media.kind", "not of a kind that may be sent")
}

func isPicture(b []byte) bool {
	for _, m := range []string{"\xff\xd8\xff", "\x89PNG\r\n\x1a\n", "GIF87a", "GIF89a"} {
		if bytes.HasPrefix(b, []byte(m)) {
			return true
		}
	}
	return len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP"
}

// picture draws a picture anew, upright, no larger than is good to look at.
func picture(body []byte) (Piece, error) {
	if len(body) > pictureMax {
		return Piece{}, wrong("media.large", "a picture of too many bytes")
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil || head.Width <= 0 || head.Height <= 0 {
		return Piece{}, wrong("media.broken", "a picture that cannot be read")
	}
	if head.Width > edgeMost || head.Height > edgeMost || head.Width*head.Height > pixelsMost {
		return Piece{}, wrong("media.pixels", "a picture of too many pixels")
	}
	src, _, err := image.Decode(bytes.NewReader(body))
	if err != nil {
		return Piece{}, wrong("media.broken", "a picture that cannot be read")
	}
	turn := orientation(body)
	out := upright(scaled(src, sideMost, draw.ApproxBiLinear), turn)
	b, err := asJPEG(out, quality)
	if err != nil {
		return Piece{}, errs.E(errs.Internal, "media: draw: %w", err)
	}
	cover, err := asJPEG(scaled(out, coverSide, draw.ApproxBiLinear), 50)
	if err != nil {
		return Piece{}, errs.E(errs.Internal, "media: draw: %w", err)
	}
	return Piece{Kind: Picture, Type: "image/jpeg", Body: b, Width: out.Bounds().Dx(), Height: out.Bounds().Dy(), Cover: cover}, nil
}

// scaled draws a picture on white, with no side longer than most.
func scaled(src image.Image, most int, how draw.Scaler) *image.RGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if long := max(w, h); long > most {
		w, h = max(1, w*most/long), max(1, h*most/long)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	how.Scale(out, out.Bounds(), src, src.Bounds(), draw.Over, nil)
	return out
}

func asJPEG(m image.Image, q int) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, m, &jpeg.Options{Quality: q})
	return b.Bytes(), err
}

// upright turns a picture as its camera said it was held (EXIF 2.32, tag Orientation).
func upright(src *image.RGBA, turn int) *image.RGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if turn < 2 || turn > 8 {
		return src
	}
	ow, oh := w, h
	if turn > 4 {
		ow, oh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range oh {
		for x := range ow {
			sx, sy := x, y
			switch turn {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], src.Pix[src.PixOffset(sx, sy):][:4])
		}
	}
	return out
}

func sound(body []byte, kind string) (Piece, error) {
	if len(body) > videoMost {
		return Piece{}, wrong("media.large", "a recording of too many bytes")
	}
	return Piece{Kind: Voice, Type: kind, Body: body}, nil
}

// paper takes a PDF: it begins as one to the byte, and ends as one.
func paper(body []byte) (Piece, error) {
	if len(body) > paperMost {
		return Piece{}, wrong("media.large", "a document of too many bytes")
	}
	if !bytes.Contains(body[max(0, len(body)-1024):], []byte("%%EOF")) {
		return Piece{}, wrong("media.broken", "a document that is cut")
	}
	return Piece{Kind: Paper, Type: "application/pdf", Body: body}, nil
}
