package media

import (
	"bytes"
	"encoding/binary"
)

// orientation returns how a picture is to be turned, 1 to 8 (EXIF 2.32, tag 0x0112);
// 1, as it is, when it does not say.
func orientation(b []byte) int {
	switch {
	case starts("\xff\xd8")(b):
		return turnOf(jpegExif(b))
	case starts("\x89PNG")(b):
		return turnOf(chunk(b, 8, "eXIf", binary.BigEndian, 0, 4))
	case riff(b, "WEBP"):
		return turnOf(bytes.TrimPrefix(chunk(b, 12, "EXIF", binary.LittleEndian, 1, 0), []byte("Exif\x00\x00")))
	}
	return 1
}

// jpegExif returns the TIFF block of the first Exif segment before the picture.
func jpegExif(b []byte) []byte {
	for at := 2; at+4 <= len(b) && b[at] == 0xff; {
		marker, size := b[at+1], be16(b[at+2:])
		if marker == 0xff {
			at++
			continue
		}
		if marker == 0xda || size < 2 || at+2+size > len(b) {
			return nil
		}
		data := b[at+4 : at+2+size]
		if marker == 0xe1 && bytes.HasPrefix(data, []byte("Exif\x00\x00")) {
			return data[6:]
		}
		at += 2 + size
	}
	return nil
}

// chunk returns the data of the first chunk of a name, in a PNG (its size stands first,
// a checksum of tail bytes follows) or a RIFF file (its name stands first, padded).
func chunk(b []byte, at int, name string, order binary.ByteOrder, nameFirst, tail int) []byte {
	for at+8 <= len(b) {
		id, size := string(b[at+4:at+8]), int(order.Uint32(b[at:]))
		if nameFirst == 1 {
			id, size = string(b[at:at+4]), int(order.Uint32(b[at+4:]))
		}
		at += 8
		if size > len(b)-at {
			return nil
		}
		if id == name {
			return b[at : at+size]
		}
		at += size + tail
		if nameFirst == 1 {
			at += size & 1
		}
	}
	return nil
}

// turnOf reads the orientation out of the first directory of a TIFF block.
func turnOf(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(t[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int(order.Uint32(t[4:]))
	if at > len(t)-2 {
		return 1
	}
	n := int(order.Uint16(t[at:]))
	for e := at + 2; n > 0 && e+12 <= len(t); n, e = n-1, e+12 {
		const short = 3
		if order.Uint16(t[e:]) != 0x0112 || order.Uint16(t[e+2:]) != short {
			continue
		}
		if o := int(order.Uint16(t[e+8:])); o >= 1 && o <= 8 {
			return o
		}
		return 1
	}
	return 1
}
