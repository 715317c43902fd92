package schedule

import (
	"rapport/record"
	"rapport/web"
)

// byCode answers POST /day/code: the visit whose code somebody says at the desk, typed
// or scanned. It leads to the visit, where one press says that they have come; a visit
// of somebody who has no chart yet leads to them among those who wait to be taken on.
func byCode(a *web.Ask, d *record.Directory) (web.Answer, error) {
	found, err := d.ByCode(a.Context(), a.Form("code"))
	if err != nil {
		return web.Answer{}, err
	}
	switch {
	case len(found) != 1: // none, or by a rare chance two
		return web.See("/day?code=none"), nil
	case found[0].Client == "":
		return web.See("/waiting/" + found[0].Guest), nil
	}
	return web.See(base(found[0])), nil
}
