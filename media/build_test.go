package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"testing"
)

// secret stands where cameras and programs write down places.
const secret = "+48.8577+002.295/SECRETPLACE"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// photo is a picture of many colours whose upper left quarter is red.
func photo(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	n := uint32(1)
	for y := range h {
		for x := range w {
			n = n*1664525 + 1013904223
			c := color.RGBA{uint8(n >> 27), uint8(x * 255 / w), uint8(y * 255 / h), 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{250, 10, 10, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}))
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	return b.Bytes()
}

func asGIF(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	must(t, gif.Encode(&b, m, nil))
	return b.Bytes()
}

// segment puts a segment behind a JPEG's first marker.
func segment(j []byte, marker byte, data string) []byte {
	out := append([]byte{0xff, 0xd8, 0xff, marker}, byte((len(data)+2)>>8), byte(len(data)+2))
	return append(append(out, data...), j[2:]...)
}

// exif is a TIFF block with an orientation and, behind it, a place.
func exif(order binary.AppendByteOrder, orientation uint16) string {
	b := []byte("II*\x00")
	if order.String() == "BigEndian" {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint16(order.AppendUint32(b, 8), 2)
	b = order.AppendUint16(order.AppendUint16(b, 0x0112), 3)
	b = order.AppendUint16(order.AppendUint16(order.AppendUint32(b, 1), orientation), 0)
	b = order.AppendUint16(order.AppendUint16(b, 0x8825), 4) // where the place stands
	b = order.AppendUint32(order.AppendUint32(order.AppendUint32(b, 1), 38), 0)
	return string(b) + secret
}

// pngHead is a PNG that says how large it is, and little else.
func pngHead(w, h uint32) []byte {
	d := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", string(d)+"\x08\x06\x00\x00\x00")...)
}

func pngChunk(name, data string) []byte {
	out := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), name+data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(name+data)))
}

// mp4 boxes.
func bx(name string, parts ...string) string {
	d := strings.Join(parts, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(d)+8))) + name + d
}

func u32(n ...uint32) string {
	var b []byte
	for _, x := range n {
		b = binary.BigEndian.AppendUint32(b, x)
	}
	return string(b)
}

func zeros(n int) string { return strings.Repeat("\x00", n) }

type track struct {
	handler, codec string
	at, size       uint32
}

func trak(k track) string {
	tkhd := u32(7, 0x5ec4e7, 0x5ec4e7, 1, 0, 5) + zeros(16) + u32(0, 1<<16, 0, 0xffff0000, 0, 0, 0, 0, 1<<30) + u32(640<<16, 480<<16)
	stbl := bx("stbl",
		bx("stsd", u32(0, 1), bx(k.codec, zeros(8))), bx("stts", u32(0, 0)),
		bx("stsc", u32(0, 1, 1, 1, 1)), bx("stsz", u32(0, 0, 1, k.size)), bx("stco", u32(0, 1, k.at)))
	return bx("trak", bx("tkhd", tkhd), bx("meta", secret), bx("udta", bx("\xa9xyz", secret)),
		bx("mdia", bx("mdhd", u32(0, 1, 1, 1000, 5000, 0)), bx("hdlr", u32(0, 0), k.handler, zeros(12), secret),
			bx("minf", bx("vmhd", u32(0, 0, 0)), stbl)))
}

// film is an MP4 with its media first, a place in every box that can hold one, and some
// tracks; their samples stand at 32 (the picture, 7 bytes) and at 39 (a place).
func film(brand string, tracks ...track) []byte {
	var all string
	for _, k := range tracks {
		all += trak(k)
	}
	mvhd := u32(0, 0x5ec4e7, 0x5ec4e7, 1000, 4200) + zeros(80)
	return []byte(bx("ftyp", brand, u32(512), brand, "isom") + bx("mdat", "picture"+secret) + bx("uuid", secret) + bx("free", secret) +
		bx("moov", bx("mvhd", mvhd), all, bx("udta", bx("\xa9xyz", secret), bx("meta", secret)), bx("meta", bx("keys", secret), bx("ilst", secret))))
}

var (
	pictures = track{"vide", "avc1", 32, 7}
	voice    = track{"soun", "mp4a", 32, 7}
	places   = track{"meta", "mebx", 39, uint32(len(secret))}
)

// WebM elements, with sizes of eight bytes.
func el(id uint32, parts ...string) string {
	d := strings.Join(parts, "")
	return ident(id) + string(binary.BigEndian.AppendUint64(nil, 1<<56|uint64(len(d)))) + d
}

func open(id uint32, parts ...string) string {
	return ident(id) + "\x01\xff\xff\xff\xff\xff\xff\xff" + strings.Join(parts, "")
}

func ident(id uint32) string {
	return strings.TrimLeft(u32(id), "\x00")
}

func clipTrack(kind byte, codec string, more ...string) string {
	return el(idTrack, el(0xd7, "\x01"), el(idTrackType, string(rune(kind))), el(idCodec, codec), el(0x536e, secret),
		el(idVideo, el(idWidth, "\x02\x80"), el(idHeight, "\x01\xe0")), strings.Join(more, ""))
}

// webm is a clip with a place in every element that can hold one.
func webm(kind string, seg func(uint32, ...string) string, cluster func(uint32, ...string) string, tracks ...string) []byte {
	long := binary.BigEndian.AppendUint64(nil, math.Float64bits(4200))
	return []byte(el(0x1a45dfa3, el(idDocType, kind)) + seg(idSegment,
		el(idInfo, el(idScale, "\x0f\x42\x40"), el(idDuration, string(long)), el(0x7ba9, secret), el(0x4d80, secret), el(0x4461, "12345678")),
		el(idTracks, tracks...), el(0x1941a469, secret), "\xbf\x84abcd",
		cluster(idCluster, el(0xe7, "\x00"), el(0xa3, "\x81\x00\x00\x80picture")),
		el(0x1254c367, secret), el(0x1254c367)))
}

// oggPage is one page, without its right checksum.
func oggPage(flags byte, serial uint32, granule uint64, data string) string {
	b := binary.LittleEndian.AppendUint64([]byte{'O', 'g', 'g', 'S', 0, flags}, granule)
	b = append(binary.LittleEndian.AppendUint32(b, serial), zeros(8)...)
	n := len(data) / 255
	b = append(b, byte(n+1))
	b = append(append(b, bytes.Repeat([]byte{255}, n)...), byte(len(data)%255))
	return string(b) + data
}

func opus() []byte {
	return []byte(oggPage(2, 7, 0, "OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00") +
		oggPage(0, 7, 0, "OpusTags\x00\x00\x00\x00\x01\x00\x00\x00"+strings.Repeat(secret, 12)) + oggPage(4, 7, 48000+312, "sound"))
}

func wav() []byte {
	le := func(n int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }
	part := func(name, d string) string {
		return name + le(len(d)) + d + zeros(len(d)&1)
	}
	d := "WAVE" + part("fmt ", "\x01\x00\x01\x00"+le(8000)+le(16000)+"\x02\x00\x10\x00") + part("LIST", secret+"!") + part("data", zeros(16002)) + part("bext", secret)
	return []byte("RIFF" + le(len(d)) + d + secret)
}

// mp3 is n pieces of silence between two labels.
func mp3(n int) []byte {
	piece := "\xff\xfb\x90\x00" + zeros(413)
	return []byte("ID3\x04\x00\x00\x00\x00\x00" + string(rune(len(secret))) + secret + strings.Repeat(piece, n) + "TAG" + secret + zeros(125-len(secret)))
}

func paper() []byte { return []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n") }
