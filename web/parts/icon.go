package parts

import (
	"slices"
	"strings"
)

// iconMarkup returns the shapes of an icon. A name that is none draws a ring:
// names can come from data, and a page must not fail for one.
func iconMarkup(name string) string {
	if s, ok := icons[name]; ok {
		return s
	}
	if s, ok := icons[aliases[name]]; ok {
		return s
	}
	return icons["circle"]
}

// aliases are Lucide's own names for icons that have one of ours.
var aliases = map[string]string{
	"heart-pulse": "health", "users": "clients", "route": "plan", "calendar-days": "calendar", "messages-square": "messages", "message-square": "message",
	"clipboard-list": "forms", "book-open": "library", "chart-line": "insight", "test-tube": "flask", "cog": "software", "house": "home", "pencil": "edit",
	"circle-check": "check-circle", "circle-alert": "alert-circle", "triangle-alert": "alert-triangle", "circle-question-mark": "help", "help-circle": "help",
	"building-2": "building", "users-round": "family", "qr-code": "qr", "key-round": "key", "trash-2": "trash", "share-2": "share",
}

// HasIcon says whether there is an icon of that name.
func HasIcon(name string) bool {
	if a, ok := aliases[name]; ok {
		name = a
	}
	_, ok := icons[name]
	return ok
}

// IconNames returns every icon's name, sorted.
func IconNames() []string {
	out := make([]string, 0, len(icons))
	for n := range icons {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// flips says whether an icon points along the line of reading, so that it is
// mirrored where that runs from right to left.
func flips(name string) bool {
	return strings.HasPrefix(name, "arrow-") || strings.HasPrefix(name, "chevron-l") || strings.HasPrefix(name, "chevron-r") ||
		name == "log-out" || name == "log-in" || name == "undo" || name == "send"
}

// tints is how many grounds for initials the style sheet has.
const tints = 6

// tint picks a ground from a seed: the same person has the same one on every
// page and every day.
func tint(seed string) string {
	h := uint32(2166136261) // FNV-1a
	for i := range len(seed) {
		h = (h ^ uint32(seed[i])) * 16777619
	}
	return "av-t" + string(rune('1'+(h>>8)%tints))
}

// Face returns the seed that draws portrait n instead of initials; n wraps
// around.
func Face(n int) string {
	n %= len(faces)
	if n < 0 {
		n += len(faces)
	}
	return facePrefix + string(rune('a'+n))
}

const facePrefix = "face:"

// portrait returns the drawing that a seed stands for, or "".
func portrait(seed string) string {
	l, ok := strings.CutPrefix(seed, facePrefix)
	if !ok || len(l) != 1 || l[0] < 'a' || int(l[0]-'a') >= len(faces) {
		return ""
	}
	return faces[l[0]-'a']
}

// titles are left out of initials.
var titles = []string{"dr", "dr.", "prof", "prof.", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "sr.", "sra.", "dra.", "m.", "mme"}

// initials returns the first letters of the first and the last name.
func initials(name string) string {
	var words []string
	for _, w := range strings.Fields(name) {
		if !slices.Contains(titles, strings.ToLower(w)) {
			words = append(words, w)
		}
	}
	letter := func(w string) string {
		for _, r := range w {
			return strings.ToUpper(string(r))
		}
		return ""
	}
	switch len(words) {
	case 0:
		return ""
	case 1:
		return letter(words[0])
	}
	return letter(words[0]) + letter(words[len(words)-1])
}
