package media

import (
	"image"
	"image/draw"
)

// fit returns a width and height whose longer side is at most long.
func fit(w, h, long int) (int, int) {
	if most := max(w, h); most > long {
		return max(1, (w*long+most/2)/most), max(1, (h*long+most/2)/most)
	}
	return w, h
}

// strip is how many rows of a picture are held in plain colours at once.
const strip = 32

// shrink draws src, on white, no longer than long. Every new pixel is the mean of the
// area it stands for, exactly, in whole numbers. (x/image/draw would hold 32 bytes for
// every row of the old times every column of the new: 200 MB for 12 megapixels.)
func shrink(src image.Image, long int) *image.RGBA {
	b := src.Bounds()
	sw, sh := b.Dx(), b.Dy()
	dw, dh := fit(sw, sh, long)
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	if dw == sw && dh == sh {
		draw.Draw(dst, dst.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(dst, dst.Rect, src, b.Min, draw.Over)
		return dst
	}
	rows := image.NewRGBA(image.Rect(0, 0, sw, min(strip, sh)))
	across, sum := make([]uint32, 3*dw), make([]uint64, 3*dw)
	area := uint64(sw) * uint64(sh)
	for y, out := 0, 0; y < sh; y++ {
		if y%strip == 0 {
			draw.Draw(rows, rows.Rect, image.White, image.Point{}, draw.Src)
			draw.Draw(rows, rows.Rect, src, b.Min.Add(image.Pt(0, y)), draw.Over)
		}
		gather(rows.Pix[(y%strip)*rows.Stride:], across, sw, dw)
		// In units of 1/(sh*dh), this row goes from y*dh to (y+1)*dh, and the new row
		// out ends at (out+1)*sh.
		whole := min((out+1)*sh, (y+1)*dh) - y*dh
		add(sum, across, uint64(whole))
		if (y+1)*dh >= (out+1)*sh {
			put(dst.Pix[out*dst.Stride:], sum, area)
			out++
			if rest := dh - whole; rest > 0 {
				add(sum, across, uint64(rest))
			}
		}
	}
	return dst
}

// gather adds up one row's pixels into dw columns; each column's weights make sw.
func gather(row []uint8, across []uint32, sw, dw int) {
	clear(across)
	end, o := sw, 0 // where the column o ends, less where the pixel begins
	for x := range sw {
		p := row[4*x : 4*x+3 : 4*x+3]
		r, g, b := uint32(p[0]), uint32(p[1]), uint32(p[2])
		a := across[o : o+3 : o+3]
		if end > dw {
			w := uint32(dw)
			a[0], a[1], a[2] = a[0]+r*w, a[1]+g*w, a[2]+b*w
			end -= dw
			continue
		}
		w := uint32(end)
		a[0], a[1], a[2] = a[0]+r*w, a[1]+g*w, a[2]+b*w
		o += 3
		w = uint32(dw - end)
		end += sw - dw
		if w > 0 && o < len(across) {
			a = across[o : o+3 : o+3]
			a[0], a[1], a[2] = r*w, g*w, b*w
		}
	}
}

func add(sum []uint64, across []uint32, weight uint64) {
	for i, v := range across {
		sum[i] += uint64(v) * weight
	}
}

// put writes one finished row, and empties the sums.
func put(row []uint8, sum []uint64, area uint64) {
	for i, j := 0, 0; i < len(sum); i, j = i+3, j+4 {
		row[j] = uint8((sum[i] + area/2) / area)
		row[j+1] = uint8((sum[i+1] + area/2) / area)
		row[j+2] = uint8((sum[i+2] + area/2) / area)
		row[j+3] = 0xff
	}
	clear(sum)
}

// turn brings a picture upright by its EXIF orientation.
func turn(src *image.RGBA, o int) *image.RGBA {
	if o <= 1 || o > 8 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dw, dh := w, h
	if o >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range dh {
		for x := range dw {
			sx, sy := x, y
			switch o {
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
			copy(dst.Pix[dst.PixOffset(x, y):][:4], src.Pix[src.PixOffset(sx, sy):][:4])
		}
	}
	return dst
}

// blur makes every pixel the mean of itself and its neighbours.
func blur(src *image.RGBA) *image.RGBA {
	dst := image.NewRGBA(src.Rect)
	for y := range src.Rect.Dy() {
		for x := range src.Rect.Dx() {
			near := image.Rect(x-1, y-1, x+2, y+2).Intersect(src.Rect)
			n := near.Dx() * near.Dy()
			for c := range 4 {
				sum := n / 2
				for yy := near.Min.Y; yy < near.Max.Y; yy++ {
					for xx := near.Min.X; xx < near.Max.X; xx++ {
						sum += int(src.Pix[src.PixOffset(xx, yy)+c])
					}
				}
				dst.Pix[dst.PixOffset(x, y)+c] = uint8(sum / n)
			}
		}
	}
	return dst
}
