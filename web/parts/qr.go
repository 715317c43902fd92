package parts

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// QRView is a QR code to be drawn: one path of dark squares, with the quiet border
// the standard asks for (ISO/IEC 18004, four modules).
type QRView struct {
	Label string // for screen readers
	Size  int    // modules along a side, border included
	Path  string
}

const qrBorder = 4

// QR encodes a text. A text that is too long for a code, about 2,300 bytes, is an
// error.
func QR(text, label string) (QRView, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return QRView{}, fmt.Errorf("parts: qr: %w", err)
	}
	var b strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			if !c.Black(x, y) {
				continue
			}
			n := 1
			for x+n < c.Size && c.Black(x+n, y) {
				n++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+qrBorder, y+qrBorder, n, n)
			x += n
		}
	}
	return QRView{Label: label, Size: c.Size + 2*qrBorder, Path: b.String()}, nil
}
