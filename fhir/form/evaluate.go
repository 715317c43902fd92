package form

type engine struct{}

// where is where a row or a part lies in the response as evaluated.
type where struct{}

// eval is what follows for a row from the answers.
type eval struct {
	state       uint8
	text        string
	locks, many bool
	needs       bool
	limits      [2]Answer
}

func (r *row) off() bool    { return r.state == stateOff }
func (r *row) locked() bool { return r.item.ReadOnly || r.item.Calculated() || r.locks }
func (r *row) wanted() bool { return r.item.Required || r.needs }
func (r *row) low() Answer {
	if r.item.minExpr != nil {
		return r.limits[0]
	}
	return r.item.Min
}
func (r *row) high() Answer {
	if r.item.maxExpr != nil {
		return r.limits[1]
	}
	return r.item.Max
}

func (s *Sheet) options(r *row) []Option { return r.item.Options }

func (s *Sheet) begin() error           { return s.settle() }
func (s *Sheet) populate(p *part) error { return nil }
func (s *Sheet) settle() error {
	s.root.each(func(r *row) bool { r.state = 0; return true })
	s.root.each(func(r *row) bool { s.on(r); return true })
	return nil
}

func (r *row) repeats() bool { return r.item.Repeats || r.many }
