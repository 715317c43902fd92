package form

// expression is one expression of a form.
type expression struct {
	name, lang, src string
	item            *Item // where it stands; nil is the form
}

type fragment struct{ src string }

type plan struct{}

type extraction struct{}

func (f *Form) expression(i *Item, v *val) *expression {
	if v == nil {
		return nil
	}
	return &expression{name: v.get("name").str(), lang: v.get("language").str(), src: v.get("expression").str(), item: i}
}
