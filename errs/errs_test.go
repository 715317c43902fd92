package errs

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestKindsSurviveWrapping(t *testing.T) {
	t.Parallel()
	base := E(NotFound, "thing %s: %w", "7", io.EOF)
	wrapped := fmt.Errorf("care: open: %w", base)
	if !Is(wrapped, NotFound) || !errors.Is(wrapped, io.EOF) || KindOf(wrapped) != NotFound {
		t.Errorf("%v has kind %v", wrapped, KindOf(wrapped))
	}
	if KindOf(io.EOF) != Internal || KindOf(nil) != 0 || Is(nil, Internal) {
		t.Error("an error of no kind is ours, and no error has none")
	}
	said := Say(wrapped, "error.large")
	if SayOf(fmt.Errorf("x: %w", said)) != "error.large" || KindOf(said) != NotFound || SayOf(wrapped) != "" || Say(nil, "x") != nil {
		t.Error("what a person is told is not what was said")
	}
	if got := base.Error(); got != "thing 7: EOF" {
		t.Errorf("reads %q", got)
	}
	if got := (&Error{Kind: Gone, Text: "a", Err: io.EOF}).Error(); got != "a: EOF" {
		t.Errorf("reads %q", got)
	}
	seen := map[string]bool{}
	for k := Invalid; k <= Internal; k++ {
		seen[k.String()] = true
	}
	if len(seen) != 7 || seen["unknown"] {
		t.Errorf("the kinds are called %v", seen)
	}
}
