package form

// template is a contained resource to fill in.
type template struct {
	id      string
	fullURL *expression
}

func (e *extraction) template(f *Form, i *Item, x *val) {
	f.problem(i, Warning, "unsupported", "extraction by a template is not done")
}

func (x *extractor) templates(e *extraction, at scope, r *row) {}
