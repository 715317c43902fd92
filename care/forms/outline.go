package forms

import (
	"errors"
	"strconv"

	"rapport/errs"
	"rapport/web"
)

// changeOutline moves, adds, copies or takes out an item.
func changeOutline(d *desk) (web.Answer, error) {
	n, err := strconv.Atoi(d.Form("n"))
	if err != nil {
		n = -1
	}
	link, text, what := d.Form("link"), d.Form("text"), act(d.Form("do"))
	if (what == addAfter || what == addWithin) && text == "" {
		text = d.P.BuilderNewQuestion()
	}
	after := ""
	p, err := d.change(aForm, d.Path("id"), d.Form("was"), func(root *tree) error {
		s, ok := find(spots(root), n, link)
		if !ok {
			return errMeanwhile
		}
		var err error
		after, err = do(root, s, what, text, baseOf(root))
		return err
	})
	if p == nil {
		return web.Answer{}, err
	}
	root, perr := parse(p.work().json)
	if perr != nil {
		return web.Answer{}, perr
	}
	if err == nil {
		at := p.kind.path(p.id)
		if s, ok := find(spots(root), -1, after); ok {
			q := strconv.Itoa(s.number)
			if what == addAfter || what == addWithin {
				return web.See(at + "/q/" + q), nil
			}
			to := at + "?q=" + q
			if in := d.Form("in"); in != "" {
				if n, err := strconv.Atoi(in); err == nil {
					to += "&in=" + strconv.Itoa(n)
				}
			}
			return web.See(to + "#i-" + q), nil
		}
		return web.See(at), nil
	}
	v := d.newForm(p, root, d.Form("n"), d.Form("in"))
	switch {
	case errors.Is(err, errMeanwhile):
		v.Changed = true
	case errs.Is(err, errs.Invalid):
		v.Wrong = reason(err)
	default:
		return web.Answer{}, err
	}
	v.New = d.Form("text")
	return web.Wrong(formPage(v)), nil
}
