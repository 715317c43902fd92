package media

import (
	"bytes"
	"encoding/binary"
)

// orientation reads how a JPEG's camera was held, 1 to 8; 1 if it does not say. It is all
// that is ever read of what a camera wrote.
func orientation(b []byte) int {
	if !bytes.HasPrefix(b, []byte{0xff, 0xd8}) {
		return 1
	}
	for at := 2; at+4 <= len(b) && b[at] == 0xff; {
		marker, size := b[at+1], int(binary.BigEndian.Uint16(b[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(b) {
			return 1
		}
		seg := b[at+4 : at+2+size]
		if marker == 0xe1 && bytes.HasPrefix(seg, []byte("Exif\x00\x00")) {
			return turned(seg[6:])
		}
		at += 2 + size
	}
	return 1
}

// turned reads the tag out of the TIFF structure of an Exif segment.
func turned(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var o binary.ByteOrder = binary.LittleEndian
	if string(t[:2]) == "MM" {
		o = binary.BigEndian
	}
	at := int(o.Uint32(t[4:]))
	if at < 8 || at+2 > len(t) {
		return 1
	}
	for n, e := int(o.Uint16(t[at:])), at+2; n > 0 && e+12 <= len(t); n, e = n-1, e+12 {
		if o.Uint16(t[e:]) == 0x0112 {
			if v := int(o.Uint16(t[e+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}
