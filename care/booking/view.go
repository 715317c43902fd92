package booking

import (
	"fmt"

	"rapport/lang"
	"rapport/web/parts"
)

// clock is the time of day that is or was held.
func (v pageView) clock() string { return clock(parseSlot(v.Hold.Slot).minute) }

// hidden is a question whose words stand in the title already.
func hidden(q parts.ChoiceView) parts.ChoiceView {
	q.LabelHidden = true
	return q
}

// serviceRow is a service as a line that leads straight to its map.
func serviceRow(p lang.Printer, base string, s serviceView) parts.RowView {
	r := parts.RowView{Icon: s.Icon, Title: s.Name, Text: s.line(), Href: choice{service: s.ID}.at(base + "/map")}
	if s.Last {
		r.Tag = parts.TagView{Text: p.VisitsLast(), Tone: parts.ToneBrand}
	}
	return r
}

func (v ticketView) box() string { return fmt.Sprintf("0 0 %d %d", v.QR.Size, v.QR.Size) }

func (v ticketView) ground() string { return fmt.Sprintf("M0 0h%dv%dH0z", v.QR.Size, v.QR.Size) }
