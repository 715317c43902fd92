package demo

// everybody lives a year. The order matters: the diary fills up in it.
func (p *practice) everybody() {
	p.amara()
}
