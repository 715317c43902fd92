package form

type extraction struct{}

func (e *extraction) read(f *Form, i *Item, name string, x, c *val) bool { return false }
