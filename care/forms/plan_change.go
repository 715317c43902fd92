package forms

import (
	"errors"
	"slices"
	"strconv"

	"rapport/errs"
	"rapport/lang"
	"rapport/web"
)

// changePlan takes an element out, moves it, or adds a step.
func changePlan(d *desk) (web.Answer, error) {
	at, what, to := d.Form("at"), d.Form("do"), ""
	p, err := d.change(aPlan, d.Path("id"), d.Form("was"), func(root *tree) error {
		var err error
		to, err = rearrangePlan(root, at, what, d.P)
		return err
	})
	if err == nil {
		if to != "" {
			return web.See(p.kind.path(p.id) + "/e/" + to), nil
		}
		return web.See(p.kind.path(p.id) + "?done=saved"), nil
	}
	if p == nil {
		return web.Answer{}, err
	}
	root, perr := parse(p.work().json)
	if perr != nil {
		return web.Answer{}, perr
	}
	v := d.newPlan(p, root)
	switch {
	case errors.Is(err, errMeanwhile):
		v.Changed = true
	case errs.Is(err, errs.Invalid):
		v.Wrong = reason(err)
	default:
		return web.Answer{}, err
	}
	return web.Wrong(planPage(v)), nil
}

// rearrangePlan does to a template what a button says, and returns the element to edit.
func rearrangePlan(root *tree, at, what string, p lang.Printer) (string, error) {
	e, ok := element(root, at)
	if !ok {
		return "", errMeanwhile
	}
	switch what {
	case "drop":
		e.in.keep(e.name, func(x *tree) bool { return x != e.node })
	case "up", "down":
		l := e.in.get(e.name)
		j := e.at - 1
		if what == "down" {
			j = e.at + 1
		}
		if j >= 0 && j < len(l.vals) {
			l.vals[e.at], l.vals[j] = l.vals[j], l.vals[e.at]
		}
	case "step":
		goal := ""
		for _, g := range root.each("goal") {
			goal = g.get("id").text()
			break
		}
		if goal == "" {
			return "", errs.E(errs.Invalid, "%s", p.BuilderBadGoal())
		}
		n := len(e.node.each("action"))
		e.node.add("action", obj(
			pair{"id", str(freeID(root, "step"))},
			pair{"extension", list(obj(pair{"url", str(whyURL)}, pair{"valueString", str(p.BuilderNewWhy())}))},
			pair{"title", str(p.BuilderNewStep())},
			pair{"code", list(obj(pair{"coding", list(obj(pair{"system", str("urn:rapport:step")}, pair{"code", str("do")}))}))},
			pair{"goalId", list(str(goal))},
		))
		return at + "." + strconv.Itoa(n), nil
	}
	return "", nil
}

// freeID is an id that nothing in a template has.
func freeID(root *tree, want string) string {
	all := pieces(root, "")
	id := want
	for n := 2; all.by["action "+id] != nil || all.by["goal "+id] != nil || id == want && slices.Contains(all.order, "action "+id); n++ {
		id = want + "-" + strconv.Itoa(n)
	}
	return id
}
