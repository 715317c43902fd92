package account

import (
	"encoding/json"
	"testing"
)

func TestAHashIsAsLongWhateverItIs(t *testing.T) {
	t.Parallel()
	var last int
	for _, h := range []Hash{{}, HashOf("a"), HashOf("b"), {0: 255, 31: 255}} {
		b, err := json.Marshal(h)
		if err != nil || last != 0 && len(b) != last {
			t.Fatalf("%d bytes, %d before, %v", len(b), last, err)
		}
		last = len(b)
		var again Hash
		if err := json.Unmarshal(b, &again); err != nil || again != h {
			t.Errorf("read again it is %v, %v", again, err)
		}
		old, err := json.Marshal([32]byte(h)) // as it was written before
		if err != nil {
			t.Fatal(err)
		}
		again = Hash{}
		if err := json.Unmarshal(old, &again); err != nil || again != h {
			t.Errorf("the form of before reads as %v, %v", again, err)
		}
	}
	for _, bad := range []string{`"ab"`, `"zz"`, `""`, `1`, `"` + string(make([]byte, 64)) + `"`} {
		if err := json.Unmarshal([]byte(bad), new(Hash)); err == nil {
			t.Errorf("%q is a hash", bad)
		}
	}
}
