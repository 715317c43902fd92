package takeaway

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

// TestWhatOthersMadeIsWhatCame holds the files that others made to what stands in VENDOR.md.
func TestWhatOthersMadeIsWhatCame(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("VENDOR.md")
	do(t, err)
	for _, name := range []string{"opener/age.js", "words.txt"} {
		b, err := os.ReadFile(name)
		do(t, err)
		sum := sha256.Sum256(b)
		found := false
		for l := range strings.Lines(string(list)) {
			found = found || strings.HasPrefix(l, "| `"+name+"`") && strings.Contains(l, hex.EncodeToString(sum[:]))
		}
		if !found {
			t.Errorf("%s is not what VENDOR.md says came", name)
		}
	}
	// those whose work is handed out on are named in what is handed out
	for _, who := range []string{"The age Authors", "Paul Miller"} {
		if !strings.Contains(openerJS, who) {
			t.Errorf("the opener does not carry the licence of %s", who)
		}
	}
}
