package intake

import (
	"rapport/web"
	"rapport/web/parts"
)

// decided is what became of what was stated: accepted, changed or set aside, and by whom.
func decided(a *web.Ask, f *filling) []parts.RowView { return nil }
