package media

import (
	"bytes"
	"encoding/binary"
)

func isWAV(b []byte) bool { return riff(b, "WAVE") }

// readWAV takes samples and how to play them; every other part is emptied.
func readWAV(b []byte) (Piece, error) {
	size := le32(b[4:])
	if size > len(b)-8 {
		return Piece{}, broken("a recording that is cut off")
	}
	b = b[:8+size]
	p := Piece{Kind: Voice, Type: "audio/wav", Body: b}
	rate, heard := 0, 0
	for at := 12; at < len(b); {
		if len(b)-at < 8 || le32(b[at+4:]) > len(b)-at-8 {
			return Piece{}, broken("a part that ends elsewhere")
		}
		name, from := string(b[at:at+4]), at+8
		to := from + le32(b[at+4:])
		switch name {
		case "fmt ":
			if to-from < 16 {
				return Piece{}, broken("a recording that does not say what it is")
			}
			switch binary.LittleEndian.Uint16(b[from:]) {
			case 1, 3, 0xfffe: // whole numbers, fractions, either of them
			default:
				return Piece{}, unknown()
			}
			rate = le32(b[from+8:])
		case "data":
			heard += to - from
		case "fact":
		default:
			copy(b[at:], "JUNK")
			clear(b[from:to])
		}
		at = min(len(b), to+(to-from)&1)
	}
	if rate == 0 || heard == 0 {
		return Piece{}, broken("a recording with nothing in it")
	}
	p.Seconds = up(uint64(heard), uint64(rate))
	return p, nil
}

// frame is the header of one piece of MPEG sound, layer III (ISO/IEC 11172-3, 13818-3).
type frame struct{ size, samples, rate int }

// Kilobits per second, by version 1 and by versions 2 and 2.5.
var bitrates = [2][15]int{
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
}

func frameAt(b []byte) (frame, bool) {
	if len(b) < 4 || b[0] != 0xff || b[1]&0xe6 != 0xe2 {
		return frame{}, false
	}
	version, bits, hertz := b[1]>>3&3, int(b[2]>>4), int(b[2]>>2&3)
	if version == 1 || bits == 0 || bits == 15 || hertz == 3 {
		return frame{}, false
	}
	rate := []int{44100, 48000, 32000}[hertz]
	low, samples := 0, 1152
	switch version {
	case 2:
		low, samples, rate = 1, 576, rate/2
	case 0:
		low, samples, rate = 1, 576, rate/4
	}
	return frame{samples/8*1000*bitrates[low][bits]/rate + int(b[2]>>1&1), samples, rate}, true
}

// afterID3 returns where the labels before an MP3's sound end.
func afterID3(b []byte) int {
	at := 0
	for len(b)-at >= 10 && string(b[at:at+3]) == "ID3" {
		size := 10
		for i, c := range b[at+6 : at+10] {
			if c > 0x7f {
				return len(b)
			}
			size += int(c) << (7 * (3 - i))
		}
		const footer = 0x10
		if b[at+5]&footer != 0 {
			size += 10
		}
		at = min(len(b), at+size)
	}
	for at < len(b) && at > 0 && b[at] == 0 { // room some programs leave
		at++
	}
	return at
}

func isMP3(b []byte) bool {
	_, ok := frameAt(b)
	return ok || starts("ID3")(b)
}

// readMP3 keeps the sound, from its first piece to its last whole one: the labels
// before and behind it go.
func readMP3(b []byte) (Piece, error) {
	from := afterID3(b)
	at, n, samples := from, 0, 0
	head, ok := frameAt(b[from:])
	for f := head; ok && f.rate == head.rate && f.samples == head.samples && f.size <= len(b)-at; n++ {
		at += f.size
		samples += f.samples
		f, ok = frameAt(b[at:])
	}
	if n < 2 {
		return Piece{}, broken("a recording with nothing in it")
	}
	rest := bytes.TrimLeft(b[at:], "\x00")
	const longest = 1441 // a piece can be that long, and the last may be cut
	label := false
	for _, l := range []string{"TAG", "APETAGEX", "LYRICSBEGIN", "ID3", "3DI"} {
		label = label || starts(l)(rest)
	}
	if !label && len(rest) > longest {
		return Piece{}, broken("a recording that breaks off")
	}
	return Piece{Kind: Voice, Type: "audio/mpeg", Body: b[from:at], Seconds: up(uint64(samples), uint64(head.rate))}, nil
}
